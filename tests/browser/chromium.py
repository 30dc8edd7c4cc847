"""Chromium with a profile on disk, as a phone or a desk has it, and how it is killed.

A profile outlives its browser: `Device.kill` ends the browser as a dead battery would, `Device.open` starts it again on the
same profile. Contexts without a profile would keep IndexedDB in memory and prove nothing about what survives.
"""

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright, ViewportSize

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A camera that shows a moving pattern, and a person who always allows it.
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1366, "height": 850}
WAIT_MS = 15_000


ACTIVATED = "async () => (await navigator.serviceWorker.ready).active.state === 'activated'"


def until(page: Page, says: str, arg: Any = None, wait_ms: float = WAIT_MS) -> None:
    """Wait until an async function in the page says what is true. `wait_for_function` takes its promise for a yes."""
    end = time.monotonic() + wait_ms / 1000
    while not page.evaluate(says, arg):
        assert time.monotonic() < end, f"It never came to be within {wait_ms / 1000:.0f} s: {says} {arg}"
        page.wait_for_timeout(50)


def find_chromium() -> str:
    """The browser of this machine; a missing one fails the lane with a sentence."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return path
    raise AssertionError(
        "The browser lane needs Chromium on the path: install it (on Debian `apt-get install chromium`) and run again."
    )


class Device:
    """One install of a browser: a profile on disk and the window that is open on it."""

    def __init__(
        self,
        playwright: Playwright,
        profile: Path,
        size: ViewportSize,
        *,
        scale: float = 1,
        camera: bool | Path = False,
    ) -> None:
        self._playwright = playwright
        self.profile = profile
        self.size = size
        self.scale = scale
        self.camera = camera
        self._context: BrowserContext | None = None

    def open(self, url: str) -> Page:
        """Start the browser on its profile and go to `url`; off line the service worker answers."""
        phone = self.size == PHONE
        self._context = self._playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=find_chromium(),
            args=[*FLAGS, *self._camera_flags()],
            headless=True,
            viewport=self.size,
            has_touch=phone,
            is_mobile=phone,
            device_scale_factor=self.scale,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        self._context.set_default_timeout(WAIT_MS)
        page = self._context.pages[0]
        page.goto(url)
        return page

    def _camera_flags(self) -> list[str]:
        """A camera that shows its pattern, or the pictures of a file (JPEGs one after the other, named .mjpeg)."""
        shows = [f"--use-file-for-fake-video-capture={self.camera}"] if isinstance(self.camera, Path) else []
        return [*CAMERA, *shows] if self.camera else []

    def tab(self, url: str) -> Page:
        """Another tab of the same browser."""
        assert self._context is not None
        page = self._context.new_page()
        page.goto(url)
        return page

    def kill(self) -> None:
        """End the browser at once, with SIGKILL to all of its processes: nothing can be put in order first."""
        for pid in self._pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._forget()

    def close(self) -> None:
        self._forget()

    def _forget(self) -> None:
        if self._context is not None:
            with suppress(Error):  # A killed browser does not say goodbye.
                self._context.close()
            self._context = None

    def _pids(self) -> list[int]:
        """The main process, which is the one that was given the profile, and all that it has started."""
        found = _processes()
        mine = {
            pid for pid, (_, words) in found.items() if f"--user-data-dir={self.profile}".encode() in words
        }
        before = -1
        while len(mine) > before:
            before = len(mine)
            mine |= {pid for pid, (parent, _) in found.items() if parent in mine}
        return sorted(mine)


def _processes() -> dict[int, tuple[int, list[bytes]]]:
    """Process → its parent and the words it was started with."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_bytes().rpartition(b") ")[2].split()[1])
                found[int(entry.name)] = (parent, (entry / "cmdline").read_bytes().split(b"\0"))
            except OSError:
                continue  # It ended while the list was read.
    return found
