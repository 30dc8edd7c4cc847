"""What no backup of the shop has yet is said on the sync sheet of the phone that alone could give it back, until one has it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.conftest import MakeDevice
from tests.browser.scene import Scene, make_scene, tech_of
from tests.browser.script import Script, unique
from tests.browser.serving import Served, workbay


@pytest.fixture
def scene(desk: Script) -> Scene:
    return make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))


@pytest.fixture
def phone(device: MakeDevice, served: Served, scene: Scene) -> App:
    app = App(device(), served.url)
    app.sign_in("tech1@demo.test")
    app.ready_off_line()
    app.open_order(scene.work_order)
    return app


def test_R9_R16_a_phone_says_what_no_backup_has_yet(phone: App, served: Served) -> None:
    sheet = phone.page.get_by_role("dialog", name="Sync")
    not_backed_up = re.compile("at the shop and not yet in a backup")
    phone.chip.click()
    expect(sheet).not_to_contain_text(not_backed_up)
    sheet.get_by_role("button", name="Close").click()

    phone.write_note(unique("Told her on the phone"))
    phone.chip.click()
    expect(sheet).to_contain_text("1 change is at the shop and not yet in a backup. This phone keeps it")

    workbay(served.var, served.port, "backup")
    sheet.get_by_role("button", name="Sync now").click()
    expect(sheet).not_to_contain_text(not_backed_up)
