"""Parts and the movements that make their stock.

Nobody writes a stock: `on_hand_milli` is the sum of the movements and the server keeps it. A movement is never
changed, only undone by another. Its quantity is what it adds to the shelf: an issue is negative, a return or a
receipt positive; a count alone says what lay there.
"""

from __future__ import annotations

from sync.collection import Collection, Policy, choice, elements, flag, instant, integer, ref, text

MOVEMENT_KINDS = ("issue", "return", "receive", "count", "adjust")
TECH = ("tech",)

PART = Collection(
    name="part",
    fields=(
        text("number", Policy.KEEP_BOTH, size_max=100),
        text("name", Policy.LATEST, size_max=200),
        elements("barcodes"),
        text("bin", Policy.LATEST, size_max=100),
        integer("reorder_level_milli", Policy.LATEST),
        integer("price_cents", Policy.LATEST),
        integer("cost_cents", Policy.LATEST, hidden_from=TECH),
        integer("on_hand_milli", Policy.SERVER),
        flag("active", Policy.LATEST, default=True),
    ),
    rights={"admin": "rcu", "manager": "rcu", "service_writer": "r", "parts": "rcu", "tech": "r"},
    required=("name",),
)

# A movement hangs on its work order, so that it leaves the phones with it; stock does not need it there.
PART_MOVEMENT = Collection(
    name="part_movement",
    fields=(
        ref("part", "part", Policy.FIRST),
        choice("kind", MOVEMENT_KINDS, Policy.FIRST),
        integer("quantity_milli", Policy.FIRST),
        ref("work_order", "work_order", Policy.FIRST),
        ref("line_item", "line_item", Policy.FIRST),
        integer("unit_cost_cents", Policy.FIRST, hidden_from=TECH),
        text("reason", Policy.FIRST, size_max=1000),
        instant("at", Policy.FIRST, measured=True),
        ref("undoes", "part_movement", Policy.FIRST),
    ),
    rights={"admin": "rc", "manager": "rc", "service_writer": "rc", "parts": "rc", "tech": "rc"},
    parents=("work_order",),
    required=("part", "kind", "quantity_milli", "at"),
)
