"""`GET /api/parked`: the refused changes of the shop's staff, for admins and managers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.auth.request import gate_of, principal_of, whole_in_query
from server.recovery.parked import Asked, parked

NO_STORE = {"Cache-Control": "no-store"}
LIMIT, LIMIT_MAX = 50, 200
SEQ_MAX = 2**62


async def get_parked(request: Request) -> Response:
    """One page of refused changes, newest first."""
    who = await principal_of(request)
    before = whole_in_query(request, "before", SEQ_MAX, SEQ_MAX)
    limit = whole_in_query(request, "limit", LIMIT, LIMIT_MAX)
    asked = Asked(before, limit, request.query_params.get("settled") == "true")
    found = await parked(request.app.state.store, gate_of(request).vault, who, asked)
    return JSONResponse(found, headers=NO_STORE)


ROUTES = [Route("/api/parked", get_parked, methods=["GET"])]
