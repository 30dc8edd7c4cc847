"""Two lock files let several server processes share one embedded PostgreSQL.

`start.lock` is held while somebody starts or stops it, so that nobody does both at once. `in_use.lock` is held shared by
every process that uses it; whoever can take it alone on the way out is the last one. The system drops both when a
process dies, so nothing has to be cleaned up after a crash.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def held_alone(path: Path) -> Iterator[None]:
    """Wait for the lock and hold it alone for the block."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class InUse:
    """This process's share of `in_use.lock`."""

    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("a")
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def only_user(self) -> bool:
        """True when no other process uses it; then this one holds the lock alone."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Trying may have given up the share for a moment, which harms nobody while start.lock is held.
            fcntl.flock(self._file, fcntl.LOCK_SH)
            return False
        return True

    def give_up(self) -> None:
        self._file.close()
