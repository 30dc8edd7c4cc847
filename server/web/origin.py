"""Requests that change something must come from our own pages, and their bodies must be JSON.

A browser says where a request comes from (`Origin`, `Sec-Fetch-Site`) and other sites cannot forge that, nor send JSON
without asking first. Scripts send neither header and bring a token of their own, so they pass. Bodies of uploads are bytes
of a type that other sites cannot send without asking either.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from server.errors import Forbidden, UnsupportedType

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITE = frozenset({"same-origin", "none"})
JSON, UPLOADS, PIECE = "application/json", "/api/uploads", "application/offset+octet-stream"


class OriginCheck:
    """Middleware that refuses unsafe requests from elsewhere, and bodies that are not JSON."""

    def __init__(self, app: ASGIApp, *, public_url: str | None = None) -> None:
        self._app = app
        self._public_host = urlsplit(public_url or "").netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            self._check_origin(headers)
            _check_body(headers, PIECE if _is_upload(scope["path"]) else JSON)
        await self._app(scope, receive, send)

    def _check_origin(self, headers: Headers) -> None:
        site = headers.get("sec-fetch-site")
        if site is not None and site not in OWN_SITE:
            raise Forbidden("This request came from another site.")
        origin = headers.get("origin")
        if origin is not None and not self._is_own(origin, headers.get("host", "")):
            raise Forbidden("This request came from another site.")

    def _is_own(self, origin: str, host: str) -> bool:
        """Compared without the scheme, for a proxy may end HTTPS before us."""
        place = urlsplit(origin).netloc.lower()
        return bool(place) and place in (host.lower(), self._public_host)


def _is_upload(path: str) -> bool:
    return path == UPLOADS or path.startswith(UPLOADS + "/")


def _check_body(headers: Headers, wanted: str) -> None:
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if (has_body or kind) and kind != wanted:
        raise UnsupportedType(f"The body must have Content-Type {wanted}.")
