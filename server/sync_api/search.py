"""`GET /api/search?q=…`: older work that is no longer on the phones, for staff (P18)."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from server.auth import limits
from server.auth.request import gate_of, principal_of
from server.errors import Forbidden, Invalid
from server.store.commit import Store
from server.store.searching import fold, search
from server.sync_api.pulling import reader_of

WORDS_MAX = 8
LETTERS_MIN = 2
QUERY_MAX = 200
PER_WINDOW = 60


async def find_older(http: Request) -> Response:
    """Archived work orders that have all the words asked for."""
    store: Store = http.app.state.store
    who = await principal_of(http)
    if who.kind != "staff":
        raise Forbidden("Only the shop's staff searches older work.")
    words = _words(http.query_params.get("q", ""))
    await limits.allow(gate_of(http), who.shop, f"search|{who.person}", PER_WINDOW)
    results = await search(store.database, store.codec(who.shop), reader_of(store, who), words)
    said = {"found": results.found, "looked": results.looked, "more": results.more}
    return Response(orjson.dumps(said), headers={"Cache-Control": "no-store"}, media_type="application/json")


def _words(query: str) -> list[str]:
    words = fold(query[: QUERY_MAX + 1]).split(" ")
    if len(query) > QUERY_MAX or len(words) > WORDS_MAX:
        raise Invalid(f"Search for at most {WORDS_MAX} words.", at={"field": "q"})
    if sum(map(len, words)) < LETTERS_MIN:
        raise Invalid(f"Search for at least {LETTERS_MIN} letters or digits.", at={"field": "q"})
    return words
