"""A folder to work in that does not stay behind: a process that was killed leaves its own, and the next one removes it.

Each process holds a lock in its folder for as long as it lives, which the system drops with it. So nobody needs a clock to
tell what is left over.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = "in_use.lock"


@contextmanager
def workspace(root: Path) -> Iterator[Path]:
    """A folder below `root`, for this block; what dead processes left there goes first."""
    root.mkdir(parents=True, exist_ok=True)
    # Those who start at the same time must not take a folder for left over that has no lock in it yet.
    with (root / "starting.lock").open("a") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        for folder in root.iterdir():
            if folder.is_dir():
                _remove_if_left(folder)
        own = Path(tempfile.mkdtemp(dir=root))
        lock = (own / LOCK).open("a")
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)
        lock.close()


def _remove_if_left(folder: Path) -> None:
    with suppress(FileNotFoundError), (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(folder, ignore_errors=True)
