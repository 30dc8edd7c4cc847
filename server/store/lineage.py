"""The lineages of a shop as the database keeps them: what a push must know of restores, and how a new one begins.

`start_epoch` is called wherever a database is found to be a restored one. It changes no synced record: the shop's head
jumps above everything that was ever given out, and the gap is kept, by which bases of the lost branch are understood.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from server.clock import World
from server.errors import WorkbayError
from server.events import EVERYBODY, Announced, announce
from server.store.save import dumps
from server.store.scene import EVERY_SERIES
from sync.changeset import Changeset
from sync.lineage import Gap, Lineage, Second
from sync.vector import SERVER

log = structlog.get_logger()

Tx = AsyncConnection[tuple[Any, ...]]

SEQS_A_SECOND = 2**20
SERIES_JUMP = 500
SERIES_ROUND = 1000

NAMED = """
  SELECT r.id, r.applied, r.epoch = h.epoch FROM replica r JOIN head h ON h.shop = r.shop
  WHERE r.shop = %s AND r.id = ANY (%s)"""

# The entries whose outcome is that of an earlier one. The condition is that of the index `change_second`. They come first and apart: as
# a condition of the join, what is read out of JSON may not be looked at before row security has looked at every row of the log.
SECONDS = """
  WITH second AS MATERIALIZED (
    SELECT c.replica, c.n, (c.result ->> 'seq')::bigint AS first FROM change c
    WHERE c.shop = %(shop)s AND c.replica = ANY (%(names)s) AND c.outcome = 'accepted'
      AND (c.result ->> 'seq')::bigint <> c.seq)
  SELECT second.replica, second.n, f.replica, f.n FROM second JOIN change f ON f.shop = %(shop)s AND f.seq = second.first"""

HOLD_HEAD = "SELECT seq, numbers FROM head WHERE shop = %s FOR UPDATE"
JUMP = """
  UPDATE head SET epoch = %(epoch)s, seq = %(first)s - 1, prior = %(first)s - 1, mark = %(mark)s, numbers = %(numbers)s
  WHERE shop = %(shop)s"""
NOTE = """
  INSERT INTO lineage (shop, epoch, cut, first, certain, at)
  VALUES (%(shop)s, %(epoch)s, %(cut)s, %(first)s, %(certain)s, %(at)s)"""
NO_LISTS = "DELETE FROM bootstrap WHERE shop = %s"


@dataclass(frozen=True, slots=True)
class Restored:
    """A lineage that began: its epoch, the last commit that came over, the first that it gives."""

    epoch: str
    cut: int
    first: int


def new_epoch(world: World) -> str:
    """The name of a lineage. It is drawn, so that a database made anew is never taken for the one before it."""
    raw = world.token(5)
    return "e" + base64.b32encode(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))).decode().lower()


async def start_epoch(
    tx: Tx, shop: UUID, world: World, *, cut: int | None = None, certain: bool = True, above: int = 0
) -> Restored:
    """Begin a new lineage of `shop`, in a transaction that speaks for the server.

    cut: the last commit known to be of the branch that phones know; without it, and never above it, the newest there is.
    certain: False when the cut is a guess. above: a seq that was seen outside, which the new ones must exceed.
    """
    row = await (await tx.execute(HOLD_HEAD, (shop,))).fetchone()
    if row is None:
        raise WorkbayError(f"The shop {shop} has no head row; it was not created whole.")
    head, numbers = row
    now = world.now_ms()
    begun = Restored(
        epoch=new_epoch(world),
        cut=head if cut is None else min(cut, head),
        first=max(now // 1000 * SEQS_A_SECOND, head + 1, above + 1),
    )
    values = {
        "shop": shop, "epoch": begun.epoch, "cut": begun.cut, "first": begun.first, "certain": certain, "at": now,
        "mark": world.token(6), "numbers": dumps(_further(numbers)),
    }  # fmt: skip
    await tx.execute(JUMP, values)
    await tx.execute(NOTE, values)
    await tx.execute(NO_LISTS, (shop,))
    await announce(tx, Announced(shop, begun.first - 1, frozenset({EVERYBODY}), rights=True))
    log.warning(
        "epoch_started", shop=str(shop), epoch=begun.epoch, cut=begun.cut, first=begun.first, certain=certain
    )
    return begun


def _further(numbers: Mapping[str, int]) -> dict[str, int]:
    """All series further on, those included that the lost branch alone may have begun."""
    return {series: jumped(last) for series, last in ({EVERY_SERIES: 1000} | dict(numbers)).items()}


def jumped(last: int) -> int:
    """Where a series of numbers goes on: at a round number, well above what the lost branch may have given."""
    return (last + SERIES_JUMP + SERIES_ROUND - 1) // SERIES_ROUND * SERIES_ROUND


async def lineage_of(
    tx: Tx, shop: UUID, replica: str, gaps: Sequence[Gap], doubled: bool, changesets: Iterable[Changeset]
) -> Lineage:
    """What placing the bases of these changesets needs; nothing is asked for a shop that was never restored and had no
    changeset twice."""
    if not gaps and not doubled:
        return Lineage()
    named = {name for c in changesets for op in c.ops for name in op.base if name != SERVER} | {replica}
    names = sorted(named)
    seconds = await (await tx.execute(SECONDS, {"shop": shop, "names": names})).fetchall() if doubled else []
    known = await (await tx.execute(NAMED, (shop, names))).fetchall()
    former = {name: applied for name, applied, current in known if not current}
    return Lineage(
        gaps=gaps,
        seconds=[Second(*row) for row in seconds],
        current=frozenset(name for name, _, current in known if current),
        former=former,
        returning=replica in former,
    )
