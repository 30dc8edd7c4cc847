"""The application on a real port, and streams of events read from it: pokes cannot be heard without a network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from starlette.applications import Starlette

from tests.server.premises import Phone

LONG_S = 20


@dataclass
class Stream:
    """An open stream; `next` waits for an event, `rest` for its end."""

    status: int
    headers: httpx.Headers
    _lines: AsyncIterator[str]

    async def next(self) -> tuple[str, str] | None:
        """The next event and its data, None when the stream has ended."""
        event = ""
        async with asyncio.timeout(LONG_S):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                if name == "data" and event:
                    return event, value
        return None

    async def rest(self) -> list[tuple[str, str]]:
        """All that still comes, until the server ends the stream."""
        events: list[tuple[str, str]] = []
        while (event := await self.next()) is not None:
            events.append(event)
        return events


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """An application that is running already, on a free port; the address comes back."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listening.close()


@asynccontextmanager
async def stream_of(address: str, phone: Phone) -> AsyncIterator[Stream]:
    """The stream of a phone that is signed in."""
    headers = {"Authorization": f"Bearer {phone.token}", "Host": f"{phone.shop.slug}.localhost"}
    async with (
        httpx.AsyncClient(base_url=address, timeout=LONG_S) as client,
        client.stream("GET", "/api/sync/live", headers=headers) as answer,
    ):
        yield Stream(answer.status_code, answer.headers, answer.aiter_lines())
