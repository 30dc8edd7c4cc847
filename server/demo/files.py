"""The files of the demo's photos, put where an upload and the pipeline would have put them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

from server.auth.gate import server_of
from server.demo.pictures import HEIGHT, LARGE, TYPE, WIDTH, files
from server.media.blobs import ORIGINAL, Blobs, key_of
from server.store.commit import Store
from server.store.scene import Scene

ROW = """
INSERT INTO file (shop, id, sha256, bytes, type, state, received, sniffed, width, height, served_bytes,
  made_at, touched_at, arrived_at, scrubbed_at)
VALUES (%(shop)s, %(id)s, %(sha256)s, %(bytes)s, %(type)s, 'ready', %(bytes)s, %(type)s, %(width)s, %(height)s, %(served)s,
  %(now)s, %(now)s, %(now)s, %(now)s)"""


async def keep_files(store: Store, blobs: Blobs, shop: UUID, shown: Mapping[str, str]) -> None:
    """Photo → what it shows: blobs, rows and records, so that each photo is ready. Blobs first, as everywhere: what a row
    names is there."""
    for id_, shows in shown.items():
        for name, content in files(shows).items():
            await blobs.put(key_of(shop, UUID(id_), name), content)

    def write(scene: Scene) -> None:
        for id_ in shown:
            scene.set(id_, {"media": "ready"})

    async with store.database.transaction(server_of(shop)) as tx:
        await store.act_in(tx, shop, write, shown)
        for id_, shows in shown.items():
            await tx.execute(ROW, {"shop": shop, "id": id_, **_row(shows), "now": store.world.now_ms()})


def described(shows: str) -> dict[str, object]:
    """What the photo's record says of its file."""
    original = files(shows)[ORIGINAL]
    return {"sha256": hashlib.sha256(original).hexdigest(), "bytes": len(original), "type": TYPE}


def _row(shows: str) -> dict[str, object]:
    made = files(shows)
    served = sum(len(content) for name, content in made.items() if name != ORIGINAL)
    return {**described(shows), "width": WIDTH * LARGE, "height": HEIGHT * LARGE, "served": served}
