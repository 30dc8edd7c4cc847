"""Fixtures of the chaos lane, its options, and the figures it prints at its end."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.chaos.figures import Figures
from tests.chaos.place import Mould, Place, folder, made_mould, opened
from tests.chaos.serving import Launcher

FIGURES = Figures()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=100, help="how many servers and databases are killed")
    parser.addoption("--seed", type=int, default=1, help="the seed of what is killed when")


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
    with folder() as place:
        yield made_mould(place / "var")


@pytest.fixture
async def place(mould: Mould, launcher: Launcher) -> AsyncIterator[Place]:
    async with opened(mould, launcher) as made:
        yield made
