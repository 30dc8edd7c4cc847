"""How far back the feed goes: after 90 days what left is no longer told one by one, and an older cursor starts over (R1).

The horizon is a seq in the shop's head row. It moves by the calendar, but what a phone gets follows from the stored value
alone. Rows of tombstones stay, for an id is never used twice; wishes that have left are forgotten.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.db.session import Context, Database

Tx = AsyncConnection[tuple[Any, ...]]
DAY_MS = 86_400_000
KEPT_MS = 90 * DAY_MS
AT_ONCE = 10_000

# From the horizon on upwards, so that an hour's turn reads what has come of age and little more.
REACHED = """
  SELECT max(old.seq) FROM (
    SELECT c.seq, c.received FROM change c
    WHERE c.shop = %(shop)s AND c.seq > (SELECT h.horizon FROM head h WHERE h.shop = %(shop)s)
    ORDER BY c.seq LIMIT %(at_once)s) old
  WHERE old.received <= %(before)s"""
MOVE = "UPDATE head SET horizon = greatest(horizon, %(reached)s) WHERE shop = %(shop)s"
FORGET = "DELETE FROM wanted WHERE shop = %(shop)s AND NOT inside AND pos <= %(reached)s"


async def move_horizon(database: Database, shop: UUID, now: int) -> bool:
    """Move the horizon of a shop up to what is 90 days old at `now` (ms), so much at a time; whether it moved."""
    values: dict[str, Any] = {"shop": shop, "before": now - KEPT_MS, "at_once": AT_ONCE}
    async with database.transaction(Context(shop=shop, kind="server")) as tx:
        (reached,) = await (await tx.execute(REACHED, values)).fetchone() or (None,)
        if reached is None:
            return False
        values["reached"] = reached
        await tx.execute(MOVE, values)
        await tx.execute(FORGET, values)
    return True
