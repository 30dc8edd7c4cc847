"""`GET /api/photos/{id}/{size}`: a photo's file, for whoever may see the photo at this moment.

The right is that of the record, asked at each request in the reader's own name; a copy in the reader's own browser may be
kept for ever, for what an address hands out never changes. What came from outside (`original`, `document`) is never shown in
place: it is saved. Nothing is served that was not looked at by the pipeline.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from server.auth.principal import Principal
from server.auth.request import principal_of
from server.clock import as_datetime
from server.errors import Gone, WorkbayError
from server.media import files, upkeep
from server.media.blobs import DISPLAY, DOCUMENT, ORIGINAL, THUMB, Blobs, Missing, key_of
from server.media.files import File
from server.media.seeing import Photo, photo_for
from sync.collection import UUID as UUID_TEXT

SIGNED_S = 60
KEPT = "private, max-age=31536000, immutable"
KEPT_REDIRECT = "private, max-age=50"
"""Less than the address is good for."""
POLICY = "sandbox; default-src 'none'"
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/heic": "heic",
    "image/heif": "heif",
    "application/pdf": "pdf",
}
BYTES = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Size:
    """One of the sizes: under which name it is kept, its type (None: that of the file), whether browsers show it in place,
    and whether it is made by the pipeline."""

    blob: str
    type: str | None
    inline: bool = False
    made: bool = False
    staff_only: bool = False


SIZES = {
    "original": Size(ORIGINAL, None, staff_only=True),
    "display": Size(DISPLAY, "image/jpeg", inline=True, made=True),
    "thumb": Size(THUMB, "image/jpeg", inline=True, made=True),
    "document": Size(DOCUMENT, "application/pdf"),
}


class NoSuchRange(WorkbayError):
    """The file has no such bytes."""

    code = "invalid"
    status = 416

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length

    def headers(self) -> dict[str, str]:
        return {"Content-Range": f"bytes */{self.length}"}


async def get_photo(request: Request) -> Response:
    """One size of one photo."""
    who, size = await principal_of(request), SIZES.get(request.path_params["size"])
    if size is None or (size.staff_only and who.kind != "staff"):
        raise Gone
    photo, file = await _found(request, who, request.path_params["id"], size)
    try:
        return await answer(request, blobs_of(request), file, size, name_of(photo, file, size))
    except Missing:
        if size.blob == ORIGINAL:
            await upkeep.lost(request.app.state.uploads.depot, who.shop, file.id)
        raise


async def answer(request: Request, blobs: Blobs, file: File, size: Size, name: str) -> Response:
    """The bytes, or where to get them, or that the asker has them already. Who may have them was asked before."""
    etag = f'"{file.sha256[:32]}-{size.blob}"'
    headers = {"ETag": etag, "Cache-Control": KEPT, "Content-Security-Policy": POLICY}
    if _is_named(request.headers.get("If-None-Match"), etag):
        return Response(status_code=304, headers=headers)
    key = key_of(file.shop, file.id, size.blob)
    if request.method == "GET" and (url := await blobs.signed(key, SIGNED_S)) is not None:
        return RedirectResponse(url, 302, headers={**headers, "Cache-Control": KEPT_REDIRECT})
    length = await blobs.size(key)
    if length is None:
        raise Missing
    shown = "inline" if size.inline else "attachment"
    headers |= {
        "Content-Type": size.type or _type_of(file),
        "Content-Disposition": f'{shown}; filename="{name}"',
        "Accept-Ranges": "bytes",
    }
    part = range_of(request.headers, length, etag)
    start, end = part or (0, length)
    headers["Content-Length"] = str(end - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    content: AsyncIterator[bytes] = await blobs.get(key, start, end)
    return StreamingResponse(content, status, headers)


def range_of(headers: Mapping[str, str], length: int, etag: str) -> tuple[int, int] | None:
    """The one range that is asked for, up to its end; None for all of it. More than one, or one that cannot be read, is all.
    Raises NoSuchRange."""
    unit, _, said = headers.get("Range", "").partition("=")
    first, dash, last = said.partition("-")
    first, last = first.strip(), last.strip()
    numbers = [n for n in (first, last) if n]
    if unit.strip().lower() != "bytes" or not dash or not numbers or not all(map(_is_number, numbers)):
        return None
    if headers.get("If-Range", etag) != etag:
        return None
    if not first:
        start, end = max(0, length - int(last)), length
    else:
        start, end = int(first), min(length, int(last) + 1) if last else length
        if last and int(last) < int(first):
            return None
    if start >= length or start >= end:
        raise NoSuchRange(length)
    return start, end


def name_of(photo: Photo, file: File, size: Size) -> str:
    """A name to save it under, made of nothing that anybody wrote: before-2026-11-26-3f2a91bc.jpg."""
    taken = photo.data.get("taken_at") or photo.data.get("created_at") or 0
    day = as_datetime(taken).strftime("%Y-%m-%d") if 0 <= taken < 2**42 else "undated"
    ending = ENDINGS.get(size.type or _type_of(file), "bin")
    return f"{photo.data.get('kind', 'photo')}-{day}-{file.id.hex[-8:]}.{ending}"


def blobs_of(request: Request) -> Blobs:
    blobs: Blobs = request.app.state.blobs
    return blobs


async def _found(request: Request, who: Principal, id_: str, size: Size) -> tuple[Photo, File]:
    if not UUID_TEXT.fullmatch(id_):
        raise Gone
    store = request.app.state.store
    photo = await photo_for(store, who, UUID(id_))
    if photo.gone:
        raise Gone
    file = await files.find(store.database, who.shop, photo.id)
    # Sizes were made of what was looked at, and may be there although the original was lost.
    if file is None or not (file.state == "ready" or (size.made and file.served_bytes)):
        raise Gone("The shop does not have this file, or not yet.")
    if file.state == "refused":
        raise Gone("This file was refused.")
    return photo, file


def _type_of(file: File) -> str:
    return file.sniffed if file.sniffed in ENDINGS else BYTES


def _is_named(said: str | None, etag: str) -> bool:
    """Whether If-None-Match names it."""
    tags = [tag.strip().removeprefix("W/") for tag in (said or "").split(",")]
    return etag in tags or "*" in tags


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


ROUTES = [Route("/api/photos/{id}/{size}", get_photo, methods=["GET"])]
