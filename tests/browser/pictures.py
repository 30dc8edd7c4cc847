"""Takes the pictures of README and docs from the running app, with the demo shop as it comes: `scripts/pictures`.

One small story on a phone, at a desk and at a customer's: the day's queue, an edit off line, what waits, the conflict when the
network is back, who wrote what, what no backup has yet, a change that was refused, and what the customer sees. Each picture is taken light and dark. Nothing is retouched, so a picture that looks
wrong says that the app does.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import FilePayload, Page, Playwright, expect, sync_playwright

from server.demo.pictures import files
from server.media.blobs import ORIGINAL
from tests.browser.app import AT_SHOP, App
from tests.browser.chromium import DESK, PHONE, WAIT_MS, Device
from tests.browser.photos import Camera
from tests.browser.proxy import Proxy
from tests.browser.scene import step, tech_of
from tests.browser.script import Script
from tests.browser.serving import ROOT, Served, workbay

PICTURES = ROOT / "docs" / "pictures"
FROM_PHONE = "Fuel line split at the grommet, and the carburettor diaphragm is stiff. New line and kit."
FROM_DESK = "Ran on last year's fuel, says the customer. Drain the tank before the new line goes in."
FITTED = "Part came with the second post, fitted and run in for ten minutes."
NOTE = "Guard of the fan is cracked too, told her on the phone."


class Studio:
    """The running demo shop, the network to the phone, and the browsers in front of it."""

    def __init__(self, playwright: Playwright, folder: Path, served: Served) -> None:
        self._playwright, self.folder, self.served = playwright, folder, served
        self.network = Proxy(served.port)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.network.port}"

    def device(self, name: str, *, phone: bool, camera: Path | None = None) -> Device:
        size, scale = (PHONE, 2) if phone else (DESK, 1)
        return Device(self._playwright, self.folder / name, size, scale=scale, camera=camera or False)


def take(page: Page, name: str) -> None:
    """The same screen dark and light; it is left light."""
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=PICTURES / f"{name}-dark.png", animations="disabled")
    page.emulate_media(color_scheme="light")
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


def order_of(desk: Script, tech: str) -> dict[str, object]:
    """The tech's order with the most to show: at work, with tasks, lines and photos."""
    mine = desk.all("work_order", assignee=tech, status="in_progress")
    hanging = [held["data"].get("work_order") for held in desk.confirmed.values()]
    return max(mine, key=lambda one: hanging.count(one["id"]))


def story_on_the_phone(studio: Studio, desk: Script, order: str) -> None:
    device = studio.device("phone", phone=True)
    phone = App(device, studio.url)
    phone.sign_in("tech1@demo.test")
    phone.ready_off_line()
    expect(phone.row(order)).to_be_visible()
    take(phone.page, "now-phone")
    phone.open_order(order)
    take(phone.page, "work-order-phone")
    studio.network.refuse()
    phone.edit("Diagnosis", FROM_PHONE)
    phone.write_note(NOTE)
    phone.hush()
    phone.chip.click()
    expect(phone.page.get_by_role("dialog")).to_contain_text("on this phone")
    take(phone.page, "sync-phone")
    phone.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    desk.patch(order, diagnosis=FROM_DESK)
    studio.network.restore()
    phone.page.get_by_role("main").get_by_role("button", name="Choose").click(timeout=60_000)
    expect(phone.page.get_by_role("dialog")).to_contain_text(FROM_DESK)
    phone.hush()
    take(phone.page, "conflict-phone")
    phone.page.get_by_role("dialog").get_by_role("button", name="Keep both").click()
    expect(phone.chip).to_have_text(AT_SHOP)
    phone.hush()
    told_on_the_phone(phone)
    device.close()


def told_on_the_phone(phone: App) -> None:
    """Who wrote the field, and what of it all no backup of the shop has yet."""
    sheet = phone.page.get_by_role("dialog")
    phone.page.get_by_role("button", name="History of diagnosis").click()
    expect(sheet).to_contain_text("stands now")
    take(phone.page, "history-phone")
    sheet.get_by_role("button", name="Close").click()
    phone.chip.click()
    expect(sheet).to_contain_text("not yet in a backup")
    take(phone.page, "kept-phone")


def pictures_of_photos(studio: Studio, desk: Script) -> None:
    """The camera off line, what waits then, the photos of an order, before beside after, and all by day."""
    film = studio.folder / "bench.mjpeg"
    film.write_bytes(files("chain:bad")[ORIGINAL] * 2)
    device = studio.device("camera", phone=True, camera=film)
    phone = App(device, studio.url)
    phone.sign_in("tech1@demo.test")
    phone.ready_off_line()
    order = compared_order(desk)
    phone.page.goto(f"{studio.url}/work/{order}")
    phone.page.get_by_role("button", name="Before and after").click()
    expect(phone.page.get_by_role("slider")).to_be_visible()
    take(phone.page, "compare-phone")
    phone.page.keyboard.press("Escape")
    studio.network.refuse()
    camera = Camera(phone)
    camera.open()
    camera.shoot()
    pictures: list[FilePayload] = [
        {"name": f"{shows[:5]}.jpg", "mimeType": "image/jpeg", "buffer": files(shows)[ORIGINAL]}
        for shows in ("chain:bad", "saw:bad")
    ]
    camera.choose(*pictures)
    expect(camera.kept).to_have_count(1 + len(pictures))
    take(phone.page, "camera-phone")
    camera.close()
    phone.chip.click()
    expect(phone.page.get_by_role("dialog")).to_contain_text("photos wait")
    take(phone.page, "photos-wait-phone")
    phone.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    studio.network.restore()
    expect(phone.chip).to_have_text(AT_SHOP, timeout=60_000)
    phone.page.goto(f"{studio.url}/photos")
    expect(phone.page.get_by_role("button", name="Photo: ").first).to_be_visible()
    take(phone.page, "photos-phone")
    device.close()


def compared_order(desk: Script) -> str:
    """An order with a photo from before and one from after."""
    of = {kind: {one["work_order"] for one in desk.all("photo", kind=kind)} for kind in ("before", "after")}
    return str(sorted(of["before"] & of["after"])[0])


def refuse_one(studio: Studio, desk: Script, tech: str) -> None:
    """A tech without a network goes on with an order that the desk cancels meanwhile."""
    with Script(studio.served.url, "tech1@demo.test", device="Tom's phone") as phone:
        order = str(desk.all("work_order", assignee=tech, status="waiting_parts")[0]["id"])
        step(desk, order, "canceled", "Bought a new one instead")
        status = {"status": "in_progress", "status_reason": None, "status_at": phone.now_ms()}
        base = phone.confirmed[order]["vv"]
        patch = {"op": "patch", "collection": "work_order", "id": order, "base": base}
        outcome = phone.push([{**patch, "set": {**status, "correction": FITTED}}])
        assert outcome["outcome"] == "rejected", outcome


def picture_of_the_refused(studio: Studio) -> None:
    device = studio.device("office", phone=False)
    desk = App(device, studio.served.url)
    desk.sign_in("manager@demo.test")
    desk.ready_off_line()
    desk.page.goto(f"{studio.served.url}/team/refused")
    expect(desk.page.get_by_role("main")).to_contain_text(FITTED)
    expect(desk.chip).to_have_text(AT_SHOP)
    take(desk.page, "refused-desk")
    device.close()


def pictures_at_the_desk(studio: Studio, order: str) -> None:
    device = studio.device("desk", phone=False)
    desk = App(device, studio.served.url)
    desk.sign_in("writer@demo.test")
    desk.page.goto(f"{studio.served.url}/work/{order}")
    expect(desk.head).to_be_visible()
    expect(desk.chip).to_have_text(AT_SHOP)
    take(desk.page, "work-order-desk")
    desk.go("Now")
    take(desk.page, "now-desk")
    device.close()


def picture_of_the_customer(studio: Studio, desk: Script, order: str) -> None:
    customer = desk.data(str(desk.data(order)["customer"]))
    link = workbay(studio.served.var, studio.served.port, "link", customer["emails"][0]).strip()
    device = studio.device("customer", phone=True)
    page = device.open(link)
    page.get_by_role("button", name="Sign in").click()
    page.locator(f'a[href="/customer/work-order/{order}"]').click()
    expect(page.get_by_role("list", name="How far it is")).to_be_visible()
    take(page, "customer-phone")
    device.close()


def main() -> int:
    """Take them all, over the ones that are there."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=WAIT_MS)
    with (
        tempfile.TemporaryDirectory() as folder,
        Served(Path(folder) / "var") as served,
        sync_playwright() as playwright,
    ):
        studio = Studio(playwright, Path(folder), served)
        with Script(served.url, "manager@demo.test") as desk:
            tech = tech_of(desk, "tech1@demo.test")
            order = str(order_of(desk, tech)["id"])
            story_on_the_phone(studio, desk, order)
            pictures_at_the_desk(studio, order)
            picture_of_the_customer(studio, desk, order)
            pictures_of_photos(studio, desk)
            refuse_one(studio, desk, tech)
            picture_of_the_refused(studio)
        studio.network.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
