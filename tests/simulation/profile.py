"""How a seed is played: how many phones and edits, and how often each kind of step happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

Step = Callable[["Simulation"], Awaitable[None]]
YEAR_MS = 365 * 86_400_000


@dataclass(frozen=True)
class Profile:
    """`more` gives steps by name another weight than the table of `happenings.py`, `kinds` edits another than that of
    `edits.py`, so that a situation is frequent."""

    edits: int = 1000
    phones: tuple[int, int] = (6, 18)
    customers: int = 2
    app_share: float = 0.6
    skewed: float = 0.3
    skews: Sequence[int] = (10 * YEAR_MS, -10 * YEAR_MS, 3_600_000, -7_000)
    rest_every: int = 400
    rounds: int = 120
    views_checked: float = 0.25
    more: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, said: dict[str, Any]) -> Profile:
        """Out of JSON."""
        return cls(**{**said, "phones": tuple(said["phones"])})

    def steps(self) -> list[Step]:
        """Every step as often as it weighs."""
        from tests.simulation.happenings import STEPS

        unknown = self.more.keys() - {step.__name__ for step in STEPS}
        assert not unknown, f"there are no steps {unknown}"
        return [step for step, weight in STEPS.items() for _ in range(self.more.get(step.__name__, weight))]
