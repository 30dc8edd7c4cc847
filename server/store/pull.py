"""What a staff replica gets: the feed above its cursor, or a bootstrap in order of use.

The position of a record in the feed is kept with the record; leaving the view is a position too. Rows are handed on
as the text that is stored, without being parsed, unless the role may not see all of a row or values are sealed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, LiteralString
from uuid import UUID

import orjson
from psycopg import AsyncConnection

from server.db.session import Context
from server.store.codec import Codec
from server.store.collections import CONFLICT, NOTICE
from server.store.cursor import LAST_ID, Cursor
from server.store.errors import EpochChanged
from sync.collection import Collection
from sync.verify import Totals

Tx = AsyncConnection[tuple[Any, ...]]
Ask = Callable[[LiteralString, Mapping[str, Any]], Awaitable[list[tuple[Any, ...]]]]
KEPT_MS = 24 * 3600 * 1000

# Older work that the replica asked for is in its view although it has left everybody's (P18).
WANTED = "(SELECT w.id FROM wanted w WHERE w.shop = %(shop)s AND w.replica = %(replica)s AND w.inside)"
HELD = f"(r.inside OR r.id IN {WANTED} OR r.parent IN {WANTED}) AND NOT r.gone"

# own rows of others are left out here, and again by row security.
# Named `r` and ordered by `r.id`: a bare `id` would be the text beside it, for which there is no index.
COLUMNS = f"""
  SELECT r.id::text AS id, r.collection, r.seq, %s AS pos, {HELD} AS held, r.private, r.vv::text AS vv, r.data::text AS data"""
ROWS = f"{COLUMNS.replace('%s AS', 'r.pos AS')} FROM record r"
MAY = """
      AND r.collection = ANY (%(collections)s)
      AND (r.own IS NULL OR r.own = %(me)s OR %(sees_all)s AND r.collection <> 'notice')"""

# What entered or left by a wish since the cursor, with its children: at that commit, or at a later one of its own.
MOVED = "(SELECT w.id FROM wanted w WHERE w.shop = %(shop)s AND w.replica = %(replica)s AND w.pos >= %(pos)s)"
BY_WISH = f"""
    {COLUMNS.replace("%s AS", "greatest(r.pos, w.pos) AS")} FROM wanted w JOIN record r ON r.shop = %(shop)s AND {{on}} = w.id
    WHERE w.shop = %(shop)s AND w.replica = %(replica)s AND w.pos >= %(pos)s
      AND (greatest(r.pos, w.pos), r.id) > (%(pos)s, %(id)s::uuid) {MAY}"""

# The head comes with the feed in one statement; a feed without news is one row of nothing but the head. It says too whether the
# replica has wishes: nearly none has, and what they take would be half of an idle pull. A wish of later is of a later commit.
PLAIN = f"""
  SELECT h.seq, h.epoch, h.horizon, h.mark,
    EXISTS (SELECT FROM wanted w WHERE w.shop = %(shop)s AND w.replica = %(replica)s) AS wishes, f.*
  FROM head h LEFT JOIN LATERAL (
    SELECT r.id::text AS id, r.collection, r.seq, r.pos, r.inside AND NOT r.gone AS held, r.private, r.vv::text, r.data::text
    FROM record r
    WHERE r.shop = %(shop)s AND r.pos >= %(pos)s AND (r.pos, r.id) > (%(pos)s, %(id)s::uuid) {MAY}
    ORDER BY r.pos, r.id LIMIT %(limit)s) f ON true
  WHERE h.shop = %(shop)s ORDER BY f.pos, f.id"""

# The same for a replica with wishes.
FEED = f"""
  SELECT h.seq, h.epoch, h.horizon, h.mark, true AS wishes, f.* FROM head h LEFT JOIN LATERAL (
    SELECT * FROM (
      (
    {ROWS}
    WHERE r.shop = %(shop)s AND r.pos >= %(pos)s AND (r.pos, r.id) > (%(pos)s, %(id)s::uuid) {MAY}
      AND r.id NOT IN {MOVED} AND (r.parent IS NULL OR r.parent NOT IN {MOVED})
    ORDER BY r.pos, r.id LIMIT %(limit)s)
      UNION ALL {BY_WISH.format(on="r.id")}
      UNION ALL {BY_WISH.format(on="r.parent")}) e
    ORDER BY e.pos, e.id LIMIT %(limit)s) f ON true
  WHERE h.shop = %(shop)s ORDER BY f.pos, f.id"""

# OFFSET 0 keeps a look-up by primary key what it is, whatever the planner believes about a table it has no figures of.
LISTED = f"""
  SELECT found.* FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS listed (id, place)
  CROSS JOIN LATERAL ({ROWS} WHERE r.shop = %(shop)s AND r.id = listed.id AND {HELD} OFFSET 0) found
  ORDER BY listed.place"""

# Most useful first: the shop and its people; my open work with all that hangs on it; other open work; whom and what
# that work is for; then all else, newest first. The text that is stored is searched and not parsed, which takes half the time: it
# is canonical, and within a value a quote has a backslash before it, so that only a field can look like one.
USEFUL = f"""
  SELECT r.id::text FROM record r
  LEFT JOIN LATERAL (
    SELECT w.data FROM record w
    WHERE w.shop = %(shop)s AND w.id = r.parent AND w.collection = 'work_order' OFFSET 0) above ON true
  CROSS JOIN LATERAL (
    SELECT CASE r.collection WHEN 'work_order' THEN r.data ELSE above.data END::text AS said OFFSET 0) work
  WHERE r.shop = %(shop)s AND {HELD} {MAY}
  ORDER BY CASE WHEN r.collection IN ('shop', 'staff') THEN 0 WHEN r.collection IN ('customer', 'equipment') THEN 3
                WHEN work.said IS NULL THEN 4
                WHEN strpos(work.said, '"status":"closed"') > 0 OR strpos(work.said, '"status":"canceled"') > 0 THEN 5
                WHEN strpos(work.said, '"assignee":"' || %(me)s::text || '"') > 0 THEN 1 ELSE 2 END,
    r.collection <> 'work_order', r.pos DESC, r.id"""

KEEP_LIST = "INSERT INTO bootstrap (shop, token, replica, ids, made_at) VALUES (%s, %s, %s, %s, %s)"
DROP_OLD = "DELETE FROM bootstrap WHERE shop = %s AND (made_at < %s OR replica = %s)"
READ_LIST = "SELECT ids[%(first)s:%(last)s]::text[], cardinality(ids) FROM bootstrap WHERE shop = %(shop)s AND token = %(token)s AND replica = %(replica)s AND made_at > %(oldest)s"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who pulls: what the role may read, and for which replica."""

    shop: UUID
    me: UUID
    role: str
    replica: str
    view: bytes
    collections: tuple[str, ...]
    sees_all: bool

    def context(self) -> Context:
        """The context in which this reader reads; row security decides by it."""
        return Context(self.shop, None, "staff", self.me, self.collections, self.sees_all)

    def values(self) -> dict[str, Any]:
        return {
            "shop": self.shop,
            "me": self.me,
            "replica": self.replica,
            "collections": list(self.collections),
            "sees_all": self.sees_all,
        }


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a pull: records as JSON texts, and where the feed goes on. `left`: how many records of a bootstrap are
    still to come, for a bar that tells the truth. On the last page, where asked for, `fetched`: the records of the ids that
    were named, and `digests`: what the view holds, out of the same snapshot. `seen`: the newest commit then, with its mark."""

    records: list[bytes]
    cursor: Cursor
    more: bool
    reset: bool
    seen: tuple[int, str] = (0, "")
    left: int | None = None
    fetched: list[bytes] | None = None
    digests: Totals | None = None


def readable(collections: Mapping[str, Collection], role: str) -> tuple[tuple[str, ...], bool]:
    """The collections that a staff role may read, and whether it reads rows that belong to others."""
    names = tuple(name for name, c in collections.items() if c.may(role, "r", owner=True))
    return names, all(c.may(role, "r") for c in collections.values() if c.own and c.name != "notice")


async def feed(ask: Ask, codec: Codec, reader: Reader, cursor: Cursor, epoch: str, limit: int) -> Page | None:
    """Records that entered, changed or left above `cursor`, each once, in its newest state; EpochChanged when the shop's
    data is no longer of that epoch, None when the cursor is older than the feed goes back (R1). All that is given is of one query
    and so of one moment."""
    values = {**reader.values(), "pos": cursor.pos, "id": UUID(cursor.id), "limit": limit + 1}
    found = await ask(PLAIN, values)
    if found[0][4]:
        found = await ask(FEED, values)
    head, now, horizon, mark = found[0][:4]
    if now != epoch:
        raise EpochChanged(now)
    if cursor.pos < horizon:
        return None
    rows = [row[5:] for row in found[:limit] if row[5] is not None]
    more = len(found) > limit
    texts = [record_text(codec, reader.role, row) for row in rows]
    last = (rows[-1][3], rows[-1][0]) if more else (max(head, cursor.pos), LAST_ID)
    return Page(texts, Cursor(cursor.view, *last), more, False, (head, mark))


async def start(tx: Tx, codec: Codec, reader: Reader, limit: int, head: int, token: str, now: int) -> Page:
    """The first page of a bootstrap, pinned at `head`; its list of ids is kept when it does not fit in one page."""
    rows = await (await tx.execute(USEFUL, reader.values())).fetchall()
    ids = [row[0] for row in rows]
    await tx.execute(DROP_OLD, (reader.shop, now - KEPT_MS, reader.replica))
    if len(ids) > limit:
        await tx.execute(KEEP_LIST, (reader.shop, token, reader.replica, ids, now))
    cursor = Cursor(reader.view, head, LAST_ID, token, 0)
    return await _page(tx, codec, reader, cursor, ids[:limit], len(ids), head)


async def go_on(
    tx: Tx, codec: Codec, reader: Reader, cursor: Cursor, limit: int, head: int, now: int
) -> Page | None:
    """The next page of a bootstrap under way; None when its list is no longer kept."""
    values = {"shop": reader.shop, "token": cursor.list, "replica": reader.replica, "oldest": now - KEPT_MS}
    row = await (
        await tx.execute(READ_LIST, {**values, "first": cursor.done + 1, "last": cursor.done + limit})
    ).fetchone()
    if row is None:
        return None
    # Only the first page says "reset" (P6): said again, it tells the client to begin anew.
    return replace(await _page(tx, codec, reader, cursor, row[0] or [], row[1], head), reset=False)


async def _page(
    tx: Tx, codec: Codec, reader: Reader, cursor: Cursor, ids: list[str], total: int, head: int
) -> Page:
    rows = await (await tx.execute(LISTED, {**reader.values(), "ids": ids})).fetchall()
    texts = [record_text(codec, reader.role, row) for row in rows]
    done = cursor.done + len(ids)
    if done < total:
        return Page(texts, replace(cursor, done=done), True, True, left=total - done)
    return Page(texts, replace(cursor, list="", done=0), head > cursor.pos, True)


def record_text(codec: Codec, role: str, row: tuple[Any, ...]) -> bytes:
    """One record as it travels: whole projection for `role`, or that it is gone."""
    id_, collection, seq, _, here, _, vv, _ = row
    if not here:
        return f'{{"collection":"{collection}","id":"{id_}","gone":true}}'.encode()
    entries = "" if vv == "{}" else "," + vv[1:-1]
    data = record_data(codec, role, row)
    return f'{{"collection":"{collection}","id":"{id_}","vv":{{"@":{seq}{entries}}},"data":{data}}}'.encode()


def record_data(codec: Codec, role: str, row: tuple[Any, ...]) -> str:
    """The projection of a record for `role` as canonical text: as it is stored where that is the same."""
    id_, collection, _, _, _, private, _, data = row
    if not private:
        return str(data)
    shown = project(codec, role, collection, id_, orjson.loads(data))
    return orjson.dumps(shown, option=orjson.OPT_SORT_KEYS).decode()


def project(codec: Codec, role: str, collection: str, id_: str, data: dict[str, Any]) -> dict[str, Any]:
    """`data` opened and without what the role may not see; conflicts and notices show no value of a hidden field (P15)."""
    declared = codec.collections[collection]
    shown = codec.open_data(id_, _without(data, declared.hidden(role)), declared.personal)
    if collection not in (CONFLICT.name, NOTICE.name):
        return shown
    about = codec.collections.get(str(shown.get("collection")))
    hidden = about.hidden(role) if about else frozenset[str]()
    if "sides" in shown:
        shown["sides"] = [{**side, "value": _without(side["value"], hidden)} for side in shown["sides"]]
    if "value" in shown:
        shown["value"] = _without(shown["value"], hidden)
    return shown


def _without(values: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in hidden}


def join(texts: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(texts) + b"]"
