"""The running application with a first shop, for tests that go through its routes."""

from collections.abc import AsyncIterator

import pytest

from server.db.embedded import Urls
from server.settings import Settings
from tests.server.backups import Backups
from tests.server.premises import Phone, Premises, Shop, running
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


@pytest.fixture
def backups(premises: Premises, database_urls: Urls) -> Backups:
    """Backups of that database, taken and put back without files."""
    return Backups(database_urls, premises)


@pytest.fixture
async def tech(premises: Premises, repair: Shop) -> Phone:
    """A tech's phone that has everything."""
    return await (await premises.sign_in(repair, "tech")).sync()


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Phone:
    """The phone of a service writer, that has everything."""
    return await (await premises.sign_in(repair, "service_writer")).sync()
