"""How the bytes of a file become a file: taken in as they come, put together at the end.

A body is never whole in memory: each 256 KiB of it become a *part*, durable in the store before the row says so. What is
left when the body ends, or is cut, becomes a shorter part, which the next body goes on with; so an upload in many small
pieces has no more parts than one in a single piece. `Receiver` is one writer. When all is there, `finish` puts the parts
together, and only if the whole has the hash that the photo names, it has arrived.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog
from starlette.requests import ClientDisconnect

from server.auth.gate import server_of
from server.errors import TooLarge, WorkbayError
from server.media import files
from server.media.blobs import ORIGINAL, Blobs, Missing, key_of
from server.media.errors import Deleted, WrongChecksum, WrongOffset
from server.media.files import File, Part
from server.media.tus import Checksum
from server.store.commit import Store
from server.store.scene import Scene

log = structlog.get_logger()

PART_BYTES = 256 * 1024
"""What is lost at most when the server is killed."""
TOKEN_BYTES = 9


@dataclass(frozen=True, slots=True)
class Depot:
    """Where files lie and what is known of them."""

    store: Store
    blobs: Blobs

    @property
    def now(self) -> int:
        return self.store.world.now_ms()

    async def find(self, shop: UUID, id_: UUID) -> File | None:
        return await files.find(self.store.database, shop, id_)

    async def discard(self, keys: Iterable[str]) -> None:
        """Remove blobs that nothing names. What cannot be removed now is found by the upkeep."""
        try:
            for key in keys:
                await self.blobs.delete(key)
        except WorkbayError as error:
            log.info("blobs_left", error=type(error).__name__)


class Receiver:
    """Takes in the body of one request, for an upload that stands as `file` says."""

    def __init__(self, depot: Depot, file: File, checksum: Checksum | None) -> None:
        self._depot, self._begun, self._file = depot, file, file
        self._checksum = checksum
        self._hash = checksum.of() if checksum else None
        self._buffer = bytearray()
        self._made: list[str] = []
        self._replaced: list[str] = []

    async def take(self, body: AsyncIterator[bytes]) -> File:
        """The upload as it stands after. Of a body that is cut, what came is kept, and ClientDisconnect passes on.

        Raises WrongOffset when another writer was quicker, TooLarge, WrongChecksum.
        """
        await self._go_on_with_a_short_part()
        try:
            async for piece in body:
                await self._take(piece)
        except ClientDisconnect:
            await self._flush()
            await self._discard_replaced()
            raise
        if self._checksum and self._hash and self._hash.digest() != self._checksum.digest:
            await self._take_back()
            raise WrongChecksum
        await self._flush()
        await self._discard_replaced()
        return self._file

    async def _go_on_with_a_short_part(self) -> None:
        last = self._file.parts[-1:]
        if last and last[0].bytes < PART_BYTES:
            key = self._file.key_of(last[0])
            try:
                async for piece in await self._depot.blobs.get(key):
                    self._buffer += piece
            except Missing:
                # The database is older than the store, or the store than the database.
                await restart(self._depot, self._file)
                raise WrongOffset(0) from None
            self._replaced.append(key)

    async def _take(self, piece: bytes) -> None:
        if self._starts_at + len(self._buffer) + len(piece) > self._file.bytes:
            raise TooLarge("More came than the file was said to have.")
        if self._hash:
            self._hash.update(piece)
        self._buffer += piece
        while len(self._buffer) >= PART_BYTES:
            await self._keep(bytes(self._buffer[:PART_BYTES]))

    @property
    def _starts_at(self) -> int:
        """Where what is in the buffer begins."""
        parts = self._kept_parts
        return parts[-1].offset + parts[-1].bytes if parts else 0

    @property
    def _kept_parts(self) -> list[Part]:
        """The parts before the buffer: a short one at the end has been read into it."""
        parts = self._file.parts
        return parts[:-1] if self._replaced and self._file is self._begun else parts

    async def _flush(self) -> None:
        """Keep what is in the buffer, if that is any news."""
        end = self._starts_at + len(self._buffer)
        if self._buffer and end > self._file.received:
            await self._keep(bytes(self._buffer))

    async def _keep(self, content: bytes) -> None:
        """One part: durable first, then named by the row."""
        depot, parts = self._depot, self._kept_parts
        part = Part(self._starts_at, len(content), depot.store.world.token(TOKEN_BYTES))
        key = self._file.key_of(part)
        await depot.blobs.put(key, content)
        moved = await files.move(depot.store.database, self._file, [*parts, part], depot.now)
        if moved is None:
            await depot.discard([key])
            raise await _late(depot, self._file)
        self._file = moved
        self._made.append(key)
        del self._buffer[: len(content)]

    async def _discard_replaced(self) -> None:
        if self._file is not self._begun:
            await self._depot.discard(self._replaced)

    async def _take_back(self) -> None:
        """Let the upload stand where it stood before this body."""
        if self._file is self._begun:
            return
        depot = self._depot
        moved = await files.move(depot.store.database, self._file, self._begun.parts, depot.now)
        if moved is None:
            raise await _late(depot, self._file)
        await depot.discard(self._made)


async def _late(depot: Depot, file: File) -> WrongOffset:
    stands = await depot.find(file.shop, file.id)
    return WrongOffset(stands.received if stands else 0)


async def restart(depot: Depot, file: File) -> File | None:
    """Let the upload begin anew, if it still stands where `file` says; its parts go."""
    moved = await files.move(depot.store.database, file, [], depot.now)
    if moved is not None:
        await depot.discard([file.key_of(part) for part in file.parts])
    return moved


async def forget(depot: Depot, file: File) -> bool:
    """Forget an upload that is unfinished, with its parts, if it still stands where `file` says."""
    forgotten = await files.drop(depot.store.database, file)
    if forgotten:
        await depot.discard([file.key_of(part) for part in file.parts])
    return forgotten


async def finish(depot: Depot, file: File) -> File:
    """Put the parts of an upload that is whole together: it has arrived, or begins anew.

    May be called again and by several at once. Raises WrongChecksum when it is not the file it was said to be, Deleted when
    the photo is gone. Whatever breaks off in between, the parts are there until the file has arrived.
    """
    try:
        await depot.blobs.put(key_of(file.shop, file.id, ORIGINAL), _put_together(depot.blobs, file))
    except WrongChecksum:
        await restart(depot, file)
        raise
    except Missing:
        return await _without_its_parts(depot, file)
    arrived = await _arrived(depot, file)
    await depot.discard([file.key_of(part) for part in file.parts])
    return arrived


async def find_again(depot: Depot, file: File) -> File | None:
    """An upload whose file lies in the store already, as after a restore of the database, has arrived; else None."""
    if await depot.blobs.size(key_of(file.shop, file.id, ORIGINAL)) != file.bytes:
        return None
    if not await is_whole(depot.blobs, file):
        return None
    arrived = await _arrived(depot, file)
    await depot.discard([file.key_of(part) for part in file.parts])
    return arrived


async def is_whole(blobs: Blobs, file: File) -> bool:
    """Whether the original is in the store, with the bytes that it arrived with."""
    digest, length = hashlib.sha256(), 0
    try:
        async for piece in await blobs.get(key_of(file.shop, file.id, ORIGINAL)):
            digest.update(piece)
            length += len(piece)
    except Missing:
        return False
    return (length, digest.hexdigest()) == (file.bytes, file.sha256)


async def _put_together(blobs: Blobs, file: File) -> AsyncIterator[bytes]:
    """The bytes of all parts. Ends with WrongChecksum unless they are the file."""
    digest, length = hashlib.sha256(), 0
    for part in file.parts:
        async for piece in await blobs.get(file.key_of(part)):
            digest.update(piece)
            length += len(piece)
            yield piece
    if (length, digest.hexdigest()) != (file.bytes, file.sha256):
        raise WrongChecksum("The whole file is not the one that the photo names. It starts again.")


async def _without_its_parts(depot: Depot, file: File) -> File:
    """Another has put them together, or the store has lost them: whatever is so, the row is what counts."""
    found = (
        await find_again(depot, file) or await restart(depot, file) or await depot.find(file.shop, file.id)
    )
    if found is None:
        raise WrongOffset(0)
    return found


async def _arrived(depot: Depot, file: File) -> File:
    """Row and record in one transaction."""
    store = depot.store
    async with store.database.transaction(server_of(file.shop)) as tx:
        arrived = await files.arrive(tx, file, depot.now)
        if arrived is not None:
            photo = str(file.id)
            await store.act_in(tx, file.shop, partial(_processing, photo=photo), [photo])
    found = arrived or await depot.find(file.shop, file.id)
    if found is None:
        raise WrongOffset(0)
    return found


def _processing(scene: Scene, photo: str) -> None:
    if scene.get(photo) is None:
        raise Deleted
    scene.set(photo, {"media": "processing", "media_reason": None})
