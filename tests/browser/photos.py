"""Photos in the journeys: pictures to choose, what this phone holds of them, and what the shop holds."""

import hashlib
import io
import random
import re

from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page

from tests.browser.app import App

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


def picture(seed: int, size: tuple[int, int] = (1600, 1200)) -> FilePayload:
    """A picture like no other: coarse noise, which no encoder makes small and no decoder minds."""
    chance = random.Random(seed)
    small = Image.frombytes("RGB", (64, 48), chance.randbytes(64 * 48 * 3))
    out = io.BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=88)
    return {"name": f"IMG_{seed:04d}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


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
        self.page.locator('.shutter[data-ready="true"][aria-disabled="false"]').click()
        self.strip.nth(shots).wait_for()

    def choose(self, *pictures: FilePayload) -> None:
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
