"""PostgreSQL killed while a push stands at a named point: the server itself goes on, and nothing is lost or half there."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.chaos import oracle
from tests.chaos.figures import Figures
from tests.chaos.place import Mould, Place, opened
from tests.chaos.points import PUSH
from tests.chaos.serving import Launcher

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(mould: Mould, launcher: Launcher) -> AsyncIterator[Place]:
    """One shop for this file, with a phone that has been there before."""
    async with opened(mould, launcher) as made:
        server = await made.serve()
        await (await made.sign_in("tech")).drain()
        await server.stop()
        yield made


@pytest.mark.parametrize("number", range(len(PUSH)), ids=list(PUSH))
async def test_C13_a_database_killed_at_a_point_of_a_push_costs_no_more_than_a_retry(
    place: Place, figures: Figures, number: int
) -> None:
    """The way of killing goes round: each point meets one of them, and the random kills all."""
    point, (phone,), chance = list(PUSH)[number], place.phones, random.Random(number)
    server = await place.serve(trap=point)
    await phone.drain()
    place.act(phone, chance)
    place.new_order(phone, point)
    await server.arm()
    asked = asyncio.create_task(phone.ask())
    await server.at_its_point()
    cluster = place.cluster
    if number % 3 == 0:
        assert await cluster.kill_backend(chance)
        await cluster.answers()
    else:
        await (cluster.kill() if number % 3 == 1 else cluster.stop_at_once())
        await cluster.start_again()
    server.go_on()
    answer = await asked
    assert answer is not None
    assert answer.status_code in (200, 503), answer.text[:300]
    oracle.check_log(place)
    await phone.drain()
    figures.add("databases killed at a named point")
    await server.stop()


async def test_I1_after_all_these_kills_every_edit_is_there_once(place: Place, figures: Figures) -> None:
    await place.serve()
    found = await oracle.check_all(place)
    figures.add("edits looked for after databases were killed at points", found["edits"])
