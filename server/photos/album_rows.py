"""The table `album`: links that show photos of one work order to whoever holds them. All SQL of albums is here.

Of a link only the hash of its token is kept. The table is the server's own: no person reads it in their own name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

Tx = AsyncConnection[tuple[Any, ...]]

MAKE = """
INSERT INTO album (shop, id, work_order, title, photos, token_hash, password, made_by, made_at, expires_at)
VALUES (%(shop)s, %(id)s, %(work_order)s, %(title)s, %(photos)s, %(token_hash)s, %(password)s, %(made_by)s, %(made_at)s, %(expires_at)s)"""

_COLUMNS = """a.id, a.work_order, a.title, a.photos::text[], a.password, a.made_by, a.made_at, a.expires_at,
  a.revoked_at, a.views, a.seen_at"""
OF_ORDER = f"SELECT {_COLUMNS} FROM album a WHERE a.shop = %s AND a.work_order = %s ORDER BY a.made_at DESC, a.id DESC"
BY_ID = f"SELECT {_COLUMNS} FROM album a WHERE a.shop = %s AND a.id = %s"

# With the customer whose work it shows, in whose name the photos are read.
BY_TOKEN = f"""
SELECT {_COLUMNS}, o.customer FROM album a
LEFT JOIN record o ON o.shop = a.shop AND o.id = a.work_order AND o.collection = 'work_order' AND NOT o.gone
WHERE a.shop = %s AND a.token_hash = %s"""

SEEN = "UPDATE album SET views = views + 1, seen_at = %s WHERE shop = %s AND id = %s"
REVOKE = "UPDATE album SET revoked_at = %s WHERE shop = %s AND id = %s AND revoked_at IS NULL"


@dataclass(frozen=True, slots=True)
class Album:
    """One link. `photos` are the ids chosen, None for all that may be seen; `password` is its hash, None for none;
    times in ms."""

    id: UUID
    work_order: UUID
    title: str
    photos: list[str] | None
    password: str | None
    made_by: UUID
    made_at: int
    expires_at: int
    revoked_at: int | None
    views: int
    seen_at: int | None

    def is_over(self, now_ms: int) -> bool:
        return self.revoked_at is not None or self.expires_at <= now_ms

    def as_json(self) -> dict[str, Any]:
        """As the staff are told of it: everything but what opens it."""
        return {
            "id": str(self.id),
            "work_order": str(self.work_order),
            "title": self.title,
            "photos": self.photos,
            "password": self.password is not None,
            "made_by": str(self.made_by),
            "made_at": self.made_at,
            "expires_at": self.expires_at,
            "revoked": self.revoked_at is not None,
            "views": self.views,
            "seen_at": self.seen_at,
        }


def hash_of(token: str) -> bytes:
    """A token has 192 random bits, so that a plain hash is all it needs."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def make(tx: Tx, shop: UUID, album: Album, token: str) -> None:
    """Keep a new album, which `token` opens."""
    values = {
        "shop": shop, "id": album.id, "work_order": album.work_order, "title": album.title,
        "photos": album.photos, "token_hash": hash_of(token), "password": album.password,
        "made_by": album.made_by, "made_at": album.made_at, "expires_at": album.expires_at,
    }  # fmt: skip
    await tx.execute(MAKE, values)


async def of_order(tx: Tx, shop: UUID, order: UUID) -> list[Album]:
    """All links ever made for a work order, newest first."""
    return [Album(*row) for row in await (await tx.execute(OF_ORDER.encode(), (shop, order))).fetchall()]


async def by_id(tx: Tx, shop: UUID, id_: UUID) -> Album | None:
    row = await (await tx.execute(BY_ID.encode(), (shop, id_))).fetchone()
    return None if row is None else Album(*row)


async def by_token(tx: Tx, shop: UUID, token: str) -> tuple[Album, UUID | None] | None:
    """The album that `token` opens, be it over, and the customer whose work order it shows."""
    row = await (await tx.execute(BY_TOKEN.encode(), (shop, hash_of(token)))).fetchone()
    return None if row is None else (Album(*row[:-1]), row[-1])


async def seen(tx: Tx, shop: UUID, id_: UUID, now_ms: int) -> None:
    """It was opened once more."""
    await tx.execute(SEEN, (now_ms, shop, id_))


async def revoke(tx: Tx, shop: UUID, id_: UUID, now_ms: int) -> None:
    await tx.execute(REVOKE, (now_ms, shop, id_))
