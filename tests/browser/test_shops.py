"""Two shops on one server share nothing: not a session, not a name, not an id."""

import pytest
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.conftest import MakeDevice
from tests.browser.script import PASSWORD, Script
from tests.browser.serving import Served


@pytest.fixture
def it_host(served: Served) -> str:
    return f"it.localhost:{served.port}"


def test_S11_the_second_shop_is_its_own(device: MakeDevice, it_host: str, desk: Script) -> None:
    """A tech of the IT service sees its words and its tickets, and nothing of the repair shop."""
    app = App(device(), f"http://{it_host}")
    app.sign_in("tech1@it.test")
    app.go("Jobs")
    names = [str(one["name"]) for one in desk.all("customer")]
    expect(app.page.locator("[data-order]").first).to_be_visible()
    seen = app.page.get_by_role("main").inner_text()
    assert not [name for name in names if name in seen]


def test_S11_a_session_of_one_shop_is_none_in_the_other(
    served: Served, device: MakeDevice, it_host: str
) -> None:
    app = App(device(), served.url)
    app.sign_in("tech1@demo.test")
    app.page.goto(f"http://{it_host}/")
    expect(app.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_people_of_one_shop_are_strangers_in_the_other(device: MakeDevice, it_host: str) -> None:
    app = App(device(), f"http://{it_host}")
    app.page.get_by_label("Mail address").fill("tech1@demo.test")
    app.page.get_by_label("Password", exact=True).fill(PASSWORD)
    app.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(app.page.get_by_role("alert")).to_be_visible()
    expect(app.navigation).to_be_hidden()


def test_M24_C19_a_record_of_the_other_shop_is_gone_like_one_that_never_was(
    served: Served, it_host: str, desk: Script
) -> None:
    """Knowing an id gives nothing: not the record, not the word that it exists."""
    order = desk.all("work_order")[0]["id"]
    held = desk.confirmed[order]
    with Script(served.url, "admin@it.test", host=it_host) as other:
        patch = {"op": "patch", "collection": "work_order", "id": order, "base": {"@": 1}}
        outcome = other.push([{**patch, "set": {"priority": "low"}}])
        assert (outcome["outcome"], outcome["code"]) == ("rejected", "gone")
        assert not set(desk.confirmed) & set(other.confirmed)
    desk.pull()
    assert desk.confirmed[order] == held
