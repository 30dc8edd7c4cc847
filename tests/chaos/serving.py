"""Server processes of a chaos test: started by the launcher, watched over their output, killed from outside."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx

from tests.browser.serving import READY, ROOT
from tests.chaos.points import ARMED, AT

WAIT_S = 60.0
PID, CODE = "chaos: pid ", "chaos: code "


class Launcher:
    """The process that forks servers; one for the whole run."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._orders = ours
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.launch", str(theirs.fileno())],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def order(self, order: Mapping[str, object], output: int) -> None:
        socket.send_fds(self._orders, [json.dumps(order).encode()], [output])

    def close(self) -> None:
        self._orders.close()
        self._process.wait(timeout=WAIT_S)


class Server:
    """One `workbay` process. `lines` is what it said so far."""

    def __init__(self, port: int) -> None:
        self.port, self.pid, self.code = port, 0, -1
        self.lines: list[str] = []
        self._ready, self._armed, self._at, self._gone = (
            asyncio.get_running_loop().create_future() for _ in range(4)
        )
        self._hearing: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        launcher: Launcher,
        settings: dict[str, str],
        *,
        words: tuple[str, ...] = ("serve",),
        trap: tuple[str, int, bool] | None = None,
        clock: Path | None = None,
    ) -> Self:
        """Order one; it may not have begun yet."""
        read, write = os.pipe()
        kept = {key: value for key, value in os.environ.items() if not key.startswith("WORKBAY_")}
        order = {
            "environment": {**kept, **settings},
            "words": list(words),
            "trap": trap,
            "clock": None if clock is None else str(clock),
        }
        launcher.order(order, write)
        os.close(write)
        made = cls(int(settings["WORKBAY_PORT"]))
        made._hearing = asyncio.create_task(made._hear(read))
        return made

    async def ready(self) -> Self:
        """Wait until it answers."""
        await self._wait_for(self._ready, "it served")
        return self

    async def arm(self) -> None:
        """From now on it stops at its point."""
        os.kill(self.pid, signal.SIGUSR2)
        await self._wait_for(self._armed, "its trap was armed")

    async def at_its_point(self) -> None:
        """Wait until it stopped where it was told to."""
        await self._wait_for(self._at, "it came to its point")

    async def gone(self) -> int:
        """Wait until it has ended; its exit code, -1 when it was killed."""
        await asyncio.wait_for(asyncio.shield(self._gone), WAIT_S)
        return self.code

    async def kill(self) -> None:
        """As the system kills: at once, whatever it is doing."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        await self.gone()

    async def stop(self) -> int:
        """Ask it to stop, and wait until it has."""
        if not self._gone.done():
            os.kill(self.pid, signal.SIGTERM)
        return await self.gone()

    async def healthy(self) -> None:
        """Wait until it says that it can do its work."""
        async with asyncio.timeout(WAIT_S), httpx.AsyncClient() as client:
            while (await client.get(f"http://127.0.0.1:{self.port}/healthz")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    def go_on(self) -> None:
        """Let one go on that stopped at its point."""
        os.kill(self.pid, signal.SIGCONT)

    async def _wait_for(self, wanted: "asyncio.Future[None]", what: str) -> None:
        await asyncio.wait({wanted, self._gone}, timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        assert wanted.done(), f"A server ended or hung before {what}:\n{''.join(self.lines)}"

    async def _hear(self, output: int) -> None:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(output, "rb")
        )
        async for raw in reader:
            self._take(raw.decode(errors="replace"))
        transport.close()
        self._gone.set_result(None)

    def _take(self, line: str) -> None:
        self.lines.append(line)
        if line.startswith(PID):
            self.pid = int(line.removeprefix(PID))
        elif line.startswith(CODE):
            self.code = int(line.removeprefix(CODE))
        elif line.startswith(ARMED):
            self._armed.set_result(None)
        elif line.startswith(AT):
            self._at.set_result(None)
        elif READY in line and not self._ready.done():
            self._ready.set_result(None)
