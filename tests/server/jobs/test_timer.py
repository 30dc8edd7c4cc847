"""What runs by the calendar goes on whatever one job does."""

import asyncio

from server.jobs.timer import turn, turning


async def test_a_job_that_fails_does_not_keep_the_next_from_running() -> None:
    ran = []

    async def fails() -> None:
        ran.append("fails")
        raise RuntimeError("no luck")

    async def works() -> None:
        ran.append("works")

    await turn({"first": fails, "second": works})
    assert ran == ["fails", "works"]


async def test_the_first_turn_comes_at_once_and_the_last_ends_with_the_block() -> None:
    turned = asyncio.Event()

    async def job() -> None:
        turned.set()

    async with turning({"job": job}):
        await asyncio.wait_for(turned.wait(), 5)
    assert [task for task in asyncio.all_tasks() if task.get_name() == "timer"] == []
