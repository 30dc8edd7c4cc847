"""The running application with a first shop, for tests that go through its routes."""

from collections.abc import AsyncIterator

import pytest

from server.settings import Settings
from tests.server.premises import Premises, Shop, running
from tests.worlds import CountingWorld


@pytest.fixture
async def premises(settings: Settings, world: CountingWorld) -> AsyncIterator[Premises]:
    """The application over a fresh database."""
    async with running(settings, world) as opened:
        yield opened


@pytest.fixture
async def repair(premises: Premises) -> Shop:
    """The first shop, with a person in each role and two customers."""
    return await premises.open_shop("repair")
