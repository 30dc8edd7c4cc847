"""`meta` written short, because every record carries it: what follows from the record's own values is left out.

Most records were written once, by one changeset. Then all that merging needs is one write, and the dots of the elements
and the first value of a unit with steps follow from it. So only what differs is written:

    f  the create: [replica, n, seq, …, time, base]; an empty base is left out
    w  of the units that were written since, names with commas between when one write stands in several: the write
    e  of a unit of elements: element → dots, of those that another write than the create put in (none: not in it)
    t  of a unit with steps: [replica, n, seq, value], [value] when the create's dot stands, and true at the end when hidden
    x  of a unit of text: the writes that changed it, as dots, unless it is the one that stands and the create
    s  of a unit in conflict: replica → [value, write, conflict]
    r  of a unit of elements: element → adds of it that may still come, after a restore, though it was removed

A write that had seen others which may still come names them behind its base, and then its base too if that is empty.

The longer form of before (dots as lists in a list) is still read, so that a database needs no rewriting; a record gets the
short form when it is written next. The codec calls this and seals what is personal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sync.changeset import Data, Meta, Past, Side, Write
from sync.collection import Collection
from sync.vector import Dot

Adds = Mapping[str, tuple[Dot, ...]]
DOT = 3


def shorten(collection: Collection, data: Data, meta: Meta) -> dict[str, Any]:
    """`meta` as it is stored beside `data`."""
    short: dict[str, Any] = {"f": _write(meta.first)}
    if meta.writes:
        short["w"] = _writes(meta.writes)
    adds = {
        unit: _adds(_assumed(meta.first, data, unit), meta.elements.get(unit, {})) for unit in collection.sets
    }
    trail = {unit: _trail(meta, data, unit) for unit in collection.stepping}
    if given := {unit: found for unit, found in adds.items() if found}:
        short["e"] = given
    if told := {unit: found for unit, found in trail.items() if found is not None}:
        short["t"] = told
    texts = {unit: _flat(past.dot for past in meta.trail.get(unit, ())) for unit in collection.texts}
    if changed := {
        unit: dots for unit, dots in texts.items() if dots != _flat(_one_change(meta.writes, unit))
    }:
        short["x"] = changed
    if meta.sides:
        short["s"] = {
            unit: {
                replica: [side.value, _write(side.write), side.conflict] for replica, side in sides.items()
            }
            for unit, sides in meta.sides.items()
        }
    if meta.removed:
        short["r"] = {unit: dict(removed) for unit, removed in meta.removed.items()}
    return short


def lengthen(collection: Collection, data: Data, short: Mapping[str, Any]) -> Meta:
    """What `shorten` was given, of either form."""
    first = _read_write(short["f"])
    old = isinstance(short["f"][0], list)
    writes = {unit: _read_write(w) for units, w in short.get("w", {}).items() for unit in units.split(",")}
    trail = _trails(() if old else collection.stepping, data, first, short)
    return Meta(
        first=first,
        writes=writes,
        elements=_old_elements(short) if old else _elements(collection, data, first, short.get("e", {})),
        sides={
            unit: {
                r: Side(value, _read_write(write), conflict) for r, (value, write, conflict) in sides.items()
            }
            for unit, sides in short.get("s", {}).items()
        },
        trail={**trail, **_texts(collection.texts, writes, short.get("x", {}))},
        removed=short.get("r", {}),
    )


def newest_seq(short: Mapping[str, Any], units: Iterable[str]) -> int:
    """The newest seq of the writes that stand in these units, without reading anything else."""
    writes = {unit: write for named, write in short.get("w", {}).items() for unit in named.split(",")}
    standing = [_read_write(writes.get(unit, short["f"])) for unit in units]
    return max(dot.seq for write in standing for dot in write.dots)


def _write(write: Write) -> list[Any]:
    flat = [*_flat(write.dots), write.at]
    if write.ahead:
        return [*flat, write.base, write.ahead]
    return [*flat, write.base] if write.base else flat


def _read_write(short: list[Any]) -> Write:
    if isinstance(short[0], list):
        dots, at, base = short
        return Write(tuple(Dot(*dot) for dot in dots), at, base)
    if isinstance(short[-2], dict):
        return Write(_dots(short[:-3]), *short[-3:])
    if isinstance(short[-1], dict):
        return Write(_dots(short[:-2]), short[-2], short[-1])
    return Write(_dots(short[:-1]), short[-1])


def _flat(dots: Iterable[Dot]) -> list[Any]:
    return [part for dot in dots for part in dot]


def _dots(flat: list[Any]) -> tuple[Dot, ...]:
    return tuple(Dot(*flat[i : i + DOT]) for i in range(0, len(flat), DOT))


def _writes(writes: Mapping[str, Write]) -> dict[str, list[Any]]:
    """Units that one write stands in share it."""
    groups: list[tuple[list[str], Write]] = []
    for unit, write in writes.items():
        alike = next((units for units, other in groups if other == write), None)
        if alike is None:
            groups.append(([unit], write))
        else:
            alike.append(unit)
    return {",".join(units): _write(write) for units, write in groups}


def _assumed(first: Write, data: Data, unit: str) -> Adds:
    """The adds of a unit that nobody touched since the create."""
    return dict.fromkeys(data.get(unit) or (), first.dots)


def _adds(assumed: Adds, adds: Adds) -> dict[str, list[Any]]:
    differ = {element: _flat(dots) for element, dots in adds.items() if assumed.get(element) != dots}
    return {**differ, **{element: [] for element in assumed if element not in adds}}


def _elements(collection: Collection, data: Data, first: Write, short: Mapping[str, Any]) -> dict[str, Adds]:
    found: dict[str, Adds] = {}
    for unit in collection.sets:
        given = {element: _dots(flat) for element, flat in short.get(unit, {}).items()}
        adds = {**_assumed(first, data, unit), **given}
        if adds:
            found[unit] = {element: dots for element, dots in sorted(adds.items()) if dots}
    return found


def _old_elements(short: Mapping[str, Any]) -> dict[str, Adds]:
    return {
        unit: {element: tuple(Dot(*dot) for dot in dots) for element, dots in adds.items()}
        for unit, adds in short.get("e", {}).items()
    }


def _first_past(first: Write, data: Data, unit: str) -> tuple[Past, ...]:
    """The trail of a unit that took no step since the create. A tombstone, which has no values, has none."""
    return (Past(first.dots[0], data.get(unit)),) if data else ()


def _trail(meta: Meta, data: Data, unit: str) -> list[list[Any]] | None:
    trail = meta.trail.get(unit, ())
    if trail == _first_past(meta.first, data, unit):
        return None
    return [_past(past, meta.first.dots[0]) for past in trail]


def _one_change(writes: Mapping[str, Write], unit: str) -> tuple[Dot, ...]:
    """The writes that changed a text which nobody or one changed since the create."""
    return writes[unit].dots[:1] if unit in writes else ()


def _texts(
    units: Iterable[str], writes: Mapping[str, Write], short: Mapping[str, Any]
) -> dict[str, tuple[Past, ...]]:
    changes = {unit: _dots(short[unit]) if unit in short else _one_change(writes, unit) for unit in units}
    return {unit: tuple(Past(dot, None) for dot in dots) for unit, dots in changes.items() if dots}


def _past(past: Past, first: Dot) -> list[Any]:
    if past.dot == first and not past.hidden:
        return [past.value]
    return [*past.dot, past.value, True] if past.hidden else [*past.dot, past.value]


def _trails(
    stepping: Iterable[str], data: Data, first: Write, short: Mapping[str, Any]
) -> dict[str, tuple[Past, ...]]:
    told = short.get("t", {})
    found = {unit: _first_past(first, data, unit) for unit in stepping if unit not in told}
    found |= {unit: tuple(_read_past(past, first.dots[0]) for past in trail) for unit, trail in told.items()}
    return {unit: trail for unit, trail in found.items() if trail}


def _read_past(short: list[Any], first: Dot) -> Past:
    if len(short) == 1:
        return Past(first, short[0])
    replica, n, seq, value, *hidden = short
    return Past(Dot(replica, n, seq), value, bool(hidden))
