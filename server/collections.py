"""All collections of a shop and the rules that run with them: the one table that the store, the generator and
the tests read.

Rooms declare their own; here they are put side by side and given the fields that the server keeps in every record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from server.customers.collections import CUSTOMER
from server.equipment.collections import EQUIPMENT
from server.parts.collections import PART, PART_MOVEMENT
from server.photos.collections import PHOTO
from server.timesheet.collections import TIME_ENTRY
from server.work.collections import LINE_ITEM, NOTE, TASK, WORK_ORDER
from server.work.steps import TABLE, Steps
from sync.collection import Collection, Policy, Shown, instant, ref

# Raised when a change of the declarations needs translating for phones of an older version.
SCHEMA = 1

KEPT_BY_SERVER = (
    instant("created_at", Policy.SERVER, customer=Shown.ALWAYS),
    ref("created_by", "staff", Policy.SERVER),
    instant("updated_at", Policy.SERVER, customer=Shown.ALWAYS),
)


def kept(collection: Collection) -> Collection:
    """The collection with the fields that the server keeps in every record, in front of its own."""
    return replace(collection, fields=(*KEPT_BY_SERVER, *collection.fields))


COLLECTIONS: Mapping[str, Collection] = {
    declared.name: kept(declared)
    for declared in (
        WORK_ORDER,
        LINE_ITEM,
        TASK,
        NOTE,
        CUSTOMER,
        EQUIPMENT,
        PART,
        PART_MOVEMENT,
        TIME_ENTRY,
        PHOTO,
    )
}

# collection.field → the table its steps are computed from.
STEPS: Mapping[str, tuple[Steps, ...]] = {"work_order.status": TABLE}
