"""The entries of the change log that concern one record, taken apart into what was written where.

A *writing* is one unit of one op: the fields that merge as one. Values come as they are stored, personal ones sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from sync.collection import Collection, Policy
from sync.vector import SERVER, Dot, Vector

Tx = AsyncConnection[tuple[Any, ...]]
DELETED = ""
"""The unit of a delete: the record as a whole."""
UNTOLD = frozenset({"created_at", "created_by", "updated_at"})
"""What the server keeps of every record says nothing that the entry itself does not."""

# Only the op of this record is taken out of an entry, for a changeset may hold five hundred others.
_ENTRIES = """
  SELECT c.seq, c.replica, c.n, c.id::text, c.person::text, c.edit_at, c.received, c.received - c.sent, c.result,
    (SELECT json_agg(op) FROM json_array_elements(c.ops) AS op WHERE op ->> 'id' = %(record)s)
  FROM change_record t JOIN change c ON c.shop = t.shop AND c.seq = t.seq
  WHERE t.shop = %(shop)s AND t.record = %(record)s::uuid AND t.seq {side} %(seq)s
  ORDER BY t.seq {order} LIMIT %(limit)s"""
BEFORE = _ENTRIES.format(side="<", order="DESC")
SINCE = _ENTRIES.format(side=">=", order="ASC")

CONFLICTS = """
  SELECT id::text, data ->> 'record', data ->> 'field' FROM record
  WHERE shop = %s AND id = ANY (%s::uuid[]) AND collection = 'conflict'"""

# Whoever hangs a write of the server on a person's changeset: the rules write in the same commit.
AUTHOR = "SELECT person::text, replica, edit_at, received FROM change WHERE shop = %s AND seq = %s"


@dataclass(frozen=True, slots=True)
class Writing:
    """One unit as one changeset wrote it. Times in ms; `shift` is what the server adds to instants that the phone
    measured. `lost`: it gave way as it arrived; `conflicts`: those it opened in this unit; `code`: why it was refused."""

    seq: int
    replica: str
    n: int
    changeset: str
    person: str | None
    edited_at: int
    received_at: int
    shift: int
    op: str
    unit: str
    values: Mapping[str, Any]
    base: Vector = field(default_factory=dict)
    lost: bool = False
    conflicts: tuple[str, ...] = ()
    code: str | None = None
    message: str = ""
    at_field: str | None = None

    @property
    def dot(self) -> Dot:
        return Dot(self.replica, self.n, self.seq)

    @property
    def stood(self) -> bool:
        """Whether its value was the record's when it arrived."""
        return self.code is None and not self.lost and not self.conflicts


@dataclass(frozen=True, slots=True)
class About:
    """Which record's entries are read, and of which unit; None: of all."""

    shop: UUID
    declared: Collection
    record: str
    unit: str | None


async def read(tx: Tx, about: About, query: str, seq: int, limit: int) -> list[tuple[int, list[Writing]]]:
    """The entries on one side of `seq`, each with its writings, in the order of the query."""
    values = {"shop": about.shop, "record": about.record, "seq": seq, "limit": limit}
    rows = await (await tx.execute(query.encode(), values)).fetchall()
    ids = sorted({id_ for row in rows for id_ in row[8].get("conflicts", ())})
    conflicts = await _conflicts(tx, about.shop, ids)
    return [(row[0], list(_writings(about, row, conflicts))) for row in rows]


async def _conflicts(tx: Tx, shop: UUID, ids: list[str]) -> dict[str, tuple[str, str]]:
    """conflict → the record and the unit it is about."""
    if not ids:
        return {}
    rows = await (await tx.execute(CONFLICTS, (shop, ids))).fetchall()
    return {id_: (record, unit) for id_, record, unit in rows}


def _writings(
    about: About, row: tuple[Any, ...], conflicts: Mapping[str, tuple[str, str]]
) -> Iterator[Writing]:
    seq, replica, n, changeset, person, edited_at, received_at, shift, result, ops = row
    for op in ops or ():
        if op["collection"] != about.declared.name:
            continue
        for unit, values in _units(about, op):
            opened = (c for c in result.get("conflicts", ()) if conflicts.get(c) == (about.record, unit))
            yield Writing(
                seq, replica, n, changeset, person, edited_at, received_at, shift, op["op"], unit, values,
                base={SERVER: seq - 1} if replica == SERVER else op.get("base", {}),
                lost=_is_lost(result, about.record, unit),
                conflicts=tuple(opened),
                code=result.get("code"),
                message=result.get("message", ""),
                at_field=result.get("at", {}).get("field"),
            )  # fmt: skip


def _units(about: About, op: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    """unit → the values that an op gives it. What no declaration knows any more is left out. A create writes the whole
    record, so whoever asks for one unit is told also that it began empty, or with its default."""
    if op["op"] == "delete":
        return [(DELETED, {})]
    found: dict[str, dict[str, Any]] = {}
    if op["op"] == "create" and about.unit is not None:
        fields = about.declared.units[about.unit]
        found = {f.unit: {f.name: f.default for f in fields} for f in fields if f.policy is not Policy.SERVER}
    for name, value in op.get("set", {}).items():
        known = about.declared.by_name.get(name)
        if known is not None and name not in UNTOLD and about.unit in (None, known.unit):
            found.setdefault(known.unit, {})[name] = value
    return found.items()


def _is_lost(result: Mapping[str, Any], record: str, unit: str) -> bool:
    lost = result.get("overtaken", ())
    return any(one["id"] == record and one["field"] == unit for one in lost)
