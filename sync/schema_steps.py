"""What may change between two shapes of the collections, each said once for both directions (rule C21 of docs/protocol.md).

`up` makes an op of the newer shape out of one of the older, `down` shows a record of the newer shape as the older one
had it, and `named_before` says what a field of the newer shape was called. What an old app says again without having
changed it is no change: where a value has no exact form in the older shape, and that form comes back, it stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sync.changeset import Data, Op
from sync.errors import gone, invalid

# What stands of a record, in the shape that the step leads to; None where there is none.
Look = Callable[[str], Data | None]


class Step(Protocol):
    """One difference between two schemas that follow each other. What it does not concern it hands on as it is."""

    def up(self, op: Op, look: Look, own: str) -> tuple[Op, ...]: ...
    def down(self, collection: str, data: Data) -> tuple[str, Data]: ...
    def named_before(self, collection: str, name: str) -> tuple[str, str]: ...


class _Step:
    """What most steps do with records and names: nothing."""

    __slots__ = ()

    def down(self, collection: str, data: Data) -> tuple[str, Data]:
        return collection, data

    def named_before(self, collection: str, name: str) -> tuple[str, str]:
        return collection, name


@dataclass(frozen=True, slots=True)
class Renamed(_Step):
    """A field has another name."""

    collection: str
    old: str
    new: str

    def up(self, op: Op, look: Look, own: str) -> tuple[Op, ...]:
        return (
            (replace(op, set=_renamed(op.set, self.old, self.new)),)
            if op.collection == self.collection
            else (op,)
        )

    def down(self, collection: str, data: Data) -> tuple[str, Data]:
        return collection, _renamed(data, self.new, self.old) if collection == self.collection else data

    def named_before(self, collection: str, name: str) -> tuple[str, str]:
        return collection, self.old if (collection, name) == (self.collection, self.new) else name


@dataclass(frozen=True, slots=True)
class RenamedCollection(_Step):
    """A collection has another name."""

    old: str
    new: str

    def up(self, op: Op, look: Look, own: str) -> tuple[Op, ...]:
        return (replace(op, collection=self.new),) if op.collection == self.old else (op,)

    def down(self, collection: str, data: Data) -> tuple[str, Data]:
        return self.old if collection == self.new else collection, data

    def named_before(self, collection: str, name: str) -> tuple[str, str]:
        return self.old if collection == self.new else collection, name


@dataclass(frozen=True, slots=True)
class Added(_Step):
    """A field is new. `beside`: it joined the group of that field, which is written whole: an old app, which does not
    know it, leaves it as it stands."""

    collection: str
    name: str
    beside: str | None = None

    def up(self, op: Op, look: Look, own: str) -> tuple[Op, ...]:
        if op.collection != self.collection or op.op != "patch" or self.beside not in op.set:
            return (op,)
        return (replace(op, set={**op.set, self.name: (look(op.id) or {}).get(self.name)}),)

    def down(self, collection: str, data: Data) -> tuple[str, Data]:
        return collection, _without(data, self.name) if collection == self.collection else data


@dataclass(frozen=True, slots=True)
class Removed(_Step):
    """A field is gone. What an old app still writes there is kept in the change log and its author told; if `refused`
    the changeset is rejected instead, since it would mean something else without it."""

    collection: str
    name: str
    reason: str
    refused: bool = False

    def up(self, op: Op, look: Look, own: str) -> tuple[Op, ...]:
        if op.collection != self.collection or self.name not in op.set:
            return (op,)
        if self.refused:
            raise invalid(self.reason, self.name)
        return (replace(op, set=_without(op.set, self.name)),)


@dataclass(frozen=True, slots=True)
class Split(_Step):
    """A field became several: `apart` makes their values of the old one, `together` the old one of theirs."""

    collection: str
    name: str
    parts: tuple[str, ...]
    apart: Callable[[Any], Data]
    together: Callable[[Data], Any]

    def up(self, op: Op, look: Look, own: str) -> tuple[Op, ...]:
        if op.collection != self.collection or self.name not in op.set:
            return (op,)
        said, stands = op.set[self.name], look(op.id) or {}
        again = said is not None and said == self.together(stands)
        values = stands if again else {} if said is None else self.apart(said)
        parts = {part: values.get(part) for part in self.parts}
        return (replace(op, set={**_without(op.set, self.name), **parts}),)

    def down(self, collection: str, data: Data) -> tuple[str, Data]:
        if collection != self.collection or not any(part in data for part in self.parts):
            return collection, data
        return collection, {**_without(data, *self.parts), self.name: self.together(data)}

    def named_before(self, collection: str, name: str) -> tuple[str, str]:
        return collection, self.name if collection == self.collection and name in self.parts else name


@dataclass(frozen=True, slots=True)
class Words(_Step):
    """The words of a choice are others: `newer` has for each old one that is no more its new one, `older` the reverse."""

    collection: str
    name: str
    newer: Mapping[str, str]
    older: Mapping[str, str]

    def up(self, op: Op, look: Look, own: str) -> tuple[Op, ...]:
        if op.collection != self.collection or self.name not in op.set:
            return (op,)
        said, stands = op.set[self.name], (look(op.id) or {}).get(self.name)
        again = stands is not None and self.older.get(stands, stands) == said
        return (replace(op, set={**op.set, self.name: stands if again else _word(self.newer, said)}),)

    def down(self, collection: str, data: Data) -> tuple[str, Data]:
        if collection != self.collection or self.name not in data:
            return collection, data
        return collection, {**data, self.name: _word(self.older, data[self.name])}


@dataclass(frozen=True, slots=True)
class Moved(_Step):
    """A field went to the record of another collection that the reference `via` names.

    An old app no longer gets it, so it saw nothing of what stands there: its write goes over a base that covers none
    but its own writes, and what it did not see is concurrent with it.
    """

    collection: str
    name: str
    via: str
    to: str
    new: str

    def up(self, op: Op, look: Look, own: str) -> tuple[Op, ...]:
        if op.collection != self.collection or self.name not in op.set:
            return (op,)
        target = op.set.get(self.via) or (look(op.id) or {}).get(self.via)
        if not isinstance(target, str):
            raise gone(f"What {self.name} now belongs to is not there.")
        base = {own: op.base[own]} if own in op.base else {}
        moved = Op("patch", self.to, target, base, {self.new: op.set[self.name]})
        left = replace(op, set=_without(op.set, self.name))
        return (left, moved) if left.set or op.op == "create" else (moved,)

    def down(self, collection: str, data: Data) -> tuple[str, Data]:
        return collection, _without(data, self.new) if collection == self.to else data


def _renamed(data: Data, old: str, new: str) -> Data:
    return {new if name == old else name: value for name, value in data.items()}


def _without(data: Data, *names: str) -> Data:
    return {name: value for name, value in data.items() if name not in names}


def _word(words: Mapping[str, str], said: Any) -> Any:
    return words.get(said, said) if isinstance(said, str) else said
