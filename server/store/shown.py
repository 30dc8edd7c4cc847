"""Finding by what a phone shows that the database is a restored one, under a running server too (rule R11).

A cursor names what the server had when it gave it: a commit with its random mark, and how far the replica was answered.
A database that does not have that was put back. Cursors are sealed for shop and replica, so that what a client made up,
or has from elsewhere, proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from server.clock import World
from server.db.session import Context, Database
from server.store import backups
from server.store.cursor import Seen, of_epoch, of_mark
from server.store.errors import EpochChanged
from server.store.lineage import Tx, start_epoch

log = structlog.get_logger()

MARK = "SELECT mark FROM change WHERE shop = %(shop)s AND seq = %(seq)s"

NOW = """
  SELECT h.seq, h.mark, h.epoch,
    coalesce((SELECT max(b.seq) FROM backup b WHERE b.shop = h.shop AND b.verified_at IS NOT NULL), 0)
  FROM head h WHERE h.shop = %(shop)s"""

# Whoever holds the head waits for pushes under way and for whoever else found the restore.
STANDS = """
  SELECT h.seq, h.mark, h.epoch,
    coalesce((SELECT applied FROM replica r WHERE r.shop = h.shop AND r.id = %(replica)s), 0)
  FROM head h WHERE h.shop = %(shop)s FOR UPDATE OF h"""


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a shop stands: its newest commit, that one's mark, the epoch; and the replica's newest answered n."""

    seq: int
    mark: str
    epoch: str
    applied: int | None = None


async def seen_now(database: Database, shop: UUID) -> Seen:
    """What the server has now, for an answer that gives no cursor to go on from."""
    ((seq, mark, epoch, verified),) = await database.ask(
        Context(shop=shop, kind="server"), NOW, {"shop": shop}
    )
    return Seen.of(seq, mark, epoch, verified=verified)


async def look(
    database: Database, world: World, shop: UUID, replica: str, seen: Seen, stands: Stands
) -> None:
    """EpochChanged when what a phone has seen is not there; a new epoch began then, once for all phones that show it.

    stands: where the shop stood after the request had come. Nothing more is asked of the database when the phone has seen
    just that, as nearly every idle one has.
    """
    if not await _missing(database, shop, seen, stands):
        return
    async with database.transaction(Context(shop=shop, kind="server")) as tx:
        now = await _begun(tx, world, shop, replica, seen)
    if of_epoch(now) != seen.epoch:
        raise EpochChanged(now)


async def _missing(database: Database, shop: UUID, seen: Seen, stands: Stands) -> bool:
    if (known := _speaks_against(seen, stands)) is not None:
        return known
    rows = await database.ask(Context(shop=shop, kind="server"), MARK, {"shop": shop, "seq": seen.seq})
    return _other(rows, seen)


def _speaks_against(seen: Seen, stands: Stands) -> bool | None:
    """Whether a restore lies between; None when the mark of a commit in the log decides it."""
    if seen.seq > stands.seq:
        return True
    if seen.epoch != of_epoch(stands.epoch):
        # What it saw before a restore that is known already; it is told of that as ever.
        return False
    if stands.applied is not None and seen.applied > stands.applied:
        return True
    return seen.mark != of_mark(stands.mark) if seen.seq == stands.seq else None


def _other(rows: Sequence[tuple[object, ...]], seen: Seen) -> bool:
    """Whether another commit stands where the phone saw one. At the beginning of an epoch none does, which says nothing."""
    return any(of_mark(str(mark)) != seen.mark for (mark,) in rows)


async def _begun(tx: Tx, world: World, shop: UUID, replica: str, seen: Seen) -> str:
    """The epoch that began, by this phone or, while it waited for the head, by another."""
    values = {"shop": shop, "replica": replica, "seq": seen.seq}
    row = await (await tx.execute(STANDS, values)).fetchone()
    assert row is not None, "a shop has a head row from its first moment"
    stands = Stands(*row)
    missing = _speaks_against(seen, stands)
    if missing is None:
        missing = _other(await (await tx.execute(MARK, values)).fetchall(), seen)
    if not missing:
        return stands.epoch
    newest = await backups.newest(tx, shop)
    log.warning("restore_found", shop=str(shop), replica=replica, seen=seen.seq, head=stands.seq)
    # The phones' branch and this one were one up to the backup that was put back, which is guessed to be no older than
    # the newest that both know to be good; and what the phone saw is not of it.
    cut = min(newest.seq if newest else 0, seen.verified, seen.seq - 1)
    return (await start_epoch(tx, shop, world, cut=max(cut, 0), certain=False, above=seen.seq)).epoch
