"""The shortest way into the application: one ASGI call a request, without sockets and without a client library."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.applications import Starlette


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end. `lineage`, `upto` and `head`: in which history of the shop it was given, how many
    accepted writes that had by then, and its newest seq."""

    status: int
    body: bytes
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    lineage: int = 0
    upto: int = 0
    head: int = 0

    def json(self) -> dict[str, Any]:
        said: dict[str, Any] = orjson.loads(self.body)
        return said

    def as_fetched(self) -> dict[str, Any]:
        """What the app's own `fetch` makes of it."""
        text = self.body.decode("utf-8", "replace")
        return {
            "status": self.status,
            "type": self.type,
            "body": text,
            "retryAfter": self.headers.get("retry-after"),
        }


async def call(app: Starlette, host: str, method: str, path: str, body: bytes, token: str | None) -> Answer:
    """The application's answer to one request."""
    headers = [(b"host", host.encode()), (b"content-type", b"application/json")]
    headers.append((b"content-length", str(len(body)).encode()))
    if token:
        headers.append((b"authorization", b"Bearer " + token.encode()))
    bare, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": bare, "raw_path": bare.encode(), "query_string": query.encode(), "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 1), "server": (host, 80), "state": {},
    }  # fmt: skip
    said: dict[str, Any] = {}
    parts: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            said.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)  # type: ignore[arg-type]
    told = {name.decode().lower(): value.decode() for name, value in said["headers"]}
    type_ = told.get("content-type", "").partition(";")[0].strip()
    return Answer(said["status"], b"".join(parts), type_, told)
