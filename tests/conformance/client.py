"""A client of the protocol as a stranger would write it from docs/protocol.md: the standard library, and nothing of ours.

`Door` is one shop as it is reached over HTTP, `Phone` one replica with what it holds. Neither corrects what a server
says: cases look at the answers themselves. Every exchange is written down, so that a failed case can show it.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 30
LIMIT = 1000


@dataclass
class Answer:
    """One answer; `body` is None when it was no JSON."""

    status: int
    headers: dict[str, str]
    text: str
    body: Any = None

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


@dataclass
class Exchange:
    """What was sent and what came, for the report."""

    sent: str
    came: str


@dataclass
class Door:
    """One shop: where it is, and the name it is called by when that is not in the address."""

    url: str
    host: str | None = None
    log: list[Exchange] = field(default_factory=list)

    def connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "localhost", parts.port, timeout=TIMEOUT_S)

    def called(self, headers: dict[str, str], token: str | None) -> dict[str, str]:
        """The headers of a request: which shop is meant, and who asks."""
        host = {"Host": self.host} if self.host else {}
        who = {"Authorization": f"Bearer {token}"} if token else {}
        return {**host, **who, **headers}

    def send(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
    ) -> Answer:
        """One request. A body that is text or bytes goes as it is, any other as JSON; `Content_Type` becomes Content-Type."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else None
        if body is not None:
            raw = json.dumps(body).encode() if raw is None else raw
            given = {"Content-Type": "application/json", **given}
        connection = self.connect()
        try:
            connection.request(method, path, raw, self.called(given, token))
            response = connection.getresponse()
            answer = _read(response)
        finally:
            connection.close()
        self.log.append(Exchange(f"{method} {path} {_shown(raw)}", f"{answer.status} {answer.text}"))
        return answer


def _shown(raw: bytes | None) -> str:
    if raw is None:
        return ""
    with suppress(OSError, EOFError):  # What is no gzip was not meant to be readable.
        raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    return raw.decode("utf-8", "backslashreplace")


def _read(response: http.client.HTTPResponse) -> Answer:
    raw = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    text = (gzip.decompress(raw) if headers.get("content-encoding") == "gzip" else raw).decode(
        "utf-8", "replace"
    )
    cookies = ", ".join(response.headers.get_all("Set-Cookie") or ())
    try:
        body = json.loads(text) if text else None
    except ValueError:
        body = None
    return Answer(response.status, {**headers, "set-cookie": cookies}, text, body)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """A UUIDv7."""
    number = now_ms() << 80 | 7 << 76 | int.from_bytes(os.urandom(10)) & ~(0xF << 76)
    number = number & ~(0b11 << 62) | 0b10 << 62
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def create(collection: str, id_: str, values: dict[str, Any]) -> dict[str, Any]:
    return {"op": "create", "collection": collection, "id": id_, "set": values}


def patch(
    record: dict[str, Any], values: dict[str, Any], base: dict[str, int] | None = None
) -> dict[str, Any]:
    """A patch of a record as it was received; over its own vector when no other base is given."""
    over = record["vv"] if base is None else base
    return {
        "op": "patch", "collection": record["collection"], "id": record["id"], "base": over, "set": values,
    }  # fmt: skip


def delete(record: dict[str, Any], base: dict[str, int] | None = None) -> dict[str, Any]:
    over = record["vv"] if base is None else base
    return {"op": "delete", "collection": record["collection"], "id": record["id"], "base": over}


class Phone:
    """One replica: its name and epoch, its numbers, its cursor, and the records it holds by id."""

    def __init__(self, door: Door, person: str, signed: dict[str, Any]) -> None:
        self.door, self.person = door, person
        self.signed = signed
        self.token: str = signed["token"]
        self.replica: str = signed["replica"]
        self.epoch: str = signed["epoch"]
        self.me: str = signed["principal"]["id"]
        self.n = 0
        self.skew = 0
        self.cursor: str | None = None
        self.held: dict[str, dict[str, Any]] = {}

    def clock(self) -> int:
        return now_ms() + self.skew

    def changeset(self, *ops: dict[str, Any], n: int | None = None, **more: Any) -> dict[str, Any]:
        """A changeset with the next number, unless another is given."""
        number = self.n + 1 if n is None else n
        return {"n": number, "id": new_id(), "schema": 1, "at": self.clock(), "ops": list(ops), **more}

    def request(self, changesets: Any = (), **more: Any) -> dict[str, Any]:
        """The body of a sync as it would be sent now."""
        return {
            "protocol": 1, "schema": 1, "epoch": self.epoch, "replica": self.replica, "confirmed": self.n,
            "sent": self.clock(), "cursor": self.cursor, "limit": LIMIT, "changesets": list(changesets), **more,
        }  # fmt: skip

    def sync(self, *changesets: Any, **more: Any) -> Answer:
        """One round trip, whatever comes back. Numbers go on from what the server says it has answered."""
        return self.sent(self.request(changesets, **more))

    def sent(self, request: Any, **headers: str) -> Answer:
        answer = self.door.send("POST", "/api/sync", request, token=self.token, **headers)
        if isinstance(answer.body, dict) and isinstance(answer.body.get("applied"), int):
            self.n = answer.body["applied"]
        return answer

    def push(self, *ops: dict[str, Any], **more: Any) -> dict[str, Any]:
        """One changeset; its result. The cursor stays where it was."""
        return self.pushes([list(ops)], **more)[0]

    def pushes(self, many: list[list[dict[str, Any]]], **more: Any) -> list[dict[str, Any]]:
        """Several changesets in one request; their results."""
        first = self.n + 1
        sets = [self.changeset(*ops, n=first + place, **more) for place, ops in enumerate(many)]
        answer = self.sync(*sets, limit=1)
        if answer.status != 200 or not isinstance(answer.body.get("results"), list):
            raise Unexpected("a push answered 200 with results", answer)
        results: list[dict[str, Any]] = answer["results"]
        if len(results) != len(sets):
            raise Unexpected(f"{len(sets)} results, one for each changeset (W10)", answer)
        return results

    def pull(self, limit: int = LIMIT) -> list[dict[str, Any]]:
        """All pages that are there; the records in the order in which they came."""
        came: list[dict[str, Any]] = []
        while True:
            answer = self.sync(limit=limit)
            if answer.status != 200:
                raise Unexpected("a pull answered 200", answer)
            came += self.take(answer.body)
            if not answer["more"]:
                return came

    def take(self, page: dict[str, Any]) -> list[dict[str, Any]]:
        """Hold what a page says, as a screen that needs no staging may."""
        if page["reset"]:
            self.held = {}
        for record in page["records"]:
            if record.get("gone"):
                self.held.pop(record["id"], None)
            else:
                self.held[record["id"]] = record
        self.cursor = page["cursor"]
        records: list[dict[str, Any]] = page["records"]
        return records

    def see(self, id_: str) -> dict[str, Any] | None:
        """The record as the server says it now; None when it is not in the view."""
        self.pull()
        return self.held.get(id_)

    def look(self, id_: str) -> dict[str, Any]:
        """The same, where it must be there."""
        record = self.see(id_)
        if record is None:
            raise Missing(f"record {id_} in the view of {self.person}")
        return record

    def all(self, collection: str) -> list[dict[str, Any]]:
        """The records held of a collection."""
        return [r for r in self.held.values() if r["collection"] == collection]


class Failed(Exception):
    """A rule does not hold: what was wanted, and what came."""

    def __init__(self, wanted: str, came: Any) -> None:
        super().__init__(f"wanted {wanted}, came {came!r}")
        self.wanted, self.came = wanted, came


class Unexpected(Failed):
    """An answer that no case can go on with."""

    def __init__(self, wanted: str, answer: Answer) -> None:
        super().__init__(wanted, f"{answer.status} {answer.text[:400]}")


class Missing(Failed):
    """Something that should be in a view is not."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted, "nothing")


class Lacking(Exception):
    """The set-up does not give what a case needs; it says what."""
