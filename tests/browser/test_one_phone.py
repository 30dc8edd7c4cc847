"""One phone, more than one tab, more than one person: what is saved in one place shows in the other, and nobody sends another's work."""

import pytest
from playwright.sync_api import expect

from tests.browser.app import AT_SHOP, App
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.scene import Scene, make_scene, tech_of
from tests.browser.script import Script, unique

DRAIN_MS = 30_000


@pytest.fixture
def scene(desk: Script) -> Scene:
    return make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))


@pytest.fixture
def phone(device: MakeDevice, network: Proxy, scene: Scene) -> App:
    app = App(device(), f"http://localhost:{network.port}")
    app.sign_in("tech1@demo.test")
    app.ready_off_line()
    return app


def test_T7_what_one_tab_saves_the_other_shows(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    """Off line too, so it does not come by way of the shop; and with the network back each note is sent once."""
    phone.open_order(scene.work_order)
    network.refuse()
    other = phone.beside(f"/work/{scene.work_order}")
    words = unique("From the first tab"), unique("From the second tab")
    phone.write_note(words[0])
    expect(other.note(words[0])).to_be_visible()
    other.write_note(words[1])
    expect(phone.note(words[1])).to_be_visible()
    network.restore()
    for tab in (phone, other):
        expect(tab.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    for word in words:
        assert len(desk.all("note", text=word)) == 1


def test_T12_unsent_work_waits_for_its_own_author(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    """Signing out asks; who signs in next neither sees nor sends it; its author finds it and it goes."""
    phone.open_order(scene.work_order)
    network.refuse()
    note = unique("Mine to send")
    phone.write_note(note)
    phone.sign_out(unsent=True)
    network.restore()
    phone.sign_in("tech2@demo.test")
    expect(phone.chip).to_have_text(AT_SHOP)
    phone.page.goto(f"{phone.url}/work/{scene.work_order}")
    expect(phone.head).to_contain_text(scene.customer_name)
    expect(phone.note(note)).to_have_count(0)
    phone.sign_out()
    assert not desk.all("note", text=note)
    phone.sign_in("tech1@demo.test")
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    assert len(desk.all("note", text=note)) == 1
