"""The newest commit of each shop, kept outside the database, under `var/heads`.

A log that is bound by hashes shows what was changed or taken out of its middle; it cannot show that its end was cut
off, nor that the whole database is an older one. A small file beside the database can: it says how far the log had
come, and with which hash. `workbay audit` compares it, and so does a start. Values and files only; `witness` keeps
them while the server serves.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from psycopg import AsyncConnection

from server.errors import WorkbayError

Tx = AsyncConnection[tuple[Any, ...]]
FOLDER = "heads"

# Where the shop stands, and the hash of the entry that the outside head names, if it is there.
STANDS = """
  SELECT h.seq, h.chain, h.epoch, c.hash FROM head h
  LEFT JOIN change c ON c.shop = h.shop AND c.seq = %(seq)s WHERE h.shop = %(shop)s"""

HAS_LINEAGE = "SELECT to_regclass('lineage') IS NOT NULL"
LINEAGE = "SELECT cut, first FROM lineage WHERE shop = %s ORDER BY first"


class HeadUnreadable(WorkbayError):
    """The file of a shop's head outside the database cannot be read."""


@dataclass(frozen=True, slots=True)
class OutsideHead:
    """How far a shop's log had come at `at` (ms): the seq of its newest entry, that entry's hash in hex, the epoch."""

    seq: int
    hash: str
    epoch: str
    at: int


@dataclass(frozen=True, slots=True)
class Jump:
    """A restore: the log goes on at `first` after an entry that is not before `cut`. What lay between is lost, and known to be."""

    cut: int
    first: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database has: the head's seq, hash and epoch, and the hash of the entry that was asked about."""

    seq: int
    hash: bytes
    epoch: str
    there: bytes | None


def path_of(var: Path, shop: UUID) -> Path:
    return var / FOLDER / f"{shop}.json"


def read(var: Path, shop: UUID) -> OutsideHead | None:
    """What stands outside the database; None when nothing was written yet. Raises HeadUnreadable."""
    path = path_of(var, shop)
    try:
        said = orjson.loads(path.read_bytes())
        return OutsideHead(int(said["seq"]), str(said["hash"]), str(said["epoch"]), int(said["at"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HeadUnreadable(f"{path} cannot be read: {error}.") from error


def write(var: Path, shop: UUID, head: OutsideHead) -> None:
    """Put a head in the place of the one before, whole or not at all, and on the disk before this returns."""
    path = path_of(var, shop)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(orjson.dumps(asdict(head)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def differs(outside: OutsideHead, seq: int, there: bytes | None, jumps: Iterable[Jump] = ()) -> str | None:
    """What a log whose newest entry is `seq`, and whose entry at the outside head's seq has the hash `there`, has against
    it: "beyond" (the log ends before it), "other" (another entry stands there), or None when both agree."""
    if not outside.seq or any(jump.cut < outside.seq < jump.first for jump in jumps):
        return None
    if outside.seq > seq:
        return "beyond"
    return None if there is not None and there.hex() == outside.hash else "other"


async def standing(tx: Tx, shop: UUID, asked: int = 0) -> Standing | None:
    """Where a shop's log stands, with the hash of the entry `asked`; None for a shop without a head."""
    row = await (await tx.execute(STANDS, {"shop": shop, "seq": asked})).fetchone()
    if row is None:
        return None
    seq, chain, epoch, there = row
    return Standing(seq, bytes(chain), epoch, None if there is None else bytes(there))


async def jumps_of(tx: Tx, shop: UUID) -> tuple[Jump, ...]:
    """The restores that a shop's lineage declares; none where no such table was made yet."""
    known = await (await tx.execute(HAS_LINEAGE)).fetchone()
    if known != (True,):
        return ()
    rows = await (await tx.execute(LINEAGE, (shop,))).fetchall()
    return tuple(Jump(cut, first) for cut, first in rows)
