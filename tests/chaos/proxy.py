"""A proxy of ours that knows requests: the network at its worst, one exchange at a time and by position.

`tests/browser/proxy.py` cuts whole connections for a browser; this one stands before phones that run in the same loop, reads
each request whole, and lets a fault decide what becomes of it. A fault is a coroutine function on an `Exchange`. Which
exchange gets which is said by `script`: a function of what is asked, or a list by position (`at`).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self

HEAD_END = b"\r\n\r\n"
CHUNK_BYTES, SEGMENT_BYTES = 65_536, 1_460
HEAD_BYTES_MAX = 2**20


@dataclass
class Exchange:
    """One request, whole, and the two connections it concerns. `number` counts the proxy's requests from 1."""

    proxy: Proxy
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    raw: bytes
    number: int

    @property
    def line(self) -> str:
        """`POST /api/sync`, for instance."""
        return self.raw.partition(b"\r\n")[0].rpartition(b" ")[0].decode()

    async def forward(self, upto: int | None = None) -> bytes:
        """Send the request to the server, or its first bytes and then cut; the whole answer, b"" where none came."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy.target)
        try:
            head, _, body = self.raw.partition(HEAD_END)
            sent = head + b"\r\nConnection: close" + HEAD_END + body
            writer.write(sent if upto is None else self.raw[:upto])
            await writer.drain()
            if upto is not None:
                return b""
            return await reader.read(-1)
        except ConnectionError:
            return b""
        finally:
            writer.transport.abort()

    async def begin(self) -> bytes:
        """Send the request, and take what comes first of an answer that never ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy.target)
        try:
            writer.write(self.raw)
            return await reader.read(CHUNK_BYTES)
        finally:
            writer.transport.abort()

    async def give(self, answer: bytes) -> None:
        """Send bytes to the phone."""
        self.writer.write(answer)
        await self.writer.drain()

    def reset(self) -> None:
        """End the phone's connection without a word."""
        self.writer.transport.abort()


Fault = Callable[[Exchange], Awaitable[None]]
Script = Callable[[Exchange], Fault]


async def passing(exchange: Exchange) -> None:
    """What a network should do."""
    await exchange.give(await exchange.forward())


async def lose_request(exchange: Exchange) -> None:
    """It never arrives."""
    exchange.reset()


async def lose_answer(exchange: Exchange) -> None:
    """It arrives and is done; nobody hears of it."""
    await exchange.forward()
    exchange.reset()


async def double(exchange: Exchange) -> None:
    """It arrives twice, one after the other; the second answer is heard."""
    await exchange.forward()
    await exchange.give(await exchange.forward())


async def double_at_once(exchange: Exchange) -> None:
    """It arrives twice in the same moment; the first answer is heard."""
    first, _ = await asyncio.gather(exchange.forward(), exchange.forward())
    await exchange.give(first)


async def blackhole(exchange: Exchange) -> None:
    """Taken, and never answered: until the phone gives up."""
    await exchange.reader.read()


def cut_request(at: float) -> Fault:
    """The server gets the first bytes: `at` is a share of the request, or a count of bytes from 1 on."""

    async def fault(exchange: Exchange) -> None:
        await exchange.forward(_place(at, len(exchange.raw)))
        exchange.reset()

    return fault


def cut_answer(at: float) -> Fault:
    """The phone gets the first bytes of the answer."""

    async def fault(exchange: Exchange) -> None:
        answer = await exchange.forward()
        await exchange.give(answer[: _place(at, len(answer))])
        exchange.writer.close()  # What was written still leaves, and then there is no more.

    return fault


async def buffered_stream(exchange: Exchange) -> None:
    """A proxy in between keeps a stream to itself until it is through, which it never is."""
    await exchange.begin()
    await blackhole(exchange)


async def dead_stream(exchange: Exchange) -> None:
    """A stream begins, and nothing more comes."""
    await exchange.give(await exchange.begin())
    await blackhole(exchange)


async def cut_stream(exchange: Exchange) -> None:
    """A stream begins, and is cut."""
    await exchange.give(await exchange.begin())
    exchange.writer.close()


def _place(at: float, length: int) -> int:
    return min(int(at * length) if 0 < at < 1 else int(at), length - 1)


def late(until: asyncio.Event) -> Fault:
    """The phone sees a reset; the request arrives long after, when other requests have passed it."""

    async def fault(exchange: Exchange) -> None:
        exchange.reset()
        await until.wait()
        await exchange.forward()

    return fault


def answer_late(arrived: asyncio.Event, until: asyncio.Event) -> Fault:
    """The answer is made now, and arrives when others have overtaken it."""

    async def fault(exchange: Exchange) -> None:
        arrived.set()
        answer = await exchange.forward()
        await until.wait()
        await exchange.give(answer)

    return fault


def delayed(seconds: float) -> Fault:
    """Both ways take their time."""

    async def fault(exchange: Exchange) -> None:
        await asyncio.sleep(seconds)
        answer = await exchange.forward()
        await asyncio.sleep(seconds)
        await exchange.give(answer)

    return fault


def slow(bits_s: float, round_trip_s: float, loss: float, chance: random.Random) -> Fault:
    """A bad mobile network: a segment that is lost comes again after a round trip and a half."""

    async def travel(length: int) -> None:
        segments = -(-length // SEGMENT_BYTES)
        lost = sum(chance.random() < loss for _ in range(segments))
        await asyncio.sleep(round_trip_s / 2 + 8 * length / bits_s + lost * 1.5 * round_trip_s)

    async def fault(exchange: Exchange) -> None:
        await travel(len(exchange.raw))
        answer = await exchange.forward()
        await travel(len(answer))
        await exchange.give(answer)

    return fault


def portal(status: str, kind: str, body: bytes, headers: str = "") -> Fault:
    """Somebody else answers."""

    async def fault(exchange: Exchange) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}"
        await exchange.give(f"{head}Connection: close".encode() + HEAD_END + body)

    return fault


def at(number: int, fault: Fault, line: str = "") -> Script:
    """The fault for the `number`th request from now (of those that begin with `line`), the others pass."""
    left = [number]

    def script(exchange: Exchange) -> Fault:
        if exchange.line.startswith(line):
            left[0] -= 1
            if left[0] == 0:
                return fault
        return passing

    return script


@dataclass
class Proxy:
    """Listens on a free port of the loopback and passes on to `target`."""

    target: int
    script: Script = field(default=lambda _: passing)
    port: int = 0
    asked: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, limit=HEAD_BYTES_MAX)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection: the answer says that the connection ends."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            raw = await _request(reader)
            self.asked += 1
            exchange = Exchange(self, reader, writer, raw, self.asked)
            await self.script(exchange)(exchange)
        writer.close()

    async def quiet(self) -> None:
        """Wait until nothing is on its way any more."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> bytes:
    """A request with its body."""
    head = await reader.readuntil(HEAD_END)
    _, found, rest = head.lower().partition(b"content-length:")
    length = int(rest.partition(b"\r\n")[0]) if found else 0
    return head + await reader.readexactly(length)
