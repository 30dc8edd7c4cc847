"""What the database knows of its backups: made of which commits, verified when, and what phones may let go of by them.

A backup counts once it was restored beside the running database and found whole. Only then does what it holds become
durable (rule R8): each replica's newest number below which nothing is missing in the backup itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

Tx = AsyncConnection[tuple[Any, ...]]

# Numbers of a former name may have holes, which a phone may still fill: what is above a hole is not durable.
HELD = """
  SELECT replica, max(n) FROM (
    SELECT replica, n, row_number() OVER (PARTITION BY replica ORDER BY n) AS place
    FROM change WHERE shop = %s AND replica <> '@') counted
  WHERE n = place GROUP BY replica"""

NOTE = "INSERT INTO backup (shop, id, at, seq) SELECT %s, %s, %s, seq FROM head WHERE shop = %s RETURNING seq"
VERIFIED = "UPDATE backup SET verified_at = %s WHERE shop = %s AND id = %s"
DURABLE = """
  UPDATE replica r SET durable = x.n
  FROM unnest(%s::text[], %s::bigint[]) AS x (id, n) JOIN head h ON h.epoch = %s
  WHERE r.shop = %s AND h.shop = r.shop AND r.id = x.id AND r.durable < x.n"""
NEWEST = "SELECT id, at, seq FROM backup WHERE shop = %s AND verified_at IS NOT NULL ORDER BY at DESC LIMIT 1"
EPOCH = "SELECT epoch FROM head WHERE shop = %s"


@dataclass(frozen=True, slots=True)
class Holds:
    """What a backup has of a shop: the epoch, and each replica's newest n below which nothing is missing."""

    epoch: str
    durable: dict[str, int]


@dataclass(frozen=True, slots=True)
class Known:
    """The newest verified backup of a shop: made at `at` (ms), after the commit `seq`."""

    id: UUID
    at: int
    seq: int


async def note(tx: Tx, shop: UUID, backup: UUID, now: int) -> int:
    """Write down, before the dump is made, that it is: the newest commit that it is sure to hold comes back."""
    row = await (await tx.execute(NOTE, (shop, backup, now, shop))).fetchone()
    return int(row[0]) if row else 0


async def holds(tx: Tx, shop: UUID) -> Holds:
    """What a restored copy has; asked there."""
    epoch = await (await tx.execute(EPOCH, (shop,))).fetchone()
    return Holds(epoch[0] if epoch else "", dict(await (await tx.execute(HELD, (shop,))).fetchall()))


async def verified(tx: Tx, shop: UUID, backup: UUID, found: Holds, now: int) -> None:
    """Say that the backup is whole: what it holds is durable from now on, unless the shop was restored meanwhile."""
    await tx.execute(VERIFIED, (now, shop, backup))
    names, numbers = list(found.durable), list(found.durable.values())
    await tx.execute(DURABLE, (names, numbers, found.epoch, shop))


async def newest(tx: Tx, shop: UUID) -> Known | None:
    """The newest backup of a shop that was verified."""
    row = await (await tx.execute(NEWEST, (shop,))).fetchone()
    return Known(*row) if row else None


def durable_prefix(numbers: Iterable[int]) -> int:
    """The newest of `numbers`, counted from 1, below which none is missing: what HELD computes, for models of it."""
    reached = 0
    for n in sorted(numbers):
        if n != reached + 1:
            break
        reached = n
    return reached
