"""Journey 7: a day off line with a camera. Twenty work orders, sixty photos, two kills of the browser, one restart of the server.

At the end nothing waits, every stored hash is the hash at the shutter, the customer sees what was shared, and at no moment was
a copy gone from the phone that the shop did not have. Hashes are computed here, from the bytes in the browser's database and
from those that the shop gives back; the app's own word counts for nothing.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.app import AT_SHOP, App
from tests.browser.chromium import Device
from tests.browser.conftest import MakeDevice
from tests.browser.photos import Camera, held_on, picture
from tests.browser.proxy import Proxy
from tests.browser.scene import Scene, make_scene, tech_of
from tests.browser.script import Script, unique
from tests.browser.serving import Served, workbay

ORDERS = 20
SHOTS, CHOSEN = 1, 2
PHOTOS = ORDERS * (SHOTS + CHOSEN)
KILLED_AFTER = 7
DRAIN_MS = 180_000


@pytest.fixture
def scene(desk: Script) -> Scene:
    return make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))


@pytest.fixture
def orders(desk: Script, scene: Scene) -> list[str]:
    """The day's work: all for one customer, so that one link shows it."""
    me = tech_of(desk, "tech1@demo.test")
    values = {"customer": scene.customer, "assignee": me, "complaint": unique("Rattles")}
    return [scene.work_order, *(desk.create("work_order", **values) for _ in range(ORDERS - 1))]


@pytest.fixture
def phone(device: MakeDevice, network: Proxy, orders: list[str]) -> App:
    app = App(device(), f"http://localhost:{network.port}")
    app.settle_in("tech1@demo.test")
    expect(app.row(orders[-1])).to_be_visible()
    return app


def photograph(phone: App, order: str, place: int) -> None:
    """One shot by the camera, two pictures from the picker, each said to be on this phone before we go on."""
    camera = Camera(phone)
    phone.page.goto(f"{phone.url}/work/{order}")
    camera.open()
    camera.shoot()
    camera.choose(*(picture(place * CHOSEN + i) for i in range(CHOSEN)))
    expect(camera.kept).to_have_count(SHOTS + CHOSEN)
    camera.close()


def test_I10_a_day_off_line_with_sixty_photos(
    phone: App,
    network: Proxy,
    orders: list[str],
    scene: Scene,
    desk: Script,
    served: Served,
    var: Path,
    device: MakeDevice,
) -> None:
    network.refuse()
    for place, order in enumerate(orders):
        photograph(phone, order, place)
        if place == KILLED_AFTER:
            phone.device.kill()
            phone.reopen()
    at_shutter = held_on(phone.page)
    assert len(at_shutter) == PHOTOS

    network.restore()
    wait_for_arrivals(desk, at_shutter, PHOTOS // 4)
    phone.device.kill()
    network.refuse()
    phone.reopen()
    served.stop()
    served.start_again()
    gone = at_shutter.keys() - held_on(phone.page).keys()
    assert gone <= arrived(desk, at_shutter), "a copy left the phone before its receipt"
    network.restore()
    wait_until_ready(desk, *at_shutter)
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    assert {id_: desk.original(id_) for id_ in at_shutter} == at_shutter

    hidden, *shared = (one["id"] for one in desk.all("photo", work_order=scene.work_order))
    desk.patch(hidden, visible_to_customer=False)
    expect_the_customer_sees(
        device(), workbay(var, network.port, "link", scene.email).strip(), scene, len(shared)
    )


def expect_the_customer_sees(device: Device, link: str, scene: Scene, count: int) -> None:
    page = device.open(link)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link").filter(has_text=scene.number).click()
    pictures = page.get_by_role("button", name=re.compile("^Photo: ")).locator("img")
    expect(pictures).to_have_count(count)
    for place in range(count):
        expect(pictures.nth(place)).not_to_have_js_property("naturalWidth", 0)


def wait_until_ready(desk: Script, *photos: str) -> None:
    for _ in range(20_000):
        if all(desk.data(id_)["media"] == "ready" for id_ in photos):
            return
    raise AssertionError("The photos never became ready.")


def wait_for_arrivals(desk: Script, photos: dict[str, str], count: int) -> None:
    """Ask until the shop has so many; each question is a whole round trip, so this neither sleeps nor spins."""
    for _ in range(20_000):
        if len(arrived(desk, photos)) >= count:
            return
    raise AssertionError(f"Only {len(arrived(desk, photos))} of {count} photos arrived.")


def arrived(desk: Script, photos: dict[str, str]) -> set[str]:
    known = {one["id"]: one for one in desk.all("photo")}
    return {id_ for id_ in photos if known.get(id_, {}).get("media") in ("processing", "ready")}
