"""All collections of a shop and the rules that run with them: the one table that the store, the generator and
the tests read.

Rooms declare their own; here they are put side by side and given the fields that the server keeps in every record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from server.auth.collections import STAFF
from server.customers.collections import CUSTOMER
from server.customers.rules import CustomerRules
from server.equipment.collections import EQUIPMENT
from server.parts.collections import PART, PART_MOVEMENT
from server.parts.rules import MovementRules, PartRules
from server.photos.collections import PHOTO
from server.photos.rules import PhotoRules
from server.recovery.collections import RECOVERY
from server.recovery.rules import RecoveryRules
from server.shops.collections import SHOP
from server.store.collections import CONFLICT, NOTICE
from server.store.rules import Rules
from server.timesheet.collections import TIME_ENTRY
from server.timesheet.rules import TimeEntryRules, stop_on
from server.work.archive import OnWorkOrder
from server.work.collections import LINE_ITEM, NOTE, TASK, WORK_ORDER
from server.work.rules import LineItemRules, NoteRules, TaskRules, WorkOrderRules
from server.work.steps import TABLE, Steps
from sync.collection import Collection, Policy, Shown, instant, ref
from sync.schema import Schema

KEPT_BY_SERVER = (
    instant("created_at", Policy.SERVER, customer=Shown.ALWAYS),
    ref("created_by", "staff", Policy.SERVER),
    # Not for customers: it moves with edits that they may not even know of.
    instant("updated_at", Policy.SERVER),
)


def kept(collection: Collection) -> Collection:
    """The collection with the fields that the server keeps in every record, in front of its own.

    What the store alone writes declares its dates itself, because customers have no part in it.
    """
    missing = (f for f in KEPT_BY_SERVER if f.name not in collection.by_name)
    return replace(collection, fields=(*missing, *collection.fields))


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
        RECOVERY,
        STAFF,
        SHOP,
        CONFLICT,
        NOTICE,
    )
}

# What led from each shape of these collections to the next; `sync.wire.SCHEMA` counts them. There was only one so far.
SCHEMA = Schema()

# collection.field → the table its steps are computed from.
STEPS: Mapping[str, tuple[Steps, ...]] = {"work_order.status": TABLE}

# collection → what its room adds to the merge. What hangs on a work order rests with it.
RULES: Mapping[str, Rules] = {
    "work_order": OnWorkOrder(WorkOrderRules(ended=(stop_on,))),
    "line_item": OnWorkOrder(LineItemRules()),
    "task": OnWorkOrder(TaskRules()),
    "note": OnWorkOrder(NoteRules()),
    "customer": CustomerRules(),
    "part": PartRules(),
    "part_movement": OnWorkOrder(MovementRules()),
    "time_entry": OnWorkOrder(TimeEntryRules()),
    "photo": OnWorkOrder(PhotoRules()),
    "recovery": RecoveryRules(),
}
