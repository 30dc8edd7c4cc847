"""A worker process: plants what it is told before anything of the product is loaded, then plays a seed a line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.simulation.planting import Patch, plant


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
        for line in sys.stdin:
            seed, profile = json.loads(line)
            played = play(postgres, bridge, seed, Profile.read(profile))
            out.write(json.dumps(played.as_json()) + "\n")
            out.flush()


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
