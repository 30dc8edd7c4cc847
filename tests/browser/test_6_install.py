"""Journey 6: the app installs under the shop's name, opens off line, and offers a new version without forcing it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import App
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.scene import make_scene, tech_of
from tests.browser.script import Script, unique
from tests.browser.serving import ROOT, Served

NEXT = '<meta name="workbay-version" content="next">'


@pytest.fixture
def phone(device: MakeDevice, network: Proxy) -> App:
    app = App(device(), f"http://localhost:{network.port}")
    app.sign_in("tech1@demo.test")
    app.ready_off_line()
    return app


def test_chromium_finds_nothing_in_the_way_of_installing(phone: App) -> None:
    phone.page.reload()
    expect(phone.navigation).to_be_visible()
    assert installability_errors(phone.page) == []


def installability_errors(page: Page) -> list[str]:
    """What Chromium itself holds against installing. Profiles of tests are not private, so nothing is left out."""
    found = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")
    return [error["errorId"] for error in found["installabilityErrors"]]


def test_the_manifest_is_the_shops_own(served: Served) -> None:
    """Its name and colour; icons of both sizes, maskable ones too, that are the pictures they say."""
    manifest = httpx.get(f"{served.url}/manifest.webmanifest").json()
    shop = httpx.get(f"{served.url}/api/shop").json()
    assert manifest["name"] == shop["name"]
    assert manifest["theme_color"] == shop["colour"]
    assert manifest["display"] == "standalone"
    assert {(i["sizes"], i["purpose"]) for i in manifest["icons"]} >= {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in manifest["icons"]:
        picture = httpx.get(f"{served.url}{icon['src']}").content
        assert picture.startswith(b"\x89PNG")
        side = int(icon["sizes"].partition("x")[0])
        assert int.from_bytes(picture[16:20]) == int.from_bytes(picture[20:24]) == side


def test_each_shop_is_another_app(served: Served) -> None:
    one = httpx.get(f"{served.url}/manifest.webmanifest").json()
    other = httpx.get(
        f"{served.url}/manifest.webmanifest", headers={"Host": f"it.localhost:{served.port}"}
    ).json()
    assert one["name"] != other["name"]


def test_it_opens_off_line_at_any_of_its_addresses(phone: App, network: Proxy) -> None:
    network.refuse()
    for path in ("/", "/jobs", "/new", "/more"):
        phone.page.goto(phone.url + path)
        expect(phone.navigation).to_be_visible()


@pytest.fixture
def deployed(served: Served, var: Path, tmp_path: Path) -> Iterator[Served]:
    """A copy of the app as it would be on a shop's machine, where a new version can be put in place."""
    root = tmp_path / "deployed"
    for folder in ("server", "sync", "pwa/dist"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    with Served(var, root=root) as server:
        yield server


def put_new_version(root: Path) -> None:
    """A page that differs and a worker that says so, as the build makes them when anything changed."""
    dist = root / "pwa" / "dist"
    page, worker = dist / "index.html", dist / "service-worker.js"
    page.write_text(page.read_text().replace("</head>", f"{NEXT}</head>"))
    changed, times = re.subn(r'const VERSION = "[^"]+"', 'const VERSION = "next"', worker.read_text())
    assert times == 1
    worker.write_text(changed)


def test_a_new_version_is_offered_and_not_forced(deployed: Served, device: MakeDevice, desk: Script) -> None:
    """It is found while somebody types: the words stay, the page stays, until they say "Reload"; then they are still there."""
    scene = make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))
    phone = App(device(), deployed.url)
    phone.sign_in("tech1@demo.test")
    phone.ready_off_line()
    phone.page.reload()
    phone.open_order(scene.work_order)
    phone.begin_edit("Diagnosis")
    words = unique("In the middle of a thought")
    phone.page.get_by_label("Diagnosis").fill(words)

    put_new_version(deployed.root)
    phone.page.evaluate("() => navigator.serviceWorker.getRegistration().then((one) => one.update())")
    expect(phone.page.get_by_text("A new version is ready.")).to_be_visible()
    expect(phone.page.get_by_label("Diagnosis")).to_have_value(words)
    expect(phone.page.locator('meta[content="next"]')).to_have_count(0)

    phone.page.get_by_role("button", name="Reload").click()
    expect(phone.page.locator('meta[content="next"]')).to_have_count(1)
    expect(phone.page.get_by_label("Diagnosis")).to_have_value(words)
