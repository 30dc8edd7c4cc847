"""What became of each writing of a record, and what its author had before the eyes. Pure.

The log says what was written and how it was judged as it arrived; what stands now says the record; what happened
between follows from the order of the writings and from which had seen which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from server.history.log import DELETED, Writing
from sync.changeset import Record
from sync.collection import Collection, Policy
from sync.vector import covers


class Became(StrEnum):
    """stands: it is the record's value. replaced: somebody who had seen it wrote another. overtaken: it gave way to a write
    that had not seen it. merged: its words are in what stands, or were. side: it waits beside what stands for a person.
    settled: it was a side, and a person decided. refused: it never counted."""

    STANDS = "stands"
    REPLACED = "replaced"
    OVERTAKEN = "overtaken"
    MERGED = "merged"
    SIDE = "side"
    SETTLED = "settled"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a writing, and through which other one, where one is known."""

    became: Became
    by: Writing | None = None


def fates(
    declared: Collection, record: Record, newest_first: Sequence[Writing], newer: Sequence[Writing] = ()
) -> list[Fate]:
    """The fate of each of `newest_first`, writings of `record`; `newer` are those after them, oldest first."""
    over: dict[str, Writing] = {}
    for writing in newer:
        if writing.stood:
            over.setdefault(writing.unit, writing)
    found = []
    for place, writing in enumerate(newest_first):
        after = over.get(writing.unit) or over.get(DELETED)
        found.append(_fate(declared, record, writing, after, newest_first[place + 1 :]))
        if writing.stood:
            over[writing.unit] = writing
    return found


def _fate(
    declared: Collection, record: Record, writing: Writing, after: Writing | None, older: Sequence[Writing]
) -> Fate:
    if writing.code is not None:
        return Fate(Became.REFUSED)
    if stands(declared, record, writing):
        return Fate(Became.STANDS)
    if writing.lost:
        winner = (o for o in older if o.unit == writing.unit and o.stood)
        return Fate(Became.OVERTAKEN, next(winner, None))
    if writing.conflicts:
        return Fate(Became.SIDE) if _waits(record, writing) else Fate(Became.SETTLED, after)
    if after is None or after.unit == DELETED or _saw(after, writing):
        return Fate(Became.REPLACED, after)
    is_text = declared.units[writing.unit][0].policy is Policy.TEXT
    return Fate(Became.MERGED if is_text else Became.OVERTAKEN, after)


def stands(declared: Collection, record: Record, writing: Writing) -> bool:
    """Whether what was written is in the record as it is now."""
    if record.gone or writing.unit == DELETED:
        return record.gone and writing.unit == DELETED
    if declared.units[writing.unit][0].policy is Policy.ELEMENTS:
        return _elements_stand(record, writing)
    return writing.dot in record.meta.standing(writing.unit).dots


def _elements_stand(record: Record, writing: Writing) -> bool:
    """Of a change of elements what it added is there, or, if it only took away, what it took away is not."""
    (name, change), *_ = writing.values.items()
    here = set(record.data.get(name) or ())
    if not isinstance(change, Mapping):
        return here == set(change or ())
    added, removed = set(change.get("add") or ()), set(change.get("remove") or ())
    return bool(added & here) if added else not removed & here


def _waits(record: Record, writing: Writing) -> bool:
    sides = record.meta.sides.get(writing.unit, {})
    return any(writing.dot in side.write.dots for side in sides.values())


def _saw(later: Writing, earlier: Writing) -> bool:
    return covers(later.base, earlier.dot, later.replica, later.n)


def seen(
    declared: Collection, writing: Writing, older: Sequence[Writing], *, all_there: bool
) -> Mapping[str, Any] | None:
    """The values that the author of `writing` saw in its unit, from the writings before it, newest first; {} for nothing,
    None where it is not known. `all_there`: there are no writings before those."""
    if writing.unit == DELETED or declared.units[writing.unit][0].policy is Policy.ELEMENTS:
        return None
    if writing.op == "create":
        return {}
    for other in older:
        shown = other.stood or (other.replica == writing.replica and other.code is None)
        if other.unit == writing.unit and shown and _saw(writing, other):
            return other.values
    if not all_there:
        return None
    return {f.name: f.default for f in declared.units[writing.unit] if f.default is not None}
