"""The history of a field, and a refused change that a manager takes over: two journeys over two devices."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.app import AT_SHOP, NEEDS_YOU, App
from tests.browser.chromium import DESK
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.scene import Scene, make_scene, step, tech_of
from tests.browser.script import Script, unique
from tests.browser.serving import Served

DRAIN_MS = 30_000


@pytest.fixture
def manager(served: Served) -> Iterator[Script]:
    with Script(served.url, "manager@demo.test") as script:
        yield script


@pytest.fixture
def scene(manager: Script) -> Scene:
    return make_scene(manager, assignee=tech_of(manager, "tech2@demo.test"), status="in_progress")


@pytest.fixture
def phone(device: MakeDevice, network: Proxy, scene: Scene) -> App:
    app = App(device(), f"http://localhost:{network.port}")
    app.sign_in("tech2@demo.test")
    app.ready_off_line()
    app.open_order(scene.work_order)
    return app


@pytest.fixture
def desk(device: MakeDevice, served: Served) -> App:
    app = App(device(DESK), served.url)
    app.sign_in("manager@demo.test")
    app.ready_off_line()
    return app


def test_C22_a_tap_tells_who_wrote_a_field_and_takes_an_older_value_back(
    phone: App, network: Proxy, scene: Scene, manager: Script
) -> None:
    first, second = unique("The seal of the pump leaks"), unique("The seal of the hose leaks")
    phone.edit("Diagnosis", first)
    expect(phone.state_of(phone.head)).to_have_text(AT_SHOP)
    manager.patch(scene.work_order, diagnosis=second)
    expect(phone.page.get_by_role("main").get_by_text(second)).to_be_visible(timeout=DRAIN_MS)
    phone.page.get_by_role("button", name="History of diagnosis").click()
    sheet = phone.page.get_by_role("dialog", name="History of diagnosis")
    newest, older = sheet.get_by_role("listitem").nth(0), sheet.get_by_role("listitem").nth(1)
    expect(newest).to_contain_text("stands now")
    expect(newest.locator("ins").first).to_contain_text("hose")
    expect(older).to_contain_text("You changed diagnosis")
    expect(older).to_contain_text("replaced by")
    older.get_by_role("button", name=re.compile("^Use what You")).click()
    expect(sheet).to_be_hidden()
    expect(phone.page.get_by_role("main").get_by_text(first)).to_be_visible()
    expect(phone.state_of(phone.head)).to_have_text(AT_SHOP)
    assert manager.data(scene.work_order)["diagnosis"] == first
    network.refuse()
    phone.hush()
    phone.page.get_by_role("button", name="History of diagnosis").click()
    expect(sheet).to_contain_text("needs the network")
    expect(sheet).to_contain_text(first)


def test_C22_a_machine_and_a_customer_tell_their_history_too(phone: App, scene: Scene) -> None:
    main = phone.page.get_by_role("main")
    main.get_by_role("button", name="History of machine").click()
    sheet = phone.page.get_by_role("dialog", name="History of machine")
    expect(sheet.get_by_text("made this with")).to_have_count(1)
    expect(sheet).to_contain_text("Liner 19SH")
    sheet.get_by_role("button", name="Close").click()
    main.get_by_role("button", name=re.compile(f"^{re.escape(scene.email)}.*See the history$")).click()
    sheet = phone.page.get_by_role("dialog", name="History of emails")
    expect(sheet).to_contain_text(f"Added {scene.email}")


def test_news_is_shown_in_the_sheet_that_lies_over_it(phone: App) -> None:
    phone.edit("Diagnosis", unique("Belt worn"))
    phone.page.get_by_role("button", name="History of diagnosis").click()
    sheet = phone.page.get_by_role("dialog", name="History of diagnosis")
    sheet.get_by_role("button", name="Hide this message").click()
    expect(phone.page.get_by_role("button", name="Hide this message")).to_have_count(0)
    expect(sheet).to_be_visible()


def test_C24_C25_T5_a_refused_change_is_taken_over_at_the_desk_and_its_author_learns_of_it(
    phone: App, desk: App, network: Proxy, scene: Scene, manager: Script
) -> None:
    network.refuse()
    step(manager, scene.work_order, "canceled", "Took it back")
    phone.set_status("Waiting for parts")
    network.restore()
    expect(phone.chip).to_have_text(NEEDS_YOU, timeout=DRAIN_MS)
    phone.look_at_what_needs_me()
    with phone.page.expect_download() as download:
        phone.page.get_by_role("button", name="Export").click()
    exported = json.loads(download.value.path().read_text())
    assert exported["change"]["ops"][0]["set"]["status"] == "waiting_parts"
    assert exported["what"]
    desk.page.goto(f"{desk.url}/team/refused")
    card = desk.page.get_by_role("main").locator("section.card").first
    expect(card).to_contain_text("The status has moved on")
    card.get_by_role("button", name="Set aside").click()
    sheet = desk.page.get_by_role("dialog")
    sheet.get_by_label("Why").fill("The customer took it back.")
    sheet.get_by_role("button", name="Set aside").click()
    expect(desk.chip).to_have_text(AT_SHOP)
    expect(phone.page.get_by_role("main")).to_contain_text("The customer took it back.", timeout=DRAIN_MS)
    expect(phone.chip).to_have_text(AT_SHOP)
    phone.page.get_by_role("main").get_by_role("button", name="Got it").click()
    expect(phone.page.get_by_text("Nothing needs you")).to_be_visible()
