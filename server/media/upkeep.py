"""What is done about files each hour: uploads that nobody goes on with, blobs that nothing names, files of deleted photos, and
a look at each file's bytes once a month.

Each job is complete in itself, may be run by several processes at once, and may be broken off anywhere. A file is never
removed before it is sure that no photo wants it: what looks like an orphan is first offered to the photo it is named after.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any, LiteralString
from uuid import UUID

import structlog

from server.auth.gate import server_of
from server.errors import WorkbayError
from server.jobs.timer import Job
from server.media import files, receiving
from server.media.blobs import ORIGINAL, PARTS, WHOLE, Place, key_of, place_of, remove_photo
from server.media.errors import Deleted, WrongChecksum
from server.media.files import COLUMNS, File
from server.media.receiving import Depot
from server.media.tus import TYPES, Asked
from server.media.uploads import UNTOUCHED_MS
from server.shops.service import list_shops
from server.store.scene import Scene

log = structlog.get_logger()

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
ORPHAN_MS = DAY_MS
"""Nobody is still writing what is older."""
UNKNOWN_MS = 30 * DAY_MS
"""How long a file is kept whose photo is not known: after a restore the record comes back from a phone, perhaps late."""
DELETED_MS = 30 * DAY_MS
SCRUB_MS = 30 * DAY_MS
TURNS = 24 * 25
"""In how many turns each file is looked at: a few days less than the month."""
SCRUB_LEAST = 20
AT_ONCE = 200

UNTOUCHED: LiteralString = f"""
  SELECT {COLUMNS} FROM file
  WHERE shop = %(shop)s AND state = 'receiving' AND (received = bytes OR touched_at <= %(before)s AND received > 0
    OR touched_at <= %(before)s AND served_bytes = 0)
  ORDER BY touched_at LIMIT %(at_once)s"""

# Of a deleted record nothing is left but the commit that deleted it, which says when.
DELETED = """
  SELECT f.id FROM file f LEFT JOIN record r ON r.shop = f.shop AND r.id = f.id
  WHERE f.shop = %(shop)s AND f.touched_at <= %(before)s AND (r.id IS NULL OR r.gone AND EXISTS (
    SELECT FROM change c WHERE c.shop = r.shop AND c.seq = r.seq AND c.received <= %(before)s))
  LIMIT %(at_once)s"""

# What a restore is not sure of is looked at first, and much of it at once.
COUNT = """
  SELECT count(*), count(*) FILTER (WHERE scrubbed_at = 0) FROM file WHERE shop = %(shop)s AND state = 'ready'"""
TO_SCRUB: LiteralString = f"""
  SELECT {COLUMNS} FROM file WHERE shop = %(shop)s AND state = 'ready' AND scrubbed_at <= %(before)s
  ORDER BY scrubbed_at LIMIT %(at_once)s"""
SCRUBBED = "UPDATE file SET scrubbed_at = %(now)s WHERE shop = %(shop)s AND id = %(id)s"

KNOWN: LiteralString = f"SELECT {COLUMNS} FROM file WHERE shop = %(shop)s AND id = ANY (%(ids)s)"
PHOTOS = """
  SELECT id, gone, data FROM record WHERE shop = %(shop)s AND id = ANY (%(ids)s) AND collection = 'photo'"""


def jobs(depot: Depot) -> Mapping[str, Job]:
    """What the calendar does, by name."""

    def each_shop(work: Any) -> Job:
        async def run() -> None:
            for shop in await list_shops(depot.store.database):
                await work(depot, shop.id)

        return run

    return {
        "uploads": each_shop(end_uploads),
        "orphans": each_shop(collect_orphans),
        "deleted_files": each_shop(remove_deleted),
        "scrub": each_shop(scrub),
    }


async def end_uploads(depot: Depot, shop: UUID) -> int:
    """Finish uploads of which all came, and forget those that nobody went on with for a week; how many there were."""
    values = {"shop": shop, "before": depot.now - UNTOUCHED_MS, "at_once": AT_ONCE}
    found = files.rows(await depot.store.database.ask(server_of(shop), UNTOUCHED, values))
    for file in found:
        await _end(depot, file)
    return len(found)


async def _end(depot: Depot, file: File) -> None:
    if file.whole:
        try:
            await receiving.finish(depot, file)
        except WrongChecksum:
            log.info("upload_starts_again", shop=str(file.shop), photo=str(file.id))
        except Deleted:
            await receiving.forget(depot, file)
    elif file.served_bytes:
        # Its sizes are still shown; only what came of it anew goes.
        await receiving.restart(depot, file)
    else:
        await receiving.forget(depot, file)


async def collect_orphans(depot: Depot, shop: UUID) -> int:
    """Remove blobs that nothing names, after each file was offered to its photo; how many were removed."""
    removed = 0
    async for batch in _batches(depot, shop):
        orphans = await _Orphans.among(depot, shop, [place.photo for place, _, _ in batch])
        for place, length, changed in batch:
            if await orphans.is_orphan(place, length, changed):
                await depot.blobs.delete(key_of(place.shop, place.photo, place.name))
                removed += 1
    return removed


async def _batches(depot: Depot, shop: UUID) -> AsyncIterator[list[tuple[Place, int, int]]]:
    """What is old enough to be looked at, some at a time. What is not named like a blob of a photo is none of ours."""
    batch: list[tuple[Place, int, int]] = []
    before = depot.now - ORPHAN_MS
    async for key, length, changed in depot.blobs.list(f"{shop}/"):
        place = place_of(key)
        if place is not None and changed <= before:
            batch.append((place, length, changed))
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    yield batch


class _Orphans:
    """Tells, of blobs that were found, which nothing names: by the rows and records as they are now, later than the list."""

    def __init__(
        self, depot: Depot, shop: UUID, rows: Sequence[File], photos: Mapping[UUID, tuple[bool, Any]]
    ) -> None:
        self._depot, self._shop = depot, shop
        self._files, self._photos = {row.id: row for row in rows}, photos

    @classmethod
    async def among(cls, depot: Depot, shop: UUID, ids: Sequence[UUID]) -> _Orphans:
        values = {"shop": shop, "ids": sorted(set(ids))}
        async with depot.store.database.transaction(server_of(shop), snapshot=True) as tx:
            rows = files.rows(await (await tx.execute(KNOWN, values)).fetchall())
            photos = await (await tx.execute(PHOTOS, values)).fetchall()
        return cls(depot, shop, rows, {id_: (gone, data) for id_, gone, data in photos})

    async def is_orphan(self, place: Place, length: int, changed: int) -> bool:
        file = self._files.get(place.photo)
        if place.name.startswith(PARTS):
            return file is None or all(
                f"{PARTS}{part.offset}-{part.token}" != place.name for part in file.parts
            )
        if place.name not in WHOLE:
            return True  # A draft that a stop of the server left behind.
        if file is not None:
            return False
        gone, data = self._photos.get(place.photo, (None, {}))
        if place.name == ORIGINAL and gone is None:
            # Asked once more, for its phone may have come with the record just now.
            old = changed <= self._depot.now - UNKNOWN_MS
            return old and await self._depot.find(self._shop, place.photo) is None
        if place.name == ORIGINAL and not gone:
            return not await self._adopted(place, length, data)
        # Sizes are made anew from a file that was taken up again; those of a deleted photo go with it.
        return gone is not False

    async def _adopted(self, place: Place, length: int, data: Mapping[str, Any]) -> bool:
        """Whether the photo has taken up the file that it lacked."""
        kind = data.get("type") if data.get("type") in TYPES else "image/jpeg"
        if data.get("bytes") != length or not data.get("sha256") or data.get("media") == "refused":
            return False
        depot, asked = self._depot, Asked(place.photo, data["sha256"], length, str(kind))
        async with depot.store.database.transaction(server_of(self._shop)) as tx:
            begun = await files.begin(tx, self._shop, asked, depot.now, 0)
        if begun is None:
            return True  # Its phone sends it just now.
        if await receiving.find_again(depot, begun) is not None:
            log.info("file_adopted", shop=str(self._shop), photo=str(place.photo))
            return True
        await files.drop(depot.store.database, begun)
        return False


async def remove_deleted(depot: Depot, shop: UUID) -> int:
    """Remove the files of photos that were deleted 30 days ago; how many there were. The row goes last, so that a turn that was
    broken off finds it again."""
    values = {"shop": shop, "before": depot.now - DELETED_MS, "at_once": AT_ONCE}
    found = await depot.store.database.ask(server_of(shop), DELETED, values)
    for (id_,) in found:
        await remove_photo(depot.blobs, shop, id_)
        async with depot.store.database.transaction(server_of(shop)) as tx:
            await files.forget(tx, shop, id_)
    return len(found)


async def scrub(depot: Depot, shop: UUID) -> int:
    """Read some of the files whose turn it is; how many were lost. Each is read every 30 days."""
    database, context = depot.store.database, server_of(shop)
    ((count, suspect),) = await database.ask(context, COUNT, {"shop": shop})
    at_once = max(SCRUB_LEAST, -(-count // TURNS), min(suspect, AT_ONCE))
    values = {"shop": shop, "before": depot.now - SCRUB_MS, "at_once": at_once}
    lost_ = 0
    for file in files.rows(await database.ask(context, TO_SCRUB, values)):
        if await receiving.is_whole(depot.blobs, file):
            async with database.transaction(context) as tx:
                await tx.execute(SCRUBBED, {"shop": shop, "id": file.id, "now": depot.now})
        else:
            lost_ += await lost(depot, shop, file.id)
    return lost_


async def lost(depot: Depot, shop: UUID, id_: UUID) -> bool:
    """The original is not there, or not what it was: the photo waits for it again, and whichever phone still holds it sends
    it. What was made of it is shown meanwhile. Whoever finds that a file is missing may call this."""
    photo = str(id_)
    try:
        async with depot.store.database.transaction(server_of(shop)) as tx:
            if await files.lose(tx, shop, id_, depot.now) is None:
                return False
            await depot.store.act_in(tx, shop, partial(_waiting, photo=photo), [photo])
    except WorkbayError:
        log.exception("file_lost_and_not_said", shop=str(shop), photo=photo)
        return False
    log.error("file_lost", shop=str(shop), photo=photo)
    return True


def _waiting(scene: Scene, photo: str) -> None:
    scene.set(photo, {"media": "waiting", "media_reason": None})
