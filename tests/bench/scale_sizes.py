"""How much of everything `scripts/bench scale` makes; `--set shops=50` changes one of these."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Sizes:
    """`records`: sizes of one shop at which is measured; `shops`: numbers of shops of `orders` each; `rounds` of each figure."""

    records: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    shops: tuple[int, ...] = (1, 20, 200)
    orders: int = 5_000
    replicas: int = 10_000
    streams: int = 2_000
    pokes: int = 100
    rounds: int = 10
    idle_s: float = 20.0
    pictures: Path | None = None


QUICK = Sizes(
    records=(300, 1_000), shops=(1, 3), orders=300, replicas=300, streams=50, pokes=20, rounds=3, idle_s=2.0
)


def changed(sizes: Sizes, given: list[str]) -> Sizes:
    """`sizes` with what was said as name=value; several values with commas between."""
    for one in given:
        name, _, value = one.partition("=")
        sizes = replace(sizes, **{name: read(getattr(sizes, name), name, value)})
    return sizes


def read(was: object, name: str, value: str) -> Any:
    """The value in the form of the one that was there."""
    if name == "pictures":
        return Path(value)
    if isinstance(was, tuple):
        return tuple(int(part) for part in value.split(","))
    return float(value) if isinstance(was, float) else int(value)
