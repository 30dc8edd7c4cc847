"""Where files are kept in tests: a folder, or a bucket of a real S3 server that all tests of a worker share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from server.media.pipeline import Pipeline
from tests import clamd, seaweed
from tests.clamd import Clamd
from tests.seaweed import Seaweed


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Seaweed]:
    """The S3 server of this worker, with its credentials in the environment."""
    with pytest.MonkeyPatch.context() as patch, seaweed.running() as server:
        for name, value in seaweed.KEYS.items():
            patch.setenv(name, value)
        yield server


@pytest.fixture(autouse=True)
def idle(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What arrived stays as it is: nobody makes anything of it by themselves, but in tests that want `working`."""

    @asynccontextmanager
    async def nothing(_: Pipeline) -> AsyncIterator[None]:
        yield

    if "working" not in request.fixturenames:
        monkeypatch.setattr(Pipeline, "running", nothing)


@pytest.fixture
def working() -> None:
    """The application makes sizes of what arrives, as it does outside of tests."""


@pytest.fixture(scope="session")
def clamd_of_all() -> Iterator[Clamd]:
    """The virus scanner of this worker."""
    with clamd.running() as scanner:
        yield scanner


@pytest.fixture
def scanner(clamd_of_all: Clamd) -> Clamd:
    """The same, running, whatever the test before did to it."""
    if clamd_of_all.process is None:
        clamd_of_all.start()
    return clamd_of_all
