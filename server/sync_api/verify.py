"""`POST /api/sync/verify`: a replica looks closer at what differs, and tells what it found (D3).

Three questions, told apart by what is in them: `collections` gives 256 parts of each, `parts` gives the ids in some of
those, `found` is the report of what was mended, kept for whoever runs the server. Rights are those of a pull.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from server.auth.errors import Revoked
from server.auth.principal import Principal
from server.auth.request import body_of, gate_of, text_in, visitor_of
from server.auth.sessions import go_on_as
from server.errors import Invalid
from server.store import mismatches
from server.store.commit import Store
from server.store.mismatches import Mismatch
from server.sync_api.pulling import held
from sync import verify as core
from sync.collection import UUID

log = structlog.get_logger()
QUESTION_MAX = 64 * 1024
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
PART = re.compile(r"[0-9a-f]{2}")
KINDS = ("missing", "extra", "changed")
COUNT_MAX = 2**31 - 1


async def verify(http: Request) -> Response:
    """Answer one question of a replica that differs, or keep its report."""
    store: Store = http.app.state.store
    body = await body_of(http, QUESTION_MAX)
    who = await _asking(http, text_in(body, "replica"))
    if "found" in body:
        return _answer(await _report(store, who, body))
    epoch = text_in(body, "epoch")
    if "parts" in body:
        parts = _parts(body["parts"])
        return _answer({"ids": core.by_id(await held(store, who, epoch, list(parts)), parts)})
    named = _names(body.get("collections"))
    return _answer({"parts": core.by_part(await held(store, who, epoch, named), named)})


async def _asking(http: Request, replica: str) -> Principal:
    """Who asks, under the replica that the body names, as in a sync."""
    visitor = await visitor_of(http)
    if replica != visitor.principal.replica:
        visitor = await go_on_as(gate_of(http), visitor, replica)
    if visitor.revoked:
        raise Revoked(visitor.principal)
    return visitor.principal


async def _report(store: Store, who: Principal, body: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a report once, however often it is sent."""
    id_, mended = body.get("id"), body.get("mended")
    if not (isinstance(id_, str) and UUID.fullmatch(id_)) or not isinstance(mended, bool):
        raise Invalid("A report has an id, and says whether all was mended.")
    found = _found(body["found"])
    report = Mismatch(id_, who.replica, str(who.person), store.world.now_ms(), mended, found)
    if await mismatches.keep(store.database, who.shop, report):
        log.warning("replica_differed", shop=str(who.shop), replica=who.replica, found=found, mended=mended)
    return {"noted": True}


def _found(said: Any) -> dict[str, dict[str, int]]:
    """collection → how many records were missing, were too many, or had other content."""
    if not isinstance(said, dict) or not 1 <= len(said) <= 64 or not all(map(NAME.fullmatch, said)):
        raise Invalid("found must name collections.", at={"field": "found"})
    counts = [count for one in said.values() for count in (one.values() if isinstance(one, dict) else [None])]
    fits = all(type(count) is int and 0 <= count <= COUNT_MAX for count in counts)
    if not fits or any(set(one) - set(KINDS) for one in said.values()):
        raise Invalid(f"found counts {', '.join(KINDS)}.", at={"field": "found"})
    return said


def _names(said: Any) -> list[str]:
    if not isinstance(said, list) or not 1 <= len(said) <= 64:
        raise Invalid("collections must name some collections.", at={"field": "collections"})
    if not all(isinstance(name, str) and NAME.fullmatch(name) for name in said):
        raise Invalid("collections must name collections.", at={"field": "collections"})
    return list(said)


def _parts(said: Any) -> dict[str, list[str]]:
    wrong = Invalid("parts must name parts of collections.", at={"field": "parts"})
    if not isinstance(said, dict):
        raise wrong
    named = _names(list(said))
    for parts in said.values():
        if not isinstance(parts, list) or not all(isinstance(p, str) and PART.fullmatch(p) for p in parts):
            raise wrong
    return {name: said[name] for name in named}


def _answer(body: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(body), headers={"Cache-Control": "no-store"}, media_type="application/json")
