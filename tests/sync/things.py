"""A collection with every policy in it, and short words to write it with."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from hypothesis import HealthCheck, settings

from sync.changeset import Op, Record
from sync.collection import (
    Collection,
    Policy,
    Shown,
    choice,
    date,
    elements,
    flag,
    group,
    instant,
    integer,
    json,
    ref,
    text,
)
from sync.merge import Applied, Stamp, apply
from sync.vector import Dot, Vector

settings.register_profile(
    "sync",
    derandomize=True,
    print_blob=True,
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.too_slow],
)
PROPERTY = settings.get_profile("sync")

STEPS = {
    "new": frozenset({"work", "hold"}),
    "work": frozenset({"hold", "check"}),
    "hold": frozenset({"work", "check"}),
    "check": frozenset({"done", "work"}),
    "done": frozenset({"work"}),
}
THING = Collection(
    name="thing",
    fields=(
        text("name", Policy.LATEST, customer=Shown.ALWAYS, size_max=50),
        text("body", Policy.KEEP_BOTH, personal=True),
        *group(
            "status",
            choice("status", tuple(STEPS), Policy.STEPS, steps=STEPS, default="new"),
            text("reason", Policy.STEPS),
            instant("since", Policy.STEPS, measured=True),
        ),
        elements("tags"),
        integer("meter", Policy.GREATEST),
        text("sign", Policy.FIRST),
        text("number", Policy.SERVER),
        ref("parent", "thing", Policy.FIRST),
        date("day", Policy.LATEST),
        flag("ready", Policy.LATEST, not_by=("tech",)),
        json("extra", Policy.LATEST),
        *group("money", integer("cents", Policy.LATEST, hidden_from=("tech",)), text("why", Policy.LATEST)),
        text("notes", Policy.TEXT),
    ),
    rights={"admin": "rcud", "tech": "rcu/d", "parts": "r"},
    parents=("parent",),
    required=("name",),
    only={"parts": frozenset({"name"})},
)

ID = "01930000-0000-7000-8000-000000000001"
OTHER_ID = "01930000-0000-7000-8000-000000000002"
A, B, C = "raaaaaaaaaaaa", "rbbbbbbbbbbbb", "rcccccccccccc"
_ids = count(1)


def new_id() -> str:
    return f"01930000-0000-7000-9000-{next(_ids):012x}"


def created(**given: Any) -> Record:
    """A thing that replica A created with its first changeset, at commit 1, at time 100."""
    op = Op("create", "thing", ID, {}, {"name": "thing", **given})
    return apply(THING, None, op, Stamp(Dot(A, 1, 1), 100, new_id)).record


def patched(
    record: Record,
    who: str,
    n: int,
    seq: int,
    base: Vector,
    *,
    at: int = 1000,
    saw: str | None = None,
    **given: Any,
) -> Applied:
    """What a patch by changeset `n` of `who`, accepted at `seq`, makes of the record; `saw` is what its notes showed."""
    shown = {} if saw is None else {"notes": saw}
    return apply(
        THING,
        record,
        Op("patch", "thing", record.id, base, given),
        Stamp(Dot(who, n, seq), at, new_id, shown),
    )


def deleted(record: Record, who: str, n: int, seq: int, base: Vector) -> Applied:
    return apply(THING, record, Op("delete", "thing", record.id, base), Stamp(Dot(who, n, seq), 1000, new_id))


def side_values(record: Record, unit: str) -> list[Any]:
    """The values of a unit that wait beside the standing one, sorted."""
    return sorted((side.value[unit] for side in record.meta.sides.get(unit, {}).values()), key=repr)


def status(value: str, reason: str | None = None, since: int | None = None) -> Mapping[str, Any]:
    """The status group, whole."""
    return {"status": value, "reason": reason, "since": since}
