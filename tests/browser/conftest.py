"""What the journeys share: one server on one `var/` for all of them, a network to cut, and browsers to hold.

The demo shops are made once a run, by the server's own first start. Journeys make their own customers and work orders, so
that none depends on what another left behind.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, ViewportSize, expect, sync_playwright

from tests.browser.chromium import PHONE, WAIT_MS, Device, find_chromium
from tests.browser.proxy import Proxy
from tests.browser.script import Script
from tests.browser.serving import Served

MakeDevice = Callable[..., Device]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    find_chromium()
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop") / "var"


@pytest.fixture(scope="session")
def served(var: Path) -> Iterator[Served]:
    """The app as served, with the demo shops."""
    with Served(var) as server:
        yield server


@pytest.fixture(scope="session")
def second(served: Served, var: Path) -> Iterator[Served]:
    """A second server process on the same database."""
    with Served(var) as server:
        yield server


@pytest.fixture
def desk(served: Served) -> Iterator[Script]:
    """A manager's script at the shop's desk: sets the scene, and looks at what the shop holds."""
    with Script(served.url, "manager@demo.test") as script:
        yield script


@pytest.fixture
def network(served: Served) -> Iterator[Proxy]:
    """The network between a browser and the server."""
    proxy = Proxy(served.port)
    yield proxy
    proxy.close()


@pytest.fixture
def device(playwright: Playwright, tmp_path: Path) -> Iterator[MakeDevice]:
    """Makes browsers with a profile of their own, and closes them."""
    made: list[Device] = []

    def make(size: ViewportSize = PHONE, *, camera: bool | Path = False) -> Device:
        made.append(Device(playwright, tmp_path / f"profile-{len(made)}", size, camera=camera))
        return made[-1]

    yield make
    for one in made:
        one.close()
