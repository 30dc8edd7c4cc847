"""The staff app as a person uses it: by the words on the screen, never by its insides.

One class of gestures, so that a journey reads as a story and a word that changes is changed here once.
"""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import ACTIVATED, Device, until
from tests.browser.script import PASSWORD

ON_PHONE = re.compile(r"on this phone")
AT_SHOP = re.compile(r"at the shop \d{1,2}:\d\d")
NEEDS_YOU = re.compile(r"needs you")

HELD = """async (words) => {
  const done = (asked) => new Promise((yes, no) => {
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    const stores = [...database.objectStoreNames];
    const held = stores.map((store) => done(database.transaction(store).objectStore(store).getAll()));
    const found = JSON.stringify(await Promise.all(held)).includes(words);
    database.close();
    if (found) return true;
  }
  return false;
}"""


class App:
    """The app on one device. `url` is where this device finds the shop, usually a proxy's address."""

    def __init__(self, device: Device, url: str, page: Page | None = None) -> None:
        self.device = device
        self.url = url
        self.page = page or device.open(url)

    def beside(self, path: str) -> "App":
        """The same app in another tab of the same browser."""
        return App(self.device, self.url, self.device.tab(self.url + path))

    def reopen(self, path: str = "/") -> None:
        """Start the browser again after it was killed."""
        self.page = self.device.open(self.url + path)

    def settle_in(self, email: str) -> None:
        """Sign in, wait until all works off line, and close and open the app once, as somebody who starts a day.

        Chromium writes cookies down half a minute late, but always when it is closed; so a browser that is killed
        later still has the session it was given.
        """
        self.sign_in(email)
        self.ready_off_line()
        self.device.close()
        self.reopen()
        expect(self.navigation).to_be_visible()

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.page.get_by_label("Mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.navigation).to_be_visible()

    def ready_off_line(self) -> None:
        """Wait until the phone has everything and the service worker holds the pages."""
        expect(self.chip).to_have_text(AT_SHOP)
        until(self.page, ACTIVATED)

    @property
    def navigation(self) -> Locator:
        return self.page.get_by_role("navigation", name="Main")

    @property
    def chip(self) -> Locator:
        """How far everything on this phone is."""
        return self.page.get_by_test_id("sync-chip").first

    def go(self, place: str) -> None:
        self.navigation.get_by_role("link", name=place, exact=True).click()

    def search(self, words: str) -> None:
        """Look for a work order by words, over what is on this phone."""
        self.go("Jobs")
        self.page.get_by_role("search").get_by_role("searchbox").fill(words)

    def sign_out(self, *, unsent: bool = False) -> None:
        """By way of More; with unsent work the sheet asks by another question."""
        self.go("More")
        self.page.get_by_role("main").get_by_role("button", name="Sign out").click()
        sheet = self.page.get_by_role("dialog", name="Sign out with unsent work?" if unsent else "Sign out?")
        sheet.get_by_role("button", name="Sign out").click()
        expect(self.page.get_by_label("Mail address")).to_be_visible()

    def row(self, order: str) -> Locator:
        """The work order in the list."""
        return self.page.locator(f'[data-order="{order}"]').first

    def open_order(self, order: str) -> None:
        self.row(order).click()
        expect(self.page).to_have_url(re.compile(order))

    def hush(self) -> None:
        """Close the short news at the foot of the screen, as a person does when they are in the way."""
        for _ in range(self._news.count()):
            self._news.first.get_by_role("button", name="Hide this message").click()
        expect(self._news).to_have_count(0)

    @property
    def _news(self) -> Locator:
        return self.page.locator(".toast")

    # On a work order.

    def take_next_step(self, words: str) -> None:
        """The big button at the thumb."""
        self.page.get_by_role("toolbar", name="Actions").get_by_role("button", name=words).click()

    def set_status(self, status: str, reason: str | None = None) -> None:
        """Any step, out of the sheet."""
        self.page.get_by_role("button", name=re.compile("^Status: ")).click()
        sheet = self.page.get_by_role("dialog")
        sheet.get_by_role("button", name=re.compile(f"^{status}")).click()
        if reason is not None:
            sheet.get_by_label("Reason").fill(reason)
            sheet.get_by_role("button", name=re.compile("^Set to ")).click()
        expect(sheet).to_be_hidden()

    def expect_status(self, status: str) -> None:
        expect(self.page.get_by_role("button", name=f"Status: {status}. Change it")).to_be_visible()

    def tick(self, task: str) -> None:
        self.hush()
        self.task(task).check()

    def task(self, title: str) -> Locator:
        return self.page.locator("label.task").filter(has_text=title).get_by_role("checkbox")

    def write_note(self, text: str) -> None:
        self.page.get_by_label("New note").fill(text)
        self.page.get_by_role("button", name="Save note").click()
        expect(self.note(text)).to_be_visible()

    def note(self, text: str) -> Locator:
        return self.page.locator("li.note").filter(has_text=text)

    def edit(self, field: str, text: str) -> None:
        """Write a field of the work order in its editor and save."""
        self.begin_edit(field)
        self.page.get_by_label(field).fill(text)
        self.save()

    def begin_edit(self, field: str) -> None:
        self.page.get_by_role("link", name=re.compile(f"^(Edit|Add) {field.lower()}$")).click()
        expect(self.page.get_by_label(field)).to_be_visible()

    def wait_until_on_disk(self, words: str) -> None:
        """Return when some database of this browser holds `words`: they are typed on one side of a process and kept on another."""
        until(self.page, HELD, words)

    def save(self) -> None:
        self.page.get_by_role("button", name="Save", exact=True).click()
        expect(self.page.get_by_role("toolbar", name="Actions")).to_be_visible()

    # What needs them.

    def look_at_what_needs_me(self) -> None:
        self.page.get_by_role("main").get_by_role("link", name="Look").click()
        expect(self.page.get_by_role("heading", name="Needs you")).to_be_visible()

    def discard(self) -> None:
        """Throw the refused edit away, which asks once more."""
        self.page.get_by_role("main").get_by_role("button", name="Discard").click()
        self.page.get_by_role("dialog").get_by_role("button", name="Discard").click()

    def send_again(self) -> None:
        """Send the refused edit anew, on top of what is shown now."""
        self.page.get_by_role("main").get_by_role("button", name="Edit and send again").click()
        self.page.get_by_role("dialog").get_by_role("button", name="Send again").click()

    # A new work order.

    def new_order(self, customer: str, complaint: str) -> str:
        """A new work order for a new customer; the id it was given here."""
        self.go("New")
        form = self.page.get_by_role("form", name="New work order")
        form.get_by_role("searchbox", name="Customer").fill(customer)
        form.get_by_role("button", name=re.compile("^New customer")).click()
        expect(form.get_by_label("Name", exact=False)).to_have_value(customer)
        form.get_by_label("Complaint", exact=False).fill(complaint)
        form.get_by_role("button", name="Save work order").click()
        expect(self.page).to_have_url(re.compile(r"/work/[0-9a-f-]{36}$"))
        return self.page.url.rpartition("/")[2]

    @property
    def head(self) -> Locator:
        """The head of the open work order: number, customer, sync state."""
        return self.page.locator("main .order-header")

    def state_of(self, part: Locator) -> Locator:
        """How far one thing is, in the words of sync."""
        return part.get_by_test_id("item-sync")

    # Conflicts.

    def choose(self, words: str) -> None:
        """Two taps: open the sheet, keep the version with these words."""
        self.page.get_by_role("main").get_by_role("button", name="Choose").click()
        version = self.page.get_by_role("dialog").locator("section").filter(has_text=words)
        version.get_by_role("button", name="Keep this one").click()
        expect(self.page.get_by_role("dialog")).to_be_hidden()
