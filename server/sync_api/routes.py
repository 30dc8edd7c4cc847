"""`POST /api/sync`: push, then pull, in one round trip; and what answers a whole request that cannot be taken."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from server.auth.gate import Gate
from server.auth.principal import Principal
from server.auth.replicas import fork_replica, former_durable
from server.auth.request import gate_of, visitor_of
from server.auth.sessions import Visitor, go_on_as
from server.errors import Invalid, TooLarge
from server.store import shown
from server.store.commit import Store
from server.store.cursor import Seen, read_seen, read_seen_alone
from server.store.errors import EpochChanged, Forked, Gap
from server.store.pull import Page, join
from server.store.pushing import Pushed
from server.store.wanting import want
from server.sync_api.live import live
from server.sync_api.pulling import pulled, reader_of
from server.sync_api.search import find_older
from server.sync_api.verify import verify
from sync import wire
from sync.errors import Malformed
from sync.errors import TooLarge as WireTooLarge

HEADERS = {"Cache-Control": "no-store"}


async def sync(http: HttpRequest) -> Response:
    """One sync of one replica."""
    store: Store = http.app.state.store
    visitor = await visitor_of(http)
    request = _parsed(await _body(http))
    try:
        await _look(store, visitor, request)
        if request.replica != visitor.principal.replica:
            visitor = await go_on_as(gate_of(http), visitor, request.replica)
            await _look(store, visitor, request)
        request = replace(request, revoked=visitor.device_revoked)
        return await _synced(gate_of(http), store, visitor, request)
    except (Gap, EpochChanged, Forked) as error:
        return await _contradicted(gate_of(http), store, visitor, error)


async def _look(store: Store, visitor: Visitor, request: wire.Request) -> None:
    """EpochChanged when the request shows that the shop was restored (R11), before anything of it is judged; also one in a
    name that the restored data may not know."""
    who, stands = visitor.principal, visitor.stands
    if request.replica != who.replica:
        stands = replace(stands, applied=None)
    by_cursor = read_seen(store.vault, who.shop, request.replica, request.cursor)
    for seen in (by_cursor, read_seen_alone(store.vault, who.shop, request.seen)):
        if seen is not None:
            await shown.look(store.database, store.world, who.shop, request.replica, seen, stands)


async def _seen(store: Store, shop: UUID) -> str:
    return (await shown.seen_now(store.database, shop)).seal(store.vault, shop)


async def _contradicted(
    gate: Gate, store: Store, visitor: Visitor, error: Gap | EpochChanged | Forked
) -> Response:
    """409: where the server stands, and a name to go on under. A device that is revoked keeps its own, but for a fork."""
    who = visitor.principal
    said = {**error.as_json(), "seen": await _seen(store, who.shop)}
    match error:
        case Gap():
            said["expected"] = error.expected
        case EpochChanged():
            # A name takes new numbers in one epoch only, so what was answered is the same or forks: all may come again.
            said |= {"expected": 1, "epoch": error.epoch}
        case Forked():
            said |= {"n": error.n, "results": _told(who, error.results)}
    if isinstance(error, Forked) or not visitor.revoked:
        said["replica"] = await fork_replica(gate, who)
    return _answer(said, 409)


async def _synced(gate: Gate, store: Store, visitor: Visitor, request: wire.Request) -> Response:
    who = visitor.principal
    pushed = await store.push(who.shop, request) if _has_news(request, visitor) else _nothing(visitor)
    pushed = replace(pushed, results=_told(who, pushed.results))
    if visitor.revoked or pushed.revoked:
        said = {"code": "forbidden", "message": "This device may no longer sync with the shop.", "wipe": True}
        return _answer({**said, "results": pushed.results, "applied": pushed.applied}, 403)
    if request.schema < store.schema.oldest:
        said = {
            "code": "schema",
            "message": "This app is too old to get news from the shop. Please update it.",
        }
        return _answer({**said, "results": pushed.results, "applied": pushed.applied}, 426)
    more: dict[str, Any] = {}
    if request.former:
        more["former"] = await former_durable(gate, who, request.former)
    if who.kind == "staff":
        more["lease"] = visitor.expires - store.world.now_ms()
    if request.only_pushes:
        more |= {**_NO_PAGE, "cursor": request.cursor, "seen": await _seen(store, who.shop)}
        return _answer({**_stands(store, pushed, request.epoch), **more}, 200)
    if pushed.applied > request.confirmed + len(request.changesets):
        # Another half has sent more under this name, should this be all that was ever sent from here (F5).
        more |= {"replica": await fork_replica(gate, who), "seen": await _seen(store, who.shop)}
    if request.want and who.kind == "staff":
        await want(store, reader_of(store, who), request.want)
    page, epoch = await pulled(store, who, request)
    if request.schema > store.schema.number:
        more["schema"] = store.schema.number  # the app is newer than this server, and is told what it knows
    seen = Seen.of(*page.seen, epoch, pushed.applied, visitor.verified)
    return _page(store, who, {**_stands(store, pushed, epoch), **more}, page, seen)


def _has_news(request: wire.Request, visitor: Visitor) -> bool:
    """Whether there is anything to write: changesets, or a replica that heard of more outcomes than it had. Who gets no page
    must hear here that an epoch is over: a revoked device still has to hand over what the restore lost."""
    heard = visitor.confirmed < min(request.confirmed, visitor.applied)
    no_page = request.only_pushes or visitor.revoked
    return bool(request.changesets) or no_page or heard


def _nothing(visitor: Visitor) -> Pushed:
    return Pushed([], visitor.applied, visitor.durable)


_NO_PAGE: Mapping[str, Any] = {"records": [], "more": False, "reset": False}


def _stands(store: Store, pushed: Pushed, epoch: str) -> dict[str, Any]:
    """What every answer says of a push and of where the replica stands."""
    now = store.world.now_ms()
    said = {"applied": pushed.applied, "durable": pushed.durable, "epoch": epoch, "now": now}
    return {"results": pushed.results, **said}


def _page(store: Store, who: Principal, said: dict[str, Any], page: Page, seen: Seen) -> Response:
    cursor = page.cursor.seal(store.vault, who.shop, who.replica, seen)
    said |= {"cursor": cursor, "more": page.more, "reset": page.reset}
    if page.left is not None:
        said["left"] = page.left
    if page.digests is not None:
        said["digests"] = page.digests
    fetched = b"" if page.fetched is None else b',"fetched":' + join(page.fetched)
    body = orjson.dumps(said)[:-1] + fetched + b',"records":' + join(page.records) + b"}"
    return Response(body, media_type="application/json", headers=HEADERS)


def _told(who: Principal, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outcomes as they may be told: a customer learns nothing of the shop's own count (X4)."""
    if who.kind == "staff":
        return results
    return [{name: value for name, value in result.items() if name != "seq"} for result in results]


def _answer(body: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(body), status, HEADERS, "application/json")


async def _body(http: HttpRequest) -> bytes:
    """The body, unpacked when it came as gzip; refused before more than a request may hold is in memory."""
    unpack = _Gzip() if http.headers.get("content-encoding") == "gzip" else bytes
    read = bytearray()
    async for piece in http.stream():
        read += unpack(piece)
        if len(read) > wire.REQUEST_BYTES_MAX:
            raise TooLarge("A request has at most 1 MiB; send half of it.")
    return bytes(read)


class _Gzip:
    """Unpacks pieces, never more of one than a request may hold: what is longer is too large, however small it came."""

    def __init__(self) -> None:
        self._unpack = zlib.decompressobj(wbits=31)

    def __call__(self, piece: bytes) -> bytes:
        try:
            return self._unpack.decompress(piece, wire.REQUEST_BYTES_MAX + 1)
        except zlib.error as error:
            raise Invalid("The body is not gzip, as its Content-Encoding says.") from error


def _parsed(body: bytes) -> wire.Request:
    try:
        return wire.parse(_json(body))
    except WireTooLarge as error:
        raise TooLarge(error.message, at=error.at) from error
    except Malformed as error:
        raise Invalid(error.message, at=error.at) from error


def _json(body: bytes) -> Any:
    """The body as values. What the quick reader refuses is read again with patience: one broken text in one changeset
    must not hold up the others. The quick reader passes over keys that come twice, but then less comes back than came.
    """
    try:
        read = orjson.loads(body)
        if len(orjson.dumps(read)) == len(body):
            return read
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        pass
    try:
        return json.loads(body, parse_constant=lambda _: math.nan, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not JSON.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise Malformed("A key appears twice in an object.")
    return read


ROUTES = [
    Route("/api/sync", sync, methods=["POST"]),
    Route("/api/sync/live", live, methods=["GET"]),
    Route("/api/sync/verify", verify, methods=["POST"]),
    Route("/api/search", find_older, methods=["GET"]),
]
