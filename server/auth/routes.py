"""Sign-in and devices over HTTP: `/api/session` and `/api/devices`.

A sign-in always makes a new session and ends the one whose token came with it, so that nobody can be made to use a
session that somebody else knows. The cookie cannot be read by scripts and is not sent along from other sites.
"""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.auth.principal import Kind
from server.auth.replicas import Device, list_devices, revoke_device
from server.auth.request import COOKIE, body_of, gate_of, principal_of, shop_of, text_in, token_of
from server.auth.service import SignedIn, about, sign_in_by_staff_link, sign_in_customer, sign_in_staff
from server.auth.sessions import LONGEST_MS, end_session, session_of_token
from server.errors import Invalid, Unauthenticated

DEFAULT_DEVICE = "Device"
NO_STORE = {"Cache-Control": "no-store"}


async def post_session(request: Request) -> Response:
    """Sign in."""
    body = await body_of(request)
    signed_in = await _sign_in(request, body)
    await _end_presented(request)
    answer = signed_in.as_json()
    if body.get("token") is True:
        answer["token"] = signed_in.token
    response = JSONResponse(answer, 201, headers=NO_STORE)
    _set_cookie(request, response, signed_in.token, signed_in.principal.kind)
    return response


async def get_session(request: Request) -> Response:
    """Who is signed in."""
    principal = await principal_of(request)
    return JSONResponse(await about(gate_of(request), principal), headers=NO_STORE)


async def delete_session(request: Request) -> Response:
    """Sign out. Who is signed out already may do it again."""
    await _end_presented(request)
    response = Response(status_code=204, headers=NO_STORE)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=_is_secure(request))
    return response


async def get_devices(request: Request) -> Response:
    """The devices one may know of."""
    principal = await principal_of(request)
    return JSONResponse({"devices": await list_devices(gate_of(request), principal)}, headers=NO_STORE)


async def delete_device(request: Request) -> Response:
    """Revoke a device."""
    principal = await principal_of(request)
    await revoke_device(gate_of(request), principal, request.path_params["replica"])
    return Response(status_code=204, headers=NO_STORE)


ROUTES = [
    Route("/api/session", post_session, methods=["POST"]),
    Route("/api/session", get_session, methods=["GET"]),
    Route("/api/session", delete_session, methods=["DELETE"]),
    Route("/api/devices", get_devices, methods=["GET"]),
    Route("/api/devices/{replica}", delete_device, methods=["DELETE"]),
]


async def _sign_in(request: Request, body: dict[str, Any]) -> SignedIn:
    gate, shop, device = gate_of(request), await shop_of(request), _device_in(body)
    remote = request.client.host if request.client else "unknown"
    match body.get("kind", "staff"), "link" in body:
        case "customer", _:
            return await sign_in_customer(gate, shop, text_in(body, "link"), device, remote=remote)
        case "staff", True:
            link, password = text_in(body, "link"), text_in(body, "password")
            return await sign_in_by_staff_link(gate, shop, link, password, device, remote=remote)
        case "staff", False:
            email, password = text_in(body, "email"), text_in(body, "password")
            return await sign_in_staff(gate, shop, email, password, device, remote=remote)
        case _:
            raise Invalid('kind must be "staff" or "customer".', at={"field": "kind"})


def _device_in(body: dict[str, Any]) -> Device:
    device = body.get("device", {})
    if not isinstance(device, dict):
        raise Invalid("device must be an object.", at={"field": "device"})
    name, replica = device.get("name", DEFAULT_DEVICE), device.get("replica")
    if not isinstance(name, str) or not isinstance(replica, str | None):
        raise Invalid("device.name and device.replica must be texts.", at={"field": "device"})
    return Device(name, replica)


async def _end_presented(request: Request) -> None:
    """End the session whose token came with the request, if it is one of this shop's."""
    token, gate = token_of(request), gate_of(request)
    if token is None:
        return
    shop = await shop_of(request)
    try:
        session = session_of_token(gate.vault, shop, token, gate.world.now_ms())
    except Unauthenticated:
        return
    await end_session(gate, shop, session)


def _set_cookie(request: Request, response: Response, token: str, kind: Kind) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=LONGEST_MS[kind] // 1000,
        path="/",
        httponly=True,
        samesite="lax",
        secure=_is_secure(request),
    )


def _is_secure(request: Request) -> bool:
    """Whether people reach us over HTTPS, be it through a proxy that ends it."""
    public_url = request.app.state.settings.public_url
    return request.url.scheme == "https" or urlsplit(public_url or "").scheme == "https"
