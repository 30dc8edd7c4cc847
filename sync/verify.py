"""Comparing what a replica holds with what the server says it should hold: sums, then parts, then ids (D1 to D4).

Both sides compute the same sums over their own rows, and neither ever takes over the other's. The server asks this
module too, with rows it streams. Words: a *total* is a count and a sum of record digests; a *part* of a collection are
the records whose ids end in the same byte.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sync.digest import record_digest, sum_digests
from sync.overlay import Held
from sync.vector import SERVER

Totals = dict[str, dict[str, Any]]
Question = dict[str, Any]


class Row(NamedTuple):
    """One record as it is compared."""

    collection: str
    id: str
    at: int
    digest: int


def rows_of(held: Iterable[Held]) -> list[Row]:
    """The records of a replica, each with its digest computed from what is stored."""
    return [
        Row(h.collection, h.id, at, record_digest(h.collection, h.id, at, h.data))
        for h in held
        for at in (h.vv.get(SERVER, 0),)
    ]


def part_of(id_: str) -> str:
    """The part an id belongs to: its last byte, as two hexadecimal digits."""
    return id_[-2:]


def by_collection(rows: Iterable[Row]) -> Totals:
    """collection → count and sum (D1)."""
    return _totals((row.collection, row.digest) for row in rows)


def by_part(rows: Iterable[Row], collections: Collection[str]) -> dict[str, Totals]:
    """collection → part → count and sum; of the collections named, those without a record are empty."""
    rows = list(rows)
    return {
        name: _totals((part_of(row.id), row.digest) for row in rows if row.collection == name)
        for name in collections
    }


def by_id(rows: Iterable[Row], parts: Mapping[str, Collection[str]]) -> dict[str, dict[str, list[Any]]]:
    """collection → id → `@` and digest (decimal text), for the parts named."""
    found: dict[str, dict[str, list[Any]]] = {name: {} for name in parts}
    for row in rows:
        if part_of(row.id) in parts.get(row.collection, ()):
            found[row.collection][row.id] = [row.at, str(row.digest)]
    return found


def which_parts(held: Iterable[Held], said: Mapping[str, Any]) -> Question | None:
    """What to ask after the digests of a page: the collections whose totals differ, or None when all agree."""
    differing = _differing(by_collection(rows_of(held)), said)
    return {"collections": differing} if differing else None


def which_ids(held: Iterable[Held], said: Mapping[str, Mapping[str, Any]]) -> Question | None:
    """What to ask after the parts: those that differ, or None when what differed was news."""
    mine = by_part(rows_of(held), said.keys())
    parts = {name: _differing(mine[name], said[name]) for name in said}
    named = {name: differing for name, differing in sorted(parts.items()) if differing}
    return {"parts": named} if named else None


def what_differs(held: Iterable[Held], parts: Mapping[str, Any], said: Mapping[str, Any]) -> list[str]:
    """The ids to fetch: here and not there, there and not here, or not the same."""
    mine, differing = by_id(rows_of(held), parts), list[str]()
    for name in parts:
        differing += _differing(mine[name], said.get(name, {}))
    return sorted(set(differing))


def _totals(named: Iterable[tuple[str, int]]) -> Totals:
    digests: dict[str, list[int]] = {}
    for name, digest in named:
        digests.setdefault(name, []).append(digest)
    return {name: {"count": len(all_), "sum": str(sum_digests(all_))} for name, all_ in digests.items()}


def _differing(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Names under which the two sides say something else; what only one side knows differs too."""
    return sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
