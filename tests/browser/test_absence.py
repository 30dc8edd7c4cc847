"""A phone that was out of touch too long locks itself, and one that a manager takes off the list is wiped; both say so."""

import pytest
from playwright.sync_api import expect

from tests.browser.app import AT_SHOP, App
from tests.browser.chromium import until
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.scene import Scene, make_scene, tech_of
from tests.browser.script import Script, unique

# As if the phone had not heard of the shop for a week: nothing is left of the lease that it was given.
A_WEEK_PASSES = """async () => {
  const done = (asked) => new Promise((yes, no) => {
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    if (database.objectStoreNames.contains("meta")) {
      const meta = database.transaction("meta", "readwrite").objectStore("meta");
      const lease = await done(meta.get("lease"));
      await done(meta.put({ ...lease, wall: lease.wall - lease.left - 1 }, "lease"));
    }
    database.close();
  }
}"""

LEFT = """async () => [
  ...(await indexedDB.databases()).map((one) => one.name).filter((name) => name.split(".").length > 2),
  ...(await caches.keys()),
  ...Object.keys(localStorage).filter((key) => key === "workbay.identity"),
  ...((await navigator.serviceWorker.getRegistrations()).map((one) => one.scope)),
]"""


@pytest.fixture
def scene(desk: Script) -> Scene:
    return make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))


@pytest.fixture
def phone(device: MakeDevice, network: Proxy, scene: Scene) -> App:
    app = App(device(), f"http://localhost:{network.port}")
    app.sign_in("tech1@demo.test")
    app.ready_off_line()
    return app


def test_R2_a_phone_out_of_touch_for_a_week_locks_and_the_shop_unlocks_it(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    phone.open_order(scene.work_order)
    network.refuse()
    note = unique("Written in a cellar")
    phone.write_note(note)
    phone.page.evaluate(A_WEEK_PASSES)
    phone.page.reload()
    expect(phone.page.get_by_role("heading", name="Locked")).to_be_visible()
    expect(phone.page.locator("body")).to_contain_text("1 change waits on this phone.")
    expect(phone.page.locator("body")).not_to_contain_text(scene.customer_name)
    phone.page.get_by_role("button", name="Ask the shop again").click()
    expect(phone.page.get_by_text("The shop could not be reached.")).to_be_visible()

    network.restore()
    phone.page.get_by_role("button", name="Ask the shop again").click()
    expect(phone.note(note)).to_be_visible()
    expect(phone.chip).to_have_text(AT_SHOP)
    assert len(desk.all("note", text=note)) == 1


def test_R7_a_revoked_phone_hands_over_wipes_itself_and_says_so(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    phone.open_order(scene.work_order)
    network.refuse()
    note = unique("Never taken over")
    phone.write_note(note)
    phone.chip.click()
    name = (
        phone.page.get_by_role("dialog").get_by_text("This device").locator("xpath=following-sibling::*[1]")
    )
    desk.revoke(name.inner_text())
    network.restore()
    expect(phone.page.get_by_role("heading", name="Removed from this device")).to_be_visible(timeout=30_000)
    expect(phone.page.locator("body")).to_contain_text(
        "1 change that had not been sent was handed over first."
    )
    expect(phone.page.locator("body")).not_to_contain_text(scene.customer_name)
    until(phone.page, f"async () => (await ({LEFT})()).length === 0")

    phone.page.reload()
    expect(phone.page.get_by_role("heading", name="Removed from this device")).to_be_visible()
    phone.page.get_by_role("button", name="Sign in again").click()
    expect(phone.page.get_by_label("Mail address")).to_be_visible()
    assert desk.all("note", text=note) == []
