"""A small TCP proxy of ours: the network that a test can cut.

It stands between the browser and a server process, in a thread with an event loop of its own, so that a blocking test can
steer it. Five cuts: `refuse` (nobody answers at this address any more, and what was open is reset), `blackhole` (connections are
accepted and nothing ever comes back, as behind a dead router), `drop_answers` (requests arrive at the server, their answers
never leave), `portal` (every request is answered with a page of HTML, as a hotel's network does), and two that count: `cut_after`
(a black hole from a certain byte on) and `flap` (each connection is reset after so many bytes). `restore` ends all of them. What
went to the server is counted in `sent`. Used by the journeys in this folder.
"""

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
# What of a chunk may pass, and whether the connection goes on.
Allowance = Callable[[bytes], tuple[bytes, bool]]
CHUNK_BYTES = 65_536
TURNS = 8
CUT_S = 120
LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
PAGE = b"<!doctype html><title>Hotel</title><h1>Welcome. Please accept our terms.</h1>"


class Proxy:
    """Listens on a free port of the loopback and passes on to `target_port`, which may be changed at any time."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self._flowing = True
        self._answers = True
        self._portal = False
        self._left: int | None = None
        self._each: int | None = None
        self._cut = threading.Event()
        self.sent = 0
        self.resets = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = self._call(self._listen(0))

    def refuse(self) -> None:
        """Stop listening and reset what is open: the server is not there."""
        self._call(self._stop_listening())

    def blackhole(self) -> None:
        """Accept everything and pass on nothing, in either direction."""
        self._flowing = False

    def drop_answers(self) -> None:
        """Let requests through, and keep every answer back."""
        self._answers = False

    def portal(self) -> None:
        """Answer everything with a page that asks for a sign-in."""
        self._portal = True
        self._call(self._reset_open())
        if self._server is None:
            self._call(self._listen(self.port))

    def cut_after(self, count: int) -> None:
        """A black hole once `count` bytes more went to the server; `wait_for_cut` returns then."""
        self._cut.clear()
        self._left = count

    def wait_for_cut(self) -> None:
        assert self._cut.wait(CUT_S), f"Only {self.sent} bytes went to the server: the cut never came."

    def flap(self, count: int) -> None:
        """Reset each connection after it took `count` bytes to the server."""
        self._each = count

    def restore(self) -> None:
        """A network again: what hung in a black hole is reset, so that clients ask anew."""
        self._left = self._each = None
        if self._flowing and self._answers and not self._portal and self._server is not None:
            return
        self._flowing = self._answers = True
        self._portal = False
        self._call(self._reset_open())
        if self._server is None:
            self._call(self._listen(self.port))

    def close(self) -> None:
        self._call(self._stop_listening())
        self._call(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _listen(self, port: int) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._reset_open()

    async def _reset_open(self) -> None:
        await _reset(*self._open)
        self._open.clear()

    async def _end_tasks(self) -> None:
        """End connections that were being made just now, and wait until they are gone. What was accepted a moment ago
        becomes a connection first: a task that is cancelled before it began closes nothing."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._reset_open()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        task = self._loop.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it; asyncio would log a cancelled one as an error."""
        ends = {writer}
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            try:
                await self._join(reader, ends)
            finally:
                self._open -= ends
                await _reset(*ends)

    async def _join(self, reader: asyncio.StreamReader, ends: set[asyncio.StreamWriter]) -> None:
        """Connect to the server and pass on. When the server itself is down, the browser's connection just ends."""
        (writer,) = ends
        if self._portal:
            await _answer_with_page(reader, writer)
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        ends.add(far_writer)
        self._open |= ends
        there = _pump(reader, far_writer, self._allowance())
        back = _pump(far_reader, writer, self._answers_allowed)
        await _either(there, back)

    def _allowance(self) -> Allowance:
        """What of a chunk may go to the server, for one connection."""
        passed = 0

        def allow(chunk: bytes) -> tuple[bytes, bool]:
            nonlocal passed
            if not self._flowing:
                return b"", True
            rest = None if self._each is None else max(0, self._each - passed)
            allowed = chunk[:rest]
            if self._left is not None:
                allowed = allowed[: self._left]
                self._left -= len(allowed)
                if self._left == 0:
                    self._left, self._flowing = None, False
                    self._cut.set()
            passed += len(allowed)
            self.sent += len(allowed)
            over = rest is not None and rest <= len(chunk)
            self.resets += over
            return allowed, not over

        return allow

    def _answers_allowed(self, chunk: bytes) -> tuple[bytes, bool]:
        return (chunk if self._flowing and self._answers else b""), True


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, allow: Allowance) -> None:
    """Pass on what is allowed of each chunk; the rest is lost, as in a real black hole."""
    with contextlib.suppress(OSError):
        goes_on = True
        while goes_on and (chunk := await reader.read(CHUNK_BYTES)):
            allowed, goes_on = allow(chunk)
            if allowed:
                writer.write(allowed)
                await writer.drain()


async def _answer_with_page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request and its page. The body is read first: a browser that still sends would not hear the answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    await reader.readexactly(int(length[1]) if length else 0)
    lines = [
        b"HTTP/1.1 200 OK",
        b"Content-Type: text/html",
        b"Content-Length: %d" % len(PAGE),
        b"Connection: close",
    ]
    writer.write(b"\r\n".join([*lines, b"", PAGE]))
    await writer.drain()
    writer.write_eof()
    await reader.read()


async def _either(*works: Awaitable[None]) -> None:
    """Return when the first of them ends: one closed direction closes the connection."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _reset(*writers: asyncio.StreamWriter) -> None:
    """Drop connections at once, and wait until they are closed."""
    for writer in writers:
        writer.transport.abort()
    for writer in writers:
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
