"""An album from its making to its end: staff share photos by a link with a password, a stranger opens it, and then it is over."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import App
from tests.browser.chromium import DESK, PHONE
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.scene import Scene, make_scene, tech_of
from tests.browser.script import Script, unique
from tests.browser.serving import ROOT, Served, environment

SCENES = ("blade:bad", "blade:good", "plug:bad")
OVER = "This link does not work any more"


@pytest.fixture
def scene(desk: Script) -> Scene:
    return make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))


@pytest.fixture
def photos(desk: Script, scene: Scene, served: Served) -> list[str]:
    """Three photos of the work order that the customer may see, and one that they may not; their files are there."""
    shown = [
        desk.create(
            "photo",
            work_order=scene.work_order,
            kind=kind,
            note=unique(kind),
            taken_at=desk.now_ms() + place,
        )
        for place, kind in enumerate(("before", "after", "damage"))
    ]
    hidden = desk.create("photo", work_order=scene.work_order, kind="during", visible_to_customer=False)
    develop(served, dict(zip([*shown, hidden], [*SCENES, "blade:bad"], strict=True)))
    return shown


def develop(served: Served, scenes: dict[str, str]) -> None:
    """Let files of photos arrive."""
    words = [f"{photo}={scene}" for photo, scene in scenes.items()]
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.develop", *words],
        cwd=ROOT,
        env=environment(served.var),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def staff(device: MakeDevice, network: Proxy, scene: Scene, photos: list[str]) -> App:
    """A tech with the work order open."""
    app = App(device(DESK), f"http://localhost:{network.port}")
    app.sign_in("tech1@demo.test")
    app.page.goto(f"{app.url}/work/{scene.work_order}")
    return app


def open_sheet(staff: App) -> Locator:
    staff.page.get_by_role("button", name="Share by link").click()
    return staff.page.get_by_role("dialog", name="Share photos")


def make_link(staff: App, title: str) -> tuple[str, str]:
    """The link, and the password that was made up for it."""
    sheet = open_sheet(staff)
    sheet.get_by_label("Title").fill(title)
    sheet.get_by_text("7 days", exact=True).click()
    sheet.get_by_role("button", name="Make one up").click()
    password = sheet.get_by_label("Password, if you want one").input_value()
    sheet.get_by_role("button", name="Make the link").click()
    made = staff.page.get_by_role("dialog", name="The link is ready")
    expect(made.get_by_role("img", name="The link as a code")).to_have_js_property("complete", True)
    return made.get_by_label("The link", exact=True).input_value(), password


def link_of(staff: App, title: str) -> Locator:
    return staff.page.get_by_role("dialog").get_by_role("listitem").filter(has_text=title)


def unlock(page: Page, password: str) -> None:
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Show the photos").click()


def test_an_album_with_a_password_from_its_link_to_its_end(
    staff: App, device: MakeDevice, photos: list[str], tmp_path: Path
) -> None:
    title = unique("Your mower")
    link, password = make_link(staff, title)
    stranger = device(PHONE).open(link)
    expect(stranger.get_by_role("heading", name="These photos have a password")).to_be_visible()
    expect(stranger.get_by_text(title)).to_have_count(0)
    unlock(stranger, "not the password")
    expect(stranger.get_by_role("alert")).to_have_text("The password is wrong.")
    unlock(stranger, password)
    expect(stranger.get_by_role("heading", name=title)).to_be_visible()
    pictures = stranger.get_by_role("button", name=re.compile("^Photo: "))
    expect(pictures).to_have_count(len(photos))
    for picture in pictures.all():
        expect(picture.locator("img")).to_have_js_property("naturalWidth", 200)
    look_through(stranger)
    assert len(downloaded(stranger, tmp_path)) == len(photos)

    staff.page.get_by_role("dialog").get_by_role("button", name="Done").click()
    staff.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    open_sheet(staff)
    expect(link_of(staff, title)).to_contain_text("opened once")
    link_of(staff, title).get_by_role("button", name="End it").click()
    link_of(staff, title).get_by_role("button", name="End the link").click()
    expect(link_of(staff, title)).to_contain_text("ended by the shop")
    stranger.reload()
    expect(stranger.get_by_role("heading", name=OVER)).to_be_visible()
    expect(stranger.get_by_role("main")).to_contain_text("ask Harbour")


def look_through(page: Page) -> None:
    """One large, then by keys to the last, and back to the page by Escape."""
    page.get_by_role("button", name=re.compile("^Photo: ")).first.click()
    viewer = page.get_by_role("dialog")
    expect(viewer.locator(".slide[aria-hidden=false] img")).to_have_js_property("naturalWidth", 1600)
    for place in (2, 3):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("dialog", name=f"Photo {place} of 3")).to_be_visible()
    expect(viewer.get_by_role("button", name="Next photo")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)


def downloaded(page: Page, folder: Path) -> list[str]:
    """The names in the archive, which is whole."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_a_photo_hidden_meanwhile_is_gone_and_nothing_is_kept_on_the_device(
    staff: App, device: MakeDevice, photos: list[str], desk: Script
) -> None:
    title = unique("Chosen")
    sheet = open_sheet(staff)
    sheet.get_by_label("Title").fill(title)
    sheet.get_by_text("Some of them").click()
    expect(sheet.get_by_role("checkbox")).to_have_count(len(photos))
    for box in sheet.get_by_role("checkbox").all()[:2]:
        box.check(force=True)
    sheet.get_by_role("button", name="Make the link").click()
    made = staff.page.get_by_role("dialog", name="The link is ready")
    stranger = device(PHONE).open(made.get_by_label("The link", exact=True).input_value())
    pictures = stranger.get_by_role("button", name=re.compile("^Photo: "))
    expect(pictures).to_have_count(2)
    desk.patch(photos[0], visible_to_customer=False)
    pictures.first.click()
    stranger.get_by_role("dialog").get_by_role("button", name="Look again").click()
    expect(pictures).to_have_count(1)
    held = "async () => [(await indexedDB.databases()).length, (await caches.keys()).length, document.cookie]"
    assert stranger.evaluate(held) == [0, 0, ""]


def test_off_line_it_says_what_it_needs(staff: App, network: Proxy) -> None:
    staff.ready_off_line()
    network.refuse()
    sheet = open_sheet(staff)
    expect(sheet.get_by_role("heading", name="Sharing needs the network")).to_be_visible()
    network.restore()
    sheet.get_by_role("button", name="Try again").click()
    expect(sheet.get_by_role("button", name="Make the link")).to_be_visible()


def test_a_link_that_was_not_copied_whole_says_what_to_do(device: MakeDevice, served: Served) -> None:
    for path in ("nothing", "%zz", "", "a/b"):
        page = device(PHONE).open(f"{served.url}/customer/album/{path}")
        expect(page.get_by_role("heading", name=OVER)).to_be_visible()
