"""The records a push looks at and changes, in memory, one changeset at a time.

A changeset is tried over what stands: `begin`, judge, then `keep` or `drop`. Nothing reaches the database before the
whole push was judged, so a refusal leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.changeset import Op, Record, Write
from sync.collection import Collection
from sync.errors import invalid
from sync.merge import Stamp, assign, create
from sync.vector import Dot

EVERY_SERIES = "*"  # where a series that was not begun yet begins, after a restore


@dataclass(frozen=True, slots=True)
class Notice:
    """An edit that had been accepted gave way: `write` in the fields `value`, by whom and in which commit.

    merged_with: it did not give way, but became one text with what this replica wrote.
    """

    record: Record
    unit: str
    value: Mapping[str, Any]
    write: Write
    by: str
    seq: int
    at: int
    merged_with: str = ""


class Scene:
    """Living records by id, with what the changeset under trial made of them laid over."""

    def __init__(
        self,
        collections: Mapping[str, Collection],
        records: Iterable[Record],
        *,
        shop: Mapping[str, Any],
        numbers: Mapping[str, int],
        now: int,
        new_id: Callable[[], str],
    ) -> None:
        self.collections = collections
        self.shop = shop
        self.now = now
        self.new_id = new_id
        self.numbers = dict(numbers)
        self.loaded: dict[str, Record] = {}
        self.changed: dict[str, Record] = {}
        self.refused: set[str] = set()
        self.notices: list[Notice] = []
        self._trial: dict[str, Record] = {}
        self._numbers = self.numbers
        self._children: dict[str, dict[str, set[str]]] = {}
        self._of: dict[str, set[str]] = {}
        self._afterwards: dict[tuple[Afterwards, str], None] = {}
        self.seq, self.at = 0, now
        self.load(records)

    def load(self, records: Iterable[Record]) -> None:
        """Take in records as the database has them; what is here already stays as it is."""
        for record in records:
            if record.id not in self.loaded:
                self.loaded[record.id] = record
                self._index(record)

    def begin(self, seq: int, at: int) -> None:
        """Start to try a changeset that would be commit `seq`, made at `at` ms."""
        self._trial, self.seq, self.at = {}, seq, at
        self._afterwards = {}
        self._numbers = dict(self.numbers)

    def keep(self) -> None:
        """Let what the changeset made stand."""
        self.changed.update(self._trial)
        self.numbers = self._numbers
        self._trial = {}

    def drop(self) -> None:
        """Forget what the changeset made."""
        self._trial = {}

    def peek(self, id_: str) -> Record | None:
        """The record of that id, be it a tombstone."""
        return self._trial.get(id_) or self.changed.get(id_) or self.loaded.get(id_)

    def get(self, id_: str | None) -> Record | None:
        """The living record of that id."""
        record = self.peek(id_) if id_ else None
        return None if record is None or record.gone else record

    def children(self, parent: str, collection: str | None = None) -> list[Record]:
        """Living records that hang on `parent`, of one collection or of all that were loaded."""
        known = self._children.get(parent, {})
        ids = known.get(collection, set()) if collection else set().union(*known.values())
        found = map(self.get, sorted(ids))
        return [r for r in found if r and self.parent(r) == parent]

    def all(self, collection: str) -> list[Record]:
        """Living records of a collection among those that were loaded or made."""
        return [r for r in map(self.get, sorted(self._of.get(collection, ()))) if r]

    def parent(self, record: Record) -> str | None:
        return self.collections[record.collection].parent_of(record.data)

    def put(self, record: Record) -> None:
        """Lay a new state of a record over what stood."""
        self._trial[record.id] = record
        self._index(record)

    def set(self, id_: str, values: Mapping[str, Any]) -> None:
        """Write `values` as the server, in this commit; what is equal already is not written.

        Raises Refusal `invalid` for what the field cannot hold: a sum of much may be more than travels.
        """
        record = self.get(id_)
        if record is None:
            return
        news = {name: value for name, value in values.items() if record.data.get(name) != value}
        if news:
            collection = self.collections[record.collection]
            _must_fit(collection, news)
            self.put(assign(collection, record, {**news, "updated_at": self.at}, self.seq, self.at))

    def create(self, collection: str, values: Mapping[str, Any], id_: str | None = None) -> str:
        """Make a record as the server, in this commit; its id comes back."""
        id_ = id_ or self.new_id()
        declared = self.collections[collection]
        stamp = Stamp(Dot("@", self.seq, self.seq), self.at, self.new_id)
        given = {name: value for name, value in values.items() if value is not None}
        op = Op("create", collection, id_, {}, {k: self._as_change(declared, k, v) for k, v in given.items()})
        record = create(declared, op, stamp)
        self.put(assign(declared, record, {"created_at": self.at, "updated_at": self.at}, self.seq, self.at))
        return id_

    @staticmethod
    def _as_change(collection: Collection, name: str, value: Any) -> Any:
        field = collection.by_name.get(name)
        wants_change = field is not None and field.policy == "elements" and isinstance(value, (list, tuple))
        return {"add": list(value)} if wants_change else value

    def number(self, series: str) -> int:
        """The next number of one of the shop's series; numbers of a refused changeset are given again."""
        begin = self._numbers.get(EVERY_SERIES, 1000)
        self._numbers[series] = self._numbers.get(series, begin) + 1
        return self._numbers[series]

    def afterwards(self, what: Afterwards, id_: str) -> None:
        """Let `what` be done for a record once, when all ops of the changeset under trial have been followed: what adds
        up hundreds of children must not do so for each of them."""
        self._afterwards[what, id_] = None

    def finish(self) -> None:
        """Do what was put off, and what that puts off in turn."""
        while self._afterwards:
            what, id_ = next(iter(self._afterwards))
            del self._afterwards[what, id_]
            what(self, id_)

    def touched(self) -> list[str]:
        """Ids that the changeset under trial changed so far."""
        return list(self._trial)

    def _index(self, record: Record) -> None:
        parent = self.parent(record) if record.collection in self.collections else None
        if parent:
            self._children.setdefault(parent, {}).setdefault(record.collection, set()).add(record.id)
        self._of.setdefault(record.collection, set()).add(record.id)


Afterwards = Callable[[Scene, str], None]


def _must_fit(collection: Collection, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        problem = collection.by_name[name].problem(value)
        if problem:
            raise invalid(f"{name} {problem}.", name)
