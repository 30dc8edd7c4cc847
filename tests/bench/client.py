"""A lean HTTP client and a lean replica, so that what is measured is the server.

One connection is one asyncio protocol: it writes a whole request at once and reads an answer by its Content-Length.
Nothing is checked that the server's own tests check; an answer that is not 200 or 201 ends the run.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, cast

import orjson
import zstandard

from tests.bench.orders import Values, new_id

HEAD_END = b"\r\n\r\n"
SCHEMA = 1
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens and under which host name it is called."""

    port: int
    host: str


class Connection(asyncio.Protocol):
    """One connection that is kept open, for one request at a time."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._heard: Callable[[bytes], None] = self._hear
        self._read = bytearray()
        self._wanted = 0
        self.head = b""

    @classmethod
    async def open(cls, place: Place) -> Self:
        made = cls(place)
        await made.connect()
        return made

    async def connect(self) -> None:
        """Connect, again where the server closed a connection that had nothing to say for some seconds."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", self._place.port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A transport of uvloop is one in all but its class.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._heard(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("The server closed the connection."))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def ask(self, method: str, path: str, body: bytes = b"", headers: str = "") -> bytes:
        """Send a request; the body of its answer, as it came."""
        if self._transport is None or self._transport.is_closing():
            await self.connect()
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(self.request(method, path, body, headers))
        answer = await self._answer
        if self.head[9:12] not in (b"200", b"201"):
            raise RuntimeError(
                f"{method} {path}: {self.head[9:12].decode()} {answer[:500].decode(errors='replace')}"
            )
        return answer

    def listen(self, path: str, headers: str, heard: Callable[[bytes], None]) -> None:
        """Open a stream; everything that comes goes to `heard` until the connection is closed."""
        assert self._transport is not None
        self.hears(heard)
        self._transport.write(self.request("GET", path, b"", headers))

    def hears(self, heard: Callable[[bytes], None]) -> None:
        """Let what comes over an open stream go to `heard` from now on."""
        self._heard = heard

    def request(self, method: str, path: str, body: bytes, headers: str) -> bytes:
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        return f"{method} {path} HTTP/1.1\r\nHost: {self._place.host}\r\n{kind}{headers}\r\n".encode() + body

    def _hear(self, data: bytes) -> None:
        self._read += data
        if not self._wanted:
            end = self._read.find(HEAD_END)
            if end < 0:
                return
            self.head = bytes(self._read[:end]).lower()
            self._wanted = end + len(HEAD_END) + content_length(self.head)
        if len(self._read) >= self._wanted:
            answer = bytes(self._read[len(self.head) + len(HEAD_END) : self._wanted])
            del self._read[: self._wanted]
            self._wanted = 0
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(answer)


def content_length(head: bytes) -> int:
    _, found, rest = head.partition(b"content-length:")
    if not found:
        raise RuntimeError(f"The answer does not say its length:\n{head.decode()}")
    return int(rest.partition(b"\r\n")[0])


@dataclass(slots=True)
class Device:
    """One replica of one person: knows its cursor, its numbers, and the vectors of the records that it was given."""

    connection: Connection
    token: str
    replica: str
    epoch: str
    person: str
    n: int = 0
    cursor: str | None = None
    vectors: dict[str, Values] = field(default_factory=dict)
    bytes_in: int = 0

    @classmethod
    async def sign_in(cls, place: Place, **credentials: Any) -> Self:
        """A new device; `credentials` are those of POST /api/session."""
        connection = await Connection.open(place)
        body = orjson.dumps({**credentials, "device": {"name": "bench"}, "token": True})
        who = orjson.loads(await connection.ask("POST", "/api/session", body))
        return cls(connection, who["token"], who["replica"], who["epoch"], who["principal"]["id"])

    @property
    def headers(self) -> str:
        return f"Authorization: Bearer {self.token}\r\n"

    def request(self, *changesets: list[Values]) -> bytes:
        """The body of a sync that pushes one changeset for each list of ops; numbers are used up."""
        now = time.time_ns() // 1_000_000
        sent = [
            {"n": self.n + 1 + i, "id": new_id(), "schema": SCHEMA, "at": now, "ops": ops}
            for i, ops in enumerate(changesets)
        ]
        body = {
            "protocol": 1, "schema": SCHEMA, "epoch": self.epoch, "replica": self.replica, "confirmed": self.n,
            "sent": now, "cursor": self.cursor, "limit": PAGE, "changesets": sent,
        }  # fmt: skip
        self.n += len(sent)
        return orjson.dumps(body)

    async def ask_sync(self, body: bytes, headers: str = "") -> bytes:
        """Send a prepared request; the answer as it came."""
        raw = await self.connection.ask("POST", "/api/sync", body, self.headers + headers)
        self.bytes_in += len(raw)
        return raw

    def take(self, raw: bytes) -> Values:
        """Read a page: go on from its cursor, keep the vectors of what came."""
        if b"content-encoding: zstd" in self.connection.head:
            raw = zstandard.ZstdDecompressor().decompressobj().decompress(raw)
        page: Values = orjson.loads(raw)
        self.cursor = page["cursor"]
        for result in page["results"]:
            if result["outcome"] != "accepted":
                raise RuntimeError(f"A changeset was refused: {result}")
        for record in page["records"]:
            if "vv" in record:
                self.vectors[record["id"]] = record["vv"]
        return page

    async def sync(self, *changesets: list[Values]) -> Values:
        """Push, and pull one page."""
        return self.take(await self.ask_sync(self.request(*changesets)))

    async def catch_up(self) -> None:
        """Pull until there is no more."""
        while (await self.sync())["more"]:
            pass
