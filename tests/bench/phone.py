"""`scripts/bench phone`: what a person with the app waits for, in Chromium against the app as served.

The phone holds 10,000 work orders of 1 KB, a dozen of them its own. Profiles lie on disk, for without one Chromium keeps
IndexedDB in memory. What is timed is timed in the page, by `probe.js`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page, async_playwright, expect

from tests.bench import orders
from tests.bench.figures import Cost, Figure
from tests.bench.fill import push_orders
from tests.bench.world import PASSWORD, World, running, temporary_folder
from tests.browser.chromium import FLAGS, PHONE, find_chromium

PROBE = (Path(__file__).parent / "probe.js").read_text()
TASKS = 4
WAIT_MS = 60_000
SLOW = 4


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done."""

    orders: int = 10_000
    own: int = 12
    downloads: int = 3
    edits: int = 50
    starts: int = 10
    slow_starts: int = 5


FIRST_SCREENS = {"staff": ("/", "<=90"), "customer": ("/customer/login", "<=60")}
QUICK = Sizes(orders=1_000, downloads=1, edits=10, starts=2, slow_starts=2)


@dataclass(frozen=True, slots=True)
class Phone:
    """A profile, and how a browser is started on it."""

    start: Callable[..., Any]
    profile: Path
    url: str

    @asynccontextmanager
    async def opened(self, path: str = "/", *, offline: bool = False, slowed: int = 1) -> AsyncIterator[Page]:
        """The page at `path`, in a browser that was started for it and ends with the block."""
        context: BrowserContext = await self.start(
            str(self.profile),
            executable_path=find_chromium(),
            args=FLAGS,
            headless=True,
            viewport=PHONE,
            is_mobile=True,
        )
        context.set_default_timeout(WAIT_MS)
        await context.add_init_script(PROBE)
        await context.set_offline(offline)
        page = context.pages[0]
        if slowed > 1:
            session = await context.new_cdp_session(page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
        await page.goto(self.url + path)
        try:
            yield page
        finally:
            await context.close()


async def measure(sizes: Sizes, found: Callable[[Figure | Cost], None]) -> None:
    """Everything, in the order in which one thing makes the next possible."""
    async with running({"phone": ["admin", "tech"]}, browser=True) as world, async_playwright() as playwright:
        url, open_order = f"http://localhost:{world.place.port}", await fill(world, sizes)
        with temporary_folder() as folder:
            start = playwright.chromium.launch_persistent_context
            phones = [Phone(start, folder / str(i), url) for i in range(sizes.downloads)]
            await first_screens({name: Phone(start, folder / name, url) for name in FIRST_SCREENS}, found)
            await downloads(phones, found)
            await edits(phones[0], open_order, sizes.edits, found)
            await cold_starts(phones[0], sizes, found)


async def fill(world: World, sizes: Sizes) -> str:
    """The shop's orders, all somebody's, a dozen the tech's; and one of those with tasks, whose id comes back."""
    desk, tech = await world.devices("phone")
    await desk.catch_up()
    await push_orders(desk, sizes.orders - sizes.own, 250, assignee=desk.person)
    ids, _ = await push_orders(desk, sizes.own, sizes.own, assignee=tech.person)
    tasks = [
        [orders.create("task", {"work_order": ids[0], "title": f"Step {number}", "position": number})]
        for number in range(TASKS)
    ]
    await desk.sync(*tasks)
    return ids[0]


async def first_screens(phones: Mapping[str, Phone], found: Callable[[Figure | Cost], None]) -> None:
    """The script that the first screens load, as it travels: on new profiles, for what a service worker answers tells the
    size of what was unpacked."""
    for name, (path, aim) in FIRST_SCREENS.items():
        async with phones[name].opened(path) as page:
            await expect(page.locator("#app > *").first).to_be_visible()
            size = await page.evaluate("() => bench.scriptBytes()")
        found(Figure(f"script_{name}", "KB", [size / 1000], aim=aim))


async def downloads(phones: list[Phone], found: Callable[[Figure | Cost], None]) -> None:
    """New devices sign in and get everything, until the queue is on the screen: in all, and without the waiting for the
    server's answers."""
    times = [await download(phone) for phone in phones]
    found(Figure("apply_10k", "ms", [spent["all"] - spent["waited"] for spent in times], aim="<=2000"))
    found(Figure("sign_in_to_all_10k", "ms", [spent["all"] for spent in times]))


# `wait_for_function` would take the promise of an async function for a yes.
ACTIVATED = """async () => {
  const { active } = await navigator.serviceWorker.ready;
  while (active.state !== "activated") await new Promise((done) => active.addEventListener("statechange", done, { once: true }));
}"""


async def download(phone: Phone) -> dict[str, float]:
    async with phone.opened() as page:
        await page.get_by_label("Mail address").fill("p1@phone.test")
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        # Pages are staged until the last one has come, so a queue on the screen means that all is there.
        await page.wait_for_function("() => bench.queue")
        await page.evaluate(ACTIVATED)
        spent: dict[str, float] = await page.evaluate("() => bench.download()")
        return spent


async def edits(phone: Phone, order: str, times: int, found: Callable[[Figure | Cost], None]) -> None:
    """Off line, from the tap on a task's box to the end of the transaction that keeps it."""
    async with phone.opened(f"/work/{order}", offline=True) as page:
        boxes = page.locator("label.task")
        await expect(boxes.first).to_be_visible()
        for number in range(times):
            await boxes.nth(number % TASKS).click()
            await page.wait_for_function("count => bench.edits.length >= count", arg=number + 1)
        took = await page.evaluate("() => bench.edits")
    found(Figure("edit_to_durable", "ms", took))
    ordered = sorted(took)
    found(Figure("edit_to_durable_p95", "ms", [ordered[int(len(ordered) * 0.95)]], aim="<=100"))


async def cold_starts(phone: Phone, sizes: Sizes, found: Callable[[Figure | Cost], None]) -> None:
    """A browser that was just started, off line, from the address to the queue on the screen."""
    for name, times, slowed, aim in (
        ("cold_start", sizes.starts, 1, "<=1000"),
        ("cold_start_slowed_4x", sizes.slow_starts, SLOW, "<=3000"),
    ):
        found(Figure(name, "ms", [await cold_start(phone, slowed) for _ in range(times)], aim=aim))


async def cold_start(phone: Phone, slowed: int) -> float:
    async with phone.opened(offline=True, slowed=slowed) as page:
        await page.wait_for_function("() => bench.queue")
        return float(await page.evaluate("() => bench.queue"))


def run(*, quick: bool, found: Callable[[Figure | Cost], None]) -> None:
    asyncio.run(measure(QUICK if quick else Sizes(), found))
