"""The files that have arrived and wait for their sizes, as work: taken on by lease, given back, or done.

Whoever takes a file on holds it until `leased_until`; a process that died with it holds it no longer than that. `until` is
also the ticket: what was taken on since by somebody else can no longer be finished by the one who was too slow. A file's row is
locked before its record, here and wherever both change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.media.convert import Sizes

LEASE_MS = 120_000

# What was never tried comes first, then what has waited longest.
TAKE = """
WITH next AS (
  SELECT id FROM file WHERE shop = %(shop)s AND state = 'arrived' AND leased_until <= %(now)s
  ORDER BY leased_until, arrived_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
UPDATE file SET leased_until = %(until)s, tries = file.tries + 1
FROM next WHERE file.shop = %(shop)s AND file.id = next.id
RETURNING file.id, file.sha256, file.bytes, file.tries
"""
WHEN_NEXT = "SELECT min(leased_until) FROM file WHERE shop = %(shop)s AND state = 'arrived'"

GIVE_BACK = """
UPDATE file SET leased_until = %(at)s, tries = tries - %(forgiven)s
WHERE shop = %(shop)s AND id = %(id)s AND state = 'arrived' AND leased_until = %(until)s
"""
READY = """
UPDATE file SET state = 'ready', reason = NULL, sniffed = %(kind)s, width = %(width)s, height = %(height)s,
  served_bytes = %(served_bytes)s, leased_until = 0, tries = 0, touched_at = %(now)s, scrubbed_at = %(now)s
WHERE shop = %(shop)s AND id = %(id)s AND state = 'arrived' AND leased_until = %(until)s RETURNING id
"""
REFUSED = """
UPDATE file SET state = 'refused', reason = %(reason)s, served_bytes = 0, leased_until = 0, tries = 0,
  touched_at = %(now)s, scrubbed_at = %(now)s
WHERE shop = %(shop)s AND id = %(id)s AND state = 'arrived' AND leased_until = %(until)s RETURNING id
"""
# It is no longer in the store as it arrived, so whoever still holds it sends it again.
WAITED_FOR = """
UPDATE file SET state = 'receiving', received = 0, parts = '[]', arrived_at = NULL, leased_until = 0, tries = 0,
  touched_at = %(now)s
WHERE shop = %(shop)s AND id = %(id)s AND state = 'arrived' AND leased_until = %(until)s RETURNING id
"""


class Lost(Exception):
    """The lease ran out, and somebody else has the file now; or it is gone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is ours until `until` (ms); `tries` counts this one."""

    shop: UUID
    id: UUID
    sha256: str
    bytes: int
    tries: int
    until: int

    def ticket(self) -> dict[str, Any]:
        return {"shop": self.shop, "id": self.id, "until": self.until}


async def take(tx: AsyncConnection, shop: UUID, now: int) -> Taken | int | None:
    """A file of the shop to work on; else the time (ms) when there may be one again, None when nothing waits."""
    values = {"shop": shop, "now": now, "until": now + LEASE_MS}
    row = await (await tx.execute(TAKE, values)).fetchone()
    if row is not None:
        id_, sha256, size, tries = row
        return Taken(shop, id_, sha256, size, tries, now + LEASE_MS)
    row = await (await tx.execute(WHEN_NEXT, values)).fetchone()
    return None if row is None else row[0]


async def give_back(tx: AsyncConnection, taken: Taken, at: int, *, counts: bool) -> None:
    """Let it be tried again from `at` (ms) on. counts: this try was one of those that a file has."""
    await tx.execute(GIVE_BACK, {**taken.ticket(), "at": at, "forgiven": 0 if counts else 1})


async def finish(tx: AsyncConnection, taken: Taken, now: int, said: Sizes | str | None, served: int) -> None:
    """Write what became of it: sizes of so many bytes, the reason of a refusal, or None for a file that the store has lost.

    Raises `Lost` when it is no longer ours.
    """
    values: dict[str, Any] = {**taken.ticket(), "now": now}
    if isinstance(said, Sizes):
        shape = {"kind": said.kind, "width": said.width, "height": said.height, "served_bytes": served}
        cursor = await tx.execute(READY, {**values, **shape})
    elif said is not None:
        cursor = await tx.execute(REFUSED, {**values, "reason": said})
    else:
        cursor = await tx.execute(WAITED_FOR, values)
    if await cursor.fetchone() is None:
        raise Lost
