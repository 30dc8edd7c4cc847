"""What came of one seed, as a worker says it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Played:
    """What came of one seed. `broken`: which check found something, `what` in a sentence, `story` how it came to it."""

    seed: int
    edits: int = 0
    trace: str = ""
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    broken: str = ""
    what: str = ""
    story: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "counts": dict(self.counts), "points": dict(self.points)}

    @classmethod
    def read(cls, said: dict[str, Any]) -> Played:
        """Out of JSON."""
        counters = {name: Counter(said[name]) for name in ("counts", "points")}
        return cls(**{**said, **counters})
