"""A worker process: plants what it is told before anything of the product is loaded, then plays a seed a line.

It ends with whoever started it, however that ended: the pipe its tasks come by is then closed. A seed takes minutes and reads
nothing meanwhile, so a thread of its own listens, and breaks the seed off.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import Any

from tests.simulation.planting import Patch, plant

PATIENCE_S = 20


def serve(said: dict[str, Any]) -> None:
    """Read a task a line, say what came of it."""
    plant([Patch(**patch) for patch in said["patches"]])
    # Only now, for a bug is planted while a module is loaded.
    from tests.postgres import running
    from tests.simulation.bridge import Bridge
    from tests.simulation.play import play
    from tests.simulation.profile import Profile

    out, sys.stdout = sys.stdout, sys.stderr
    with running(said["run"]) as postgres, Bridge(Path(said["host"])) as bridge:
        for line in tasks():
            seed, profile = json.loads(line)
            played = play(postgres, bridge, seed, Profile.read(profile))
            out.write(json.dumps(played.as_json()) + "\n")
            out.flush()


def tasks() -> Iterator[str]:
    """The lines of stdin as they come. When there are no more, SystemExit is raised in the main thread wherever it is."""
    lines: SimpleQueue[str] = SimpleQueue()
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    while True:
        yield lines.get()


def _listen(lines: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    main = threading.main_thread()
    signal.pthread_kill(main.ident or 0, signal.SIGTERM)
    main.join(PATIENCE_S)
    if main.is_alive():
        os._exit(1)  # What is stuck may not stay behind; what it leaves is cleaned up by the next run.


def _leave(_: int, __: FrameType | None) -> None:
    """Nobody is left to read what a seed complains of that is broken off."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stderr__.fileno() if sys.__stderr__ else 2)
    raise SystemExit


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
