"""Seeds that once found something, by the name of what they found: they are played again in every run of the lane."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.profile import Profile


@dataclass(frozen=True, slots=True)
class Pinned:
    """A seed with the profile it was played with."""

    name: str
    seed: int
    profile: Profile


STACKED = {"restore": 6, "back_up": 8, "copy_phone": 5, "roll_back": 8, "revoke": 2}
UNTOLD = {"restore_untold": 10, "back_up": 10, "restore": 2}

PINNED = (
    Pinned("only_the_first_of_three_authors_was_told", 1, Profile(edits=300)),
    Pinned("a_clock_set_forward_held_up_the_next_sync", 8, Profile(edits=300)),
    Pinned("restores_stacked_with_copied_and_revoked_phones", 210, Profile(edits=300, more=STACKED)),
    Pinned("restores_of_which_nobody_tells", 11, Profile(edits=300, more=UNTOLD)),
)
