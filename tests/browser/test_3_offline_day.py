"""Journey 3: a tech's day off line. The network goes, work goes on, the browser is killed, and nothing is lost.

The network is refused by the proxy between this browser and the server, so that nobody but this tech notices.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import AT_SHOP, ON_PHONE, App
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.scene import INTERNAL, Scene, make_scene, tech_of
from tests.browser.script import Script, unique

DRAIN_MS = 30_000
NUMBER = re.compile(r"[A-Z]+-?\d+|\d+")


@pytest.fixture
def scene(desk: Script) -> Scene:
    return make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))


@pytest.fixture
def phone(device: MakeDevice, network: Proxy) -> App:
    app = App(device(), f"http://localhost:{network.port}")
    app.settle_in("tech1@demo.test")
    return app


def expect_all_to_read(app: App, scene: Scene) -> None:
    """Customer, equipment, complaint, tasks and notes of the work order, as a tech needs them at the machine."""
    for words in (scene.customer_name, scene.complaint, *scene.tasks, INTERNAL):
        expect(app.page.get_by_role("main").get_by_text(words).first).to_be_visible()
    expect(app.page.get_by_role("main").get_by_text("Liner 19SH").first).to_be_visible()


def test_T1_everything_opens_without_a_network(phone: App, network: Proxy, scene: Scene) -> None:
    """The app is closed and opened again off line: the queue and the work order are there."""
    expect(phone.row(scene.work_order)).to_be_visible()
    network.refuse()
    phone.device.close()
    phone.reopen()
    phone.open_order(scene.work_order)
    expect_all_to_read(phone, scene)
    phone.search(f"{scene.complaint.rpartition(' ')[2]} atco")
    expect(phone.page.locator("main [data-order]")).to_have_count(1)
    expect(phone.row(scene.work_order)).to_be_visible()


def test_T2_T3_T10_an_offline_day_survives_a_killed_browser_and_drains_by_itself(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    phone.open_order(scene.work_order)
    network.refuse()
    diagnosis, note, name, complaint = (
        unique(word) for word in ("Jet clogged", "Fuel smells old", "Ada Moss", "Will not cut")
    )

    phone.set_status("In repair")
    for task in scene.tasks:
        phone.tick(task)
    phone.write_note(note)
    phone.edit("Diagnosis", diagnosis)
    expect(phone.state_of(phone.head)).to_have_text(ON_PHONE)
    expect(phone.state_of(phone.note(note))).to_have_text(ON_PHONE)
    made = phone.new_order(name, complaint)
    expect(phone.state_of(phone.head)).to_have_text(ON_PHONE)
    expect(phone.chip).to_have_text(re.compile(r"6 on this phone"))

    phone.device.kill()
    phone.reopen(f"/work/{scene.work_order}")
    phone.expect_status("In repair")
    for task in scene.tasks:
        expect(phone.task(task)).to_be_checked()
    expect(phone.note(note)).to_be_visible()
    expect(phone.page.get_by_role("main").get_by_text(diagnosis)).to_be_visible()
    expect(phone.state_of(phone.head)).to_have_text(ON_PHONE)
    phone.page.goto(f"{phone.url}/work/{made}")
    expect(phone.head).to_contain_text(name)

    network.restore()
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    expect(phone.state_of(phone.head)).to_have_text(AT_SHOP)
    number = str(desk.data(made)["number"])
    expect(phone.head).to_contain_text(number)
    expect_at_the_shop(desk, scene, diagnosis, note)


def expect_at_the_shop(desk: Script, scene: Scene, diagnosis: str, note: str) -> None:
    """What the phone showed is what the shop holds, once."""
    order = desk.data(scene.work_order)
    assert order["status"] == "in_progress"
    assert order["diagnosis"] == diagnosis
    assert order["tasks_done"] == order["tasks_total"] == 2
    assert len(desk.all("note", text=note)) == 1


def test_C9_T9_an_answer_that_never_came_is_asked_for_again(
    phone: App, network: Proxy, scene: Scene, desk: Script
) -> None:
    """The shop has the note, the phone does not know; the browser is killed. Sent again, it has no second effect."""
    phone.open_order(scene.work_order)
    note = unique("Sent into the dark")
    network.drop_answers()
    phone.write_note(note)
    wait_for_note(desk, note)
    phone.device.kill()
    network.restore()
    phone.reopen(f"/work/{scene.work_order}")
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    expect(phone.note(note)).to_have_count(1)
    assert len(desk.all("note", text=note)) == 1


def wait_for_note(desk: Script, note: str) -> None:
    """Ask until the shop has it: each question is a whole round trip, so this neither sleeps nor spins."""
    for _ in range(500):
        if desk.all("note", text=note):
            return
    raise AssertionError("The note never reached the shop.")


def test_typed_words_survive_a_kill(phone: App, scene: Scene) -> None:
    """What was typed and not yet saved is still in the editor after the browser was killed."""
    phone.open_order(scene.work_order)
    phone.begin_edit("Diagnosis")
    words = unique("Half a thought")
    phone.page.get_by_label("Diagnosis").fill(words)
    phone.wait_until_on_disk(words)
    phone.device.kill()
    phone.reopen(f"/work/{scene.work_order}/edit")
    expect(phone.page.get_by_label("Diagnosis")).to_have_value(words)
