"""Two shops full of canaries, and people of every kind who would like to read them."""

from collections.abc import AsyncIterator

import pytest

from server.settings import Settings
from tests.isolation.town import Town, build
from tests.server.premises import running
from tests.worlds import CountingWorld


@pytest.fixture
async def town(settings: Settings, world: CountingWorld) -> AsyncIterator[Town]:
    async with running(settings, world) as premises:
        yield await build(premises)
