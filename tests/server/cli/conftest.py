"""A desk over the database of a test, and what restores leave behind tidied up."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from server.cli.backup import Desk
from server.db import dumps
from server.db.dumps import named
from server.db.embedded import Urls
from server.settings import Settings
from tests.worlds import CountingWorld


@pytest.fixture
def only_ours(database_urls: Urls) -> Iterator[None]:
    """What a restore keeps of the old database goes with the test."""
    yield
    ours = dumps.database_of(database_urls.app)
    with psycopg.connect(database_urls.superuser, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{ours}_before%",)
        )
        for (name,) in rows.fetchall():
            connection.execute(f'DROP DATABASE "{name}"')


@pytest.fixture
def desk(settings: Settings, database_urls: Urls, world: CountingWorld) -> Desk:
    name = dumps.database_of(database_urls.app)
    return Desk(settings, named(database_urls.superuser, name), world)
