"""Fixtures of the chaos lane, its options, and the figures it prints at its end."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.chaos.figures import Figures
from tests.chaos.folders import clean_up_after_killed_runs, folder
from tests.chaos.place import Mould, Place, made_mould, opened
from tests.chaos.serving import Launcher

FIGURES = Figures()
LONGEST = {name: place for place, name in enumerate(("test_random_kills", "test_many", "test_network"))}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kills", type=int, default=70, help="how many servers and databases are killed at random"
    )
    parser.addoption("--cuts", type=int, default=300, help="how many positions a connection is cut at")
    parser.addoption("--seed", type=int, default=1, help="the seed of what is killed when")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest begin first: the tests of a file share a shop, and go to one worker."""
    items.sort(key=lambda item: LONGEST.get(item.path.stem, len(LONGEST)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its figures to whoever started it."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["figures"] = FIGURES.as_json()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the figures of a worker that is through; only called when tests run in several processes."""
    FIGURES.take(node.workeroutput["figures"])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line a figure, each with its n."""
    terminalreporter.section("chaos")
    for line in FIGURES.lines():
        terminalreporter.write_line(line)


@pytest.fixture
def figures() -> Figures:
    return FIGURES


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    made = Launcher()
    yield made
    made.close()


@pytest.fixture(scope="session")
def mould() -> Iterator[Mould]:
    clean_up_after_killed_runs()
    with folder() as place:
        yield made_mould(place / "var")


@pytest.fixture
async def place(mould: Mould, launcher: Launcher) -> AsyncIterator[Place]:
    async with opened(mould, launcher) as made:
        yield made
