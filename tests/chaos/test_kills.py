"""Servers killed at each named point of a push, a pull, a sign-in and a stop: all or nothing, and everything drains.

One shop lives through all of it. After each kill the log is held to what phones were told; at the end every edit is looked for.
"""

import asyncio
import random
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.chaos import oracle
from tests.chaos.figures import Figures
from tests.chaos.phone import credentials
from tests.chaos.place import Mould, Place, opened
from tests.chaos.points import PULL, PUSH, SIGN_IN, STOPPING
from tests.chaos.serving import Launcher, Server

pytestmark = pytest.mark.asyncio(loop_scope="module")
ACTIONS = 5


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(mould: Mould, launcher: Launcher) -> AsyncIterator[Place]:
    """One shop for this file, with two phones that have been there before."""
    async with opened(mould, launcher) as made:
        server = await made.serve()
        for who in ("tech", "admin"):
            await (await made.sign_in(who)).drain()
        await server.stop()
        yield made


async def kill_at(place: Place, figures: Figures, server: Server) -> None:
    """Wait until it is where it shall die, and let it; what was answered is in the log, nothing is half there."""
    await server.at_its_point()
    await place.kill(server)
    figures.add("servers killed at a named point")
    figures.add("answers held to the log after a kill", oracle.check_log(place)["answers"])


@pytest.mark.parametrize("point", PUSH)
async def test_C1_a_server_killed_at_a_point_of_a_push_leaves_all_or_nothing(
    place: Place, figures: Figures, point: str
) -> None:
    phone, other = place.phones
    server, chance = await place.serve(trap=point), random.Random(point)
    await phone.drain()  # what the kill before this one left over
    await other.drain()
    for _ in range(ACTIONS):
        place.act(phone, chance)
    place.new_order(phone, point)
    place.act(other, chance)
    await server.arm()
    asked = asyncio.create_task(phone.ask())
    await kill_at(place, figures, server)
    assert await asked is None, "a killed server answers nobody"
    figures.add("changesets in a push that was killed", ACTIONS + 1)


@pytest.mark.parametrize("point", PULL)
async def test_P7_a_server_killed_in_a_pull_costs_one_page(
    place: Place, figures: Figures, point: str
) -> None:
    server = await place.serve(trap=point)
    phone = await place.sign_in("tech")
    if point == "feed read":
        await phone.drain()
    if point == "bootstrap page":
        await phone.ask(limit=3)
    place.new_order(phone, point)
    before = phone.replica
    await server.arm()
    asked = asyncio.create_task(phone.ask(limit=3))
    await kill_at(place, figures, server)
    assert await asked is None
    assert phone.replica == before
    await place.serve()
    await phone.ask(limit=3)
    assert not phone.replica.waiting, "one round trip is enough"
    await phone.drain(limit=3)
    await place.servers[-1].stop()


@pytest.mark.parametrize("point", SIGN_IN)
async def test_S1_a_server_killed_in_a_sign_in_lets_them_in_the_next_time(
    place: Place, figures: Figures, point: str
) -> None:
    server = await place.serve(trap=point)
    await server.arm()
    body = credentials(place.shop, "manager")
    asked = asyncio.create_task(place.line.post("/api/session", body, shop=place.shop))
    await kill_at(place, figures, server)
    with pytest.raises(httpx.TransportError):
        await asked
    await place.serve()
    await (await place.sign_in("manager")).drain()
    await place.servers[-1].stop()


@pytest.mark.parametrize("point", STOPPING)
async def test_C1_a_server_killed_while_it_stops_loses_nothing(
    place: Place, figures: Figures, point: str
) -> None:
    server, phone = await place.serve(trap=point), place.phones[0]
    await server.arm()
    place.new_order(phone, point)
    assert await phone.ask() is not None
    stopping = asyncio.create_task(server.stop())
    await kill_at(place, figures, server)
    assert await stopping == -1


async def test_I1_after_all_these_kills_every_edit_is_there_once(place: Place, figures: Figures) -> None:
    server = await place.serve()
    for phone in place.phones:
        await phone.drain()
    found = await oracle.check_all(place)
    figures.add("edits looked for after kills at points", found["edits"])
    await server.stop()
