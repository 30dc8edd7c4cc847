"""Journey 4: the same work order on a phone off line and at a desk that is connected to a second server process.

Different fields merge, the status follows the steps, and two diagnoses stand as a conflict that both see and either settles.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.app import AT_SHOP, NEEDS_YOU, ON_PHONE, App
from tests.browser.chromium import DESK
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.scene import Scene, make_scene, tech_of
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
    """The tech, through a network that can be cut, on the first process; the work order is open."""
    app = App(device(), f"http://localhost:{network.port}")
    app.sign_in("tech2@demo.test")
    app.ready_off_line()
    app.open_order(scene.work_order)
    return app


@pytest.fixture
def desk(device: MakeDevice, second: Served, scene: Scene) -> App:
    """The service writer, at a large screen, on the second process; the work order is open."""
    app = App(device(DESK), second.url)
    app.sign_in("writer@demo.test")
    app.page.goto(f"{second.url}/work/{scene.work_order}")
    expect(app.head).to_contain_text(scene.customer_name)
    return app


def test_V5_different_fields_merge(phone: App, desk: App, network: Proxy) -> None:
    network.refuse()
    diagnosis, correction = unique("Worn belt"), unique("Fit a new belt")
    phone.edit("Diagnosis", diagnosis)
    expect(phone.state_of(phone.head)).to_have_text(ON_PHONE)
    desk.edit("Correction", correction)
    expect(desk.state_of(desk.head)).to_have_text(AT_SHOP)
    network.restore()
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    for app in (phone, desk):
        for words in (diagnosis, correction):
            expect(app.page.get_by_role("main").get_by_text(words)).to_be_visible()


def test_M7_the_status_follows_the_steps(phone: App, desk: App, network: Proxy) -> None:
    """Of two concurrent legal steps the later stands, on both screens, and nobody is asked."""
    network.refuse()
    phone.set_status("Waiting for parts")
    desk.set_status("On hold", "Customer is travelling")
    expect(desk.state_of(desk.head)).to_have_text(AT_SHOP)
    network.restore()
    expect(phone.chip).to_have_text(AT_SHOP, timeout=DRAIN_MS)
    for app in (phone, desk):
        app.expect_status("On hold")


def test_M6_T5_a_step_that_is_no_longer_legal_needs_you(phone: App, desk: App, network: Proxy) -> None:
    """The desk canceled it meanwhile: the phone's step is parked with the reason, and nothing else is blocked by it."""
    network.refuse()
    desk.set_status("Canceled", "Customer took it back")
    expect(desk.state_of(desk.head)).to_have_text(AT_SHOP)
    phone.set_status("Waiting for parts")
    note = unique("Written behind the bad step")
    phone.write_note(note)
    network.restore()
    expect(phone.chip).to_have_text(NEEDS_YOU, timeout=DRAIN_MS)
    phone.expect_status("Canceled")
    expect(desk.note(note)).to_be_visible()
    phone.look_at_what_needs_me()
    phone.discard()
    expect(phone.chip).to_have_text(AT_SHOP)


def test_T5_a_refused_edit_is_mended_and_sent_again(
    phone: App, desk: App, network: Proxy, scene: Scene, manager: Script
) -> None:
    """Ready on the phone, while the desk found one more thing to do: refused with the reason, done, sent again, accepted."""
    for task in scene.tasks:
        phone.tick(task)
    network.refuse()
    phone.hush()
    phone.take_next_step("Mark as ready")
    late = unique("Sharpen the blade too")
    manager.create("task", work_order=scene.work_order, title=late, position=9)
    network.restore()
    expect(phone.chip).to_have_text(NEEDS_YOU, timeout=DRAIN_MS)
    phone.expect_status("In repair")
    phone.tick(late)
    phone.look_at_what_needs_me()
    phone.send_again()
    expect(phone.chip).to_have_text(AT_SHOP)
    desk.expect_status("Ready")


@pytest.mark.parametrize("resolver", ["phone", "desk"])
def test_M8_M18_T6_two_diagnoses_are_a_conflict_that_either_settles(
    phone: App, desk: App, network: Proxy, scene: Scene, manager: Script, resolver: str
) -> None:
    """Both see both versions, with who wrote them; two taps on either side settle it for both."""
    network.refuse()
    from_phone, from_desk = unique("Bearing is gone"), unique("Blade is bent")
    phone.edit("Diagnosis", from_phone)
    desk.edit("Diagnosis", from_desk)
    expect(desk.state_of(desk.head)).to_have_text(AT_SHOP)
    network.restore()
    for app in (phone, desk):
        expect(app.page.get_by_text("Two versions of the diagnosis.")).to_be_visible(timeout=DRAIN_MS)
        expect(app.chip).to_have_text(re.compile("needs you"))
    one, other = (phone, desk) if resolver == "phone" else (desk, phone)
    one.choose(from_phone)
    for app in (one, other):
        expect(app.page.get_by_text("Two versions of the diagnosis.")).to_be_hidden()
        expect(app.page.get_by_role("main").get_by_text(from_phone)).to_be_visible()
        expect(app.page.get_by_role("main").get_by_text(from_desk)).to_be_hidden()
    assert manager.data(scene.work_order)["diagnosis"] == from_phone
    assert not manager.all("conflict", record=scene.work_order, open=True)
