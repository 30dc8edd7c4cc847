"""Keeps the head of each shop outside the database while the server serves: about once a second while there are commits,
and when it stops.

It hears of commits as everybody does, by their announcement. A head that the log does not bear out is evidence: it is
reported and left as it is, until a restore that is declared explains it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import structlog

from server.background import beside
from server.clock import World
from server.db.session import Context, Database
from server.errors import WorkbayError
from server.events import Announced
from server.store import heads
from server.store.heads import HeadUnreadable, OutsideHead

log = structlog.get_logger()
EVERY_S = 1.0
SHOPS = "SELECT id FROM shop"


class Witness:
    """Writes down how far the shops' logs have come. `due` are shops with news, `heard` all that had some since the start."""

    def __init__(self, database: Database, world: World, var: Path, every_s: float = EVERY_S) -> None:
        self.database, self.world, self.var, self.every_s = database, world, var, every_s
        self._due: set[UUID] = set()
        self._heard: set[UUID] = set()
        self._told: set[UUID] = set()
        self._all = False
        self._news = asyncio.Event()

    def hear(self, text: str) -> None:
        """Take in one announcement; an empty one means that some may have been missed."""
        if not text:
            self._all = True
        elif (fact := Announced.read(text)).seq:
            self._due.add(fact.shop)
            self._heard.add(fact.shop)
        else:
            return
        self._news.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the heads until the block ends, and once more then."""
        try:
            async with beside(self._keep_writing(), "witness"):
                yield
        finally:
            self._due |= self._heard
            await self.write_due()

    async def _keep_writing(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self.write_due()
            await asyncio.sleep(self.every_s)

    async def write_due(self) -> None:
        """Write the head of every shop that has news; one that cannot be written now is tried again with the next."""
        if self._all:
            self._all = False
            self._due |= set(await self._shops())
        due, self._due = self._due, set()
        for shop in due:
            try:
                await self.write(shop)
            except (WorkbayError, OSError) as error:
                log.warning("head_not_written", shop=str(shop), error=type(error).__name__)
                self._due.add(shop)

    async def _shops(self) -> list[UUID]:
        try:
            return [row[0] for row in await self.database.ask(Context(kind="install"), SHOPS, ())]
        except WorkbayError as error:
            log.warning("head_not_written", error=type(error).__name__)
            self._all = True
            return []

    async def write(self, shop: UUID) -> None:
        """Write down where the shop's log stands, unless what stands outside speaks against it."""
        before = self._read(shop)
        async with self.database.transaction(Context(shop=shop, kind="server"), snapshot=True) as tx:
            now = await heads.standing(tx, shop, before.seq if before else 0)
            jumps = await heads.jumps_of(tx, shop)
        if now is None or not now.seq:
            return
        if before is not None and (trouble := heads.differs(before, now.seq, now.there, jumps)):
            # The file was read before the snapshot began, so no other process can have been ahead of it.
            if shop not in self._told:
                log.error("head_differs", shop=str(shop), trouble=trouble, outside=before.seq, head=now.seq)
                self._told.add(shop)
            return
        if before is None or before.seq != now.seq:
            found = OutsideHead(now.seq, now.hash.hex(), now.epoch, self.world.now_ms())
            await asyncio.to_thread(heads.write, self.var, shop, found)

    def _read(self, shop: UUID) -> OutsideHead | None:
        try:
            return heads.read(self.var, shop)
        except HeadUnreadable as error:
            log.warning("head_unreadable", shop=str(shop), error=type(error.__cause__).__name__)
            return None
