"""Photos whose files have arrived: a record by a phone, and what the pipeline leaves of its file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.auth.gate import server_of
from server.media.blobs import DISPLAY, DOCUMENT, ORIGINAL, THUMB, key_of
from server.store.scene import Scene
from tests.server.premises import Phone, Premises, Shop

FILE = """
INSERT INTO file (shop, id, sha256, bytes, type, state, received, sniffed, made_at, touched_at)
VALUES (%(shop)s, %(id)s, %(sha256)s, %(bytes)s, %(type)s, 'ready', %(bytes)s, %(type)s, %(now)s, %(now)s)"""


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo that is ready, and its bytes in each size."""

    id: str
    original: bytes
    display: bytes
    thumb: bytes


async def take(phone: Phone, order: str, *, type: str = "image/jpeg", size: int = 400, **values: Any) -> Shot:
    """A photo of the work order, its file arrived, scanned and shrunk."""
    known = {"kind": "before", "taken_at": phone.now(), **values}
    id_ = phone.create("photo", work_order=order, **known)
    await phone.sync()
    shot = shot_of(id_, size)
    await keep(phone.premises, phone.shop, shot, type)
    await be(phone.premises, phone.shop, id_, media="ready")
    return shot


def shot_of(id_: str, size: int) -> Shot:
    """Bytes that no other photo has."""
    original, display, thumb = (hashlib.shake_128(f"{id_} {n}".encode()).digest(size) for n in range(3))
    return Shot(id_, original, display, thumb)


async def take_many(phone: Phone, order: str, count: int, size: int) -> list[Shot]:
    """As many photos, by one changeset each and one commit of the server."""
    taken_at = phone.now()
    ids = [
        phone.create("photo", work_order=order, kind="during", taken_at=taken_at + n) for n in range(count)
    ]
    await phone.sync()
    shots = [shot_of(id_, size) for id_ in ids]
    for shot in shots:
        await keep(phone.premises, phone.shop, shot, "image/jpeg")

    def write(scene: Scene) -> None:
        for id_ in ids:
            scene.set(id_, {"media": "ready"})

    await phone.premises.app.state.store.act(phone.shop.id, write, ids)
    return shots


async def keep(premises: Premises, shop: Shop, shot: Shot, type: str) -> None:
    """The row and the blobs that the pipeline leaves. A document has no sizes."""
    blobs, photo = premises.app.state.blobs, UUID(shot.id)
    await blobs.put(key_of(shop.id, photo, ORIGINAL), shot.original)
    if type == "application/pdf":
        await blobs.put(key_of(shop.id, photo, DOCUMENT), shot.display)
    else:
        await blobs.put(key_of(shop.id, photo, DISPLAY), shot.display)
        await blobs.put(key_of(shop.id, photo, THUMB), shot.thumb)
    row = {
        "shop": shop.id, "id": photo, "sha256": hashlib.sha256(shot.original).hexdigest(),
        "bytes": len(shot.original), "type": type, "now": premises.world.now_ms(),
    }  # fmt: skip
    async with premises.app.state.database.transaction(server_of(shop.id)) as tx:
        await tx.execute(FILE, row)


async def be(premises: Premises, shop: Shop, id_: str, **values: Any) -> None:
    """The server writes into a record."""

    def write(scene: Scene) -> None:
        scene.set(id_, values)

    await premises.app.state.store.act(shop.id, write, [id_])
