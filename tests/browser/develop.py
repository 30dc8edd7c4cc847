"""Gives photos their files, as if they had been uploaded, looked at and shrunk: `python -m tests.browser.develop <photo>=<scene> …`.

For journeys that are about what is done with photos and not about how they arrive. The pictures are those of the demo.
"""

import asyncio
import hashlib
import io
import sys
from uuid import UUID

from PIL import Image, ImageOps

from server.auth.gate import server_of
from server.cli.office import Office, office
from server.demo.pictures import draw
from server.media.blobs import DISPLAY, ORIGINAL, THUMB, Blobs, key_of
from server.media.open import open_blobs
from server.shops.service import find_shop
from server.store.scene import Scene

FILE = """
INSERT INTO file (shop, id, sha256, bytes, type, state, received, sniffed, served_bytes, made_at, touched_at)
VALUES (%s, %s, %s, %s, 'image/jpeg', 'ready', %s, 'image/jpeg', 1, %s, %s)"""


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()


async def develop(here: Office, blobs: Blobs, shop: UUID, photo: UUID, scene: str) -> None:
    """The blobs and the row of one photo, and its record made ready."""
    large = draw(scene).resize((1600, 1200), Image.Resampling.BICUBIC)
    sizes = {ORIGINAL: jpeg(large), DISPLAY: jpeg(large), THUMB: jpeg(ImageOps.fit(large, (200, 200)))}
    for name, content in sizes.items():
        await blobs.put(key_of(shop, photo, name), content)
    length, now = len(sizes[ORIGINAL]), here.world.now_ms()
    row = (shop, photo, hashlib.sha256(sizes[ORIGINAL]).hexdigest(), length, length, now, now)
    async with here.database.transaction(server_of(shop)) as tx:
        await tx.execute(FILE, row)

    def write(scene: Scene) -> None:
        scene.set(str(photo), {"media": "ready"})

    await here.store.act(shop, write, [str(photo)])


async def main(wanted: list[str]) -> None:
    async with office() as here:
        shop = await find_shop(here.database, "")
        blobs = open_blobs(here.settings, here.world)
        for photo, _, scene in (one.partition("=") for one in wanted):
            await develop(here, blobs, shop.id, UUID(photo), scene)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
