"""A phone whose storage lost and changed records finds it out when it is asked to, mends itself, and says so in words."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.scene import INTERNAL, Scene, make_scene, tech_of
from tests.browser.script import Script
from tests.browser.serving import Served, workbay

# Takes one record out of what the phone has stored, and writes other words into another, behind the app's back.
DAMAGE = """async ([lost, changed]) => {
  const done = (asked) => new Promise((yes, no) => {
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
  let touched = 0;
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    if (!database.objectStoreNames.contains("confirmed")) continue;
    const store = database.transaction("confirmed", "readwrite").objectStore("confirmed");
    for (const key of await done(store.getAllKeys())) {
      const held = JSON.parse(await done(store.get(key)));
      const left = held.filter((one) => one[1] !== lost);
      for (const one of left) if (one[1] === changed) one.at(-1).complaint = "bit rot";
      if (!held.some((one) => one[1] === lost || one[1] === changed)) continue;
      touched += 1;
      await done(store.put(JSON.stringify(left), key));
    }
    database.close();
  }
  return touched;
}"""


@pytest.fixture
def scene(desk: Script) -> Scene:
    return make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))


@pytest.fixture
def phone(device: MakeDevice, network: Proxy, scene: Scene) -> App:
    app = App(device(), f"http://localhost:{network.port}")
    app.sign_in("tech1@demo.test")
    app.ready_off_line()
    return app


def test_D2_D3_D5_damaged_storage_is_mended_on_demand(
    phone: App, network: Proxy, scene: Scene, desk: Script, served: Served
) -> None:
    (note,) = desk.all("note", work_order=scene.work_order)
    assert phone.page.evaluate(DAMAGE, [note["id"], scene.work_order]) == 2
    phone.page.reload()
    phone.open_order(scene.work_order)
    expect(phone.page.get_by_role("main").get_by_text("bit rot")).to_be_visible()
    expect(phone.page.get_by_role("main").get_by_text(INTERNAL)).to_have_count(0)

    network.refuse()
    phone.chip.click()
    sheet = phone.page.get_by_role("dialog", name="Sync")
    sheet.get_by_role("button", name="Check this phone against the shop").click()
    expect(sheet).to_contain_text("The shop could not be reached, so nothing was compared.")

    network.restore()
    sheet.get_by_role("button", name="Check this phone against the shop").click()
    expect(sheet).to_contain_text(
        re.compile(r"2 records were not the same and were mended\. All [\d,]+ are right now")
    )
    sheet.get_by_role("button", name="Close").click()
    expect(phone.page.get_by_role("main").get_by_text(scene.complaint)).to_be_visible()
    expect(phone.page.get_by_role("main").get_by_text(INTERNAL)).to_be_visible()

    listed = workbay(served.var, served.port, "mismatches")
    assert "mended  note: 1 missing; work_order: 1 changed" in listed, listed
