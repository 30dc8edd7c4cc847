"""`scripts/simulate`: plays seeds, tells a failing one in words, prints the score, finds planted bugs."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from tests.simulation import finding
from tests.simulation.played import Played
from tests.simulation.profile import Profile
from tests.simulation.score import Score
from tests.simulation.workers import Task, pool


def main() -> int:
    # Workers end with this process by themselves, so it need not wait for their seeds.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    wanted = arguments()
    if wanted.planted is not None or wanted.plant:
        return finding.find(
            wanted.planted, wanted.plant, wanted.jobs, as_json=wanted.json, seconds=wanted.seconds
        )
    more = {name: int(weight) for name, _, weight in (one.partition("=") for one in wanted.more)}
    profile = replace(Profile(), edits=wanted.edits, more=more)
    score = Score()
    failed = 0
    with pool(wanted.jobs) as workers:
        for played in workers.play(tasks(wanted, profile)):
            score.add(played)
            failed += bool(played.broken)
            tell(played, wanted)
    if wanted.score:
        print(json.dumps(score.as_json(traces=wanted.traces)) if wanted.json else score.as_text())
    return 1 if failed else 0


def tasks(wanted: argparse.Namespace, profile: Profile) -> Iterator[Task]:
    """The seeds asked for; with minutes, new ones until the time is over."""
    if wanted.seed is not None:
        yield wanted.seed, profile
    elif wanted.minutes:
        until = time.monotonic() + 60 * wanted.minutes
        for seed in count(wanted.first):
            if time.monotonic() > until:
                return
            yield seed, profile
    else:
        for seed in range(wanted.first, wanted.first + wanted.seeds):
            yield seed, profile


def tell(played: Played, wanted: argparse.Namespace) -> None:
    """One line a seed; of a failing one its story, and how to play it again."""
    out = sys.stderr if wanted.json else sys.stdout
    faults = played.counts["faults"]
    print(
        f"seed {played.seed}: {played.edits} edits, {faults} faults, {played.seconds:.1f} s, trace {played.trace}"
        + (f", BROKEN {played.what}" if played.broken else ""),
        file=out,
        flush=True,
    )
    if played.broken:
        more = " --more " + " ".join(wanted.more) if wanted.more else ""
        print(*played.story, sep="\n", file=out)
        print(
            f"Again: scripts/simulate --seed {played.seed} --edits {wanted.edits}{more}\n",
            file=out,
            flush=True,
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/simulate", description="Simulate shops from seeds.")
    parser.add_argument("--seeds", type=int, default=10, help="how many seeds")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--seed", type=int, help="this seed alone")
    parser.add_argument("--edits", type=int, default=1000, help="how many edits a seed has")
    parser.add_argument("--minutes", type=float, help="new seeds until so many minutes are over")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes play")
    parser.add_argument("--more", nargs="*", default=[], help="steps with another weight: restore=8 evict=0")
    parser.add_argument("--score", action="store_true", help="print what it comes to")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.add_argument("--traces", action="store_true", help="with the hash of each seed's trace")
    parser.add_argument("--planted", nargs="?", const="", help="find the planted bugs, or the one named")
    parser.add_argument("--seconds", type=float, default=60, help="how long to look for each planted bug")
    parser.add_argument("--plant", type=Path, help="a file that says PATCHES: a bug of your own to be found")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
