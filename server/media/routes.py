"""`/api/uploads`: files of photos by tus 1.0, resumed after any break."""

from __future__ import annotations

from uuid import UUID

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.auth.request import principal_of
from server.clock import as_datetime
from server.errors import Gone
from server.media import tus
from server.media.errors import NoUploadBody, VersionWanted
from server.media.files import File
from server.media.uploads import UNTOUCHED_MS, Body, Uploads
from server.settings import Settings
from sync.collection import UUID as UUID_TEXT

PATH = "/api/uploads"


class SpeaksTus:
    """Around each of the routes: every answer, refusals too, says the version."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Tus-Resumable"] = tus.VERSION
            await send(message)

        await self._app(scope, receive, send_with_version)


async def options(request: Request) -> Response:
    """What this server can do."""
    settings: Settings = request.app.state.settings
    said = {
        "Tus-Version": tus.VERSION,
        "Tus-Extension": tus.EXTENSIONS,
        "Tus-Max-Size": str(settings.upload_bytes_max),
        "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
    }
    return Response(status_code=204, headers=said)


async def create(request: Request) -> Response:
    """Begin an upload, or find the one that was begun; its first bytes may come along."""
    _check_version(request)
    settings: Settings = request.app.state.settings
    who, uploads = await principal_of(request), uploads_of(request)
    file = await uploads.create(who, tus.asked_of(request.headers, settings.upload_bytes_max))
    if _has_body(request) and not file.received:
        _check_kind(request)
        file = await uploads.append(who, file.id, 0, _body_of(request))
    return Response(status_code=201, headers={"Location": f"{PATH}/{file.id}", **_standing(file)})


async def stands(request: Request) -> Response:
    """How far it is."""
    _check_version(request)
    who = await principal_of(request)
    file = await uploads_of(request).stands(who, _id_of(request))
    headers = {"Upload-Length": str(file.bytes), "Cache-Control": "no-store", **_standing(file)}
    return Response(status_code=200, headers=headers)


async def append(request: Request) -> Response:
    """Take in a piece."""
    _check_version(request)
    _check_kind(request)
    who, offset = await principal_of(request), tus.whole_of(request.headers, "Upload-Offset")
    uploads, id_ = uploads_of(request), _id_of(request)
    file = await uploads.append(who, id_, offset, _body_of(request))
    return Response(status_code=204, headers=_standing(file))


async def drop(request: Request) -> Response:
    """Call it off."""
    _check_version(request)
    await uploads_of(request).drop(await principal_of(request), _id_of(request))
    return Response(status_code=204)


def uploads_of(request: Request) -> Uploads:
    uploads: Uploads = request.app.state.uploads
    return uploads


def _check_version(request: Request) -> None:
    if request.headers.get("Tus-Resumable") != tus.VERSION:
        raise VersionWanted


def _check_kind(request: Request) -> None:
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != tus.BODY:
        raise NoUploadBody


def _has_body(request: Request) -> bool:
    return request.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in request.headers


def _body_of(request: Request) -> Body:
    said = "Content-Length" in request.headers
    length = tus.whole_of(request.headers, "Content-Length") if said else None
    return Body(request.stream(), length, tus.checksum_of(request.headers))


def _id_of(request: Request) -> UUID:
    said: str = request.path_params["id"]
    if not UUID_TEXT.fullmatch(said):
        raise Gone("There is no upload of this photo.")
    return UUID(said)


def _standing(file: File) -> dict[str, str]:
    """Where an upload stands; of a file that has arrived the receipt."""
    if file.arrived:
        said = tus.receipt(file.sha256, file.bytes)
        return {"Upload-Offset": str(file.bytes), "Upload-Receipt": said}
    expires = tus.http_date(as_datetime(file.touched_at + UNTOUCHED_MS))
    return {"Upload-Offset": str(file.received), "Upload-Expires": expires}


_AROUND = [Middleware(SpeaksTus)]

ROUTES = [
    Route(PATH, options, methods=["OPTIONS"], middleware=_AROUND),
    Route(PATH, create, methods=["POST"], middleware=_AROUND),
    Route(PATH + "/{id}", options, methods=["OPTIONS"], middleware=_AROUND),
    Route(PATH + "/{id}", stands, methods=["HEAD"], middleware=_AROUND),
    Route(PATH + "/{id}", append, methods=["PATCH"], middleware=_AROUND),
    Route(PATH + "/{id}", drop, methods=["DELETE"], middleware=_AROUND),
]
