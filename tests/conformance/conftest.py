"""One server of ours for all cases of a run."""

from collections.abc import Iterator

import pytest

from tests.conformance.ours import served
from tests.conformance.place import Place


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    with served() as ours:
        yield ours
