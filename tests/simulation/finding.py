"""Finds planted bugs: plays seeds with one bug in the product, until a check turns red.

`scripts/simulate --planted` goes through all of `planted/`, two at a time; `--plant FILE` takes a bug of the reader's own,
a Python file that sets PATCHES (a list of `Patch`) and, if it likes, PROFILE.
"""

from __future__ import annotations

import json
import runpy
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.simulation.planted import PLANTS, Plant
from tests.simulation.profile import Profile
from tests.simulation.workers import Pool, pool

SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one planted bug. `by`: the check that found it; empty when none did."""

    name: str
    by: str
    what: str
    seed: int
    edits: int
    seconds: float


def find(
    name: str | None, file: Path | None, jobs: int, *, as_json: bool, seconds: float = SECONDS_MAX
) -> int:
    """All planted bugs, the one named, or the one of a file; 0 when each was found."""
    plants = [_of_file(file)] if file else [p for p in PLANTS if name in ("", p.name)]
    if not plants:
        print(f"There is no planted bug {name}: choose from {', '.join(p.name for p in PLANTS)}.")
        return 2
    started = time.monotonic()
    found = []
    with pool(1) as workers, ThreadPoolExecutor(jobs) as threads:
        for one in threads.map(lambda plant: look(workers, plant, seconds), plants):
            found.append(one)
            print(_line(one), file=sys.stderr if as_json else sys.stdout, flush=True)
    missed = [one.name for one in found if not one.by]
    minutes = (time.monotonic() - started) / 60
    if as_json:
        print(
            json.dumps(
                {
                    "planted": len(found),
                    "missed": missed,
                    "minutes": minutes,
                    "found": list(map(asdict, found)),
                }
            )
        )
    else:
        print(f"{len(found) - len(missed)} of {len(found)} planted bugs found in {minutes:.1f} minutes")
    return 1 if missed else 0


def look(workers: Pool, plant: Plant, seconds_max: float) -> Found:
    """Play seeds of the plant's profile until one breaks or the time is over."""
    started = time.monotonic()
    edits, seed = 0, 0
    tasks = ((seed, plant.profile) for seed in plant.seeds)
    for played in workers.planted(plant.patches, tasks):
        edits, seed = edits + played.edits, played.seed
        seconds = time.monotonic() - started
        if played.broken:
            return Found(plant.name, played.broken, played.what, seed, edits, seconds)
        if seconds > seconds_max:
            break
    return Found(plant.name, "", "", seed, edits, time.monotonic() - started)


def _line(found: Found) -> str:
    after = f"seed {found.seed}, {found.edits} edits, {found.seconds:.1f} s"
    if not found.by:
        return f"NOT FOUND  {found.name} ({after})"
    return f"found by {found.by:<4} {found.name} ({after}): {found.what[:160]}"


def _of_file(file: Path) -> Plant:
    said = runpy.run_path(str(file))
    return Plant(
        file.stem, "a bug of the reader's own", tuple(said["PATCHES"]), said.get("PROFILE", Profile())
    )
