"""Older work that a replica asked for: it enters that replica's view with all that hangs on it, and leaves after a week.

Entering and leaving are commits of the server like everything that moves a view (P12): the row of `wanted` bears the
position, and the feed of that one replica gives the work order and its children there. Others do not notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.db.session import Context
from server.store.commit import Store
from server.store.pull import Reader
from server.store.scene import Scene

Tx = AsyncConnection[tuple[Any, ...]]
DAY_MS = 86_400_000
KEPT_MS = 7 * DAY_MS
WANTED_MAX = 200  # for each replica; the oldest leave first

# What may be asked for: a work order that the reader may see and does not hold. All else is passed over without a word,
# so that the id of another shop, of a tombstone and of nothing look the same.
OLDER = """
  SELECT r.id::text, w.id IS NOT NULL FROM record r
  LEFT JOIN wanted w ON w.shop = r.shop AND w.replica = %(replica)s AND w.id = r.id AND w.inside
  WHERE r.shop = %(shop)s AND r.id = ANY (%(ids)s::uuid[]) AND r.collection = 'work_order'
    AND r.collection = ANY (%(collections)s) AND NOT r.inside AND NOT r.gone"""

RENEW = "UPDATE wanted SET until = %(until)s WHERE shop = %(shop)s AND replica = %(replica)s AND id = ANY (%(ids)s::uuid[]) AND inside"

ENTER = """
  INSERT INTO wanted (shop, replica, id, pos, inside, until)
  SELECT %(shop)s, %(replica)s, id, %(pos)s, true, %(until)s FROM unnest(%(ids)s::uuid[]) AS id
  ON CONFLICT (shop, replica, id) DO UPDATE SET pos = EXCLUDED.pos, inside = true, until = EXCLUDED.until"""

LEAVE_OLDEST = """
  UPDATE wanted SET inside = false, pos = %(pos)s WHERE shop = %(shop)s AND replica = %(replica)s AND id IN (
    SELECT id FROM wanted WHERE shop = %(shop)s AND replica = %(replica)s AND inside
    ORDER BY until DESC, id OFFSET %(most)s)"""

IS_DUE = "SELECT FROM wanted WHERE shop = %s AND inside AND until <= %s LIMIT 1"
LEAVE = "UPDATE wanted SET inside = false, pos = %s WHERE shop = %s AND inside AND until <= %s"


async def want(store: Store, reader: Reader, ids: Sequence[str]) -> None:
    """Let older work orders into the view of the reader's replica for a week; those in it already stay a week longer."""
    values = {**reader.values(), "ids": list(map(UUID, ids)), "most": WANTED_MAX}
    values["until"] = store.world.now_ms() + KEPT_MS
    found = dict(await store.database.ask(reader.context(), OLDER, values))
    news = [UUID(id_) for id_, here in found.items() if not here]
    async with store.database.transaction(Context(shop=reader.shop, kind="server")) as tx:
        await tx.execute(RENEW, values)
        if news:
            pos = await store.act_in(tx, reader.shop, _nothing)
            values |= {"pos": pos, "ids": news}
            await tx.execute(ENTER, values)
            await tx.execute(LEAVE_OLDEST, values)


async def let_go_due(store: Store, shop: UUID, now: int) -> bool:
    """Let what was wanted long enough leave the views, in one commit; whether there was any."""
    async with store.database.transaction(Context(shop=shop, kind="server")) as tx:
        if await (await tx.execute(IS_DUE, (shop, now))).fetchone() is None:
            return False
        pos = await store.act_in(tx, shop, _nothing)
        await tx.execute(LEAVE, (pos, shop, now))
    return True


def _nothing(_: Scene) -> None:
    """No record changes: the commit is only there to be a position."""
