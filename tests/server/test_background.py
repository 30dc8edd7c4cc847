"""What runs beside the requests ends with the block it belongs to, whatever it makes of being asked to."""

import asyncio

import pytest

from server import background
from server.background import beside


async def test_it_is_asked_again_where_a_job_takes_the_end_for_an_error_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "ASKED_AGAIN_S", 0.01)
    heard = []

    async def goes_on() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            heard.append("a broken-off query, as it looks")
        await asyncio.sleep(3600)

    async with asyncio.timeout(5):
        async with beside(goes_on(), "stubborn"):
            await asyncio.sleep(0)
    assert heard == ["a broken-off query, as it looks"]
    assert [task for task in asyncio.all_tasks() if task.get_name() == "stubborn"] == []


async def test_an_error_that_ended_it_is_told_at_the_end_of_the_block() -> None:
    async def fails() -> None:
        raise RuntimeError("no luck")

    with pytest.raises(RuntimeError, match="no luck"):
        async with beside(fails(), "failing"):
            await asyncio.sleep(0)
