"""What the lane counts: sums by name, printed at its end."""

from collections import Counter


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

    def lines(self) -> list[str]:
        sums = [f"{name:<44} n = {count}" for name, count in sorted(self._sums.items())]
        most = [f"{name:<44} {v:.6g} {unit} at most, n = {n}" for name, (v, unit, n) in self._most.items()]
        return [*sums, *most]
