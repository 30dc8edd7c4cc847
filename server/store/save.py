"""Writing what a push made: where each record stands in the views, and one bulk write, change log and head included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from psycopg import AsyncConnection

from server.store import changelog
from server.store.codec import Codec
from server.store.scene import Scene
from sync.changeset import Record
from sync.collection import Collection

Tx = AsyncConnection[tuple[Any, ...]]

_ROWS = """
  json_to_recordset(%({given})s::json) AS x (
    id uuid, collection text, seq bigint, pos bigint, inside boolean, gone boolean, private boolean, shared boolean,
    parent uuid, own uuid, customer uuid, vv json, data json, meta json)"""

# All that a push leaves behind, in one statement. What was not there when it was judged must not be there now: an id
# made twice at once fails, and the push is judged again. The ids of changed rows are said beside them, so that they are
# found by primary key and never by reading the whole shop.
SAVE = f"""
  WITH born AS (
    INSERT INTO record (shop, id, collection, seq, pos, inside, gone, private, shared, parent, own, customer, vv, data, meta)
    SELECT %(shop)s::uuid, x.* FROM {_ROWS.format(given="new")}
  ), changed AS (
    UPDATE record r SET
      seq = x.seq, pos = x.pos, inside = x.inside, gone = x.gone, private = x.private, shared = x.shared,
      parent = x.parent, own = x.own, customer = x.customer, vv = x.vv, data = x.data, meta = x.meta
    FROM {_ROWS.format(given="old")} WHERE r.shop = %(shop)s AND r.id = ANY (%(old_ids)s::uuid[]) AND r.id = x.id
  ), logged AS ({changelog.INSERT}
  ), concerning AS (
    INSERT INTO change_record (shop, record, seq)
    SELECT %(shop)s::uuid, x.* FROM unnest(%(concerned)s::uuid[], %(concerned_by)s::bigint[]) AS x
  ), reached AS (
    UPDATE replica r SET applied = greatest(r.applied, x.applied), confirmed = greatest(r.confirmed, least(x.confirmed, x.applied)),
      edit_at = x.edit_at, seen_at = %(now)s
    FROM json_to_recordset(%(reached)s::json) AS x (replica text, applied bigint, confirmed bigint, edit_at bigint)
    WHERE r.shop = %(shop)s AND r.id = x.replica
  ), headed AS (
    UPDATE head SET chain = %(chain)s, mark = %(mark)s, numbers = %(numbers)s WHERE shop = %(shop)s)
  SELECT pg_notify(%(channel)s, %(fact)s)"""

# `prior` is the seq before this transaction, however often it takes the head: stamps must lie above it.
TAKE = """
  UPDATE head SET seq = seq + %(count)s,
    prior = CASE WHEN xmin::text::bigint = pg_current_xact_id()::text::bigint & 4294967295 THEN prior ELSE seq END
  WHERE shop = %(shop)s
  RETURNING seq - %(count)s, chain, numbers"""


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a replica stands after a push: the newest n answered and heard of, and the time of its last edit (ms)."""

    replica: str
    applied: int
    confirmed: int
    edit_at: int


@dataclass(frozen=True, slots=True)
class Head:
    """The shop's head row, held: the seq before the commits to come, the hash of the log, the numbers of its series."""

    prior: int
    chain: bytes
    numbers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: whether staff hold it, what it hangs on, whose it is, which customer may see it."""

    inside: bool
    parent: str | None
    own: str | None
    customer: str | None
    shared: bool


def place(collections: Mapping[str, Collection], scene: Scene, record: Record) -> Place:
    """The place that follows from a record's values and its parent's; a tombstone keeps the owner it had."""
    declared = collections[record.collection]
    data = record.data
    if record.gone:
        before = scene.loaded.get(record.id)
        data = before.data if before else data
    parent_id = declared.parent_of(data)
    parent = scene.peek(parent_id) if parent_id else None
    above = place(collections, scene, parent) if parent else None
    holds = all((data.get(name) or False) == value for name, value in declared.inside_if.items())
    customer = _customer(declared, record.id, data, above)
    shared = customer is not None and all(
        data.get(name) == value for name, value in declared.shared_if.items()
    )
    return Place(
        inside=not record.gone and holds and (above is None or above.inside),
        parent=parent_id,
        own=data.get(declared.own) if declared.own else _private_owner(data, record.collection),
        customer=customer,
        shared=shared and not record.gone,
    )


def _private_owner(data: Mapping[str, Any], collection: str) -> str | None:
    """A conflict about somebody's own record is seen by whom the record is seen by."""
    return data.get("staff") if collection == "conflict" else None


def _customer(declared: Collection, id_: str, data: Mapping[str, Any], above: Place | None) -> str | None:
    if declared.customer_from is None:
        return None
    if declared.customer_from == "id":
        return id_
    return (
        (above.customer if above else None)
        if declared.customer_from == "parent"
        else data.get(declared.customer_from)
    )


def rows_of(
    codec: Codec, collections: Mapping[str, Collection], scene: Scene, records: Iterable[tuple[Record, int]]
) -> list[dict[str, Any]]:
    """Rows for the bulk write: each record with its position, its columns computed."""
    rows = []
    for record, pos in records:
        where = place(collections, scene, record)
        rows.append(
            {
                **codec.write(record),
                "pos": pos,
                "inside": where.inside,
                "shared": where.shared,
                "parent": where.parent,
                "own": where.own,
                "customer": where.customer,
            }
        )
    return rows


def dumps(value: Any) -> str:
    """JSON text as it is stored: sorted keys, so that stored data is canonical and digests need no second form."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
