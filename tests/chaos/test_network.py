"""Every endpoint at every position of a sync, lost, cut, doubled, reordered, late, swallowed: done exactly once.

One shop and one server live through all of it; each case has a phone of its own behind the proxy.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio

from tests.chaos import oracle, proxy
from tests.chaos.figures import Figures
from tests.chaos.phone import TIMEOUT_S, Handset, Line, credentials
from tests.chaos.place import Mould, Place, opened
from tests.chaos.proxy import Fault, Proxy
from tests.chaos.serving import Launcher

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATIENCE_S = 0.3
SYNC = "POST /api/sync"
POSITIONS = {"first": 1, "middle": 3, "last": 5}
HTML = b"<!doctype html><title>Welcome to the hotel</title><form action=/login>"
PORTALS = {
    "200 with a page": proxy.portal("200 OK", "text/html", HTML),
    "302 to a page": proxy.portal("302 Found", "text/html", b"", "Location: http://portal.example/\r\n"),
    "511": proxy.portal("511 Network Authentication Required", "text/html", HTML),
    "200 with JSON": proxy.portal("200 OK", "application/json", b'{"status": "ok", "results": []}'),
    "200 with a page that says JSON": proxy.portal("200 OK", "application/json", HTML),
    "409 with JSON": proxy.portal("409 Conflict", "application/json", b'{"code": "gap"}'),
}
FAULTS: dict[str, Fault] = {
    "request lost": proxy.lose_request,
    "answer lost": proxy.lose_answer,
    "doubled": proxy.double,
    "doubled at once": proxy.double_at_once,
    "request cut": proxy.cut_request(0.6),
    "answer cut": proxy.cut_answer(0.6),
    "swallowed": proxy.blackhole,
    "delayed": proxy.delayed(0.02),
    **PORTALS,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(mould: Mould, launcher: Launcher) -> AsyncIterator[Place]:
    """The shop with its server, reached without the proxy."""
    async with opened(mould, launcher) as made:
        await made.serve()
        yield made
        found = await oracle.check_all(made)
        assert found["edits"] > 100


@pytest_asyncio.fixture(loop_scope="module")
async def network(shop: Place) -> AsyncIterator[Proxy]:
    async with Proxy(shop.port) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def phone(shop: Place, network: Proxy) -> AsyncIterator[Handset]:
    """A phone of a tech behind the proxy; it has been there before, and has six changesets for three requests."""
    async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
        made = await shop.sign_in("tech")
        await made.drain()
        made.premises = Line(client, network.port)  # type: ignore[assignment]
        for number in range(6):
            shop.new_order(made, str(number), tasks=1)
        made.replica = replace(made.replica, batch=2)
        yield made
        await network.quiet()
        made.premises = shop.line  # type: ignore[assignment]
        await made.drain()


def once(phone: Handset, shop: Place, figures: Figures, name: str) -> None:
    """What the phone made is there once and whole, as it was told."""
    assert phone.drained
    assert set(phone.made) == set(phone.heard)
    oracle.check_phone(shop, phone)
    figures.add(f"network: {name}")


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_C9_a_sync_that_is_hurt_at_a_position_is_done_once(
    shop: Place, network: Proxy, phone: Handset, figures: Figures, fault: str, position: str
) -> None:
    network.script = proxy.at(POSITIONS[position], FAULTS[fault], SYNC)
    phone.premises.client.timeout = httpx.Timeout(PATIENCE_S if fault == "swallowed" else TIMEOUT_S)
    phone.replica = replace(phone.replica, batch=1)
    await phone.drain(limit=4, fresh=False)
    once(phone, shop, figures, f"a sync, {'portal: ' if fault in PORTALS else ''}{fault}")


@pytest.mark.parametrize("position", POSITIONS)
async def test_C9_a_request_that_arrives_when_others_have_passed_it_changes_nothing(
    shop: Place, network: Proxy, phone: Handset, figures: Figures, position: str
) -> None:
    until = asyncio.Event()
    network.script = proxy.at(POSITIONS[position], proxy.late(until), SYNC)
    phone.replica = replace(phone.replica, batch=1)
    await phone.drain(limit=4, fresh=False)
    until.set()
    await network.quiet()
    await phone.drain()
    once(phone, shop, figures, "a sync, reordered: the request late")


async def test_P10_an_answer_that_others_have_overtaken_changes_nothing(
    shop: Place, network: Proxy, phone: Handset, figures: Figures
) -> None:
    arrived, until = asyncio.Event(), asyncio.Event()
    network.script = proxy.at(1, proxy.answer_late(arrived, until), SYNC)
    slow = Line(httpx.AsyncClient(timeout=TIMEOUT_S), network.port)
    asked = phone.replica.request(phone.now())
    waiting = asyncio.create_task(slow.post("/api/sync", asked, phone.token, shop.shop))
    await arrived.wait()
    await phone.drain(fresh=False)
    before = phone.replica
    until.set()
    phone.hear(asked, await waiting)
    assert phone.replica == before
    await slow.client.aclose()
    once(phone, shop, figures, "a sync, reordered: the answer late")


async def test_C9_a_network_where_every_second_thing_goes_wrong_still_gets_everything_through(
    shop: Place, network: Proxy, phone: Handset, figures: Figures
) -> None:
    chance = random.Random(5)
    faults = list(FAULTS.values())
    phone.premises.client.timeout = httpx.Timeout(PATIENCE_S)
    network.script = lambda _: chance.choice(faults) if chance.random() < 0.5 else proxy.passing
    for number in range(10):
        shop.act(phone, chance)
        if number % 3 == 0:
            await phone.ask(limit=5)
    await phone.drain(limit=50, fresh=False)
    network.script = lambda _: proxy.passing
    once(phone, shop, figures, "a sync, flapping")


async def test_T9_a_slow_network_moves_on_with_every_request(
    shop: Place, network: Proxy, phone: Handset, figures: Figures
) -> None:
    chance = random.Random(1)
    network.script = lambda _: proxy.slow(400_000, 0.3, 0.05, chance)
    waiting = len(phone.replica.waiting)
    while not phone.drained or phone.replica.waiting:
        await phone.ask()
        assert len(phone.replica.waiting) < waiting or not waiting
        waiting = len(phone.replica.waiting)
    once(phone, shop, figures, "a sync at 400 kbit/s, 300 ms, 5 % loss")


Call = Callable[[Place, Handset], Awaitable[httpx.Response]]


async def _sign_in(shop: Place, phone: Handset) -> httpx.Response:
    return await phone.premises.post("/api/session", credentials(shop.shop, "manager"), None, shop.shop)


def _asking(method: str, path: str) -> Call:
    async def call(shop: Place, phone: Handset) -> httpx.Response:
        line: Line = phone.premises  # type: ignore[assignment]
        return await line.call(method, path, phone.token, shop.shop)

    return call


CALLS: dict[str, tuple[Call, int]] = {
    "POST /api/session": (_sign_in, 201),
    "GET /api/session": (_asking("GET", "/api/session"), 200),
    "GET /api/devices": (_asking("GET", "/api/devices"), 200),
    "DELETE /api/session": (_asking("DELETE", "/api/session"), 204),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("line", CALLS)
async def test_S9_signing_in_and_out_and_asking_may_be_hurt_and_said_again(
    shop: Place, network: Proxy, phone: Handset, figures: Figures, line: str, fault: str
) -> None:
    call, status = CALLS[line]
    network.script = proxy.at(1, FAULTS[fault], line)
    phone.premises.client.timeout = httpx.Timeout(PATIENCE_S if fault == "swallowed" else TIMEOUT_S)
    try:
        answer = await call(shop, phone)
    except httpx.TransportError:
        phone.premises.client.timeout = httpx.Timeout(TIMEOUT_S)
        answer = await call(shop, phone)
    if fault in PORTALS:
        answer = await call(shop, phone)
    assert answer.status_code == status, answer.text
    if line == "DELETE /api/session":
        again = await shop.line.post(
            "/api/session", credentials(shop.shop, "tech", replica=phone.replica.replica), shop=shop.shop
        )
        phone.token = again.json()["token"]
    await phone.drain(fresh=False)
    once(phone, shop, figures, f"{line}, hurt")


@pytest.mark.parametrize("fault", ["request lost", "answer lost", "doubled", "doubled at once", "answer cut"])
async def test_S6_a_device_is_revoked_once_however_often_it_is_said(
    shop: Place, network: Proxy, phone: Handset, figures: Figures, fault: str
) -> None:
    lost = await shop.sign_in("tech", watched=False)
    path = f"/api/devices/{lost.replica.replica}"
    network.script = proxy.at(1, FAULTS[fault], "DELETE /api/devices")
    call = _asking("DELETE", path)
    try:
        answer = await call(shop, phone)
    except httpx.TransportError:
        answer = await call(shop, phone)
    assert answer.status_code == 204
    assert (await lost.post(lost.replica.request(lost.now()))).status_code == 403
    await phone.drain(fresh=False)
    once(phone, shop, figures, "DELETE /api/devices/…, hurt")


STREAMS = {"buffered": proxy.buffered_stream, "dead": proxy.dead_stream, "cut": proxy.cut_stream}


@pytest.mark.parametrize("kind", STREAMS)
async def test_L5_a_stream_that_says_nothing_costs_nothing_but_time(
    shop: Place, network: Proxy, phone: Handset, figures: Figures, kind: str
) -> None:
    network.script = proxy.at(1, STREAMS[kind], "GET /api/sync/live")
    phone.premises.client.timeout = httpx.Timeout(PATIENCE_S)
    with pytest.raises(httpx.TransportError):
        await _asking("GET", "/api/sync/live")(shop, phone)
    phone.premises.client.timeout = httpx.Timeout(TIMEOUT_S)
    other = await shop.sign_in("admin")
    await other.drain()
    shop.new_order(other, "news")
    await other.drain()
    await phone.drain()
    news = {op.id for changeset in other.made.values() for op in changeset.ops}
    assert news <= set(phone.replica.confirmed)
    once(phone, shop, figures, f"GET /api/sync/live, {kind}")
