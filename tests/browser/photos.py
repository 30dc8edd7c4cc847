"""Photos in the journeys: pictures to choose, what this phone holds of them, and what the shop holds."""

import hashlib
import io
import random
import re
import time

from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.app import App
from tests.browser.script import Script

ARRIVES_S = 120

HELD = """async () => {
  const done = (asked) => new Promise((yes, no) => {
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
  const found = {};
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("workbay.")) continue;
    const database = await done(indexedDB.open(name));
    if (database.objectStoreNames.contains("blobs")) {
      const store = () => database.transaction("blobs").objectStore("blobs");
      for (const id of await done(store().getAllKeys())) {
        const held = await done(store().get(id));
        if (held === undefined) continue;
        const bytes = held instanceof Blob ? await held.arrayBuffer() : held;
        const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
        found[id] = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      }
    }
    database.close();
  }
  return found;
}"""


def held_on(page: Page) -> dict[str, str]:
    """Photo → SHA-256 of the bytes that lie in this browser's database, read and hashed by us and not by the app."""
    found: dict[str, str] = page.evaluate(HELD)
    return found


def picture(
    seed: int, size: tuple[int, int] = (1600, 1200), grain: tuple[int, int] = (64, 48)
) -> FilePayload:
    """A picture like no other: coarse noise, which no encoder makes small and no decoder minds."""
    chance = random.Random(seed)
    small = Image.frombytes("RGB", grain, chance.randbytes(grain[0] * grain[1] * 3))
    out = io.BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=88)
    return {"name": f"IMG_{seed:04d}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def heavy(seed: int) -> FilePayload:
    """A picture of more than a megabyte, also after the phone made it smaller: it goes in several pieces."""
    return picture(seed, (2048, 1536), (640, 480))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Camera:
    """The camera of an open work order."""

    def __init__(self, app: App) -> None:
        self.page = app.page

    def open(self) -> None:
        """The first of two taps."""
        self.page.get_by_role("toolbar", name="Actions").get_by_role("button", name="Photo").click()

    def shoot(self) -> None:
        """The second tap; returns once the camera says that it took the picture."""
        shots = self.strip.count()
        self.page.locator('.shutter[aria-disabled="false"]').click()
        self.strip.nth(shots).wait_for()

    def choose(self, *pictures: FilePayload) -> None:
        """Once it knows whether there is a camera, for then the button stays where it is."""
        self.page.locator('.shutter[aria-disabled="false"], .no-camera').wait_for()
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Choose").click()
        chooser.value.set_files(list(pictures))

    def close(self) -> None:
        self.page.get_by_role("button", name="Close the camera").click()

    @property
    def strip(self) -> Locator:
        return self.page.get_by_role("list", name="Taken just now").get_by_role("listitem")

    @property
    def kept(self) -> Locator:
        """Those that it says are on this phone."""
        return self.strip.get_by_role("button", name=re.compile("on this phone"))


def photograph(app: App, order: str, *pictures: FilePayload) -> dict[str, str]:
    """Take pictures from the picker onto a work order; photo → SHA-256 as this phone's database has it right after."""
    before = held_on(app.page)
    app.page.goto(f"{app.url}/work/{order}")
    camera = Camera(app)
    camera.open()
    camera.choose(*pictures)
    expect(camera.kept).to_have_count(len(pictures), timeout=60_000)
    camera.close()
    made = {id_: hash_ for id_, hash_ in held_on(app.page).items() if id_ not in before}
    assert len(made) == len(pictures)
    return made


def states(app: App) -> Locator:
    """How far each photo of the open work order is, in the words of sync."""
    return app.page.get_by_role("region", name="Photos").get_by_test_id("photo-sync")


def size_on(page: Page, photo: str) -> int:
    """How many bytes the database of this browser holds of a photo."""
    size: int = page.evaluate(SIZE, photo)
    return size


SIZE = """async (id) => {
  const done = (asked) => new Promise((yes, no) => {
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("workbay.")) continue;
    const database = await done(indexedDB.open(name));
    const held = database.objectStoreNames.contains("blobs")
      ? await done(database.transaction("blobs").objectStore("blobs").get(id))
      : undefined;
    database.close();
    if (held !== undefined) return held.size ?? held.byteLength;
  }
  return 0;
}"""


class SyncSheet:
    """The sheet behind the chip, as far as it speaks of photos."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.sheet = app.page.get_by_role("dialog", name="Sync")
        self.photos = self.sheet.get_by_role("region", name="Photos")

    def open(self) -> "SyncSheet":
        self._app.chip.click()
        expect(self.photos).to_be_visible()
        return self

    def close(self) -> None:
        self.sheet.get_by_role("button", name="Close").click()
        expect(self.sheet).to_be_hidden()

    def sync_now(self) -> None:
        """Ask the shop what is new, and wait until it has answered."""
        button = self.sheet.get_by_role("button", name="Sync now")
        button.click()
        expect(button).to_be_enabled()

    def press(self, words: str) -> None:
        self.photos.get_by_role("button", name=words).click()


def expect_at_the_shop(desk: Script, photos: dict[str, str]) -> None:
    """Wait until the shop has made what it shows of each; then what it gives back is what was held at the shutter.

    Each question is a whole round trip, so this neither sleeps nor spins.
    """
    end = time.monotonic() + ARRIVES_S
    while not all(_is_ready(desk, id_) for id_ in photos):
        assert time.monotonic() < end, {id_: desk.confirmed.get(id_) for id_ in photos}
        desk.pull()
    assert {id_: desk.original(id_) for id_ in photos} == photos


def _is_ready(desk: Script, photo: str) -> bool:
    held = desk.confirmed.get(photo)
    return held is not None and held["data"]["media"] == "ready"
