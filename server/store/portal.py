"""What a customer gets: their own work by an allow-list of fields, counted by changes of that projection alone.

The view is computed afresh from the records that row security lets this customer read, then compared with what was
there at the last look; what differs gets the next count of the view. So it cannot drift, nothing of the shop's own
numbers is in it, and changes that a customer may not see leave no trace, not even in the count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from psycopg import AsyncConnection

from server.store.codec import Codec
from server.store.cursor import LAST_ID, Cursor
from server.store.pull import Page
from sync.collection import Collection, Shown

Tx = AsyncConnection[tuple[Any, ...]]

LOCK_VIEW = """
  INSERT INTO portal_view (shop, customer) VALUES (%(shop)s, %(me)s)
  ON CONFLICT (shop, customer) DO UPDATE SET count = portal_view.count RETURNING count"""
MINE = """
  SELECT id::text, collection, data FROM record
  WHERE shop = %(shop)s AND NOT gone AND (customer = %(me)s AND shared OR collection = 'shop' AND id = %(shop)s)"""
KNOWN = "SELECT id::text, collection, at, gone, digest FROM portal_row WHERE shop = %(shop)s AND customer = %(me)s"
REMEMBER = """
  INSERT INTO portal_row (shop, customer, id, collection, at, gone, digest)
  SELECT %s::uuid, %s::uuid, x.* FROM json_to_recordset(%s::json)
    AS x (id uuid, collection text, at bigint, gone boolean, digest bytea)
  ON CONFLICT (shop, customer, id) DO UPDATE SET at = EXCLUDED.at, gone = EXCLUDED.gone, digest = EXCLUDED.digest"""
COUNT = "UPDATE portal_view SET count = %s WHERE shop = %s AND customer = %s"


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a customer's view: its projection as JSON text (None: gone) and the count at which it became so."""

    id: str
    collection: str
    at: int
    data: bytes | None

    def text(self) -> bytes:
        if self.data is None:
            return f'{{"collection":"{self.collection}","id":"{self.id}","gone":true}}'.encode()
        head = f'{{"collection":"{self.collection}","id":"{self.id}","vv":{{"@":{self.at}}},"data":'
        return head.encode() + self.data + b"}"


async def refresh(tx: Tx, codec: Codec, customer: UUID, names: Mapping[str, str]) -> tuple[list[Row], int]:
    """The customer's whole view as of now, and its count; counts on when something in it changed.

    `tx` speaks for the customer. names: staff id → name, for shops that show who works; else empty.
    """
    values = {"shop": UUID(codec.shop), "me": customer}
    count = (await (await tx.execute(LOCK_VIEW, values)).fetchone() or (0,))[0]
    found = await (await tx.execute(MINE, values)).fetchall()
    known = {row[0]: row[1:] for row in await (await tx.execute(KNOWN, values)).fetchall()}
    settings: Mapping[str, Any] = next((data for _, collection, data in found if collection == "shop"), {})
    rows, news = _compare(_projected(codec, found, settings, names), known, count + 1)
    if not news:
        return rows, count
    await tx.execute(REMEMBER, (codec.shop, customer, orjson.dumps(news).decode()))
    await tx.execute(COUNT, (count + 1, codec.shop, customer))
    return rows, count + 1


def _projected(
    codec: Codec, found: list[tuple[Any, ...]], settings: Mapping[str, Any], names: Mapping[str, str]
) -> dict[str, tuple[str, bytes]]:
    """id → collection and projection; collections that no customer is shown are left out."""
    texts: dict[str, tuple[str, bytes]] = {}
    for id_, collection, sealed in found:
        declared = codec.collections[collection]
        if any(f.customer is not Shown.NEVER for f in declared.fields):
            data = codec.open_data(id_, sealed, declared.personal)
            shown = projection(declared, data, settings, names)
            texts[id_] = (collection, orjson.dumps(shown, option=orjson.OPT_SORT_KEYS))
    return texts


def projection(
    declared: Collection, data: Mapping[str, Any], settings: Mapping[str, Any], names: Mapping[str, str]
) -> dict[str, Any]:
    """The fields a customer may see; a person's id becomes their name, or nothing where the shop hides names."""
    shown: dict[str, Any] = {}
    for field in declared.fields:
        value = data.get(field.name)
        if value is None or field.customer is Shown.NEVER:
            continue
        if field.customer is Shown.PRICES and not settings.get("show_prices"):
            continue
        if field.ref == "staff" or field.customer is Shown.NAMES:
            value = names.get(value) if settings.get("show_names") else None
        if value is not None:
            shown[field.name] = value
    return shown


def _compare(
    texts: Mapping[str, tuple[str, bytes]], known: Mapping[str, tuple[Any, ...]], count: int
) -> tuple[list[Row], list[dict[str, Any]]]:
    rows: list[Row] = []
    news: list[dict[str, Any]] = []
    for id_, (collection, text) in texts.items():
        digest = hashlib.sha256(text).digest()
        before = known.get(id_)
        same = before is not None and not before[2] and bytes(before[3]) == digest
        rows.append(Row(id_, collection, before[1] if same and before else count, text))
        if not same:
            news.append(_news(id_, collection, count, gone=False, digest=digest))
    for id_, (collection, at, gone, _) in known.items():
        if id_ not in texts:
            rows.append(Row(id_, collection, at if gone else count, None))
            if not gone:
                news.append(_news(id_, collection, count, gone=True, digest=b""))
    return rows, news


def _news(id_: str, collection: str, at: int, *, gone: bool, digest: bytes) -> dict[str, Any]:
    return {"id": id_, "collection": collection, "at": at, "gone": gone, "digest": "\\x" + digest.hex()}


def page(rows: list[Row], cursor: Cursor | None, view: bytes, count: int, limit: int) -> Page:
    """Rows above `cursor` in order of count and id; without one all that is there, as a bootstrap."""
    reset = cursor is None
    cursor = cursor or Cursor(view, 0)
    above = sorted((r for r in rows if (r.at, r.id) > (cursor.pos, cursor.id)), key=lambda r: (r.at, r.id))
    if reset:
        above = [r for r in above if r.data is not None]
    given, more = above[:limit], len(above) > limit
    pos, id_ = (given[-1].at, given[-1].id) if more else (count, LAST_ID)
    return Page([r.text() for r in given], Cursor(view, pos, id_), more, reset)
