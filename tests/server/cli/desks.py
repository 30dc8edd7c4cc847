"""The application over a database that is backed up and restored meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.cli.backup import Desk
from tests.server.premises import Phone, Premises, running
from tests.worlds import CountingWorld


@asynccontextmanager
async def served(desk: Desk, phones: list[Phone]) -> AsyncIterator[Premises]:
    """The application over the database as it is now; the phones talk to it."""
    assert isinstance(desk.world, CountingWorld)
    async with running(desk.settings, desk.world) as premises:
        for phone in phones:
            phone.premises = premises
        yield premises
