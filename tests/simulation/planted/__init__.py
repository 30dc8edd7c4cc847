"""Bugs planted on purpose: they test the tests. Each must be found by a check within a minute.

To add one: a `Plant` with a name, what a person would see of it, its patches (a text of the product, which is there once,
and what it becomes), and, where the situation is rare, a profile that makes it frequent.
"""

from __future__ import annotations

from tests.simulation.planted.phone import PHONE
from tests.simulation.planted.plant import Plant
from tests.simulation.planted.server import SERVER

PLANTS: tuple[Plant, ...] = (*SERVER, *PHONE)

# Not yet seen to be found within a minute. They are played by name only, and the closing line names them.
NOT_YET_FOUND = frozenset(
    {
        "late_answer_counts",
        "base_taken_at_save",
        "own_layer_claims_all_that_is_confirmed",
        "fork_keeps_its_name",
        "fork_forgets_what_waits",
        "what_left_stays",
        "reset_keeps_the_old_view",
        "digest_adopted",
        "portal_takes_the_outbox",
        "kept_dropped_too_early",
        "tail_not_sent_again",
    }
)

__all__ = ["NOT_YET_FOUND", "PLANTS", "Plant"]
