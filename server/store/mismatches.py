"""Reports of replicas that differed from their view: how many records of which collection, never what was in them.

A difference is a fault of ours or of a phone's storage. It mends itself; these rows are how whoever runs the server hears
of it (`workbay mismatches`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from server.db.session import Context, Database

KEPT = 1_000

KEEP = """
  INSERT INTO mismatch (shop, id, replica, person, at, mended, found)
  VALUES (%(shop)s, %(id)s, %(replica)s, %(person)s, %(at)s, %(mended)s, %(found)s)
  ON CONFLICT (shop, id) DO NOTHING"""

# A phone that reports without end fills nothing: the newest are kept.
TRIM = """
  DELETE FROM mismatch WHERE shop = %(shop)s AND (at, id) < (
    SELECT at, id FROM mismatch WHERE shop = %(shop)s ORDER BY at DESC, id DESC OFFSET %(kept)s LIMIT 1)"""

LIST = """
  SELECT id::text, replica, person::text, at, mended, found FROM mismatch WHERE shop = %s
  ORDER BY at DESC, id DESC LIMIT %s"""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One report. found: collection → counts of `missing`, `extra` and `changed`; mended: whether all agreed afterwards."""

    id: str
    replica: str
    person: str
    at: int
    mended: bool
    found: Mapping[str, Mapping[str, int]]


async def keep(database: Database, shop: UUID, report: Mismatch) -> bool:
    """Keep a report; False when it was kept before."""
    values: dict[str, Any] = {
        "shop": shop, "id": report.id, "replica": report.replica, "person": report.person, "at": report.at,
        "mended": report.mended, "found": orjson.dumps(report.found).decode(), "kept": KEPT - 1,
    }  # fmt: skip
    async with database.transaction(Context(shop=shop, kind="server")) as tx:
        kept = await tx.execute(KEEP, values)
        await tx.execute(TRIM, values)
    return kept.rowcount == 1


async def newest(database: Database, shop: UUID, most: int = 50) -> list[Mismatch]:
    """The newest reports of a shop, newest first."""
    async with database.transaction(Context(shop=shop, kind="server")) as tx:
        rows = await (await tx.execute(LIST, (shop, most))).fetchall()
    return [Mismatch(*row) for row in rows]
