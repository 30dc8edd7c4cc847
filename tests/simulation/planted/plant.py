"""What a planted bug is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.simulation.planting import Patch
from tests.simulation.profile import Profile

SEEDS = tuple(range(1, 200))


def small(more: Mapping[str, int] | None = None, kinds: Mapping[str, int] | None = None) -> Profile:
    """A short history that rests often; `more` gives steps and `kinds` gives edits another weight, so that
    the bug's situation is frequent."""
    return Profile(edits=200, phones=(4, 7), customers=1, rest_every=50, more=more or {}, kinds=kinds or {})


@dataclass(frozen=True)
class Plant:
    """A bug. `harm`: what would become of somebody's work."""

    name: str
    harm: str
    patches: tuple[Patch, ...]
    profile: Profile = field(default_factory=small)
    seeds: Sequence[int] = SEEDS


def plant(
    name: str,
    harm: str,
    *patches: tuple[str, str, str],
    more: Mapping[str, int] | None = None,
    kinds: Mapping[str, int] | None = None,
) -> Plant:
    """A plant in one line."""
    return Plant(name, harm, tuple(Patch(*patch) for patch in patches), small(more, kinds))
