"""Where files are kept in tests: a folder, or a bucket of a real S3 server that all tests of a worker share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import seaweed
from tests.seaweed import Seaweed


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Seaweed]:
    """The S3 server of this worker, with its credentials in the environment."""
    with pytest.MonkeyPatch.context() as patch, seaweed.running() as server:
        for name, value in seaweed.KEYS.items():
            patch.setenv(name, value)
        yield server
