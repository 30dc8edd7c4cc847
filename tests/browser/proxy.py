"""A small TCP proxy of ours: the network that a test can cut.

It stands between the browser and a server process, in a thread with an event loop of its own, so that a blocking test can
steer it. Three cuts: `refuse` (nobody answers at this address any more, and what was open is reset), `blackhole` (connections are
accepted and nothing ever comes back, as behind a dead router), and `drop_answers` (requests arrive at the server, their answers
never leave). `restore` ends all of them. Used by the journeys in this folder.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
CHUNK_BYTES = 65_536
TURNS = 8


class Proxy:
    """Listens on a free port of the loopback and passes on to `target_port`, which may be changed at any time."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self._flowing = True
        self._answers = True
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

    def restore(self) -> None:
        """A network again: what hung in a black hole is reset, so that clients ask anew."""
        if self._flowing and self._answers and self._server is not None:
            return
        self._flowing = self._answers = True
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
        with contextlib.suppress(OSError, asyncio.CancelledError):
            try:
                await self._join(reader, ends)
            finally:
                self._open -= ends
                await _reset(*ends)

    async def _join(self, reader: asyncio.StreamReader, ends: set[asyncio.StreamWriter]) -> None:
        """Connect to the server and pass on. When the server itself is down, the browser's connection just ends."""
        (writer,) = ends
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        ends.add(far_writer)
        self._open |= ends
        there = _pump(reader, far_writer, lambda: self._flowing)
        back = _pump(far_reader, writer, lambda: self._flowing and self._answers)
        await _either(there, back)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, open_: Callable[[], bool]
) -> None:
    """Pass bytes on while `open_()`; what comes while it is shut is lost, as in a real black hole."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(CHUNK_BYTES):
            if open_():
                writer.write(chunk)
                await writer.drain()


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
