"""What all answers have in common: headers, refusals of foreign requests, errors as JSON, and what the log may hold."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from server.errors import Invalid, Unavailable
from server.settings import Settings
from server.web.errors import EXCEPTION_HANDLERS
from server.web.middleware import around
from server.web.requests import Requests
from tests.worlds import CountingWorld

LONG = {"text": "word " * 1000}


async def _good(request: Request) -> Response:
    return JSONResponse(LONG)


async def _invalid(request: Request) -> Response:
    raise Invalid("No number.", at={"field": "n"})


async def _busy(request: Request) -> Response:
    raise Unavailable(retry_after_s=7)


async def _broken(request: Request) -> Response:
    raise ZeroDivisionError("the customer's phone is 555-0100")


async def _reading(scope: Scope, receive: Receive, send: Send) -> None:
    await Request(scope, receive).body()


async def _events(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"event: poke\n\n" * 200

    return StreamingResponse(pieces(), media_type="text/event-stream")


ROUTES = [
    Route("/api/good", _good, methods=["GET", "POST"]),
    Route("/api/invalid", _invalid),
    Route("/api/busy", _busy),
    Route("/api/broken/{id}", _broken),
    Route("/api/events", _events),
]


def _client(settings: Settings | None = None) -> httpx.AsyncClient:
    app = Starlette(
        routes=ROUTES,
        middleware=around(settings or Settings(), CountingWorld()),
        exception_handlers=dict(EXCEPTION_HANDLERS),
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.localhost:8000")


async def _post(**headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with _client() as client:
        return await client.post(
            "/api/good", content="{}", headers={"content-type": "application/json", **given}
        )


@pytest.mark.parametrize("path", ["/api/good", "/api/invalid", "/api/broken/1", "/api/nowhere"])
async def test_every_answer_bears_the_headers(path: str) -> None:
    async with _client() as client:
        headers = (await client.get(path)).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["x-request-id"]
    assert "strict-transport-security" not in headers


async def test_a_public_https_address_asks_for_https_always() -> None:
    async with _client(Settings(public_url="https://work.example")) as client:
        answer = await client.get("/api/good")
    assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/invalid", 400, "invalid"),
        ("/api/busy", 503, "unavailable"),
        ("/api/broken/1", 500, "internal"),
        ("/api/nowhere", 404, "gone"),
    ],
)
async def test_errors_are_json(path: str, status: int, code: str) -> None:
    async with _client() as client:
        answer = await client.get(path)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert set(body) == {"code", "message", "at", "request"}
    assert body["request"] == answer.headers["x-request-id"]
    assert "555" not in answer.text


async def test_what_may_pass_says_when_to_come_again() -> None:
    async with _client() as client:
        assert (await client.get("/api/busy")).headers["retry-after"] == "7"


async def test_a_method_that_is_not_there_is_405() -> None:
    async with _client() as client:
        answer = await client.delete("/api/good")
    assert (answer.status_code, answer.json()["code"]) == (405, "invalid")


async def test_our_own_pages_and_scripts_may_post() -> None:
    assert (await _post()).status_code == 200
    assert (await _post(origin="http://shop.localhost:8000", sec_fetch_site="same-origin")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://other.localhost:8000"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
async def test_other_sites_may_not_post(headers: dict[str, str]) -> None:
    answer = await _post(**headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_body_must_be_json(kind: str) -> None:
    assert (await _post(content_type=kind)).status_code == 415


async def test_answers_are_compressed_but_events_are_not() -> None:
    async with _client() as client:
        good = await client.get("/api/good", headers={"accept-encoding": "gzip"})
        events = await client.get("/api/events", headers={"accept-encoding": "gzip"})
    assert good.headers["content-encoding"] == "gzip"
    assert good.json() == LONG
    assert "content-encoding" not in events.headers


async def test_the_log_says_what_was_asked_and_not_by_whom() -> None:
    with structlog.testing.capture_logs() as lines:
        async with _client() as client:
            await client.get("/api/broken/0193-secret?q=anna@example.test")
    failed, request = lines
    assert failed["event"] == "request_failed"
    assert isinstance(failed["exc_info"], ZeroDivisionError)
    assert (request["where"], request["status"], request["method"]) == ("/api/broken", 500, "GET")
    assert "secret" not in str(_without_exception(lines))
    assert "anna" not in str(_without_exception(lines))


async def test_who_hangs_up_in_the_middle_of_a_request_is_no_error() -> None:
    sent = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    app = Requests(_reading, world=CountingWorld())
    with structlog.testing.capture_logs() as lines:
        await app({"type": "http", "method": "POST", "path": "/api/sync", "headers": []}, receive, send)
    assert sent == [], "nobody is there"
    assert [(line["event"], line["log_level"], line["status"]) for line in lines] == [
        ("request", "info", 499)
    ]


def _without_exception(lines: list[Any]) -> list[dict[str, Any]]:
    return [{key: value for key, value in line.items() if key != "exc_info"} for line in lines]
