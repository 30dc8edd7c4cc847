"""How an app of an older schema and a newer server understand each other (rule C21 of docs/protocol.md).

The *schema* counts the shapes that the collections have had. What led from one to the next are steps (`schema_steps`). A
server keeps every step it ever had, because what waits on a phone may be older than any app in use. Pure: what stands
of a record comes in as `look`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sync.changeset import Changeset, Data, Op
from sync.errors import Refusal
from sync.schema_steps import Look, Removed, Step


@dataclass(frozen=True, slots=True)
class Left:
    """A value that has no place any more; the change log keeps it, its author is told why."""

    op: int
    collection: str
    id: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Translated:
    """A changeset in the shape of today. places: for each op now the one it came from. left: what has no place any more."""

    changeset: Changeset
    places: tuple[int, ...]
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """Every shape that the collections had: `steps` has for each number from 1 on what led to the next.

    oldest: apps below it may push, and are told to update before they get anything.
    """

    steps: tuple[Sequence[Step], ...] = ()
    oldest: int = 1
    new_collections: Mapping[str, int] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return len(self.steps) + 1

    def is_older(self, number: int) -> bool:
        return number < self.number

    def up(self, changeset: Changeset, look: Look, own: str) -> Translated:
        """What an old changeset says today; raises Refusal, with the op as it was sent, for what cannot be said any more.

        look: what stands of a record, in the shape of today. own: the replica whose changeset it is.
        """
        found: list[tuple[int, Op]] = list(enumerate(changeset.ops))
        left: list[Left] = []
        for number in range(max(changeset.schema, 1), self.number):
            before = self._looking(look, number + 1, [op for _, op in found])
            for step in self.steps[number - 1]:
                left += _left(step, found)
                found = [(place, op) for place, said in found for op in _up(step, place, said, before, own)]
        ops = tuple(op for _, op in found)
        return Translated(replace(changeset, ops=ops), tuple(place for place, _ in found), tuple(left))

    def logged(self, op: Op, number: int) -> tuple[Op, ...]:
        """An op that an app of schema `number` sent once, as one would say it today; none where that cannot be said."""
        changeset = Changeset(0, "", number, 0, (op,))
        try:
            return self.up(changeset, lambda _: None, "").changeset.ops
        except Refusal:
            return ()

    def _looking(self, look: Look, number: int, ops: Sequence[Op]) -> Look:
        """What stands in the shape of `number`; what the changeset itself creates stands as it says."""
        made = {op.id: op for op in ops if op.op == "create"}

        def looked(id_: str) -> Data | None:
            stands = look(id_)
            if stands is None:
                return made[id_].set if id_ in made else None
            collection = next((op.collection for op in ops if op.id == id_), "")
            return self._down(self._named_today(collection, number), stands, number)[1]

        return looked

    def _named_today(self, collection: str, number: int) -> str:
        op = Op("delete", collection, "")
        for steps in self.steps[number - 1 :]:
            for step in steps:
                (op,) = step.up(op, lambda _: None, "")
        return op.collection

    def _down(self, collection: str, data: Data, number: int) -> tuple[str, Data]:
        for steps in reversed(self.steps[number - 1 :]):
            for step in reversed(steps):
                collection, data = step.down(collection, data)
        return collection, data

    def named(self, collection: str, name: str, number: int) -> tuple[str, str]:
        """How an app of schema `number` calls a collection and one of its fields."""
        for steps in reversed(self.steps[max(number, 1) - 1 :]):
            for step in reversed(steps):
                collection, name = step.named_before(collection, name)
        return collection, name

    def down(self, record: Mapping[str, Any], number: int) -> Mapping[str, Any] | None:
        """A record of an answer as an app of schema `number` reads it; None for what it has no collection for."""
        collection = str(record["collection"])
        if self.new_collections.get(collection, 0) > number:
            return None
        data = self._about(record.get("data"), number)
        collection, data = self._down(collection, data or {}, number)
        return {**record, "collection": collection, **({"data": data} if "data" in record else {})}

    def _about(self, data: Data | None, number: int) -> Data | None:
        """Conflicts and notices tell of another record: its collection, a field of it, and values."""
        if (
            data is None
            or not isinstance(data.get("field"), str)
            or not isinstance(data.get("collection"), str)
        ):
            return data
        about, name = data["collection"], data["field"]
        named = dict(zip(("collection", "field"), self.named(about, name, number), strict=True))
        if "sides" in data:
            shown = [
                {**side, "value": self._down(about, side.get("value", {}), number)[1]}
                for side in data["sides"]
            ]
            return {**data, **named, "sides": shown}
        value = data.get("value")
        lost = {"value": self._down(about, value, number)[1]} if isinstance(value, dict) else {}
        return {**data, **named, **lost}


def _up(step: Step, place: int, op: Op, look: Look, own: str) -> tuple[Op, ...]:
    try:
        return step.up(op, look, own)
    except Refusal as refusal:
        raise refusal.at(place) from None


def _left(step: Step, ops: Sequence[tuple[int, Op]]) -> list[Left]:
    if not isinstance(step, Removed):
        return []
    found = ((place, op) for place, op in ops if op.collection == step.collection and step.name in op.set)
    return [
        Left(place, op.collection, op.id, step.name, step.reason) for place, op in found if not step.refused
    ]
