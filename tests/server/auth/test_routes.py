"""Sign-in over HTTP: answers, cookies, tokens, and requests that are no requests."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.auth.gate import Gate
from server.auth.links import make_customer_link, make_staff_link
from server.auth.request import COOKIE
from server.auth.routes import ROUTES
from server.errors import WorkbayError
from server.settings import Settings
from server.shops.service import Shops
from tests.server.auth.people import PASSWORD, new_customer, new_shop, new_staff

ANN = {"email": "ann@shop.test", "password": PASSWORD, "device": {"name": "Ann's phone"}}


async def refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, WorkbayError)
    return JSONResponse(error.as_json(), error.status, headers=error.headers())


def application(gate: Gate, settings: Settings) -> Starlette:
    app = Starlette(routes=ROUTES, exception_handlers={WorkbayError: refuse})
    app.state.gate, app.state.settings = gate, settings
    app.state.shops = Shops(gate.database, gate.world, settings.public_url)
    return app


def browser(app: Starlette, url: str = "http://localhost") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url)


@pytest.fixture
async def client(gate: Gate, shop: UUID, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    await new_staff(gate, shop)
    async with browser(application(gate, settings)) as client:
        yield client


async def test_S1_S3_cookie_signs_in_asks_and_signs_out(client: httpx.AsyncClient, shop: UUID) -> None:
    answer = await client.post("/api/session", json=ANN)
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie
    assert "token" not in answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (await client.get("/api/session")).json() == answer.json()
    said = answer.json()
    assert said.keys() == {"replica", "epoch", "principal", "shop"}
    assert said["principal"].keys() == {"kind", "role", "name", "id"}
    assert (said["principal"]["name"], said["shop"]) == ("Ann", {"id": str(shop), "name": "repair"})
    stolen = client.cookies[COOKIE]
    assert (await client.delete("/api/session")).status_code == 204
    assert COOKIE not in client.cookies
    assert (await client.get("/api/session")).status_code == 401
    replayed = await client.get("/api/session", headers={"Cookie": f"{COOKIE}={stolen}"})
    assert replayed.status_code == 401
    assert replayed.json()["code"] == "unauthenticated"
    assert (await client.delete("/api/session")).status_code == 204


async def test_S1_script_asks_for_a_token(client: httpx.AsyncClient) -> None:
    token = (await client.post("/api/session", json={**ANN, "token": True})).json()["token"]
    client.cookies.clear()
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await client.get("/api/session", headers=bearer)).status_code == 200
    for wrong in ("Bearer ", f"Basic {token}", f"Bearer {token}x", "Bearer é"):
        answer = await client.get("/api/session", headers={b"Authorization": wrong.encode()})
        assert answer.status_code == 401


@pytest.mark.parametrize("url", ["https://localhost"])
async def test_cookie_is_secure_over_https(gate: Gate, shop: UUID, settings: Settings, url: str) -> None:
    await new_staff(gate, shop)
    behind_proxy = settings.changed(public_url="https://workbay.test")
    for app, base in (
        (application(gate, settings), url),
        (application(gate, behind_proxy), "http://localhost"),
    ):
        async with browser(app, base) as client:
            answer = await client.post("/api/session", json=ANN)
            assert "secure" in answer.headers["set-cookie"].lower()


async def test_S9_session_known_before_is_not_the_one_signed_in(client: httpx.AsyncClient) -> None:
    first = (await client.post("/api/session", json={**ANN, "token": True})).json()["token"]
    second = (await client.post("/api/session", json={**ANN, "token": True})).json()["token"]
    assert first != second
    client.cookies.clear()
    for token, status in ((first, 401), (second, 200)):
        answer = await client.get("/api/session", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


async def test_S4_S8_customer_and_first_admin_come_in_by_link(
    client: httpx.AsyncClient, gate: Gate, shop: UUID
) -> None:
    await new_customer(gate, shop)
    admin = await new_staff(gate, shop, "admin@shop.test", role="admin", password=None)
    link = await make_customer_link(gate, shop, "carl@home.test")
    answer = await client.post("/api/session", json={"kind": "customer", "link": link})
    assert (answer.status_code, answer.json()["principal"]["role"]) == (201, "customer")
    assert "Max-Age=86400" in answer.headers["set-cookie"]
    link = await make_staff_link(gate, shop, admin)
    first = {"kind": "staff", "link": link, "password": "a longer password"}
    answer = await client.post("/api/session", json=first)
    assert (answer.status_code, answer.json()["principal"]["role"]) == (201, "admin")
    assert (await client.post("/api/session", json=first)).status_code == 401


async def test_S6_devices_are_listed_and_revoked(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/devices")).status_code == 401
    await client.post("/api/session", json=ANN)
    (device,) = (await client.get("/api/devices")).json()["devices"]
    assert device.keys() >= {"replica", "name", "person", "seen_at", "created_at", "revoked", "this"}
    assert (device["name"], device["this"], device["revoked"]) == ("Ann's phone", True, False)
    assert (await client.delete("/api/devices/rabcdefgh2345")).status_code == 404
    assert (await client.delete(f"/api/devices/{device['replica']}")).status_code == 204
    refused = await client.get("/api/devices")
    assert refused.status_code == 403
    assert (refused.json()["code"], refused.json()["wipe"]) == ("forbidden", True)


async def test_S11_host_decides_the_shop(client: httpx.AsyncClient, gate: Gate) -> None:
    other = await new_shop(gate, "it")
    await new_staff(gate, other, "tech1@it.test")
    there = {"Host": "it.localhost:8000"}
    assert (await client.post("/api/session", json=ANN, headers=there)).status_code == 401
    body = {**ANN, "email": "tech1@it.test", "token": True}
    answer = await client.post("/api/session", json=body, headers=there)
    assert answer.json()["shop"] == {"id": str(other), "name": "it"}
    bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert (await client.get("/api/session", headers={**there, **bearer})).status_code == 200
    assert (await client.get("/api/session", headers=bearer)).status_code == 401
    nowhere = await client.get("/api/session", headers={"Host": "nowhere.localhost", **bearer})
    assert nowhere.status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b"[]", 400, None),
        (b"null", 400, None),
        (b'"text"', 400, None),
        (b'{"email": "\\ud800", "password": "x"}', 400, None),
        (b"\xff", 400, None),
        (b"[" * 10_000, 400, None),
        (b'{"a":' * 3000 + b"1" + b"}" * 3000, 413, None),
        (b" " * 16_385, 413, None),
        (b"{}", 400, "email"),
        (b'{"email": 1, "password": "x"}', 400, "email"),
        (b'{"email": "no address", "password": "x"}', 400, "email"),
        (b'{"email": "a\\u0000@b.test", "password": "x"}', 400, "email"),
        (b'{"email": "a@b.test"}', 400, "password"),
        (b'{"email": "a@b.test", "password": "' + b"x" * 257 + b'"}', 400, "password"),
        (b'{"kind": "robot"}', 400, "kind"),
        (b'{"kind": {}}', 400, "kind"),
        (b'{"kind": "customer"}', 400, "link"),
        (b'{"email": "a@b.test", "password": "x", "device": []}', 400, "device"),
        (b'{"email": "a@b.test", "password": "x", "device": {"name": 1}}', 400, "device"),
        (b'{"email": "a@b.test", "password": "x", "device": {"name": "x", "replica": 1}}', 400, "device"),
    ],
)
async def test_unreadable_body_is_told_where(
    client: httpx.AsyncClient, body: bytes, status: int, field: str | None
) -> None:
    answer = await client.post("/api/session", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["at"] == (None if field is None else {"field": field})
    assert "set-cookie" not in answer.headers


async def test_S10_too_many_guesses_are_told_when_to_come_again(client: httpx.AsyncClient) -> None:
    wrong = {**ANN, "password": "wrong password"}
    codes = [(await client.post("/api/session", json=wrong)).status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
    answer = await client.post("/api/session", json=ANN)
    assert answer.status_code == 429
    assert answer.json()["code"] == "rate_limited"
    assert int(answer.headers["retry-after"]) > 0
