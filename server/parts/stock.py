"""What movements make of a part's stock. Pure.

The stock is the sum of the movements. A count says what lay on the shelf at a time, so the server adds the
difference to all that moved up to that time, as a movement of its own. Work done off line arrives late, in either
order: a count that comes after parts were issued, and an issue that comes after the count that already saw it.

Words: a *count* is told by a person; an *adjustment* is the difference the server wrote for it, at the count's time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A movement that the server adds so that a count holds: how much, at which time."""

    quantity_milli: int
    at: int


def effect(movement: Data) -> int:
    """What a movement adds to the stock; a count by itself adds nothing."""
    return 0 if movement.get("kind") == "count" else int(movement.get("quantity_milli") or 0)


def moment(movement: Data, undone: Data | None) -> int:
    """When a movement took effect, in ms: what undoes another takes effect when that one did."""
    return int((undone or movement).get("at") or 0)


def adjusted_for_move(quantity_milli: int, at: int, counts: Iterable[Data]) -> list[Adjustment]:
    """What follows from a movement of that effect at `at`: the first count after it has already seen it.

    Later counts need nothing more, for this adjustment takes the movement back before they look.
    """
    after = sorted(int(count["at"]) for count in counts if int(count["at"]) >= at)
    return [Adjustment(-quantity_milli, after[0])] if after and quantity_milli else []


def adjusted_for_count(
    counted_milli: int, at: int, on_hand_milli: int, later: Iterable[tuple[int, int]], counts: Iterable[Data]
) -> list[Adjustment]:
    """What follows from a count at `at`, when `on_hand_milli` is the stock after all movements.

    later: (moment, effect) of the movements, of which those after `at` are taken off to know what should have lain
    there. A count after this one has seen what this one found, so there the difference is taken back.
    """
    expected = on_hand_milli - sum(quantity for moved_at, quantity in later if moved_at > at)
    difference = counted_milli - expected
    if not difference:
        return []
    return [Adjustment(difference, at), *adjusted_for_move(difference, at + 1, counts)]
