"""Finding at the start that a database is a restored one, though nobody said so (rule R11).

It is when its head lives in another cluster or database than this, or when the newest commit that was noted outside the
database is not in its log. Each start looks, before anybody is served.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import structlog

from server.clock import World
from server.db.session import Context, Database
from server.store import backups, heads
from server.store.heads import HeadUnreadable, OutsideHead
from server.store.lineage import Restored, Tx, start_epoch

log = structlog.get_logger()

# Of a cluster one number that initdb drew, and in it the number of the database.
HERE = """
  SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' || oid::text
  FROM pg_database WHERE datname = current_database()"""

SHOPS = "SELECT id FROM shop ORDER BY ordinal"
HOME = "SELECT home FROM head WHERE shop = %s FOR UPDATE"
SETTLE = "UPDATE head SET home = %s WHERE shop = %s"


async def look(database: Database, world: World, var: Path) -> dict[UUID, Restored]:
    """Begin a new epoch in each shop whose data turns out to be restored; shop → what began."""
    found = {}
    for shop in await shops_of(database):
        outside = _outside(var, shop)
        async with database.transaction(Context(shop=shop, kind="server")) as tx:
            begun = await _looked_at(tx, shop, world, outside)
            await settle(tx, shop)
        if begun is not None:
            found[shop] = begun
    return found


async def shops_of(database: Database) -> list[UUID]:
    async with database.transaction(Context(kind="install")) as tx:
        return [row[0] for row in await (await tx.execute(SHOPS)).fetchall()]


async def settle(tx: Tx, shop: UUID) -> None:
    """Let this database be where the shop's head lives."""
    await tx.execute(SETTLE, (await _here(tx), shop))


async def tell(
    database: Database, world: World, var: Path, seen: Mapping[UUID, int] | None = None
) -> dict[UUID, Restored]:
    """Begin a new epoch in every shop, because somebody says that the data was restored; shop → what began. seen: shop →
    a seq that was given out elsewhere."""
    begun = {}
    for shop in await shops_of(database):
        outside = _outside(var, shop)
        async with database.transaction(Context(shop=shop, kind="server")) as tx:
            above = max(outside.seq if outside else 0, (seen or {}).get(shop, 0))
            begun[shop] = await start_epoch(tx, shop, world, above=above)
            await settle(tx, shop)
    return begun


async def _looked_at(tx: Tx, shop: UUID, world: World, outside: OutsideHead | None) -> Restored | None:
    home = await (await tx.execute(HOME, (shop,))).fetchone()
    moved = home is not None and home[0] not in ("", await _here(tx))
    why = await _against(tx, shop, outside)
    if not moved and why is None:
        return None
    log.warning("restore_found", shop=str(shop), moved=moved, outside=why)
    above = outside.seq if outside else 0
    if why != "other":
        return await start_epoch(tx, shop, world, above=above)
    # It went on after it was restored, so that nobody knows where the branch of the phones ends.
    known = await backups.newest(tx, shop)
    return await start_epoch(tx, shop, world, cut=known.seq if known else 0, certain=False, above=above)


async def _here(tx: Tx) -> str:
    row = await (await tx.execute(HERE)).fetchone()
    return str(row[0]) if row else ""


async def _against(tx: Tx, shop: UUID, outside: OutsideHead | None) -> str | None:
    """What the log has against it: it does not hold the commit that was noted outside."""
    if outside is None:
        return None
    stands = await heads.standing(tx, shop, outside.seq)
    if stands is None:
        return None
    return heads.differs(outside, stands.seq, stands.there, await heads.jumps_of(tx, shop))


def _outside(var: Path, shop: UUID) -> OutsideHead | None:
    try:
        return heads.read(var, shop)
    except HeadUnreadable as error:
        log.error("outside_head_unreadable", shop=str(shop), error=error.message)
        return None
