"""What a planted bug is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.simulation.planting import Patch
from tests.simulation.profile import Profile

SEEDS = tuple(range(1, 200))


@dataclass(frozen=True)
class Plant:
    """A bug. `harm`: what would become of somebody's work."""

    name: str
    harm: str
    patches: tuple[Patch, ...]
    profile: Profile = field(default_factory=lambda: Profile(edits=300, rest_every=100))
    seeds: Sequence[int] = SEEDS


def plant(name: str, harm: str, *patches: tuple[str, str, str], profile: Profile | None = None) -> Plant:
    """A plant in one line."""
    made = tuple(Patch(*patch) for patch in patches)
    return Plant(name, harm, made, profile) if profile else Plant(name, harm, made)
