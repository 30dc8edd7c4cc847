"""Pushes to one shop wait in line, and whoever is served takes along those behind.

All pushes of a shop pass its head row one after another. Sharing one transaction they share the turns to the database
and the wait for its disk: twenty phones that push at once cost little more than one. Each still gets its own seqs and
its own answer; when a shared transaction fails, each push is tried alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from server.store.pushing import Pushed
from sync.wire import CHANGESETS_MAX, Request

TOGETHER_MAX = 32

Serve = Callable[[UUID, Sequence[Request]], Awaitable[Sequence[Pushed | BaseException]]]
_Waiting = tuple[Request, asyncio.Future[Pushed]]


class Lines:
    """One line a shop, in this process."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._lines: dict[UUID, list[_Waiting]] = {}
        self._busy: dict[UUID, asyncio.Task[None]] = {}

    async def push(self, shop: UUID, request: Request) -> Pushed:
        """Join the line of `shop`; raises what is wrong with this push."""
        answer: asyncio.Future[Pushed] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(shop, []).append((request, answer))
        if shop not in self._busy:
            self._busy[shop] = asyncio.create_task(self._work(shop), name="pushes")
        return await answer

    async def _work(self, shop: UUID) -> None:
        try:
            while self._lines[shop]:
                group = self._next(shop)
                for (_, answer), outcome in zip(group, await self._served(shop, group), strict=True):
                    _give(answer, outcome)
        finally:
            del self._busy[shop], self._lines[shop]

    async def _served(self, shop: UUID, group: Sequence[_Waiting]) -> Sequence[Pushed | BaseException]:
        try:
            return await self._serve(shop, [request for request, _ in group])
        except BaseException as error:
            for _, answer in (*group, *self._lines[shop]):
                _give(answer, error)
            raise

    def _next(self, shop: UUID) -> list[_Waiting]:
        """Those at the front that fit together: of different replicas, within the size of one request."""
        group, left, replicas, size = list[_Waiting](), list[_Waiting](), set[str](), 0
        for waiting in self._lines[shop]:
            request = waiting[0]
            fits = size + len(request.changesets) <= CHANGESETS_MAX and len(group) < TOGETHER_MAX
            if request.replica in replicas or (group and not fits):
                left.append(waiting)
            else:
                group.append(waiting)
                size += len(request.changesets)
            replicas.add(request.replica)
        self._lines[shop] = left
        return group


def _give(answer: asyncio.Future[Pushed], outcome: Pushed | BaseException) -> None:
    """Hand over an answer, unless whoever waited for it has gone."""
    if answer.done():
        return
    if isinstance(outcome, Pushed):
        answer.set_result(outcome)
    else:
        answer.set_exception(outcome)
