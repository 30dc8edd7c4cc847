"""A marker in `var/` while the demo is being made: who stops that half-way finds a whole demo at the next start, not half a one.

It is locked while somebody is at it; the system lets go of the lock when that process dies, and the marker stays.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def marker(var: Path) -> Path:
    return var / "demo.unfinished"


@contextmanager
def making(var: Path) -> Iterator[None]:
    """Mark for the block; a block that ends by an exception leaves the marker."""
    with marker(var).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
        forget(var)


def left_over(var: Path) -> bool:
    """Whether a demo was begun that nobody is making any more."""
    try:
        with marker(var).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except (FileNotFoundError, BlockingIOError):
        return False


def forget(var: Path) -> None:
    marker(var).unlink(missing_ok=True)
