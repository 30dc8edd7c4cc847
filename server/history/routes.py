"""`GET /api/history`: who wrote a field of a record, when, where, and what became of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.auth.request import gate_of, principal_of, whole_in_query
from server.errors import Gone, Invalid
from server.history.reading import SEQ_MAX, Asked, history
from sync.collection import UUID

NO_STORE = {"Cache-Control": "no-store"}
LIMIT, LIMIT_MAX = 50, 200


async def get_history(request: Request) -> Response:
    """One page of a history, newest first."""
    who = await principal_of(request)
    if who.kind != "staff":
        raise Gone  # A customer has no history, whatever is asked for.
    asked = request.query_params
    collection, id_ = asked.get("collection", ""), asked.get("id", "")
    if not collection or not UUID.fullmatch(id_):
        raise Invalid(
            "collection and id name the record.", at={"field": "id" if collection else "collection"}
        )
    page = Asked(
        collection,
        id_,
        asked.get("field"),
        whole_in_query(request, "before", SEQ_MAX, SEQ_MAX),
        whole_in_query(request, "limit", LIMIT, LIMIT_MAX),
    )
    found = await history(request.app.state.store, gate_of(request).vault, who, page)
    return JSONResponse(found, headers=NO_STORE)


ROUTES = [Route("/api/history", get_history, methods=["GET"])]
