"""The files of the built PWA: two pages, the service worker, and what they load.

Files whose names carry a hash of their content never change and are kept for a year; everything else is asked for anew
each time, which costs a 304. Any address that is no file and no API is a screen of the app: below `/customer` the
customer's page answers, elsewhere the staff's. These routes come last, because the final one takes whatever is left.
"""

import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from server.errors import Gone

DIST = Path(__file__).resolve().parents[2] / "pwa" / "dist"
HASHED_NAME = re.compile(r"-[A-Z0-9]{8}\.\w+(\.map)?$")
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
ASK_AGAIN = {"Cache-Control": "no-cache"}

# Where the phone posts what another app shares; named in the manifest.
SHARE_TARGET = "/share-target"
# What the link opens is for whoever was sent it: no search engine lists the address, no other site is told it.
UNLISTED = {**ASK_AGAIN, "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}

NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Workbay</title>
<p>The server runs, but the app has not been built yet. Run <code>scripts/serve</code>, or
<code>npm run build</code> in the folder <code>pwa</code>, and load this page again.</p></html>"""


class Pages:
    """The routes over one folder of built files."""

    def __init__(self, dist: Path = DIST) -> None:
        self._files = StaticFiles(directory=dist, check_dir=False)

    def routes(self) -> list[Route]:
        """To be put after all others."""
        return [
            Route("/service-worker.js", self._worker, methods=["GET"]),
            Route(SHARE_TARGET, self._shared, methods=["POST"]),
            Route("/static/{path:path}", self._static, methods=["GET"]),
            Route("/{path:path}", self._page, methods=["GET"]),
        ]

    async def _worker(self, request: Request) -> Response:
        return await self._file(request, "service-worker.js", ASK_AGAIN)

    async def _shared(self, request: Request) -> Response:
        """What another app shared is taken by the service worker; where none runs yet, the page asks to share again."""
        return RedirectResponse("/share?missed", 303, headers=ASK_AGAIN)

    async def _static(self, request: Request) -> Response:
        path = f"static/{request.path_params['path']}"
        return await self._file(request, path, FOR_EVER if HASHED_NAME.search(path) else ASK_AGAIN)

    async def _page(self, request: Request) -> Response:
        path = request.path_params["path"]
        if path == "api" or path.startswith("api/") or "." in path.rpartition("/")[2]:
            raise Gone("There is nothing at this address.")
        page = "customer.html" if path.split("/")[0] == "customer" else "index.html"
        headers = UNLISTED if path.startswith("customer/album/") else ASK_AGAIN
        try:
            return await self._file(request, page, headers)
        except Gone:
            return HTMLResponse(NOT_BUILT, 503, headers=headers)

    async def _file(self, request: Request, path: str, headers: dict[str, str]) -> Response:
        try:
            response = await self._files.get_response(path, request.scope)
        except HTTPException as error:
            raise Gone("There is no such file.") from error
        response.headers.update(headers)
        return response
