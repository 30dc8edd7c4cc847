"""Which files of photos go into an archive, and under which names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from uuid import UUID

from server.auth.gate import server_of
from server.db.session import Database
from server.errors import Gone
from server.media import files
from server.media.blobs import DISPLAY, DOCUMENT, ORIGINAL, key_of
from server.media.files import File
from server.media.zipping import Entry, safe_name
from server.photos.naming import local_ms, photo_names, zone_of
from server.photos.reading import Eyes, Photo, shown
from server.photos.visiting import Opened

PDF, JPEG = "application/pdf", "image/jpeg"

ZONE = "SELECT data ->> 'zone' FROM record WHERE shop = %(shop)s AND id = %(shop)s AND collection = 'shop'"


@dataclass(frozen=True, slots=True)
class Archive:
    """What is to be sent: the name of the archive and what goes in."""

    name: str
    entries: list[Entry]
    remark: str = ""


async def of_order(database: Database, eyes: Eyes, order: UUID) -> Archive:
    """The photos of a work order: as they were taken for the staff, as they are shown for its customer."""
    seen = await shown(database, eyes, order)
    ready = [photo for photo in seen.photos if photo.media == "ready"]
    shop: UUID = eyes.values["shop"]
    remark = _remark(len(seen.photos) - len(ready)) if eyes.staff else ""
    return await _archive(database, shop, seen.number, ready, original=eyes.staff, remark=remark)


async def of_album(database: Database, opened: Opened, photos: Sequence[Photo]) -> Archive:
    """All that an album shows."""
    return await _archive(database, opened.shop, opened.album.title, photos)


async def files_of(database: Database, shop: UUID, photos: Sequence[Photo]) -> dict[str, File]:
    """photo → its file, of those whose file may be served."""
    return await files.ready(database, shop, [photo.id for photo in photos])


async def _archive(
    database: Database,
    shop: UUID,
    title: str,
    photos: Sequence[Photo],
    *,
    original: bool = False,
    remark: str = "",
) -> Archive:
    """Raises Gone where there is nothing to put in."""
    known = await files_of(database, shop, photos)
    found = [(photo, known[photo.id]) for photo in photos if photo.id in known]
    if not found:
        raise Gone("There are no photos to download yet.")
    rows = await database.ask(server_of(shop), ZONE, {"shop": shop})
    zone = zone_of(rows[0][0] if rows else None)
    types = [type_of(file) if original or type_of(file) == PDF else JPEG for _, file in found]
    names = photo_names(title, list(zip((photo for photo, _ in found), types, strict=True)), zone)
    entries = [
        _entry(shop, photo, file, name, zone, original=original)
        for (photo, file), name in zip(found, names, strict=True)
    ]
    return Archive(f"{safe_name(title, 'photos')}.zip", entries, remark)


def type_of(file: File) -> str:
    """What it is, as the pipeline found it."""
    return file.sniffed or file.type


def _entry(shop: UUID, photo: Photo, file: File, name: str, zone: tzinfo, *, original: bool) -> Entry:
    blob = ORIGINAL if original else DOCUMENT if type_of(file) == PDF else DISPLAY
    taken = local_ms(photo.taken_at if photo.taken_at is not None else file.touched_at, zone)
    return Entry(name, key_of(shop, UUID(photo.id), blob), taken, file.bytes if original else None)


def _remark(left_out: int) -> str:
    """What people should know of an archive that lacks photos which they see in the app."""
    if not left_out:
        return ""
    many = "1 photo is" if left_out == 1 else f"{left_out} photos are"
    return (
        f"{many} not in this archive: still on a phone, being checked, or refused.\r\nThe app says which.\r\n"
    )
