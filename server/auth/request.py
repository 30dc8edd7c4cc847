"""What a request says of itself: its shop by host, its principal by cookie or bearer token, its body.

Other rooms call `principal_of(request)`. The sync routes call `visitor_of(request)`, because a revoked device is heard
there once more. Both ask the database at every request; within one request they ask once.
"""

from typing import Any, Protocol
from uuid import UUID

import orjson
from starlette.requests import Request

from server.auth.errors import Revoked
from server.auth.gate import Gate
from server.auth.principal import Principal
from server.auth.sessions import Visitor, renew, who_is
from server.errors import Invalid, TooLarge, Unauthenticated

COOKIE = "workbay_session"
BODY_MAX = 16 * 1024


class ShopsByHost(Protocol):
    """Finds the shop that a host name belongs to. The room `shops` offers it, the application puts it in place."""

    async def id_of_host(self, host: str) -> UUID: ...


def gate_of(request: Request) -> Gate:
    """What sign-in works with; the application put it in place."""
    gate: Gate = request.app.state.gate
    return gate


async def shop_of(request: Request) -> UUID:
    """The id of the shop whose address was called."""
    shops: ShopsByHost = request.app.state.shops
    return await shops.id_of_host(request.headers.get("host", ""))


def token_of(request: Request) -> str | None:
    """The session token: a script's bearer token, else the browser's cookie."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip() or None
    return request.cookies.get(COOKIE) or None


async def visitor_of(request: Request) -> Visitor:
    """Who asks, revoked or not; `Unauthenticated` without a session that counts."""
    known: Visitor | None = getattr(request.state, "visitor", None)
    if known is not None:
        return known
    token = token_of(request)
    if token is None:
        raise Unauthenticated
    gate = gate_of(request)
    visitor = await renew(gate, await who_is(gate, await shop_of(request), token))
    request.state.visitor = visitor
    return visitor


async def principal_of(request: Request) -> Principal:
    """Who asks, for everything but the last hand-over of a revoked device."""
    visitor = await visitor_of(request)
    if visitor.revoked:
        raise Revoked(visitor.principal)
    return visitor.principal


async def body_of(request: Request, longest: int = BODY_MAX) -> dict[str, Any]:
    """The JSON object in the body. What is too long is refused before it is read whole."""
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > longest:
            raise TooLarge(f"The body has more than {longest // 1024} KiB.")
    try:
        body = orjson.loads(bytes(read))
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The body is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object.")
    return body


def whole_in_query(request: Request, name: str, default: int, most: int) -> int:
    """A whole number from 1 among the words after the `?`; what is above `most` is taken as that."""
    said = request.query_params.get(name)
    if said is None:
        return default
    if not said.isascii() or not said.isdecimal() or len(said) > 18 or not int(said):
        raise Invalid(f"{name} must be a whole number from 1.", at={"field": name})
    return min(int(said), most)


def text_in(body: dict[str, Any], field: str, longest: int = 256) -> str:
    """A text that must be there."""
    value = body.get(field)
    if not isinstance(value, str) or not value:
        raise Invalid(f"{field} is missing: it must be a text.", at={"field": field})
    if len(value) > longest:
        raise Invalid(f"{field} has more than {longest} characters.", at={"field": field})
    return value
