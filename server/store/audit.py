"""Verifies the change log of a shop from its first entry to its last, and says exactly where it breaks.

The log is read in one snapshot, as it is stored and in pieces, so that a log of any length takes the same memory and
the server may go on serving. Nothing is repaired: what is found is a fact for a person to judge, with what it can mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.store import heads
from server.store.changelog import chained
from server.store.heads import Jump, OutsideHead

Tx = AsyncConnection[tuple[Any, ...]]
PIECE = 2_000
BREAKS_MAX = 100

# The columns in the order in which their hash was made, and the stored hash. The JSON comes as it is stored: it was
# written in canonical form, and a log that says the same in other words was edited too.
ENTRIES = """
  SELECT encode(digest, 'hex'), seq, mark, replica, n, id::text, coalesce(person::text, ''), role, schema, at, sent,
    received, edit_at, outcome, result::text, ops::text, hash
  FROM change WHERE shop = %s ORDER BY seq"""

HEAD = "SELECT seq, chain, mark FROM head WHERE shop = %s"

NO_ENTRY = """
  SELECT r.collection, r.id::text, r.seq FROM record r
  WHERE r.shop = %(shop)s AND NOT EXISTS (SELECT FROM change c WHERE c.shop = r.shop AND c.seq = r.seq)
  ORDER BY r.seq, r.id LIMIT %(limit)s"""

# An accepted changeset has one entry that names itself; others of the same id only repeat what was answered then.
TWICE = """
  SELECT id::text, max(seq), count(*) FROM change
  WHERE shop = %(shop)s AND outcome = 'accepted' AND result ->> 'seq' = seq::text
  GROUP BY id HAVING count(*) > 1 ORDER BY 2 LIMIT %(limit)s"""
REPEATS_NOTHING = """
  SELECT c.id::text, c.seq, 0 FROM change c
  WHERE c.shop = %(shop)s AND c.outcome = 'accepted' AND c.result ->> 'seq' IS DISTINCT FROM c.seq::text
    AND NOT EXISTS (SELECT FROM change f WHERE f.shop = c.shop AND f.id = c.id AND f.outcome = 'accepted'
                      AND f.seq < c.seq AND f.seq::text = c.result ->> 'seq')
  ORDER BY c.seq LIMIT %(limit)s"""

MEANS = {
    "missing": "Entries were deleted, or moved to other numbers.",
    "content": "This entry was changed after it was written, or another was put in its place; or the one before it was.",
    "hash": "Its own content and all that follows agree with each other: only the stored hash was changed.",
    "cut": "The end of the log was cut off.",
    "appended": "Entries were added at the end by something else than the server.",
    "head": "The head row was changed, or the last entry was, together with its hash.",
    "beyond": "The end of the log was cut off together with the head row, or this is an older copy of the database whose restore "
    "nobody declared.",
    "other": "The log was written anew up to there or further back, with hashes that fit; or this is another copy of the "
    "database whose restore nobody declared.",
    "record": "The record was written past the store, or the entry of its commit was deleted.",
    "twice": "A changeset was applied more than once, or an entry was copied.",
    "unreadable": "The file was damaged or edited; how far the log once came is unknown.",
}


@dataclass(frozen=True, slots=True)
class Break:
    """One place where a log does not hold: of which kind (a key of MEANS), at which seq, and what is wrong there."""

    kind: str
    seq: int
    said: str

    @property
    def means(self) -> str:
        return MEANS[self.kind]


@dataclass(slots=True)
class Findings:
    """What the log of one shop is: how many entries, up to which seq, and where it breaks. `cut_short`: there were more
    breaks than are kept."""

    entries: int = 0
    seq: int = 0
    outside: int | None = None
    restores: int = 0
    breaks: list[Break] = field(default_factory=list)
    cut_short: bool = False

    def add(self, kind: str, seq: int, said: str) -> None:
        if len(self.breaks) < BREAKS_MAX:
            self.breaks.append(Break(kind, seq, said))
        else:
            self.cut_short = True


async def audit(tx: Tx, shop: UUID, outside: OutsideHead | None) -> Findings:
    """Verify a shop's log, within a transaction that is one snapshot and speaks for the server.

    `outside` must have been read before that snapshot began: then the log cannot have come less far.
    """
    # A long log takes longer than any request may.
    await tx.execute("SET LOCAL statement_timeout = 0")
    jumps = await heads.jumps_of(tx, shop)
    walk = Walk(jumps)
    async with tx.cursor("audit") as cursor:
        cursor.itersize = PIECE
        await cursor.execute(ENTRIES, (shop,))
        async for row in cursor:
            walk.step(row)
    head = await (await tx.execute(HEAD, (shop,))).fetchone()
    found = walk.done(bytes(head[1]) if head else b"")
    found.restores = len(jumps)
    _compare_head(found, walk, head)
    if outside is not None:
        found.outside = outside.seq
        now = await heads.standing(tx, shop, outside.seq)
        _compare_outside(found, outside, now.there if now else None, jumps)
    await _look_up(found, tx, shop)
    return found


class Walk:
    """Goes along the log, entry by entry. After a break it goes on from what is stored, so that the next one is found too."""

    def __init__(self, jumps: Sequence[Jump] = ()) -> None:
        self.jumps = jumps
        self.found = Findings()
        self.seq, self.hash, self.mark = 0, b"", ""
        self._doubted: tuple[int, bytes] | None = None
        """An entry whose hash does not fit, and the hash it should have: what comes next tells what was changed."""

    def step(self, row: tuple[Any, ...]) -> None:
        """Take in the next row of ENTRIES."""
        *columns, result, ops, stored = row
        seq, hash_, explained = columns[1], bytes(stored), False
        if self._follows(seq):
            fits = self._doubted is not None and chained(self._doubted[1], columns, result, ops) == hash_
            explained = self._settle(fits)
            should = chained(self.hash, columns, result, ops)
            if should != hash_ and not explained:
                self._doubted = (seq, should)
        else:
            self._settle(False)
            lost = f"{self.seq + 1}" if seq == self.seq + 2 else f"{self.seq + 1} to {seq - 1}"
            self.found.add(
                "missing",
                self.seq + 1,
                f"{lost} is missing: {seq} comes after {self.seq or 'the beginning'}.",
            )
        self.seq, self.hash, self.mark = seq, hash_, columns[2]
        self.found.entries += 1
        self.found.seq = seq

    def done(self, chain: bytes) -> Findings:
        """What was found, now that the head row says that `chain` is the hash of the last entry."""
        self._settle(self._doubted is not None and self._doubted[1] == chain)
        return self.found

    def _follows(self, seq: int) -> bool:
        """Whether an entry comes right after the one before, or where a restore says that the log goes on."""
        return seq in self.next_seqs()

    def next_seqs(self) -> set[int]:
        """What may come next: the next seq, or the first after a restore, or after several with nothing between them."""
        reached, allowed = self.seq, {self.seq + 1}
        for jump in self.jumps:
            if jump.cut <= reached < jump.first:
                reached = jump.first - 1
                allowed.add(jump.first)
        return allowed

    def _settle(self, fits: bool) -> bool:
        """Say what is wrong with the entry in doubt. `fits`: what comes next is bound to the hash that it should have, so
        that only its stored hash was changed; then the break that follows is the same one, and True comes back."""
        if self._doubted is None:
            return False
        seq, self._doubted = self._doubted[0], None
        if fits:
            self.found.add("hash", seq, f"the hash of {seq} is not the one it should have.")
        else:
            self.found.add("content", seq, f"{seq} does not fit its hash and the entry before.")
        return fits


def _compare_head(found: Findings, walk: Walk, head: tuple[Any, ...] | None) -> None:
    """The head row says which entry is the last."""
    if head is None:
        found.add("head", walk.seq, "the shop has no head row.")
        return
    seq, chain, mark = head
    if seq > walk.seq and seq + 1 in walk.next_seqs() and bytes(chain) == walk.hash:
        return  # restored, and nothing was written since
    if seq > walk.seq:
        found.add("cut", walk.seq + 1, f"the log ends at {walk.seq}, and the head row says {seq}.")
    elif seq < walk.seq:
        found.add("appended", seq + 1, f"the head row says {seq}, and the log goes on to {walk.seq}.")
    elif (bytes(chain), mark) != (walk.hash, walk.mark):
        found.add("head", seq, f"the head row and the last entry, {seq}, say different things.")


def _compare_outside(
    found: Findings, outside: OutsideHead, there: bytes | None, jumps: Sequence[Jump]
) -> None:
    kind = heads.differs(outside, found.seq, there, jumps)
    if kind == "beyond":
        said = f"outside the database it was noted that the log had come to {outside.seq}, and it ends at {found.seq}."
        found.add(kind, found.seq + 1, said)
    elif kind == "other":
        found.add(kind, outside.seq, f"outside the database another hash was noted for {outside.seq}.")


async def _look_up(found: Findings, tx: Tx, shop: UUID) -> None:
    """What the log and the records say of each other."""
    values = {"shop": shop, "limit": BREAKS_MAX + 1}
    for collection, id_, seq in await (await tx.execute(NO_ENTRY, values)).fetchall():
        found.add(
            "record",
            seq,
            f"the {collection} {id_} says it was written by {seq}, and that entry is not there.",
        )
    for id_, seq, count in await (await tx.execute(TWICE, values)).fetchall():
        found.add("twice", seq, f"the changeset {id_} was accepted {count} times.")
    for id_, seq, _ in await (await tx.execute(REPEATS_NOTHING, values)).fetchall():
        found.add(
            "twice", seq, f"{seq} repeats the outcome of the changeset {id_}, which was not accepted before."
        )


def in_words(name: str, found: Findings) -> Iterator[str]:
    """The findings of one shop as lines to read."""
    restores = f", over {found.restores} restore{'s' * (found.restores > 1)}" if found.restores else ""
    outside = (
        f"; outside the database: {found.outside}"
        if found.outside is not None
        else "; nothing is noted outside the database"
    )
    verdict = "is whole" if not found.breaks else "is broken"
    yield f"{name}: the log {verdict}. {found.entries} entries up to {found.seq}{restores}{outside}."
    for one in found.breaks:
        yield f"  at {one.seq}: {one.said}"
        yield f"    {one.means}"
    if found.cut_short:
        yield f"  and more: only the first {BREAKS_MAX} breaks are listed."
