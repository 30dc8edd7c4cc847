"""Disks that a test can fill, break and cut the power of.

`small` is a file system in memory, `cuttable` an ext4 in a file that can be shut down as by a power cut: what was not
synced is gone. Both are mounted over PostgreSQL's own folder. `breaking_fsync` puts a shim before PostgreSQL whose `fsync`
fails once when it is told to. What a machine cannot do fails the test with a sentence; nothing is skipped.
"""

import fcntl
import os
import select
import shutil
import signal
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

EXT4_IOC_SHUTDOWN = 0x8004587D
WITHOUT_FLUSHING = 2
END_S = 60.0
SHIM = Path(__file__).parent / "fsync.c"


def run(why: str, *words: str | Path) -> None:
    """Run a tool; what it lacks is the sentence of the failure."""
    if shutil.which(str(words[0])) is None:
        pytest.fail(f"{why} needs the program {words[0]}, which this machine lacks: install it.")
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        pytest.fail(f"{why} needs `{' '.join(map(str, words))}`, which this machine refuses: {said}")


@contextmanager
def mounted(place: Path, *options: str | Path) -> Iterator[None]:
    """A file system over the folder `place`, with what was in the folder."""
    kept = place.with_name(place.name + ".below")
    place.rename(kept)
    place.mkdir(mode=0o700)
    run("A disk of its own", "mount", *options, place)
    try:
        run("A disk of its own", "cp", "-aT", kept, place)
        shutil.rmtree(kept)
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False, capture_output=True)


@dataclass
class Small:
    """A small disk; `room` is what the ballast may not take."""

    place: Path

    @property
    def _ballast(self) -> Path:
        return self.place / "ballast"

    def fill(self, room: int = 0) -> None:
        """Take what is left but for `room` bytes."""
        status = os.statvfs(self.place)
        taken = max(status.f_bavail * status.f_frsize - room, 0)
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, taken)

    def make_room(self) -> None:
        self._ballast.unlink()


@contextmanager
def small(place: Path, free_mib: int) -> Iterator[Small]:
    """A disk in memory with so much free beside what is in `place`."""
    used = sum(file.stat().st_blocks * 512 for file in place.rglob("*") if file.is_file())
    size = (used >> 20) + 2 + free_mib
    with mounted(place, "-t", "tmpfs", "-o", f"size={size}m,mode=0700", "tmpfs"):
        yield Small(place)


@dataclass
class Cuttable:
    """A disk whose power can be cut."""

    place: Path
    image: Path

    def cut(self) -> None:
        """Now. What was written and not synced will never be there; whoever still writes gets errors."""
        folder = os.open(self.place, os.O_RDONLY)
        fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", WITHOUT_FLUSHING))
        os.close(folder)

    def power_on(self) -> None:
        """Mount it again, as after the power came back."""
        run("A power cut", "umount", self.place)
        run("A power cut", "mount", "-o", "loop", self.image, self.place)


@contextmanager
def cuttable(place: Path, image: Path) -> Iterator[Cuttable]:
    """An ext4 in the file `image` over `place`."""
    with image.open("wb") as file:
        file.truncate(512 << 20)
    run("A power cut", "mkfs.ext4", "-q", "-F", image)
    with mounted(place, "-o", "loop", image):
        run("A power cut", "sync", "-f", place)
        yield Cuttable(place, image)


@dataclass
class Fsync:
    """The shim before PostgreSQL. `fail_once` names the files by a part of their path."""

    control: Path

    def fail_once(self, part: str) -> None:
        draft = self.control.with_name("draft")
        draft.write_text(part)
        draft.rename(self.control)

    @property
    def failed(self) -> bool:
        """Whether it did."""
        return not self.control.exists()


@contextmanager
def breaking_fsync(folder: Path) -> Iterator[Fsync]:
    """Whatever PostgreSQL is started in the block has the shim."""
    folder.mkdir()
    folder.chmod(0o777)
    run("An fsync that fails", "cc", "-shared", "-fPIC", "-O1", "-o", folder / "fsync.so", SHIM, "-ldl")
    control = folder / "fail"
    os.environ |= {"LD_PRELOAD": str(folder / "fsync.so"), "CHAOS_FSYNC": str(control)}
    try:
        yield Fsync(control)
    finally:
        del os.environ["LD_PRELOAD"], os.environ["CHAOS_FSYNC"]


def end_family(pid: int) -> list[int]:
    """SIGKILL for a process and its children, for a disk that is gone lets none of them end by itself; their ids."""
    family = [pid, *_children(pid)]
    for one in family:
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return family


def wait_for_the_end(pid: int, within_s: float = END_S) -> None:
    """Wait until a process has ended, be it anybody's child. A zombie has: it holds no files any more."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([process], [], [], within_s)
        assert ended, f"the process {pid} did not end within {within_s:.0f} s"
    finally:
        os.close(process)


def _children(pid: int) -> list[int]:
    """The processes that this one started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                found.append(int(entry.name))
    return found
