"""What became of a refused change: its author sent it again or gave it up, or the office took it over or set it aside.

The change itself stands in the log and is never touched. A recovery bears the id of the changeset that it settles, so that
none is settled twice, and it belongs to the author, whose phone thereby learns of it.
"""

from __future__ import annotations

from sync.collection import Collection, Policy, choice, ref, text

BY_THE_OFFICE = ("taken_over", "dismissed")
BY_THE_AUTHOR = ("sent_again", "discarded")

RECOVERY = Collection(
    name="recovery",
    fields=(
        ref("staff", "staff", Policy.FIRST),
        choice("how", (*BY_THE_OFFICE, *BY_THE_AUTHOR), Policy.FIRST),
        text("reason", Policy.FIRST, size_max=1000),
    ),
    rights={"admin": "rc", "manager": "rc", "service_writer": "r/c", "parts": "/rc", "tech": "/rc"},
    required=("staff", "how"),
    own="staff",
)
