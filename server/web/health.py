"""`GET /healthz`: whether this process can do its work, for whoever watches it."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.db.session import Context, Database
from server.errors import Unavailable

VERSION = version("workbay")


async def healthz(request: Request) -> Response:
    """200 when the database answers, else 503. Says nothing about any shop."""
    database: Database = request.app.state.database
    reachable = await _answers(database)
    body = {"status": "ok" if reachable else "unavailable", "database": reachable, "version": VERSION}
    return JSONResponse(body, 200 if reachable else 503, headers={"Cache-Control": "no-store"})


async def _answers(database: Database) -> bool:
    try:
        async with database.transaction(Context()):
            return True
    except Unavailable:
        return False


ROUTES = [Route("/healthz", healthz, methods=["GET"])]
