"""What the lane counts: sums by name, printed at its end."""

from collections import Counter
from typing import Any


class Figures:
    """Counters that tests add to. `lost` of `promised` is the figure that everything is for."""

    def __init__(self) -> None:
        self._sums: Counter[str] = Counter()
        self._most: dict[str, tuple[float, str, int]] = {}

    def add(self, name: str, count: int = 1) -> None:
        self._sums[name] += count

    def most(self, name: str, value: float, unit: str) -> None:
        """Keep the largest of several measurements."""
        largest, _, n = self._most.get(name, (value, unit, 0))
        self._most[name] = (max(largest, value), unit, n + 1)

    def as_json(self) -> list[Any]:
        """To be handed on by a worker of pytest."""
        return [dict(self._sums), {name: list(kept) for name, kept in self._most.items()}]

    def take(self, said: list[Any]) -> None:
        """Add what a worker counted."""
        self._sums.update(said[0])
        for name, (value, unit, n) in said[1].items():
            largest, _, so_far = self._most.get(name, (value, unit, 0))
            self._most[name] = (max(largest, value), unit, so_far + n)

    def lines(self) -> list[str]:
        sums = [f"{name:<62} n = {count}" for name, count in sorted(self._sums.items())]
        most = [f"{name:<62} {v:.6g} {unit} at most, n = {n}" for name, (v, unit, n) in self._most.items()]
        return [*sums, *most]
