"""`GET /api/sync/live`: a stream of pokes. It carries no data; a poked client pulls.

One listener a process hears of every commit (`NOTIFY workbay`) and wakes the streams of that shop. A customer's
stream looks first whether the customer's own view changed, so that it says nothing about work it may not see.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import orjson
import structlog
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from server.auth.principal import Principal
from server.auth.request import principal_of
from server.background import beside
from server.db.session import Database
from server.errors import RateLimited, WorkbayError
from server.events import CHANNEL, Announced
from server.store import portal
from server.store.commit import Store
from server.sync_api.pulling import context_of, names

log = structlog.get_logger()
HEARTBEAT_S = 20
LOOK_AGAIN_S = 60
# One tab of a device listens for all; a few more may be on their way out.
STREAMS_MAX = 8


@dataclass(eq=False, slots=True)
class Stream:
    """One open stream: `seq` is the newest commit it heard of, `woken` is set when there is something to look at,
    `missed` when there may have been commits it did not hear of, `doubted` when the right to listen may have ended."""

    who: Principal
    seq: int = 0
    missed: bool = False
    doubted: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Pokes:
    """Who listens in this process, by shop. `also` hear the same announcements, as they come."""

    def __init__(self, *also: Callable[[str], None]) -> None:
        self._streams: dict[UUID, set[Stream]] = {}
        self._also = also

    @asynccontextmanager
    async def stream(self, who: Principal) -> AsyncIterator[Stream]:
        """A stream that is woken from now on until the block ends."""
        stream = Stream(who)
        self._streams.setdefault(who.shop, set()).add(stream)
        try:
            yield stream
        finally:
            self._streams[who.shop].discard(stream)

    def full(self, who: Principal) -> bool:
        """Whether this device listens as often as it may."""
        own = (s for s in self._streams.get(who.shop, ()) if s.who.replica == who.replica)
        return sum(1 for _ in own) >= STREAMS_MAX

    def wake(self, text: str) -> None:
        """Pass on one announcement. An empty one means that some may have been missed: everybody looks."""
        for hear in self._also:
            hear(text)
        if not text:
            for stream in (stream for streams in self._streams.values() for stream in streams):
                stream.missed = stream.doubted = True
                stream.woken.set()
            return
        fact = Announced.read(text)
        for stream in self._streams.get(fact.shop, ()):
            if fact.rights or stream.who.kind == "staff" or fact.concerns(stream.who.person):
                stream.seq = max(stream.seq, fact.seq)
                stream.doubted |= fact.rights
                stream.woken.set()

    async def listen(self, database: Database) -> None:
        """Hear commits for as long as the process lives."""
        async for payload in database.listen(CHANNEL):
            self.wake(payload)

    @asynccontextmanager
    async def running(self, database: Database) -> AsyncIterator[None]:
        async with beside(self.listen(database), "pokes"):
            yield


async def live(http: HttpRequest) -> Response:
    """Open the stream of the caller."""
    who = await principal_of(http)
    store: Store = http.app.state.store
    pokes: Pokes = http.app.state.pokes
    if pokes.full(who):
        raise RateLimited("This device listens in too many places already.", retry_after_s=HEARTBEAT_S)
    return EventSourceResponse(
        _pokes(http, store, pokes, who),
        ping=HEARTBEAT_S,
        # An event, for a page does not see the comments that would be sent else (L2).
        ping_message_factory=lambda: ServerSentEvent(event="beat", data="{}"),
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _pokes(
    http: HttpRequest, store: Store, pokes: Pokes, who: Principal
) -> AsyncIterator[dict[str, str]]:
    async with pokes.stream(who) as stream:
        count = await _count(store, who)
        yield {"event": "hello", "data": "{}"}
        told = 0
        while await _woken(http, stream):
            if who.kind == "staff" and (stream.seq > told or stream.missed):
                told, stream.missed = stream.seq, False
                yield {"event": "poke", "data": orjson.dumps({"seq": told}).decode()}
            elif who.kind == "customer" and (news := await _count(store, who)) != count:
                count = news
                yield {"event": "poke", "data": "{}"}


async def _woken(http: HttpRequest, stream: Stream) -> bool:
    """Wait for something to look at; False when the stream's right to listen has ended.

    A poke says so little that the right is asked about when it may have changed, and each minute, not at each poke.
    """
    try:
        # Not `wait_for`, which makes a task each time: there are thousands of these, and a commit may wake all at once.
        async with asyncio.timeout(LOOK_AGAIN_S):
            await stream.woken.wait()
    except TimeoutError:
        stream.doubted = True
    stream.woken.clear()
    if stream.doubted:
        stream.doubted = False
        return await _still_welcome(http)
    return True


async def _count(store: Store, who: Principal) -> int:
    """How often the customer's view has changed so far; staff need no count."""
    if who.kind == "staff":
        return 0
    people = await names(store, who.shop)
    async with store.database.transaction(context_of(store, who)) as tx:
        _, count = await portal.refresh(tx, store.codec(who.shop), who.person, people)
        return count


async def _still_welcome(http: HttpRequest) -> bool:
    """Whether the session still counts."""
    http.state.visitor = None
    try:
        await principal_of(http)
    except WorkbayError:
        return False
    return True
