"""What can go wrong with photos inside a phone: no room, storage taken away, a profile that was copied; and what goes wrong with
them at the shop: a file that it lost, and one that it does not want.
"""

import re
import shutil

import pytest
from playwright.sync_api import CDPSession, FilePayload, Locator, expect

from tests.browser.app import AT_SHOP, NEEDS_YOU, ON_PHONE, App
from tests.browser.conftest import MakeDevice
from tests.browser.photos import (
    Camera,
    SyncSheet,
    expect_at_the_shop,
    heavy,
    held_on,
    photograph,
    picture,
    sha256,
    states,
)
from tests.browser.proxy import Proxy
from tests.browser.scene import Scene, make_scene, tech_of
from tests.browser.script import Script, unique
from tests.browser.serving import Served

DRAIN_MS = 90_000
# More than a note takes and less than a photo.
LEFT_BYTES = 400_000


@pytest.fixture
def scene(desk: Script) -> Scene:
    return make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))


@pytest.fixture
def phone(device: MakeDevice, network: Proxy, scene: Scene) -> App:
    return settled(device, network, scene)


def settled(device: MakeDevice, network: Proxy, scene: Scene, *, camera: bool = False) -> App:
    app = App(device(camera=camera), f"http://localhost:{network.port}")
    app.sign_in("tech1@demo.test")
    app.ready_off_line()
    expect(app.row(scene.work_order)).to_be_visible()
    return app


def test_U2_without_room_nothing_is_dropped_the_camera_says_so_and_edits_are_saved(
    device: MakeDevice, network: Proxy, scene: Scene, desk: Script
) -> None:
    """Chromium tells no page how much room there really is, so the first photo finds out."""
    phone = settled(device, network, scene, camera=True)
    network.refuse()
    quota = limited(phone, f"/work/{scene.work_order}")
    camera = Camera(phone)
    camera.open()
    camera.choose(heavy(21))
    expect(camera.strip.get_by_role("button", name="not saved, needs you")).to_have_count(1, timeout=60_000)
    dialog = phone.page.get_by_role("dialog", name=re.compile("^Camera for"))
    expect(dialog.get_by_role("alert")).to_contain_text("This phone has no room for more photos.")
    expect(dialog.locator(".shutter")).to_have_attribute("aria-disabled", "true")
    camera.close()
    assert held_on(phone.page) == {}

    note = unique("Written on a full phone")
    phone.write_note(note)
    phone.wait_until_on_disk(note)
    quota.send("Storage.overrideQuotaForOrigin", {"origin": phone.url})
    photos_of(phone).get_by_role("button", name="Try again").click()
    expect(states(phone)).to_have_text(ON_PHONE, timeout=60_000)
    photos = held_on(phone.page)
    assert len(photos) == 1
    camera.open()
    expect(dialog.locator(".shutter")).to_have_attribute("aria-disabled", "false")
    camera.close()
    network.restore()
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    expect_at_the_shop(desk, photos)
    assert len(desk.all("note", text=note)) == 1


def limited(phone: App, path: str) -> CDPSession:
    """Start the browser anew on a phone with `LEFT_BYTES` of room. Anew, for Chromium remembers for half a minute how much
    room there is for a database that is open."""
    used = phone.page.evaluate("async () => (await navigator.storage.estimate()).usage")
    phone.device.close()
    phone.page = phone.device.open("about:blank")
    quota = phone.page.context.new_cdp_session(phone.page)
    quota.send("Storage.overrideQuotaForOrigin", {"origin": phone.url, "quotaSize": used + LEFT_BYTES})
    phone.page.goto(phone.url + path)
    return quota


def test_T5_U6_a_refused_photo_keeps_its_picture_until_it_is_discarded_and_both_go(
    phone: App, network: Proxy, scene: Scene, desk: Script, served: Served
) -> None:
    """Whoever took it had a role meanwhile that takes no photos, so the shop refused the record."""
    tech = tech_of(desk, "tech1@demo.test")
    network.refuse()
    photos = photograph(phone, scene.work_order, picture(91))
    with Script(served.url, "admin@demo.test") as admin:
        assert admin.patch(tech, role="parts")["outcome"] == "accepted"
        try:
            network.restore()
            expect(phone.chip).to_have_text(NEEDS_YOU, timeout=DRAIN_MS)
        finally:
            assert admin.patch(tech, role="tech")["outcome"] == "accepted"
    phone.page.goto(f"{phone.url}/needs-you")
    assert held_on(phone.page) == photos
    phone.page.get_by_role("main").get_by_role("button", name="Discard").click()
    sheet = phone.page.get_by_role("dialog", name="Discard this edit?")
    with phone.page.expect_download() as saved:
        sheet.get_by_role("button", name="Save it to the phone").click()
    assert [sha256(saved.value.path().read_bytes())] == list(photos.values())
    sheet.get_by_role("button", name="Discard").click()
    expect(phone.chip).to_have_text(AT_SHOP)
    assert held_on(phone.page) == {}


def photos_of(phone: App) -> Locator:
    return phone.page.get_by_role("region", name="Photos")


def test_U1_a_phone_whose_storage_is_taken_away_says_so_and_starts_over(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    """The record is at the shop by then, the picture is not; the photo says so from then on, and work goes on."""
    photos = photograph(phone, scene.work_order, picture(30))
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    network.refuse()
    photograph(phone, scene.work_order, picture(31))
    other = phone.page.context.new_page()
    other.route("**/api/empty", lambda route: route.fulfill(body="", content_type="text/html"))
    other.goto(f"{phone.url}/api/empty")
    assert other.evaluate(DELETE) == 1
    other.close()
    network.restore()
    expect(phone.page.get_by_role("alert")).to_contain_text("Nothing of the shop is on this phone any more")
    phone.page.get_by_role("button", name="Start over").click()
    expect(phone.row(scene.work_order)).to_be_visible()
    phone.open_order(scene.work_order)
    expect(states(phone)).to_have_text(AT_SHOP)
    again = photograph(phone, scene.work_order, picture(32))
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    expect_at_the_shop(desk, photos | again)


# Deletes the databases of signed-in people, as a browser does that runs out of room; how many there were.
DELETE = """async () => {
  let gone = 0;
  for (const { name } of await indexedDB.databases())
    if (name.startsWith("workbay.") && name.split(".").length > 2) {
      await new Promise((done, fail) => {
        const asked = indexedDB.deleteDatabase(name);
        asked.onsuccess = done;
        asked.onerror = () => fail(asked.error);
      });
      gone += 1;
    }
  return gone;
}"""


def test_U4_U5_of_a_copied_phone_both_halves_end_with_one_file_at_the_shop(
    device: MakeDevice, network: Proxy, scene: Scene, desk: Script
) -> None:
    phone = settled(device, network, scene)
    network.refuse()
    photos = photograph(phone, scene.work_order, picture(81), picture(82))
    phone.device.close()
    copy = App.__new__(App)
    copy.device, copy.url = device(), phone.url
    shutil.copytree(phone.device.profile, copy.device.profile, ignore=shutil.ignore_patterns("Singleton*"))
    for half in (phone, copy):
        half.reopen(f"/work/{scene.work_order}")
        assert held_on(half.page) == photos
    network.restore()
    for half in (phone, copy):
        expect(half.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
        expect(states(half)).to_have_count(len(photos))
        for place in range(len(photos)):
            expect(states(half).nth(place)).to_have_text(AT_SHOP)
    expect_at_the_shop(desk, photos)
    assert {one["id"] for one in desk.all("photo", work_order=scene.work_order)} == photos.keys()


def test_U6_a_file_that_the_shop_refuses_stays_until_a_person_decides(
    phone: App, scene: Scene, desk: Script
) -> None:
    """It says what it is by its first bytes, and is none: the phone cannot read that kind and lets the shop look."""
    fake: FilePayload = {
        "name": "IMG_0001.heic",
        "mimeType": "image/heic",
        "buffer": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"This is no picture. " * 500,
    }
    photos = photograph(phone, scene.work_order, fake)
    expect(states(phone)).to_have_text(NEEDS_YOU, timeout=DRAIN_MS)
    (photo,) = photos
    reason = desk.data(photo)["media_reason"]
    expect(phone.chip).to_have_text(re.compile("1 needs you"))
    assert held_on(phone.page) == photos

    sheet = SyncSheet(phone).open()
    expect(sheet.photos).to_contain_text(reason)
    with phone.page.expect_download() as saved:
        sheet.press("Save to phone")
    assert sha256(saved.value.path().read_bytes()) == photos[photo]
    sheet.press("Drop")
    phone.page.get_by_role("dialog", name="Drop this picture?").get_by_role(
        "button", name="Drop", exact=True
    ).click()
    expect(sheet.photos).to_contain_text("All photos taken here are at the shop.")
    sheet.close()
    expect(phone.chip).to_have_text(AT_SHOP)
    assert held_on(phone.page) == {}


def test_U2_what_is_no_picture_is_not_taken_in_at_all(phone: App, scene: Scene) -> None:
    text: FilePayload = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": b"Buy milk."}
    phone.open_order(scene.work_order)
    camera = Camera(phone)
    camera.open()
    camera.choose(text)
    camera.strip.get_by_role("button", name="not saved").click()
    expect(phone.page.locator(".review").get_by_role("alert")).to_have_text(
        "This is no picture that can be read."
    )
    assert held_on(phone.page) == {}
