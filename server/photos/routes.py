"""Photos as files in one piece, and albums: `/api/photos/zip`, `/api/albums` for the staff, `/api/album/{token}` for whoever
has the link. Nothing of an album is kept by browsers without asking again, for a photo may be hidden at any moment."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from server.auth.request import body_of, gate_of, principal_of, shop_of, text_in
from server.errors import Gone
from server.media import serving
from server.media.serving import SIZES
from server.media.zipping import attachment, zipped
from server.photos import albums, visiting, zips
from server.photos.albums import id_of, wish_of
from server.photos.reading import eyes_of
from server.photos.visiting import Opened, Visit
from server.photos.zips import PDF, Archive, type_of
from server.store.commit import Store
from sync.collection import UUID as UUID_TEXT

NO_STORE = {"Cache-Control": "no-store"}
UNLISTED = {**NO_STORE, "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
MARK, ZIP = "workbay_album", "application/zip"
# The body names up to 500 photos.
WISH_BYTES_MAX = 64 * 1024


async def get_zip(request: Request) -> Response:
    """All photos of a work order that the asker may see: as taken for the staff, as shown for customers."""
    who = await principal_of(request)
    order = id_of(request.query_params.get("work_order"), "work_order")
    store = _store(request)
    archive = await zips.of_order(store.database, eyes_of(store, who), order)
    return _sent(request, archive, NO_STORE)


async def post_album(request: Request) -> Response:
    """Make an album; the answer alone tells its link."""
    who = await principal_of(request)
    album, token = await albums.make(
        _store(request), gate_of(request), who, wish_of(await body_of(request, WISH_BYTES_MAX))
    )
    url = f"{_origin(request)}/customer/album/{token}"
    return JSONResponse({**album.as_json(), "url": url, "qr": _qr(url)}, 201, headers=NO_STORE)


async def get_albums(request: Request) -> Response:
    """The albums of a work order."""
    who = await principal_of(request)
    order = id_of(request.query_params.get("work_order"), "work_order")
    found = await albums.listed(_store(request), who, order)
    return JSONResponse({"albums": [album.as_json() for album in found]}, headers=NO_STORE)


async def delete_album(request: Request) -> Response:
    """Revoke an album."""
    who = await principal_of(request)
    await albums.revoke(_store(request), who, _id_in_path(request, "id"))
    return Response(status_code=204, headers=NO_STORE)


async def get_album(request: Request) -> Response:
    """What the album shows. Asking for it is a view of it."""
    opened = await _opened(request)
    photos = await visiting.photos_of(gate_of(request), opened)
    files = await zips.files_of(_store(request).database, opened.shop, photos)
    if request.method == "GET":
        await visiting.note_view(gate_of(request), opened)
    shown = [
        {
            "id": one.id,
            "kind": one.kind,
            "taken_at": one.taken_at,
            "note": one.note,
            "drawing": one.drawing,
            "type": type_of(files[one.id]),
        }
        for one in photos
        if one.id in files
    ]
    branding = await request.app.state.shops.branding(request.headers.get("host", ""))
    said = {"title": opened.album.title, "shop": branding.name, "expires_at": opened.album.expires_at}
    return JSONResponse({**said, "photos": shown}, headers=UNLISTED)


async def post_unlock(request: Request) -> Response:
    """Open an album by its password, in this browser and for a while."""
    password = text_in(await body_of(request), "password")
    visit = await _visit(request)
    unlocked = await visiting.unlock(gate_of(request), visit, password)
    response = Response(status_code=204, headers=UNLISTED)
    if unlocked is not None:
        mark, until = unlocked
        response.set_cookie(
            MARK,
            mark,
            max_age=(until - gate_of(request).world.now_ms()) // 1000,
            path=f"/api/album/{visit.token}",
            httponly=True,
            samesite="lax",
            secure=_is_secure(request),
        )
    return response


async def get_picture(request: Request) -> Response:
    """One picture of the album, or a document in it. A browser may keep it, but asks again each time it shows it."""
    opened, id_ = await _opened(request), _id_in_path(request, "photo")
    photos = await visiting.photos_of(gate_of(request), opened, id_)
    files = await zips.files_of(_store(request).database, opened.shop, photos)
    size, name = SIZES.get(request.path_params["size"]), f"photo-{id_.hex[-8:]}"
    if not files or size is None or size.staff_only:
        raise Gone
    ending = "pdf" if size.type == PDF else "jpg"
    answer = await serving.answer(
        request, serving.blobs_of(request), files[str(id_)], size, f"{name}.{ending}"
    )
    answer.headers.update({**UNLISTED, "Cache-Control": "private, no-cache"})
    return answer


async def get_album_zip(request: Request) -> Response:
    """All that the album shows, in one file."""
    opened = await _opened(request)
    photos = await visiting.photos_of(gate_of(request), opened)
    archive = await zips.of_album(_store(request).database, opened, photos)
    return _sent(request, archive, UNLISTED)


ROUTES = [
    Route("/api/photos/zip", get_zip, methods=["GET"]),
    Route("/api/albums", post_album, methods=["POST"]),
    Route("/api/albums", get_albums, methods=["GET"]),
    Route("/api/albums/{id}", delete_album, methods=["DELETE"]),
    Route("/api/album/{token}", get_album, methods=["GET"]),
    Route("/api/album/{token}", post_unlock, methods=["POST"]),
    Route("/api/album/{token}/zip", get_album_zip, methods=["GET"]),
    Route("/api/album/{token}/{photo}/{size}", get_picture, methods=["GET"]),
]


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


async def _visit(request: Request) -> Visit:
    remote = request.client.host if request.client else "unknown"
    return Visit(await shop_of(request), request.path_params["token"], remote, request.cookies.get(MARK))


async def _opened(request: Request) -> Opened:
    return await visiting.open_album(gate_of(request), await _visit(request))


def _id_in_path(request: Request, name: str) -> UUID:
    """An id in the path; what is none is not there."""
    said = request.path_params[name]
    if not UUID_TEXT.fullmatch(said):
        raise Gone
    return UUID(said)


def _sent(request: Request, archive: Archive, headers: dict[str, str]) -> Response:
    headers = {**headers, "Content-Disposition": attachment(archive.name)}
    if request.method == "HEAD":
        return Response(media_type=ZIP, headers=headers)  # Nothing is read of what nobody wants.
    pieces = zipped(serving.blobs_of(request), archive.entries, archive.remark)
    return StreamingResponse(pieces, media_type=ZIP, headers=headers)


def _origin(request: Request) -> str:
    """Where people reach this shop: as the browser that asks has it, which was found to be our own."""
    origin = request.headers.get("origin")
    scheme = "https" if _is_secure(request) else "http"
    return origin or f"{scheme}://{request.headers.get('host', '')}"


def _is_secure(request: Request) -> bool:
    """Whether people reach us over HTTPS, be it through a proxy that ends it."""
    public_url = request.app.state.settings.public_url
    return request.url.scheme == "https" or urlsplit(public_url or "").scheme == "https"


def _qr(text: str) -> str:
    """The link to be scanned off a screen: dark on white whatever the colours around it."""
    import segno

    drawn: str = segno.make(text, error="m").svg_data_uri(scale=4, border=3, dark="#000", light="#fff")
    return drawn
