"""The table `file`: of each photo's file what it is, how much of it has arrived, and what became of it.

`receiving` → `arrived` (whole, its hash is right, durable) → `ready` or `refused` by the pipeline. Back to `receiving` when it
was lost. An upload is moved on by compare-and-set over its parts, so that of two writers one is told that it is late.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import orjson
from psycopg import AsyncConnection

from server.auth.gate import server_of
from server.db.session import Database
from server.media.blobs import part_of
from server.media.tus import Asked

Tx = AsyncConnection[tuple[Any, ...]]
CHANNEL = "workbay_files"
"""Where it is announced that a file arrived, by the id of its shop."""

COLUMNS = (
    "shop, id, sha256, bytes, type, state, reason, received, parts::text, sniffed, served_bytes, touched_at"
)

FIND: LiteralString = f"SELECT {COLUMNS} FROM file WHERE shop = %(shop)s AND id = %(id)s"

# One after another where there is a limit: two uploads begun at once must not both take the last room.
HOLD_ROOM = "SELECT pg_advisory_xact_lock(hashtextextended('workbay.files ' || %(shop)s::text, 0))"
BEGIN: LiteralString = f"""
  INSERT INTO file (shop, id, sha256, bytes, type, state, made_at, touched_at)
  SELECT %(shop)s, %(id)s, %(sha256)s, %(bytes)s, %(type)s, 'receiving', %(now)s, %(now)s
  WHERE %(most)s::bigint = 0 OR %(bytes)s + (
    SELECT coalesce(sum(bytes + served_bytes), 0) FROM file WHERE shop = %(shop)s) <= %(most)s
  ON CONFLICT (shop, id) DO NOTHING RETURNING {COLUMNS}"""

_STANDS: LiteralString = (
    "shop = %(shop)s AND id = %(id)s AND state = 'receiving' AND parts::text = %(before)s"
)
MOVE: LiteralString = f"""
  UPDATE file SET received = %(received)s, parts = %(parts)s::json, touched_at = %(now)s
  WHERE {_STANDS} RETURNING {COLUMNS}"""
ARRIVE: LiteralString = f"""
  UPDATE file SET state = 'arrived', reason = NULL, received = bytes, parts = '[]', tries = 0, leased_until = 0,
    arrived_at = %(now)s, touched_at = %(now)s, scrubbed_at = %(now)s
  WHERE {_STANDS} RETURNING {COLUMNS}"""
LOSE: LiteralString = f"""
  UPDATE file SET state = 'receiving', received = 0, parts = '[]', touched_at = %(now)s
  WHERE shop = %(shop)s AND id = %(id)s AND state IN ('arrived', 'ready') RETURNING {COLUMNS}"""
DROP: LiteralString = f"DELETE FROM file WHERE {_STANDS} RETURNING {COLUMNS}"
FORGET = "DELETE FROM file WHERE shop = %(shop)s AND id = %(id)s"
ANNOUNCE = "SELECT pg_notify(%(channel)s, %(shop)s::text)"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an upload that lies in the store."""

    offset: int
    bytes: int
    token: str


@dataclass(frozen=True, slots=True)
class File:
    """A row."""

    shop: UUID
    id: UUID
    sha256: str
    bytes: int
    type: str
    state: str
    reason: str | None
    received: int
    parts_text: str
    sniffed: str | None
    served_bytes: int
    touched_at: int

    @property
    def parts(self) -> list[Part]:
        return [Part(*part) for part in orjson.loads(self.parts_text)]

    @property
    def arrived(self) -> bool:
        """Whether the shop has it, whatever became of it since."""
        return self.state != "receiving"

    @property
    def whole(self) -> bool:
        """Whether nothing more is to come."""
        return self.arrived or self.received == self.bytes

    def key_of(self, part: Part) -> str:
        return part_of(self.shop, self.id, part.offset, part.token)


async def find(database: Database, shop: UUID, id_: UUID) -> File | None:
    """The file of a photo."""
    return _first(await database.ask(server_of(shop), FIND, {"shop": shop, "id": id_}))


async def begin(tx: Tx, shop: UUID, asked: Asked, now: int, most: int) -> File | None:
    """A new row unless there is one; None when there is one, or when the shop's files would have more than `most` bytes
    (0: no limit)."""
    values = {
        "shop": shop, "id": asked.photo, "sha256": asked.sha256, "bytes": asked.bytes, "type": asked.type,
        "now": now, "most": most,
    }  # fmt: skip
    if most:
        await tx.execute(HOLD_ROOM, values)
    return _first(await (await tx.execute(BEGIN, values)).fetchall())


async def move(database: Database, file: File, parts: Sequence[Part], now: int) -> File | None:
    """Let the upload stand where `parts` end, if it still stands where `file` says."""
    said = orjson.dumps([[p.offset, p.bytes, p.token] for p in parts]).decode()
    received = parts[-1].offset + parts[-1].bytes if parts else 0
    values = {**_stands(file), "parts": said, "received": received, "now": now}
    return _first(await database.ask(server_of(file.shop), MOVE, values))


async def arrive(tx: Tx, file: File, now: int) -> File | None:
    """The file is whole and durable, if the upload still stands where `file` says; announced with the transaction."""
    found = _first(await (await tx.execute(ARRIVE, {**_stands(file), "now": now})).fetchall())
    if found is not None:
        await tx.execute(ANNOUNCE, {"channel": CHANNEL, "shop": file.shop})
    return found


async def lose(tx: Tx, shop: UUID, id_: UUID, now: int) -> File | None:
    """The file that had arrived is there no more, and is wanted again."""
    values = {"shop": shop, "id": id_, "now": now}
    return _first(await (await tx.execute(LOSE, values)).fetchall())


async def drop(database: Database, file: File) -> bool:
    """Forget an upload that is unfinished, if it still stands where `file` says."""
    return bool(await database.ask(server_of(file.shop), DROP, _stands(file)))


async def forget(tx: Tx, shop: UUID, id_: UUID) -> None:
    """Forget a file, whatever it is."""
    await tx.execute(FORGET, {"shop": shop, "id": id_})


def rows(found: Iterable[tuple[Any, ...]]) -> list[File]:
    """Rows of a query for `COLUMNS`."""
    return [File(*row) for row in found]


def _stands(file: File) -> dict[str, Any]:
    return {"shop": file.shop, "id": file.id, "before": file.parts_text}


def _first(found: Sequence[tuple[Any, ...]]) -> File | None:
    return File(*found[0]) if found else None
