"""Older work: a tech searches the shop for a job that has left the phone, opens it, and has it off line from then on."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.conftest import MakeDevice
from tests.browser.proxy import Proxy
from tests.browser.serving import Served

# A job of the demo that was over more than 30 days ago, so the server has archived it.
WORDS, COMPLAINT = "smokes wood", "Cuts in a curve, smokes in the wood."


@pytest.fixture
def phone(device: MakeDevice, network: Proxy, served: Served) -> App:
    app = App(device(), f"http://localhost:{network.port}")
    app.sign_in("tech2@demo.test")
    app.ready_off_line()
    return app


def test_P18_older_work_is_searched_opened_and_kept(phone: App, network: Proxy) -> None:
    main = phone.page.get_by_role("main")
    phone.search(WORDS)
    expect(main.get_by_text(f"Nothing for “{WORDS}”")).to_be_visible()
    main.get_by_role("button", name="Search older work").click()
    older = main.get_by_role("region", name="Older work")
    expect(older).to_contain_text("1 found. What you open stays on this phone for 7 days.")
    older.get_by_role("button", name=re.compile(re.escape(COMPLAINT))).click()
    expect(phone.page).to_have_url(re.compile("/work/[0-9a-f-]{36}$"))
    expect(main.get_by_text(COMPLAINT)).to_be_visible()

    network.refuse()
    phone.page.reload()
    expect(main.get_by_text(COMPLAINT)).to_be_visible()
    phone.search(WORDS)
    expect(main.locator("[data-order]")).to_have_count(1)
    expect(main.get_by_text("It can be searched when there is a network.")).to_be_visible()
