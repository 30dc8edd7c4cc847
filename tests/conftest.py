"""Fixtures that many tests share: a real PostgreSQL, a database per test, settings, and a world that counts."""

import base64
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from server.db.embedded import Urls
from server.db.session import Database
from server.settings import Settings
from tests.postgres import TestPostgres, running
from tests.worlds import CountingWorld

SECRET_KEYS = "test:" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestPostgres]:
    """The PostgreSQL of this run, shared by all workers."""
    run_id = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"p{os.getpid()}"
    with running(run_id[:16]) as server:
        yield server


@pytest.fixture
def database_urls(postgres: TestPostgres) -> Iterator[Urls]:
    """A fresh migrated database: how to connect to it as its owner, as the app, and as the superuser."""
    urls = postgres.new_database()
    yield urls
    postgres.drop(urls)


@pytest.fixture
def database_url(database_urls: Urls) -> str:
    """The fresh database as the app role."""
    return database_urls.app


@pytest.fixture
def owner_url(database_urls: Urls) -> str:
    """The same database as the owner of its tables."""
    return database_urls.owner


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same database, open as the server opens it."""
    opened = await Database.open(database_url, size=5)
    yield opened
    await opened.close()


@pytest.fixture
def world() -> CountingWorld:
    """Time, ids and tokens that are the same in every run."""
    return CountingWorld()


@pytest.fixture
def settings(database_url: str, owner_url: str, tmp_path: Path) -> Settings:
    """Settings of a development server on the fresh database, with an empty `var` and no demo."""
    return Settings(
        env="development",
        database_url=database_url,
        owner_database_url=owner_url,
        var=tmp_path,
        port=0,
        secret_keys=SECRET_KEYS,
        demo=False,
    )
