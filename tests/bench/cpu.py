"""Who used the processor while something was measured: the client, the server, the database, and everybody else.

A client that is busy all the time measures itself, and a machine that others use measures them: both are shown beside the
figures.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count() or 1


@dataclass(slots=True)
class Use:
    """Seconds of processor time by who, and of wall time; filled when the block ends."""

    seconds: dict[str, float] = field(default_factory=dict)
    wall: float = 0.0

    def cores(self, who: str) -> float:
        """1.0 is a core that was busy all the time."""
        return self.seconds[who] / self.wall


@contextmanager
def watched(server: int, postgres: int) -> Iterator[Use]:
    """Watch the block."""
    use, before, started = Use(), _seconds(server, postgres), time.monotonic()
    yield use
    after, use.wall = _seconds(server, postgres), time.monotonic() - started
    spent = {who: after[who] - before[who] for who in after}
    machine = spent.pop("machine")
    use.seconds = {**spent, "others": max(0.0, machine - sum(spent.values()))}


def _seconds(server: int, postgres: int) -> dict[str, float]:
    return {
        "client": _of_process(os.getpid()),
        "server": _of_process(server),
        "database": _of_process(postgres, with_ended=True) + sum(map(_of_process, _children(postgres))),
        "machine": _of_machine(),
    }


def _of_process(pid: int, *, with_ended: bool = False) -> float:
    """Seconds of one process, with those of its children that have ended if wanted."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, words[11 : 15 if with_ended else 13])) / TICKS


def _children(pid: int) -> list[int]:
    try:
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return []


def _of_machine() -> float:
    """Seconds that all cores together were busy."""
    user, nice, system, _, _, irq, soft, *_ = map(
        int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + soft) / TICKS
