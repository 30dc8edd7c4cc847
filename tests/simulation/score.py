"""What many seeds come to: the figures of the scoreboard, each zero with its n."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from tests.simulation.ground import ERRORS, KILLS, PLACES
from tests.simulation.played import Played

POINTS = (*KILLS, *(f"{place}:{error}" for place in PLACES for error in sorted(ERRORS)))
PHONE_POINTS = (
    "phone_save_mid",
    "phone_save_committed",
    "phone_answer_mid",
    "phone_answer_committed",
    "phone_killed_before_answer",
)


@dataclass
class Score:
    """Adds up seeds."""

    seeds: int = 0
    edits: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    traces: dict[int, str] = field(default_factory=dict)
    failed: list[int] = field(default_factory=list)
    started: float = field(default_factory=monotonic)

    def add(self, played: Played) -> None:
        self.seeds += 1
        self.edits += played.edits
        self.counts += played.counts
        self.points += played.points
        self.traces[played.seed] = played.trace
        if played.broken:
            self.broken[played.broken] += 1
            self.failed.append(played.seed)

    def as_json(self, *, traces: bool = False) -> dict[str, Any]:
        seconds = monotonic() - self.started
        points = {point: self.points[point] for point in POINTS}
        points |= {point: self.counts[point] for point in PHONE_POINTS}
        named = (
            "faults", "kills", "phone_kills", "restores", "restores_untold", "forks", "copies", "rollbacks", "evictions", "revocations",
            "replays", "syncs", "rest_points", "views", "diverged_bytes", "log_entries", "damages",
        )  # fmt: skip
        return {
            "seeds": self.seeds,
            "edits": self.edits,
            "lost": self.broken["I1"],
            "doubled_effects": self.broken["I3"],
            "failed_seeds": sorted(self.failed),
            "broken": dict(self.broken),
            **{name: self.counts[name] for name in named},
            "crash_points": points,
            "crash_points_missed": [point for point, hits in points.items() if not hits],
            "minutes": round(seconds / 60, 2),
            "edits_per_s": round(self.edits / seconds, 1),
            **({"traces": self.traces} if traces else {}),
        }

    def as_text(self) -> str:
        """The same, a line a figure."""
        said = self.as_json()
        points = said.pop("crash_points")
        lines = [f"{name.replace('_', ' '):<22} {value}" for name, value in said.items()]
        return "\n".join([*lines, "crash points: " + ", ".join(f"{p} {n}" for p, n in points.items())])
