"""What happens to a file once it has arrived: scanned, decoded, made into sizes, and its record told.

It runs beside the requests of each server process, some files at a time. It is woken when a file arrives, and looks again when a
lease ran out. Everything before the last step can be done again, and the last step is one transaction, so a server may be
killed anywhere in here: the file is done again, by whoever is there. Until it is ready, nothing of it is served.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

import structlog

from server.background import beside
from server.db.session import Context
from server.errors import Retryable, Unavailable
from server.media.blobs import CHUNK_BYTES, DISPLAY, DOCUMENT, ORIGINAL, THUMB, Blobs, Missing, key_of
from server.media.convert import NO_PICTURE, UNREADABLE, Converter, Limits, Refused, Sizes
from server.media.files import CHANNEL
from server.media.leases import Lost, Taken, finish, give_back, take
from server.media.scan import Scanner, scanner_of
from server.media.sniff import HEAD_BYTES, sniff
from server.media.workspace import workspace
from server.settings import Settings
from server.shops.service import list_shops
from server.store.commit import Store
from server.store.scene import Scene

log = structlog.get_logger()

AT_ONCE = 2
TRIES_MAX = 3
LOOK_EACH_S = 5.0
# Shorter than a lease, so that nobody else begins while somebody is still at it.
WORK_S = 100.0
SWEEP_MS = 60_000
AGAIN_MS = 10_000
AWAY_MS_MIN, AWAY_MS_MAX = 5_000, 300_000


class NotNow(Exception):
    """It cannot be said now what becomes of the file; `counts` if the file itself may be why, which is then `reason`."""

    def __init__(self, reason: str, *, counts: bool) -> None:
        super().__init__(reason)
        self.reason, self.counts = reason, counts


class Pipeline:
    """The workers of this process. folder: where they may write for a while."""

    def __init__(self, store: Store, blobs: Blobs, scanner: Scanner, folder: Path, limits: Limits) -> None:
        self.store, self.blobs, self.scanner, self.limits = store, blobs, scanner, limits
        self._root = folder
        # When to look at a shop: those that had nothing waiting when last looked at are not in here.
        self._due: dict[UUID, int] = {}
        self._sweep_at = 0
        self._away_ms, self._away_until = AWAY_MS_MIN, 0
        self._woken = asyncio.Event()
        self._looking = asyncio.Lock()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the block ends."""
        async with beside(self._run(), "media"):
            yield

    async def _run(self) -> None:
        with workspace(self._root) as folder:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen())
                for _ in range(AT_ONCE):
                    group.create_task(self._work(folder))

    async def _listen(self) -> None:
        async for shop in self.store.database.listen(CHANNEL):
            self.wake(UUID(shop) if shop else None)

    def wake(self, shop: UUID | None = None) -> None:
        """Look at a shop now, or at all of them."""
        if shop is None:
            self._sweep_at = 0
        else:
            self._due[shop] = 0
        self._woken.set()

    async def _work(self, folder: Path) -> None:
        converter = Converter(self.limits)
        try:
            while True:
                try:
                    await self.turn(folder, converter)
                except Retryable as error:
                    log.warning("media_waits", why=error.message)
                except Exception:
                    log.exception("media_turn_failed")
                await self._rest(converter)
        finally:
            await converter.close()

    async def _rest(self, converter: Converter) -> None:
        """Until there is news, or it is time to look. A child that has nothing to do is not kept for longer than that."""
        try:
            async with asyncio.timeout(LOOK_EACH_S):
                await self._woken.wait()
        except TimeoutError:
            await converter.close()

    async def turn(self, folder: Path, converter: Converter) -> int:
        """Do what is to be done now, until nothing is left; how many files it was."""
        count = 0
        while (taken := await self._take()) is not None:
            await self._do(taken, folder, converter)
            count += 1
        return count

    async def _take(self) -> Taken | None:
        """The next file, from one shop after the other, so that one with hundreds does not hold up the others."""
        async with self._looking:
            self._woken.clear()
            now = self.store.world.now_ms()
            if now < self._away_until:
                return None
            await self._sweep(now)
            for shop in [shop for shop, at in self._due.items() if at <= now]:
                found = await self._take_of(shop, now)
                if isinstance(found, Taken):
                    return found
        return None

    async def _take_of(self, shop: UUID, now: int) -> Taken | int | None:
        # Removed first: what arrives from here on puts it in again.
        del self._due[shop]
        async with self.store.database.transaction(Context(shop=shop, kind="server")) as tx:
            found = await take(tx, shop, now)
        if isinstance(found, Taken):
            self._due[shop] = 0
            self._woken.set()  # There may be more, for another worker.
        elif found is not None:
            self._due.setdefault(shop, max(found, now + 1))
        return found

    async def _sweep(self, now: int) -> None:
        """Look at every shop now and then, whatever was heard."""
        if now >= self._sweep_at:
            for shop in await list_shops(self.store.database):
                self._due[shop.id] = 0
            self._sweep_at = now + SWEEP_MS

    async def _do(self, taken: Taken, folder: Path, converter: Converter) -> None:
        """One file, to whatever end."""
        try:
            said = UNREADABLE if taken.tries > TRIES_MAX else await self._said(taken, folder, converter)
            await self._settle(taken, said)
        except NotNow as error:
            await self._later(taken, error)
        except Lost:
            log.warning("file_taken_by_another", shop=str(taken.shop), photo=str(taken.id))
        except Retryable as error:
            await self._later(taken, NotNow(error.message, counts=False))

    async def _later(self, taken: Taken, error: NotNow) -> None:
        """Give it back to be tried again; a file that has failed too often is refused for it."""
        log.warning(
            "file_not_now", shop=str(taken.shop), photo=str(taken.id), tries=taken.tries, why=error.reason
        )
        if error.counts and taken.tries >= TRIES_MAX:
            await self._settle(taken, error.reason)
            return
        at = max(self.store.world.now_ms() + AGAIN_MS, self._away_until)
        async with self.store.database.transaction(Context(shop=taken.shop, kind="server")) as tx:
            await give_back(tx, taken, at, counts=error.counts)

    async def _said(self, taken: Taken, folder: Path, converter: Converter) -> Sizes | str | None:
        """The sizes, put into the store; the reason for a refusal; None when the original is not there as it arrived."""
        try:
            async with asyncio.timeout(WORK_S):
                with tempfile.TemporaryDirectory(dir=folder) as own:
                    return await self._made(taken, Path(own), converter)
        except TimeoutError:
            raise NotNow(UNREADABLE, counts=True) from None
        except OSError as error:
            raise NotNow(str(error), counts=False) from error

    async def _made(self, taken: Taken, folder: Path, converter: Converter) -> Sizes | str | None:
        original = folder / ORIGINAL
        if not await self._fetched(taken, original):
            return None
        if sniff(_head(original)) is None:
            return NO_PICTURE
        if (found := await self._found(taken, original)) is not None:
            return found
        sizes = await converter.convert(original, folder)
        if isinstance(sizes, Refused):
            if sizes.died:
                raise NotNow(sizes.reason, counts=True)
            return sizes.reason
        for name in sizes.files:
            await self.blobs.put(key_of(taken.shop, taken.id, name), _pieces(folder / name))
        return sizes

    async def _fetched(self, taken: Taken, original: Path) -> bool:
        """Whether the original is in the store, whole and with its hash; it is in the file then."""
        hashed = hashlib.sha256()
        try:
            with original.open("wb") as file:
                async for piece in await self.blobs.get(key_of(taken.shop, taken.id, ORIGINAL)):
                    hashed.update(piece)
                    file.write(piece)
        except Missing:
            return False
        return hashed.hexdigest() == taken.sha256

    async def _found(self, taken: Taken, original: Path) -> str | None:
        """What the scanner has against the file."""
        verdict = await self.scanner.scan(_pieces(original))
        if verdict.kind == "away":
            # One file asks for all of them whether it is back, less and less often.
            self._away_until = self.store.world.now_ms() + self._away_ms
            self._away_ms = min(2 * self._away_ms, AWAY_MS_MAX)
            raise NotNow(f"The virus scanner is away. {verdict.reason}", counts=False)
        self._away_ms = AWAY_MS_MIN
        if verdict.kind == "broken":
            raise NotNow(verdict.reason, counts=True)
        if verdict.kind == "infected":
            log.warning("file_infected", shop=str(taken.shop), photo=str(taken.id), why=verdict.reason)
        return verdict.reason or None

    async def _settle(self, taken: Taken, said: Sizes | str | None) -> None:
        """The last step: the file's row and the photo's record, in one transaction."""
        if isinstance(said, str):
            # An earlier try may have got as far as putting sizes there.
            for name in (DISPLAY, THUMB, DOCUMENT):
                await self.blobs.delete(key_of(taken.shop, taken.id, name))
        for left in reversed(range(TRIES_MAX)):
            try:
                return await self._committed(taken, said)
            except Unavailable:
                if not left:
                    raise

    async def _committed(self, taken: Taken, said: Sizes | str | None) -> None:
        served = 0
        if isinstance(said, Sizes):
            sizes = [await self.blobs.size(key_of(taken.shop, taken.id, name)) for name in said.files]
            served = sum(size or 0 for size in sizes)
        now, id_ = self.store.world.now_ms(), str(taken.id)
        async with self.store.database.transaction(Context(shop=taken.shop, kind="server")) as tx:
            await finish(tx, taken, now, said, served)
            await self.store.act_in(tx, taken.shop, partial(_tell, id_=id_, said=said), [id_])


def pipeline_of(settings: Settings, store: Store, blobs: Blobs) -> Pipeline:
    """The pipeline as the settings want it. Raises SettingError when they want a scanner and name none."""
    limits = Limits(file_bytes=settings.upload_bytes_max)
    return Pipeline(store, blobs, scanner_of(settings), settings.var / "converting", limits)


def _tell(scene: Scene, id_: str, said: Sizes | str | None) -> None:
    """Write into the photo's record what became of its file. A photo that was deleted meanwhile is left alone."""
    photo = scene.get(id_)
    if photo is None:
        return
    if isinstance(said, Sizes):
        preview = photo.data.get("preview") or said.preview
        scene.set(id_, {"media": "ready", "media_reason": None, "preview": preview})
    elif said is not None:
        scene.set(id_, {"media": "refused", "media_reason": said})
    else:
        scene.set(id_, {"media": "waiting", "media_reason": None})


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            yield piece
