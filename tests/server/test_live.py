"""Streams of pokes over a real connection (rules L1, L2, L3, L5, X4, X5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest

from server.settings import Settings
from server.sync_api import live
from server.sync_api.live import Pokes
from tests.server.listening import served, stream_of
from tests.server.premises import Phone, Premises, Shop, running
from tests.worlds import CountingWorld

HELLO = ("hello", "{}")


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once this process hears of commits; what was committed before that is one poke more, and no matter (L5)."""
    heard, wake = asyncio.Event(), Pokes.wake

    def told(pokes: Pokes, text: str) -> None:
        wake(pokes, text)
        heard.set()

    monkeypatch.setattr(Pokes, "wake", told)
    return heard


@pytest.fixture
async def address(standing: asyncio.Event, premises: Premises, repair: Shop) -> AsyncIterator[str]:
    """Where the application listens."""
    await standing.wait()
    async with served(premises.app) as at:
        yield at


@pytest.fixture
async def ann(premises: Premises, repair: Shop) -> Phone:
    return await (await premises.sign_in_customer(repair)).sync()


def order(phone: Phone, number: int = 0) -> str:
    return phone.create("work_order", customer=phone.shop.customers[number], complaint="noise")


async def test_L1_L2_a_stream_says_hello_and_pokes_with_the_commit(address: str, tech: Phone) -> None:
    async with stream_of(address, tech) as stream:
        assert (stream.status, stream.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        assert await stream.next() == HELLO
        for _ in range(2):
            order(tech)
            answer = await tech.ask()
            assert answer is not None
            seq = answer.json()["results"][0]["seq"]
            event, data = await stream.next() or ("", "")
            assert (event, orjson.loads(data)) == ("poke", {"seq": seq})


async def test_L1_a_commit_of_another_process_pokes(
    address: str, premises: Premises, repair: Shop, tech: Phone, settings: Settings
) -> None:
    """The second application has a pool and a listener of its own; only the database is the same."""
    async with running(settings, CountingWorld(seed=9)) as elsewhere, stream_of(address, tech) as stream:
        assert await stream.next() == HELLO
        desk = await elsewhere.sign_in(repair, "manager")
        made = order(desk)
        answer = await desk.ask()
        assert answer is not None
        seq = answer.json()["results"][0]["seq"]
        assert await stream.next() == ("poke", f'{{"seq":{seq}}}')
    assert (await tech.sync()).data(made)


async def test_L1_another_shop_is_not_heard(
    address: str, premises: Premises, tech: Phone, standing: asyncio.Event
) -> None:
    other = await premises.open_shop("other")
    theirs = await premises.sign_in(other, "tech")
    async with stream_of(address, tech) as stream:
        assert await stream.next() == HELLO
        order(theirs)
        standing.clear()
        await theirs.sync()
        await standing.wait()
        order(tech)
        answer = await tech.ask()
        assert answer is not None
        assert await stream.next() == ("poke", f'{{"seq":{answer.json()["results"][0]["seq"]}}}')


async def test_L2_it_beats_while_nothing_happens(
    address: str, tech: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert live.HEARTBEAT_S == 20
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.01)
    async with stream_of(address, tech) as stream:
        assert [await stream.next() for _ in range(3)] == [HELLO, ("beat", "{}"), ("beat", "{}")]


@pytest.mark.parametrize("how", ["device revoked", "signed out", "made inactive", "another role"])
async def test_L3_it_ends_with_the_right_to_listen(
    address: str, premises: Premises, tech: Phone, how: str
) -> None:
    admin = await (await premises.sign_in(tech.shop, "admin")).sync()
    async with stream_of(address, tech) as stream:
        assert await stream.next() == HELLO
        await take_away(premises, admin, tech, how)
        if how == "another role":
            assert (await stream.next() or ("", ""))[0] == "poke"
            return
        assert await stream.rest() == []
    async with stream_of(address, tech) as again:
        assert again.status in (401, 403)


async def take_away(premises: Premises, admin: Phone, tech: Phone, how: str) -> None:
    base = f"http://{tech.shop.slug}.localhost/api"
    if how == "device revoked":
        url, token = f"{base}/devices/{tech.replica.replica}", admin.token
        await premises.client.delete(url, headers={"Authorization": f"Bearer {token}"})
    elif how == "signed out":
        await premises.client.delete(f"{base}/session", headers={"Authorization": f"Bearer {tech.token}"})
    else:
        change = {"active": False} if how == "made inactive" else {"role": "parts"}
        admin.patch("staff", str(tech.shop.staff["tech"]), **change)
        await admin.sync()
        assert admin.codes() == []


async def test_L3_it_ends_when_the_session_has_run_out(
    address: str, premises: Premises, tech: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_AGAIN_S", 0.01)
    async with stream_of(address, tech) as stream:
        assert await stream.next() == HELLO
        premises.world.pass_time(days=8)
        assert await stream.rest() == []


async def test_L3_R5_a_customer_whose_portal_is_switched_off_hears_no_more(
    address: str, premises: Premises, ann: Phone
) -> None:
    desk = await (await premises.sign_in(ann.shop, "manager")).sync()
    async with stream_of(address, ann) as stream:
        assert await stream.next() == HELLO
        desk.patch("customer", ann.shop.customers[0], portal_enabled=False)
        await desk.sync()
        assert desk.codes() == []
        assert await stream.rest() == []
    answer = await ann.ask()
    assert answer is not None
    assert (answer.status_code, answer.json()["wipe"]) == (403, True)


async def test_L5_a_poke_too_many_gives_an_empty_pull(address: str, premises: Premises, tech: Phone) -> None:
    """An announcement that names no commit means that some may have been missed: everybody looks once more."""
    async with stream_of(address, tech) as stream:
        assert await stream.next() == HELLO
        premises.app.state.pokes.wake("")
        assert (await stream.next() or ("", ""))[0] == "poke"
    answer = await tech.ask()
    assert answer is not None
    assert (answer.json()["records"], answer.json()["reset"]) == ([], False)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[int]:
    """The counts that customers' streams found, each time they looked."""
    counts: asyncio.Queue[int] = asyncio.Queue()
    real = live._count

    async def counting(*args: object) -> int:
        count = await real(*args)  # type: ignore[arg-type]
        counts.put_nowait(count)
        return count

    monkeypatch.setattr(live, "_count", counting)
    return counts


async def test_X4_X5_customers_hear_of_their_own_view_alone_and_no_seq(
    looked: asyncio.Queue[int], address: str, premises: Premises, ann: Phone
) -> None:
    desk = await (await premises.sign_in(ann.shop, "manager")).sync()
    mine = order(desk)
    await desk.sync()
    async with stream_of(address, ann) as stream:
        assert await stream.next() == HELLO
        count = await looked.get()
        # Somebody else's work order concerns nobody here; a diagnosis and a note concern it, and are not shown.
        order(desk, 1)
        desk.patch("work_order", mine, diagnosis="worn", priority="high")
        desk.create("note", work_order=mine, text="they pay late")
        await desk.sync()
        assert await looked.get() == count
        desk.patch("work_order", mine, correction="replaced the pump")
        await desk.sync()
        assert await looked.get() == count + 1
        assert await stream.next() == ("poke", "{}")
        desk.patch("customer", ann.shop.customers[0], portal_enabled=False)
        await desk.sync()
        assert await stream.rest() == []
    assert desk.codes() == []


async def test_L1_who_is_not_signed_in_gets_no_stream(address: str, premises: Premises, tech: Phone) -> None:
    nobody = Phone(premises, tech.shop, "nobody", "forged", tech.replica)
    async with stream_of(address, nobody) as stream:
        assert stream.status == 401


async def test_L1_a_device_holds_so_many_streams_and_no_more(
    address: str, tech: Phone, ann: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAMS_MAX", 1)
    async with stream_of(address, tech) as held:
        assert await held.next() == HELLO
        async with stream_of(address, tech) as further:
            assert further.status == 429
            assert int(further.headers["retry-after"]) > 0
        async with stream_of(address, ann) as another:
            assert await another.next() == HELLO
