"""Uploads as they are asked for: begun, asked after, gone on with, called off.

Who may send a file is who may make photos and sees this one, at each request anew. The file must be the one that the
record names. Called by `routes.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from server.auth.gate import server_of
from server.auth.principal import Principal
from server.errors import Forbidden, Gone, TooLarge
from server.media import files, receiving
from server.media.errors import AlreadyThere, Deleted, OtherFile, ShopFull, WrongChecksum, WrongOffset
from server.media.files import File
from server.media.receiving import Depot, Receiver
from server.media.seeing import COLLECTION, Photo, photo_for
from server.media.tus import Asked, Checksum

UNTOUCHED_MS = 7 * 86_400_000
"""How long an upload is kept that nobody goes on with."""
FULL_RETRY_S = 600


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request, how long it says that it is, and which hash it says that it has."""

    stream: AsyncIterator[bytes]
    length: int | None = None
    checksum: Checksum | None = None


@dataclass(frozen=True, slots=True)
class Uploads:
    """The uploads of all shops. shop_bytes_max: all files of a shop, 0 for no limit."""

    depot: Depot
    shop_bytes_max: int = 0

    async def create(self, who: Principal, asked: Asked) -> File:
        """The upload of a file, a new one or the one there is. Raises Gone, Deleted, Forbidden, OtherFile, ShopFull."""
        photo = await self._photo(who, asked.photo)
        if (photo.data.get("sha256"), photo.data.get("bytes")) != (asked.sha256, asked.bytes):
            raise OtherFile
        file = await self._begun(who.shop, asked)
        if (file.sha256, file.bytes) != (asked.sha256, asked.bytes):
            raise OtherFile
        if file.arrived:
            return file
        return await receiving.find_again(self.depot, file) or await self._settled(file)

    async def _begun(self, shop: UUID, asked: Asked) -> File:
        known = await self.depot.find(shop, asked.photo)
        if known is not None:
            return known
        async with self.depot.store.database.transaction(server_of(shop)) as tx:
            made = await files.begin(tx, shop, asked, self.depot.now, self.shop_bytes_max)
        found = made or await self.depot.find(shop, asked.photo)
        if found is None:
            raise ShopFull(retry_after_s=FULL_RETRY_S)
        return found

    async def stands(self, who: Principal, id_: UUID) -> File:
        """How far the upload of a photo's file is. Raises Gone, Deleted, Forbidden."""
        await self._photo(who, id_)
        return await self._settled(await self._known(who.shop, id_))

    async def append(self, who: Principal, id_: UUID, offset: int, body: Body) -> File:
        """Go on at `offset`. Raises what `Receiver.take` and `finish` raise."""
        await self._photo(who, id_)
        file = await self._known(who.shop, id_)
        if offset != file.received:
            raise WrongOffset(file.received)
        if (body.length or 0) > file.bytes - offset:
            raise TooLarge("More comes than the file was said to have.")
        if not file.whole:
            file = await Receiver(self.depot, file, body.checksum).take(body.stream)
        return await receiving.finish(self.depot, file) if file.whole and not file.arrived else file

    async def drop(self, who: Principal, id_: UUID) -> None:
        """Forget an unfinished upload. Raises AlreadyThere for a file that has arrived."""
        await self._photo(who, id_)
        file = await self._known(who.shop, id_)
        if file.arrived:
            raise AlreadyThere
        if not await receiving.forget(self.depot, file):
            raise WrongOffset((await self._known(who.shop, id_)).received)

    async def _photo(self, who: Principal, id_: UUID) -> Photo:
        if who.kind != "staff" or not self.depot.store.collections[COLLECTION].may(who.role, "c"):
            raise Forbidden("You may not add photos.")
        photo = await photo_for(self.depot.store, who, id_)
        if photo.gone:
            raise Deleted
        return photo

    async def _known(self, shop: UUID, id_: UUID) -> File:
        found = await self.depot.find(shop, id_)
        if found is None:
            raise Gone("There is no upload of this photo.")
        return found

    async def _settled(self, file: File) -> File:
        """An upload of which all came and that a stop of the server kept from its end comes to it now."""
        if file.arrived or not file.whole:
            return file
        try:
            return await receiving.finish(self.depot, file)
        except WrongChecksum:
            return await self._known(file.shop, file.id)
