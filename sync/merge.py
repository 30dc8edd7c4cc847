"""The only merger: an op meets the record that stands, and a new record comes out.

Pure: the dot, the reckoned time and new ids come in as a `Stamp`. A refusal is raised as `Refusal` and leaves
nothing behind, since every value here is frozen. Rules M1 to M28 of docs/protocol.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sync.changeset import Data, Meta, Op, Past, Record, Side, Write
from sync.collection import SET_MAX, Collection, Field, Policy
from sync.errors import Refusal, gone, invalid
from sync.policy import UNCHANGED, Incoming, Verdict, joined, judge, merge_elements
from sync.vector import Dot, Vector, covers_all, join

TRAIL_MAX = 16
TEXT_TRAIL_MAX = 64  # only dots, so there can be more of them
_ELEMENT_KEYS = frozenset({"add", "remove"})


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an op is written with: its dot, its reckoned time in ms, and where ids of new conflicts come from.

    shown: unit of text → what the editor saw of it, where that is known.
    """

    dot: Dot
    at: int
    new_id: Callable[[], str]
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A side that waits for a person: a new conflict, or a newer value of one that is open (`again`), or the same value
    as a side that waits already (`joined`), which its author is told of and nothing else."""

    conflict: str
    unit: str
    value: Data
    at: int
    again: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A write that gave way. `mine`: the incoming one; else the standing one, whose author gets a notice."""

    unit: str
    mine: bool
    value: Data
    write: Write


@dataclass(frozen=True, slots=True)
class Merged:
    """Two texts that became one. `text`: what stands now, which is neither author's own where `mine` (the incoming one)
    or `theirs` (what stood, written by `write`) say so."""

    unit: str
    text: str | None
    mine: bool
    theirs: bool
    value: Data
    write: Write


@dataclass(frozen=True, slots=True)
class Applied:
    """What an op made of a record."""

    record: Record
    opened: tuple[Opened, ...] = ()
    closed: tuple[str, ...] = ()
    overtaken: tuple[Overtaken, ...] = ()
    merged: tuple[Merged, ...] = ()


def apply(collection: Collection, record: Record | None, op: Op, stamp: Stamp) -> Applied:
    """Merge one op of a phone into `record` (None: the id was never used)."""
    if op.op == "create":
        if record is not None:
            raise Refusal("exists", "Something with this id is already there.")
        return Applied(create(collection, op, stamp))
    if record is None or record.gone or record.collection != collection.name:
        raise gone()
    if op.op == "delete":
        closed = [side.conflict for sides in record.meta.sides.values() for side in sides.values()]
        return Applied(delete(collection, record, op.base, stamp), closed=tuple(closed))
    return patch(collection, record, op, stamp)


def create(collection: Collection, op: Op, stamp: Stamp) -> Record:
    """A new record: given values and defaults, all of them one write."""
    data: dict[str, Any] = {f.name: f.default for f in collection.fields if f.default is not None}
    elements: dict[str, dict[str, tuple[Dot, ...]]] = {}
    for unit, values in units_of(collection, op.set, whole=False).items():
        if collection.units[unit][0].policy is Policy.ELEMENTS:
            elements[unit] = dict.fromkeys(sorted(set(values[unit].get("add", ()))), (stamp.dot,))
            data[unit] = sorted(elements[unit])
        else:
            data.update(values)
    missing = next((name for name in collection.required if data.get(name) in (None, "")), None)
    if missing:
        raise invalid(f"{missing} is missing.", missing)
    first = Write((stamp.dot,), stamp.at, op.base)
    trail = {
        unit: (Past(stamp.dot, data.get(unit)),)
        for unit, fields in collection.units.items()
        if fields[0].policy is Policy.STEPS
    }
    meta = Meta(first, elements=elements, trail=trail)
    return Record(collection.name, op.id, stamp.dot.seq, _entry(stamp.dot), _filled(data), meta)


def patch(collection: Collection, record: Record, op: Op, stamp: Stamp) -> Applied:
    """Merge the units that `op` sets, each by its policy; what the op does not name is untouched."""
    merging = _Merging(record, op.base, stamp, op.ahead)
    for unit, values in units_of(collection, op.set, whole=True).items():
        merging.unit(unit, collection.units[unit], values)
    return merging.done()


def delete(collection: Collection, record: Record, base: Vector, stamp: Stamp) -> Record:
    """A tombstone, if the base covers every write that stands, every element and every open side; else `unseen`."""
    dots = standing_dots(collection, record)
    if not covers_all(base, dots, stamp.dot.replica, stamp.dot.n):
        raise Refusal("unseen", "Somebody changed this after you last saw it, so it was not deleted.")
    meta = Meta(Write((stamp.dot,), stamp.at, base))
    return replace(record, seq=stamp.dot.seq, vv={}, data={}, meta=meta, gone=True)


def standing_dots(collection: Collection, record: Record) -> list[Dot]:
    """Every dot that stands in `record`, open sides included, fields that only the server writes left out."""
    meta = record.meta
    dots = list(meta.first.dots)
    for unit, write in meta.writes.items():
        if collection.units[unit][0].policy is not Policy.SERVER:
            dots += write.dots
    dots += [dot for found in meta.elements.values() for adds in found.values() for dot in adds]
    dots += [dot for sides in meta.sides.values() for side in sides.values() for dot in side.write.dots]
    return dots


def assign(collection: Collection, record: Record, values: Data, seq: int, at: int) -> Record:
    """What the server itself writes: it has seen all that stands, so its value stands and closes nothing by merging.

    Units that phones write too get a write of `@`, so that a phone's older base is concurrent with it.
    """
    dot = Dot("@", seq, seq)
    write = Write((dot,), at, {"@": seq})
    writes = dict(record.meta.writes)
    elements = dict(record.meta.elements)
    trail = dict(record.meta.trail)
    for unit in {collection.by_name[name].unit for name in values}:
        lead = collection.units[unit][0]
        if lead.policy is Policy.ELEMENTS:
            elements[unit] = dict.fromkeys(sorted(values[unit] or ()), (dot,))
        elif lead.policy is not Policy.SERVER:
            writes[unit] = write
        if lead.policy is Policy.STEPS and lead.name in values:
            trail[unit] = _trailed(trail.get(unit, ()), Past(dot, values[lead.name]))
        if lead.policy is Policy.TEXT:
            trail[unit] = _trailed(trail.get(unit, ()), Past(dot, None), TEXT_TRAIL_MAX)
    meta = replace(record.meta, writes=writes, elements=elements, trail=trail)
    return replace(record, seq=seq, data=_filled({**record.data, **values}), meta=meta)


def units_of(collection: Collection, values: Data, *, whole: bool) -> dict[str, dict[str, Any]]:
    """`values` by unit, each value checked; `whole` asks that groups come with all their fields.

    Raises Refusal `invalid` naming the field for what is unknown, of the wrong shape, or half a group.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        known = collection.by_name.get(name)
        if known is None:
            raise invalid(f"There is no field {name} in {collection.name}.", name)
        _check(known, value)
        found.setdefault(known.unit, {})[name] = None if value == [] else value
    for unit, given in found.items():
        fields = collection.units[unit]
        if whole and len(given) != len(fields):
            missing = next(f.name for f in fields if f.name not in given)
            raise invalid(f"{unit} is written whole: {missing} is missing.", missing)
    return found


def _check(known: Field, value: Any) -> None:
    if known.policy is not Policy.ELEMENTS:
        problem = known.problem(value)
    elif not isinstance(value, dict) or not set(value) <= _ELEMENT_KEYS or None in value.values():
        problem = 'must be {"add": […], "remove": […]}'
    else:
        problem = next(filter(None, (known.problem(part) for part in value.values())), None)
    if problem:
        raise invalid(f"{known.name} {problem}.", known.name)


class _Merging:
    """One patch under way: collects what each unit became."""

    def __init__(self, record: Record, base: Vector, stamp: Stamp, ahead: Vector) -> None:
        self.record, self.stamp = record, stamp
        self.base, self.ahead = base, ahead
        self.at = max(stamp.at, _newest_seen(record, base, stamp.dot))
        self.data = dict(record.data)
        self.writes = dict(record.meta.writes)
        self.elements = dict(record.meta.elements)
        self.sides = dict(record.meta.sides)
        self.trail = dict(record.meta.trail)
        self.removed = dict(record.meta.removed)
        self.opened: list[Opened] = []
        self.closed: list[str] = []
        self.overtaken: list[Overtaken] = []
        self.merged: list[Merged] = []

    def unit(self, unit: str, fields: tuple[Field, ...], values: dict[str, Any]) -> None:
        incoming = Incoming(values, self.stamp.dot, self.at, self.base, self.ahead)
        if fields[0].policy is Policy.ELEMENTS:
            self._elements(unit, incoming, values[unit])
            return
        value = {f.name: self.data.get(f.name) for f in fields}
        write = self.record.meta.standing(unit)
        shown = None if self._waits(unit) else self.stamp.shown.get(unit)
        verdict = judge(fields, value, write, incoming, self.trail.get(unit, ()), shown)
        self._settle(unit, fields, value, write, incoming, verdict)

    def _waits(self, unit: str) -> bool:
        """Whether this replica has a side open here: its further text goes to that side, not half of it into what stands."""
        own = (dot.replica for side in self.sides.get(unit, {}).values() for dot in side.write.dots)
        return self.stamp.dot.replica in own

    def _elements(self, unit: str, incoming: Incoming, change: Mapping[str, list[str]]) -> None:
        before = self.elements.get(unit, {})
        after = merge_elements(before, incoming, self._adds(unit, incoming, change), change.get("remove", ()))
        if len(after) > max(SET_MAX, len(before)):
            raise invalid(f"{unit} must have at most {SET_MAX} elements.", unit)
        self.elements[unit] = after
        self.data[unit] = list(after)

    def _adds(self, unit: str, incoming: Incoming, change: Mapping[str, list[str]]) -> list[str]:
        """What is added and was not removed already by somebody who had seen the add and came back before it."""
        removed = dict(self.removed.get(unit, {}))
        dot = incoming.dot
        adds = [e for e in change.get("add", ()) if dot.n > removed.get(e, {}).get(dot.replica, 0)]
        if self.ahead and (gone := change.get("remove")):
            removed |= {e: join(removed.get(e, {}), self.ahead) for e in gone}
            self.removed[unit] = removed
        return adds

    def _settle(
        self,
        unit: str,
        fields: tuple[Field, ...],
        value: Data,
        write: Write,
        incoming: Incoming,
        verdict: Verdict,
    ) -> None:
        if verdict.lost == "incoming":
            self.overtaken.append(Overtaken(unit, True, incoming.value, incoming.as_write()))
        if verdict.lost == "standing":
            # Who wrote the same value and was seen has nothing to be told; all the others have.
            unseen = tuple(dot for dot in write.dots if not incoming.saw((dot,)))
            self.overtaken.append(Overtaken(unit, False, value, replace(write, dots=unseen)))
        if verdict.write is not None and verdict.value is not None:
            self.data.update(verdict.value)
            self.writes[unit] = verdict.write
            if fields[0].policy is Policy.TEXT:
                self.trail[unit] = _trailed(
                    self.trail.get(unit, ()), Past(incoming.dot, None), TEXT_TRAIL_MAX
                )
        if verdict.merged and verdict.value is not None:
            now = verdict.value
            text, mine, theirs = now[fields[0].name], now != incoming.value, now != value
            self.merged.append(Merged(unit, text, mine, theirs, value, write))
        if fields[0].policy is Policy.STEPS and verdict != UNCHANGED:
            past = Past(incoming.dot, incoming.value[fields[0].name], hidden=verdict.lost == "incoming")
            self.trail[unit] = _trailed(self.trail.get(unit, ()), past)
        if verdict.aside:
            self._set_aside(unit, incoming)
        else:
            self._close_seen(unit, incoming, settles=not verdict.merged)

    def _set_aside(self, unit: str, incoming: Incoming) -> None:
        """Open a conflict, or renew this replica's open side, or stand with a side that says the same."""
        sides = dict(self.sides.get(unit, {}))
        if any(side.write.had_seen(incoming.dot) for side in sides.values()):
            return  # a side that waits was written over this one, which arrives late, after a restore
        before = self._bequeathed(sides, sides.pop(incoming.dot.replica, None), incoming)
        alike = next((r for r, side in sides.items() if side.value == incoming.value), None)
        if alike is not None:
            side = sides[alike]
            sides[alike] = replace(side, write=replace(side.write, dots=joined(side.write.dots, incoming)))
            self.opened.append(Opened(side.conflict, unit, side.value, incoming.at, joined=True))
            self.closed += [before.conflict] if before else []
        else:
            conflict = before.conflict if before else self.stamp.new_id()
            sides[incoming.dot.replica] = Side(incoming.value, incoming.as_write(), conflict)
            self.opened.append(Opened(conflict, unit, incoming.value, incoming.at, again=before is not None))
        self.sides[unit] = sides

    @staticmethod
    def _bequeathed(sides: dict[str, Side], own: Side | None, incoming: Incoming) -> Side | None:
        """This replica's older side, if it may be replaced. One that others stand with, who have written nothing since,
        stays open in the name of the first of them."""
        if own is None:
            return None
        others = [dot for dot in own.write.dots if not incoming.saw((dot,)) and dot.replica not in sides]
        if not others:
            return own
        sides[others[0].replica] = replace(own, write=replace(own.write, dots=tuple(others)))
        return None

    def _close_seen(self, unit: str, incoming: Incoming, *, settles: bool) -> None:
        """Close the sides that this write had seen if it settles what stands, and those that now say the same. What was
        merged with something its author had not seen settles nothing."""
        stands = {name: self.data.get(name) for name in incoming.value}
        write = self.writes.get(unit, self.record.meta.first)
        settled = settles and incoming.dot in write.dots
        left: dict[str, Side] = {}
        for replica, side in self.sides.get(unit, {}).items():
            equal = side.value == stands
            if equal:
                write = replace(write, dots=tuple(dict.fromkeys((*write.dots, *side.write.dots))))
                self.writes[unit] = write
            if equal or (settled and incoming.saw(side.write.dots)):
                self.closed.append(side.conflict)
            else:
                left[replica] = side
        if unit in self.sides:
            self.sides[unit] = left

    def done(self) -> Applied:
        sides = {unit: left for unit, left in self.sides.items() if left}
        meta = Meta(self.record.meta.first, self.writes, self.elements, sides, self.trail, self.removed)
        dot = self.stamp.dot
        vv = join(self.record.vv, _entry(dot))
        record = replace(self.record, seq=dot.seq, vv=vv, data=_filled(self.data), meta=meta)
        told = tuple(self.opened), tuple(self.closed), tuple(self.overtaken), tuple(self.merged)
        return Applied(record, *told)


def _entry(dot: Dot) -> dict[str, int]:
    return {} if dot.replica == "@" else {dot.replica: dot.n}


def _filled(data: Data) -> dict[str, Any]:
    """Without empty fields: absent and null are the same, so a record does not grow with its collection."""
    return {name: value for name, value in data.items() if value is not None and value != []}


def _newest_seen(record: Record, base: Vector, dot: Dot) -> int:
    """The time of the newest write in `record` that an edit over `base` had seen: no edit is earlier than that."""
    writes = (record.meta.first, *record.meta.writes.values())
    return max((w.at for w in writes if covers_all(base, w.dots, dot.replica, dot.n)), default=0)


def _trailed(trail: tuple[Past, ...], past: Past, most: int = TRAIL_MAX) -> tuple[Past, ...]:
    return (*trail, past)[-most:]


def shown_at(record: Record, unit: str, seq: int) -> Dot | None:
    """The write that stood in a unit of text at commit `seq`; None where that is no longer known."""
    trail = record.meta.trail.get(unit, ())
    for past in reversed(trail):
        if past.dot.seq <= seq:
            return past.dot
    first = record.meta.first.dots[0]
    return first if first.seq <= seq and len(trail) < TEXT_TRAIL_MAX else None
