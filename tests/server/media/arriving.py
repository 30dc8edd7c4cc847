"""Photos whose file has arrived, as an upload leaves them, and a pipeline that does one turn when it is told to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from server.auth.gate import server_of
from server.media.blobs import ORIGINAL, key_of
from server.media.convert import Converter, Limits
from server.media.pipeline import Pipeline
from server.media.scan import Scanner, Unscanned
from server.store.scene import Scene
from tests.server.premises import Phone, Premises, Shop, new_order

ARRIVED = """
INSERT INTO file (shop, id, sha256, bytes, type, state, received, made_at, touched_at, arrived_at)
VALUES (%(shop)s, %(id)s, %(sha256)s, %(bytes)s, 'image/jpeg', 'arrived', %(bytes)s, %(now)s, %(now)s, %(now)s)
"""
ROW = "SELECT state, reason, sniffed, width, height, tries, leased_until, received, served_bytes FROM file WHERE shop = %s AND id = %s"


async def new_photo(phone: Phone, content: bytes, **values: Any) -> str:
    """A photo that the shop knows and of which it has not the file."""
    order = await new_order(phone)
    photo = phone.create(
        "photo", work_order=order, kind="before", sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content), type="image/jpeg", **values,
    )  # fmt: skip
    await phone.sync()
    return photo


async def arrive(premises: Premises, shop: Shop, photo: str, content: bytes) -> None:
    """Let its file have arrived whole."""
    state, id_ = premises.app.state, UUID(photo)
    await state.blobs.put(key_of(shop.id, id_, ORIGINAL), content)
    values = {
        "shop": shop.id, "id": id_, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content),
        "now": premises.world.now_ms(),
    }  # fmt: skip

    def processing(scene: Scene) -> None:
        scene.set(photo, {"media": "processing"})

    async with state.database.transaction(server_of(shop.id)) as tx:
        await tx.execute(ARRIVED, values)
        await state.store.act_in(tx, shop.id, processing, [photo])


async def arrived(phone: Phone, content: bytes, **values: Any) -> str:
    """A new photo with its file."""
    photo = await new_photo(phone, content, **values)
    await arrive(phone.premises, phone.shop, photo, content)
    return photo


async def told(phone: Phone, photo: str) -> dict[str, Any]:
    """What the phone hears of the photo."""
    await phone.sync()
    data = phone.data(photo)
    assert data is not None
    return data


async def row(premises: Premises, shop: Shop, photo: str) -> dict[str, Any]:
    """The file's row."""
    async with premises.app.state.database.transaction(server_of(shop.id)) as tx:
        cursor = await tx.execute(ROW, (shop.id, UUID(photo)))
        found = await cursor.fetchone()
    assert cursor.description is not None
    assert found is not None
    return dict(zip((column.name for column in cursor.description), found, strict=True))


async def kept(premises: Premises, shop: Shop, photo: str) -> set[str]:
    """The names of the photo's blobs."""
    keys = [key async for key, _, _ in premises.app.state.blobs.list(f"{shop.id}/{photo}/")]
    return {key.rpartition("/")[2] for key in keys}


@dataclass
class Bench:
    """Pipelines over one store, each as another process would have it."""

    premises: Premises
    folder: Path
    scanner: Scanner = field(default_factory=Unscanned)
    limits: Limits = field(default_factory=Limits)
    converters: list[Converter] = field(default_factory=list)

    def pipeline(self) -> Pipeline:
        state = self.premises.app.state
        return Pipeline(state.store, state.blobs, self.scanner, self.folder / "converting", self.limits)

    def converter(self) -> Converter:
        self.converters.append(Converter(self.limits))
        return self.converters[-1]

    async def turn(self) -> int:
        """What a process does that has just started; how many files it was."""
        return await self.pipeline().turn(self.folder, self.converter())

    async def close(self) -> None:
        for converter in self.converters:
            await converter.close()
