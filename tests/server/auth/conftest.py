"""A gate on a fresh database, with hashing made light, and a first shop."""

from uuid import UUID

import pytest

from server.auth.gate import Gate
from server.auth.passwords import Passwords
from server.auth.secrets import Vault
from server.db.session import Database
from server.settings import Settings
from tests.server.auth.people import new_shop
from tests.worlds import CountingWorld


@pytest.fixture
def vault(settings: Settings, world: CountingWorld) -> Vault:
    return Vault.of(settings.secret_keys, world)


@pytest.fixture
def gate(database: Database, vault: Vault, world: CountingWorld) -> Gate:
    return Gate(database, vault, world, Passwords(time_cost=1, memory_kib=8))


@pytest.fixture
async def shop(gate: Gate) -> UUID:
    return await new_shop(gate)
