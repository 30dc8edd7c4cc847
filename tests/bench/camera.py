"""The camera and the gallery on a slow phone: Chromium with its processor slowed to a quarter, against the app as served.

Timed in the page by `camera.js`. The camera is Chromium's own test camera, so what is measured is what the app does with a
picture: the browser slows the page, not its workers, and a still of the size that this camera gives.
"""

import base64
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.async_api import BrowserContext, CDPSession, Page, async_playwright, expect

from tests.bench import orders
from tests.bench.client import Device
from tests.bench.figures import Cost, Figure
from tests.bench.world import PASSWORD, running, temporary_folder
from tests.browser.app import AT_SHOP
from tests.browser.chromium import FLAGS, PHONE, find_chromium

PROBE = (Path(__file__).parent / "camera.js").read_text()
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
SLOW = 4
WAIT_MS = 60_000
PUSHED = 50


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done."""

    shots: int = 12
    thumbnails: int = 1_000


QUICK = Sizes(shots=3, thumbnails=100)


async def measure(sizes: Sizes, found: Callable[[Figure | Cost], None]) -> None:
    async with running({"bay": ["admin", "tech"]}, browser=True) as world, async_playwright() as playwright:
        desk, tech = await world.devices("bay")
        order = await _filled(desk, tech, sizes.thumbnails)
        with temporary_folder() as folder:
            context = await playwright.chromium.launch_persistent_context(
                str(folder / "phone"),
                executable_path=find_chromium(),
                args=[*FLAGS, *CAMERA],
                headless=True,
                viewport=PHONE,
                is_mobile=True,
                has_touch=True,
                permissions=["camera"],
            )
            try:
                async with _signed_in(context, f"http://localhost:{world.place.port}") as (page, session):
                    await _shots(page, order, sizes.shots, found)
                    await _gallery(page, session, sizes.thumbnails + sizes.shots, found)
            finally:
                await context.close()


async def _filled(desk: Device, tech: Device, count: int) -> str:
    """A work order of the tech for the shots, and another with so many photos that only have previews; the first one's id."""
    customer, order, other = orders.new_id(), orders.new_id(), orders.new_id()
    await desk.catch_up()
    made = {"assignee": tech.person}
    await desk.sync(
        [
            orders.create("customer", orders.customer(1), customer),
            orders.create("work_order", orders.work_order(1, customer) | made, order),
            orders.create("work_order", orders.work_order(2, customer) | made, other),
        ]
    )
    for start in range(0, count, PUSHED):
        await desk.sync(*([_photo(other, number)] for number in range(start, min(count, start + PUSHED))))
    return order


def _photo(order: str, number: int) -> orders.Values:
    values = {"work_order": order, "kind": "during", "taken_at": 1_790_000_000_000 + number * 60_000}
    return orders.create("photo", {**values, "preview": _preview(number)})


def _preview(number: int) -> str:
    """200 pixels and some 6 KB, like a real one."""
    noise = Image.effect_noise((40, 40), 40 + number % 50).resize((200, 200), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    noise.convert("RGB").save(out, "JPEG", quality=40)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


@asynccontextmanager
async def _signed_in(context: BrowserContext, url: str) -> AsyncIterator[tuple[Page, CDPSession]]:
    context.set_default_timeout(WAIT_MS)
    await context.add_init_script(PROBE)
    page = context.pages[0]
    await page.goto(url)
    await page.get_by_label("Mail address").fill("p1@bay.test")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.locator("[data-order]").first.wait_for()
    session = await context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW})
    yield page, session


async def _shots(page: Page, order: str, count: int, found: Callable[[Figure | Cost], None]) -> None:
    """From the open work order: one tap to the camera, one for each shot; off line, as in a cellar."""
    await page.locator(f'[data-order="{order}"]').first.click()
    button = page.get_by_role("toolbar", name="Actions").get_by_role("button", name="Photo")
    await button.wait_for()
    await page.context.set_offline(True)
    taps = 1
    await button.click()
    shutter = page.locator('.shutter[aria-disabled="false"]')
    for number in range(count):
        await shutter.click(timeout=WAIT_MS)
        taps += number == 0
        await page.wait_for_function(
            "n => camera.durable.length >= n && camera.free.length >= n", arg=number + 1
        )
    times = await page.evaluate("() => ({ free: camera.free, durable: camera.durable })")
    await expect(page.locator(".strip-shot.is-kept")).to_have_count(count)
    await page.get_by_role("button", name="Close the camera").click()
    await page.context.set_offline(False)
    found(Figure("photo_taps", "taps", [taps], aim="<=2"))
    found(Figure("photo_durable", "ms", times["durable"], aim="<=1000"))
    found(Figure("photo_next_shot", "ms", times["free"], aim="<=700"))


async def _gallery(
    page: Page, session: CDPSession, count: int, found: Callable[[Figure | Cost], None]
) -> None:
    """All photos of this phone in one list, scrolled from end to end, slowed and at the speed of this machine."""
    await page.goto(page.url.partition("/work/")[0] + "/photos")
    await page.locator(f'.gallery [aria-setsize="{count}"]').first.wait_for()
    await expect(page.get_by_test_id("sync-chip").first).to_have_text(AT_SHOP, timeout=WAIT_MS)
    for rate, name in ((SLOW, "thumbnails_slowed"), (1, "thumbnails")):
        await session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
        await page.evaluate("() => scrollTo(0, 0)")
        await page.locator('.gallery [aria-posinset="1"] .kind').wait_for()
        frames = await page.evaluate("() => camera.scroll()")
        await page.locator(f'.gallery [aria-posinset="{count}"] img').wait_for()  # It came to the last one.
        found(Figure(f"{name}_frame", "ms", frames))
        found(Figure(f"{name}_worst_frame", "ms", [max(frames)], aim="<=50"))
