"""What a view holds, as sums that a replica compares with its own: streamed in batches, out of one snapshot (D1, D3).

A batch is read by the ids of the records, so that memory stays small however large the shop is, and other requests get
their turn between two of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.store.codec import Codec
from server.store.cursor import FIRST_ID
from server.store.portal import Row as PortalRow
from server.store.pull import HELD, MAY, ROWS, Reader, record_data, record_text
from sync.verify import Row

Tx = AsyncConnection[tuple[Any, ...]]
BATCH = 500

# The view itself, whatever a feed has said of it: what row security and the projection let this reader hold.
VIEW = f"""
  {ROWS}
  WHERE r.shop = %(shop)s AND r.id > %(after)s::uuid AND {HELD} {MAY}
    AND (%(only)s::text[] IS NULL OR r.collection = ANY (%(only)s))
  ORDER BY r.id LIMIT %(batch)s"""

NAMED = f"{ROWS} WHERE r.shop = %(shop)s AND r.id = ANY (%(ids)s::uuid[]) AND {HELD} {MAY}"


async def held_by_staff(
    tx: Tx, codec: Codec, reader: Reader, only: Sequence[str] | None = None
) -> AsyncIterator[list[Row]]:
    """The rows of a staff view, of all collections or of those named, in batches."""
    values = {**reader.values(), "only": list(only) if only is not None else None, "batch": BATCH}
    after = FIRST_ID
    while True:
        found = await (await tx.execute(VIEW, {**values, "after": after})).fetchall()
        yield [_compared(codec, reader, row) for row in found]
        if len(found) < BATCH:
            return
        after = found[-1][0]


def held_by_customer(rows: Iterable[PortalRow]) -> list[Row]:
    """The rows of a customer's view."""
    return [_row(row.collection, row.id, row.at, row.data) for row in rows if row.data is not None]


async def named_to_staff(tx: Tx, codec: Codec, reader: Reader, ids: Sequence[str]) -> list[bytes]:
    """The records of these ids as they travel; what the reader does not hold is gone, for whatever reason."""
    values = {**reader.values(), "ids": list(map(UUID, ids))}
    found = {row[0]: row for row in await (await tx.execute(NAMED, values)).fetchall()}
    texts = {id_: record_text(codec, reader.role, row) for id_, row in found.items()}
    return [texts.get(id_) or _gone(id_) for id_ in ids]


def named_to_customer(rows: Iterable[PortalRow], ids: Sequence[str]) -> list[bytes]:
    """The same for a customer."""
    texts = {row.id: row.text() for row in rows if row.data is not None}
    return [texts.get(id_) or _gone(id_) for id_ in ids]


def _gone(id_: str) -> bytes:
    """Says nothing of what it may be: one's own that has left and another's look the same."""
    return f'{{"collection":"","id":"{id_}","gone":true}}'.encode()


def _compared(codec: Codec, reader: Reader, row: tuple[Any, ...]) -> Row:
    return _row(row[1], row[0], row[2], record_data(codec, reader.role, row).encode())


def _row(collection: str, id_: str, at: int, data: bytes) -> Row:
    """Data is canonical as it is stored and sent, so the digest is taken of the text."""
    text = f'["{collection}","{id_}",{at},'.encode() + data + b"]"
    return Row(collection, id_, at, int.from_bytes(hashlib.sha256(text).digest()[:8], "big"))
