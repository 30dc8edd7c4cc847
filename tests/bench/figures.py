"""Figures: what was measured, beside the limit that this machine had in the same minute; as a table or as lines of JSON."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tests.bench.cpu import Use


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured several times.

    `limit` is the median of the limit in the same unit, `limit_is` says of what. `aim` is a bound as ">=2500" or "<=20";
    it is shown, and nothing fails by it.
    """

    name: str
    unit: str
    samples: Sequence[float]
    limit: float | None = None
    limit_is: str = ""
    aim: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def p95(self) -> float:
        return quantile(self.samples, 0.95)

    def lines(self) -> list[str]:
        """What `--json` prints."""
        said: dict[str, Any] = {
            "figure": self.name, "unit": self.unit, "n": len(self.samples), "median": rounded(self.median),
            "p95": rounded(self.p95), "min": rounded(min(self.samples)), "max": rounded(max(self.samples)),
            "limit": None if self.limit is None else rounded(self.limit),
        }  # fmt: skip
        return [orjson.dumps(said).decode()]

    def row(self) -> str:
        """Its line of the table."""
        limit = "" if self.limit is None else f"{shown(self.limit)}  {self.limit_is}"
        spread = f"{shown(min(self.samples))} … {shown(self.p95)} … {shown(max(self.samples))}"
        aim = self.aim.replace(">=", "≥ ").replace("<=", "≤ ")
        return f"{self.name:<24}{shown(self.median):>10} {self.unit:<10} {aim:<8} {spread:<30} {limit}"


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time of what was measured: on a machine that others use too, this is what two runs can be compared by."""

    name: str
    each: int
    use: Use

    def lines(self) -> list[str]:
        figures = [
            *(
                Figure(f"{self.name}_cpu_{who}", "ms each", [self._ms(who)])
                for who in ("server", "database", "client")
            ),
            *(Figure(f"{self.name}_busy_{who}", "cores", [self.use.cores(who)]) for who in self.use.seconds),
        ]
        return [line for figure in figures for line in figure.lines()]

    def row(self) -> str:
        busy = ", ".join(f"{who} {self.use.cores(who):.0%}" for who in self.use.seconds)
        each = ", ".join(f"{who} {self._ms(who):.2f}" for who in ("server", "database"))
        return f"    busy: {busy} of a core; ms of processor time each: {each}"

    def _ms(self, who: str) -> float:
        return self.use.seconds[who] * 1000 / self.each


def quantile(samples: Sequence[float], share: float) -> float:
    """The sample below which `share` of all samples lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def rounded(value: float) -> float:
    """Three digits behind the point for small values, none for large ones."""
    return round(value, 3) if abs(value) < 10 else round(value, 1) if abs(value) < 1000 else round(value)


def shown(value: float) -> str:
    return f"{rounded(value):,}"


HEADING = (
    f"{'figure':<24}{'median':>10} {'unit':<10} {'aim':<8} {'min … p95 … max':<30} limit of this machine, now"
)
