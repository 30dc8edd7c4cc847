"""What can go wrong with photos on a phone and on its way to the shop: kills, cuts, portals, sessions, tabs, deletions.

Hashes are computed here, from the bytes in the browser's database and from those that the shop gives back; bytes on the way are
counted at the proxy. The app's own word counts only where it is what a person reads.
"""

import random

import pytest
from playwright.sync_api import expect

from tests.browser.app import AT_SHOP, ON_PHONE, App
from tests.browser.conftest import MakeDevice
from tests.browser.photos import (
    SyncSheet,
    expect_at_the_shop,
    heavy,
    held_on,
    photograph,
    picture,
    size_on,
    states,
)
from tests.browser.proxy import Proxy
from tests.browser.scene import Scene, make_scene, tech_of
from tests.browser.script import Script

DRAIN_MS = 90_000
KILLS = 3
TABS = 5
PART_BYTES = 256 * 1024
# Requests beside the files: records with their previews, headers, questions for news.
TALK_BYTES = 100_000
FLAP_BYTES = 150_000


@pytest.fixture
def scene(desk: Script) -> Scene:
    return make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))


@pytest.fixture
def phone(device: MakeDevice, network: Proxy, scene: Scene) -> App:
    app = App(device(), f"http://localhost:{network.port}")
    app.settle_in("tech1@demo.test")
    expect(app.row(scene.work_order)).to_be_visible()
    return app


def test_U2_U4_I10_killed_at_any_byte_of_an_upload_it_goes_on(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    network.refuse()
    photos = photograph(phone, scene.work_order, heavy(1))
    (photo,) = photos
    size = size_on(phone.page, photo)
    before = network.sent
    network.restore()
    for _ in range(KILLS):
        cut = random.randrange(30_000, size // (KILLS + 1))
        print(f"killed after {cut} bytes of {size}")
        network.cut_after(cut)
        network.wait_for_cut()
        phone.device.kill()
        network.restore()
        phone.reopen(f"/work/{scene.work_order}")
        assert held_on(phone.page) == photos
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    expect_at_the_shop(desk, photos)
    assert network.sent - before < size + KILLS * PART_BYTES + TALK_BYTES


def test_U2_reset_again_and_again_the_upload_only_grows_and_ends(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    network.refuse()
    photos = photograph(phone, scene.work_order, heavy(2))
    (photo,) = photos
    size = size_on(phone.page, photo)
    phone.page.evaluate(WATCH)
    network.flap(FLAP_BYTES)
    network.restore()
    network.flap(FLAP_BYTES)
    stood = [0]
    while stood[-1] < size:
        phone.page.evaluate("() => new Promise(requestAnimationFrame)")
        stood.append(desk.received(photo))
    assert stood == sorted(stood)
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    assert network.resets >= size // FLAP_BYTES
    shown = [int(words) for words in phone.page.evaluate("() => window.shown")]
    print(f"reset {network.resets} times, shown {shown}, stood {sorted(set(stood))}")
    assert len(shown) > 1
    assert shown == sorted(shown), "the progress that a person sees went back"
    expect_at_the_shop(desk, photos)


# Notes every percentage that the open work order shows of its photo.
WATCH = """() => {
  window.shown = [];
  const look = () => {
    for (const one of document.querySelectorAll('#photos [data-testid="photo-sync"]')) {
      const found = /sending (\\d+) %/.exec(one.textContent);
      if (found && window.shown.at(-1) !== found[1]) window.shown.push(found[1]);
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def test_U4_behind_a_portal_nothing_counts_as_sent(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    """Before the first byte, and once more in the middle of an upload."""
    network.refuse()
    photos = photograph(phone, scene.work_order, heavy(3))
    (photo,) = photos
    network.portal()
    expect_says(phone, "This network asks for a sign-in page first.")
    assert held_on(phone.page) == photos
    desk.pull()
    assert photo not in desk.confirmed

    network.restore()
    network.cut_after(size_on(phone.page, photo) // 2)
    network.wait_for_cut()
    network.portal()
    expect_says(phone, "This network asks for a sign-in page first.")
    expect(states(phone)).to_have_text(ON_PHONE)
    assert held_on(phone.page) == photos
    assert desk.data(photo)["media"] == "waiting"

    network.restore()
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    expect_at_the_shop(desk, photos)


def expect_says(phone: App, words: str) -> None:
    """What the sync sheet says about photos that wait."""
    sheet = SyncSheet(phone).open()
    expect(sheet.photos.get_by_role("status")).to_have_text(words, timeout=DRAIN_MS)
    sheet.close()


def test_T11_photos_wait_for_a_session_that_is_over(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    network.refuse()
    photos = photograph(phone, scene.work_order, *(picture(40 + i) for i in range(3)))
    phone.page.context.clear_cookies()
    network.restore()
    expect_says(phone, "Waits until you sign in again.")
    assert held_on(phone.page) == photos
    for place in range(len(photos)):
        expect(states(phone).nth(place)).to_have_text(ON_PHONE)

    phone.page.get_by_role("button", name="Sign in").click()
    phone.sign_in("tech1@demo.test")
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    expect_at_the_shop(desk, photos)


def test_T7_five_tabs_send_each_photo_once_also_when_the_sending_one_is_closed(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    tabs = [phone.beside(f"/work/{scene.work_order}") for _ in range(TABS - 1)]
    network.refuse()
    photos = photograph(phone, scene.work_order, *(picture(70 + i) for i in range(3)), heavy(7))
    for tab in tabs:
        expect(states(tab)).to_have_count(len(photos))
    size = sum(size_on(phone.page, photo) for photo in photos)
    network.restore()
    network.cut_after(size * 2 // 3)
    network.wait_for_cut()
    before = network.sent
    left = size - sum(desk.received(photo) for photo in photos)
    phone.page.close()
    network.restore()
    for tab in tabs:
        for place in range(len(photos)):
            expect(states(tab).nth(place)).to_have_text(AT_SHOP, timeout=DRAIN_MS)
        expect(tab.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    expect_at_the_shop(desk, photos)
    assert network.sent - before < left + TABS * TALK_BYTES


def test_U2_I10_with_no_page_open_the_browser_wakes_the_worker_which_sends(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    network.refuse()
    photos = photograph(phone, scene.work_order, picture(91), heavy(9))
    context = phone.page.context
    other = context.new_page()
    cdp = context.new_cdp_session(other)
    registered: list[dict[str, str]] = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda said: registered.extend(said["registrations"]))
    cdp.send("ServiceWorker.enable")
    phone.page.close()
    network.restore()
    while not any(one["scopeURL"] == f"{phone.url}/" for one in registered):
        other.evaluate("1")
    (registration,) = {one["registrationId"] for one in registered if one["scopeURL"] == f"{phone.url}/"}
    cdp.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": phone.url, "registrationId": registration, "tag": "sync", "lastChance": False},
    )
    expect_at_the_shop(desk, photos)
    assert [page.url for page in context.pages] == ["about:blank"]

    phone.page = context.new_page()
    phone.page.goto(f"{phone.url}/work/{scene.work_order}")
    for place in range(len(photos)):
        expect(states(phone).nth(place)).to_have_text(AT_SHOP)


def test_U6_a_photo_deleted_at_the_desk_lets_the_phones_copy_go(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    """One that waits to be sent, and one in the middle of it."""
    network.refuse()
    photos = photograph(phone, scene.work_order, picture(12), heavy(12))
    sheet = SyncSheet(phone).open()
    sheet.press("Pause photos")
    network.restore()
    expect(sheet.photos.get_by_role("status")).to_have_text("Sending photos is paused.")
    small, large = sorted(photos, key=lambda photo: size_on(phone.page, photo))
    while {small, large} - desk.confirmed.keys():
        desk.pull()
    desk.delete(small)
    sheet.sync_now()
    expect(sheet.photos.get_by_role("list").get_by_role("listitem")).to_have_count(1)
    network.cut_after(size_on(phone.page, large) // 2)
    sheet.press("Send photos again")
    network.wait_for_cut()
    desk.delete(large)
    network.restore()
    expect(sheet.photos).to_contain_text("All photos taken here are at the shop.", timeout=DRAIN_MS)
    sheet.sync_now()
    sheet.close()
    expect(phone.chip).to_have_text(AT_SHOP)
    assert held_on(phone.page) == {}
    expect(states(phone)).to_have_count(0)
