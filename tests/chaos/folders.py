"""The lane's temporary folders. Each is held by a lock of the process that made it; what a killed run left, the next removes.

A folder whose lock nobody holds has lost its owner: the PostgreSQL on it is ended, its disks are taken off, and it goes. The
system drops the lock when a process dies, however it does.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.db.locks import InUse, held_alone
from tests.chaos.disk import end_family, wait_for_the_end

PREFIX, OWNER = "workbay-chaos-", "owner.lock"


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder that the account of PostgreSQL may enter."""
    with held_alone(_making()):
        made = Path(tempfile.mkdtemp(prefix=PREFIX))
        owner = InUse(made / OWNER)
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        owner.give_up()


def clean_up_after_killed_runs() -> None:
    """Remove the folders of this account whose owner is gone, with all that still runs on them."""
    with held_alone(_making()):
        for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{OWNER}"):
            if lock.stat().st_uid != os.geteuid():
                continue
            owner = InUse(lock)
            if owner.only_user():
                _remove(lock.parent)
            owner.give_up()


def _making() -> Path:
    """Held while a folder is made or removed, so that none is seen before it has its owner."""
    return Path(tempfile.gettempdir()) / f"workbay-chaos.{os.geteuid()}.lock"


def _remove(left: Path) -> None:
    for postmaster in _postmasters(left):
        for pid in end_family(postmaster):
            wait_for_the_end(pid)
    for line in reversed(Path("/proc/mounts").read_text().splitlines()):
        mounted = line.split()[1]
        if mounted.startswith(f"{left}/"):
            subprocess.run(["umount", "-l", mounted], check=False, capture_output=True)
    shutil.rmtree(left, ignore_errors=True)


def _postmasters(left: Path) -> list[int]:
    """Found by their command lines, for a disk whose power was cut shows no file."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            program, *words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if program.endswith(b"/postgres") and any(word.startswith(f"{left}/".encode()) for word in words):
            found.append(int(entry.name))
    return found
