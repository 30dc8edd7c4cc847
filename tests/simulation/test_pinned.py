"""Seeds that once found something find nothing any more, and the same seed is the same history."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import TestPostgres
from tests.simulation.bridge import Bridge, bundle
from tests.simulation.pinned import PINNED, Pinned
from tests.simulation.play import play
from tests.simulation.profile import Profile


@pytest.fixture(scope="module")
def bridge() -> Iterator[Bridge]:
    with Bridge(bundle()) as opened:
        yield opened


@pytest.mark.parametrize("pinned", PINNED, ids=lambda pinned: str(pinned.name))
def test_I1_I2_I3_I5_I6_I7_I12_a_pinned_seed_keeps_every_promise(
    postgres: TestPostgres, bridge: Bridge, pinned: Pinned
) -> None:
    played = play(postgres, bridge, pinned.seed, pinned.profile)
    assert not played.broken, "\n".join([played.what, *played.story])


def test_the_same_seed_is_the_same_history(postgres: TestPostgres, bridge: Bridge) -> None:
    profile = Profile(edits=150)
    first, second = (play(postgres, bridge, 5, profile) for _ in range(2))
    assert (first.trace, first.edits, first.counts) == (second.trace, second.edits, second.counts)
