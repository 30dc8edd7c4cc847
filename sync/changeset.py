"""Frozen values of the core: Changeset and Op as a phone sends them, Record and Write as the server keeps them.

`Record.data` is what everybody sees of a record; `Record.meta` is what merging needs: which write stands in each
unit, the dots of each element, the open sides of conflicts. A record made in one go has one Write for all of it,
so most records carry a single one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.vector import Dot, Vector

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Op:
    """One step of a changeset: `create`, `patch` or `delete` of one record.

    ahead: of what the base names, the writes that may arrive later than this one, after a restore; the server says so.
    """

    op: str
    collection: str
    id: str
    base: Vector = field(default_factory=dict)
    set: Data = field(default_factory=dict)
    ahead: Vector = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changeset:
    """What one action did, all or nothing. `at` is the phone's clock (ms); `was` repeats an outcome after a restore."""

    n: int
    id: str
    schema: int
    at: int
    ops: tuple[Op, ...]
    was: str | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """The write that stands in a unit: the dots of all that is in it, its reckoned time (ms), what it had seen.

    Of several dots the first is the one whose time `at` is. ahead: writes that it, or what it replaced, had seen and
    that may arrive later, after a restore.
    """

    dots: tuple[Dot, ...]
    at: int
    base: Vector = field(default_factory=dict)
    ahead: Vector = field(default_factory=dict)

    def had_seen(self, dot: Dot) -> bool:
        """Whether a write that arrives only now was before the eyes of this one's author."""
        return dot.n <= max(self.base.get(dot.replica, 0), self.ahead.get(dot.replica, 0))


@dataclass(frozen=True, slots=True)
class Side:
    """A value that does not stand while its conflict is open, and the conflict record that shows it."""

    value: Data
    write: Write
    conflict: str


@dataclass(frozen=True, slots=True)
class Past:
    """One value a unit with steps has had: who wrote it and when it was accepted. Of a unit of text only the dot is
    kept; its words are in the change log.

    hidden: it was overtaken on arrival, so that nobody but its own phone ever showed it.
    """

    dot: Dot
    value: Any
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Meta:
    """What merging needs to know of a record.

    first: the create; stands in every unit that `writes` does not name. elements: unit → element → dots of its adds.
    sides: unit → replica → side. trail: unit with steps → its newest values, and
    unit of text → the writes that changed what stands, oldest first. removed: unit → element → adds of it
    that may arrive later than their removal, after a restore.
    """

    first: Write
    writes: Mapping[str, Write] = field(default_factory=dict)
    elements: Mapping[str, Mapping[str, tuple[Dot, ...]]] = field(default_factory=dict)
    sides: Mapping[str, Mapping[str, Side]] = field(default_factory=dict)
    trail: Mapping[str, tuple[Past, ...]] = field(default_factory=dict)
    removed: Mapping[str, Mapping[str, Vector]] = field(default_factory=dict)

    def standing(self, unit: str) -> Write:
        return self.writes.get(unit, self.first)


@dataclass(frozen=True, slots=True)
class Record:
    """One thing of a collection. `vv` holds the entries beside `@`; `seq` is the `@` entry itself."""

    collection: str
    id: str
    seq: int
    vv: Vector
    data: Data
    meta: Meta
    gone: bool = False

    @property
    def vector(self) -> dict[str, int]:
        return {"@": self.seq, **self.vv}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a changeset; stored for ever under its number and given again on a retry."""

    n: int
    accepted: bool
    seq: int = 0
    conflicts: tuple[str, ...] = ()
    overtaken: tuple[Mapping[str, Any], ...] = ()
    merged: tuple[Mapping[str, Any], ...] = ()
    code: str = ""
    message: str = ""
    op: int | None = None
    field: str | None = None
