"""Journey 5: a customer opens the link they were sent and watches their own work move, and sees nothing that is not theirs.

What must not be shown is looked for in every byte that their browser received, not only on their screen.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.chromium import ACTIVATED, Device, until
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.scene import INTERNAL, Scene, make_scene, step, tech_of
from tests.browser.script import Script, unique
from tests.browser.serving import workbay

COST_CENTS = 777_123


@pytest.fixture
def scene(desk: Script) -> Scene:
    found = make_scene(desk, assignee=tech_of(desk, "tech1@demo.test"))
    line = {"kind": "part", "description": "Diaphragm kit", "price_cents": 2350, "cost_cents": COST_CENTS}
    desk.create("line_item", work_order=found.work_order, quantity_milli=1000, **line)
    return found


class Customer:
    """A customer's browser, with all answers that it ever got from the server."""

    def __init__(self, device: Device, url: str) -> None:
        self._answers: list[Response] = []
        self.page: Page = device.open("about:blank")
        self.page.on("response", self._hear)
        self.page.goto(url)

    def _hear(self, answer: Response) -> None:
        self._answers.append(answer)

    def heard(self) -> str:
        """Every byte that answered a question of the page. The stream is left out, since it never ends, and so are the
        files of the app, which are the same for all."""
        questions = [one for one in self._answers if one.request.resource_type == "fetch" and one.ok]
        return "\n".join(one.text() for one in questions)


@pytest.fixture
def customer(device: MakeDevice, network: Proxy, scene: Scene, var: Path) -> Customer:
    """Signed in by the one-time link, spent by the button."""
    link = workbay(var, network.port, "link", scene.email).strip()
    page = Customer(device(), link)
    page.page.get_by_role("button", name="Sign in").click()
    expect(page.page.get_by_role("heading", name=re.compile("^Hello"))).to_be_visible()
    return page


def open_order(customer: Customer, scene: Scene) -> None:
    customer.page.get_by_role("link").filter(has_text=scene.number).click()
    expect(customer.page).to_have_url(re.compile(f"/customer/work-order/{scene.work_order}"))


def expect_stage(customer: Customer, stage: str) -> None:
    here = customer.page.get_by_role("list", name="How far it is").locator('[aria-current="step"]')
    expect(here).to_contain_text(stage)


def test_X1_they_see_their_own_work_and_nobody_elses(customer: Customer, scene: Scene) -> None:
    expect(customer.page.get_by_role("link").filter(has_text=scene.number)).to_be_visible()
    expect(customer.page.locator('a[href^="/customer/work-order/"]')).to_have_count(1)
    open_order(customer, scene)
    expect_stage(customer, "Diagnosis")
    for words in (scene.complaint, "0/2 tasks", "Diaphragm kit"):
        expect(customer.page.get_by_text(words).first).to_be_visible()
    expect(customer.page.get_by_role("main").get_by_role("textbox")).to_have_count(0)


def test_L1_it_moves_live(customer: Customer, scene: Scene, desk: Script) -> None:
    """Status and correction arrive on the open page without a touch."""
    open_order(customer, scene)
    expect_stage(customer, "Diagnosis")
    step(desk, scene.work_order, "in_progress")
    expect_stage(customer, "In repair")
    correction = unique("Cleaned the jet")
    desk.patch(scene.work_order, correction=correction)
    expect(customer.page.get_by_text(correction)).to_be_visible()


def test_X1_X2_nothing_internal_reaches_their_browser(customer: Customer, scene: Scene, desk: Script) -> None:
    """No note, diagnosis, cost, task, person of the shop or other customer, in no byte that was sent."""
    open_order(customer, scene)
    hidden = unique("Guesses at water in the tank")
    desk.patch(scene.work_order, diagnosis=hidden)
    shown = unique("Drained the tank")
    desk.patch(scene.work_order, correction=shown)
    expect(customer.page.get_by_text(shown)).to_be_visible()

    heard = customer.heard()
    assert shown in heard  # Else this listens to nothing and proves nothing.
    people = [part for person in desk.all("staff") for part in (str(person["name"]), str(person["id"]))]
    others = [str(one["name"]) for one in desk.all("customer") if one["id"] != scene.customer]
    secrets = [INTERNAL, hidden, str(COST_CENTS), "cost_cents", "priority", *scene.tasks, *people, *others]
    assert not [secret for secret in secrets if secret in heard]


def test_S4_the_link_is_good_once(
    customer: Customer, device: MakeDevice, scene: Scene, var: Path, network: Proxy
) -> None:
    """Opening it spends nothing, the button does; a second browser is told so and gets nothing."""
    link = workbay(var, network.port, "link", scene.email).strip()
    one, other = Customer(device(), link), Customer(device(), link)
    one.page.get_by_role("button", name="Sign in").click()
    expect(one.page.get_by_role("heading", name=re.compile("^Hello"))).to_be_visible()
    other.page.get_by_role("button", name="Sign in").click()
    expect(other.page.get_by_role("alert")).to_be_visible()


def test_it_opens_without_a_network(customer: Customer, scene: Scene, network: Proxy) -> None:
    """What was seen last is there off line, and says how old it is."""
    open_order(customer, scene)
    until(customer.page, ACTIVATED)
    network.refuse()
    customer.page.reload()
    expect_stage(customer, "Diagnosis")
    expect(customer.page.get_by_text("no network")).to_be_visible()
