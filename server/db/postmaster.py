"""Whether PostgreSQL's main process lives, by what it leaves in its data folder and what the system says of it."""

import os
from pathlib import Path

NOBODYS_PID = 2**31 - 2  # More than any system hands out.


def runs(data: Path) -> bool:
    """True when a living postmaster serves `data`; a killed one may linger as a zombie and serves nobody."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
        return False
    except PermissionError:
        return True
    return _state(pid) not in ("Z", "X") and _is_postgres(pid)


def disown(data: Path) -> None:
    """Let a postmaster that lingers as a zombie count as dead, which PostgreSQL cannot tell.

    Only its number is taken out of the file: by the rest PostgreSQL finds orphans of it that still hold the data.
    """
    file = data / "postmaster.pid"
    if file.exists():
        _, _, rest = file.read_text().partition("\n")
        file.write_text(f"{NOBODYS_PID}\n{rest}")


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "?"


def _is_postgres(pid: int) -> bool:
    """After a reboot the number in the file may be another program's."""
    try:
        return "postgres" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return True
