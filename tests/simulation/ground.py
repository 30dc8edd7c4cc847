"""The server of one seed: the real application in this process, over a database of its own.

A *kill* ends it at a named point of a push: what runs is undone as by a lost process, all that was only in memory is gone,
and the application starts anew over the same database. The points are put around the real functions from outside.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from server.auth.gate import Gate
from server.db import session
from server.db.embedded import Urls
from server.errors import Unavailable
from server.settings import Settings
from server.store import commit, load
from server.store.commit import Store
from tests.conftest import SECRET_KEYS
from tests.postgres import TestPostgres
from tests.server.premises import Premises, Shop, running
from tests.simulation.views import Shop as Rows
from tests.simulation.wire import Answer, call
from tests.simulation.world import LABEL, SimWorld

KILLS = ("before_lock", "after_lock", "before_save", "after_save", "before_commit", "after_commit")
PLACES = ("after_lock", "before_save", "after_save", "before_commit", "after_commit")
ERRORS: dict[str, type[psycopg.Error]] = {
    "deadlock": psycopg.errors.DeadlockDetected,
    "serialization": psycopg.errors.SerializationFailure,
    "lost_connection": psycopg.OperationalError,
    "disk_full": psycopg.errors.DiskFull,
}
SHOP = UUID(int=1)


class Killed(BaseException):
    """The server's process ended here."""


class Ground:
    """A running server that can be killed. `hits` counts the points where that happened."""

    def __init__(self, postgres: TestPostgres, world: SimWorld, var: Path) -> None:
        self.postgres, self.world, self.var = postgres, world, var
        self.urls: Urls = postgres.new_database()
        self.hits: Counter[str] = Counter()
        self.armed: tuple[str, int] | None = None
        self.premises: Premises
        self.shop: Shop
        self.rows: Rows
        self._up = AsyncExitStack()
        self._requests = 0

    def settings(self) -> Settings:
        return Settings(
            env="development",
            database_url=self.urls.app,
            owner_database_url=self.urls.owner,
            var=self.var,
            port=0,
            secret_keys=SECRET_KEYS,
            demo=False,
        )

    @property
    def store(self) -> Store:
        found: Store = self.premises.app.state.store
        return found

    @property
    def gate(self) -> Gate:
        found: Gate = self.premises.app.state.gate
        return found

    async def start(self) -> None:
        self.premises = await self._up.enter_async_context(running(self.settings(), self.world))

    async def stop(self) -> None:
        await self._up.aclose()
        self._up = AsyncExitStack()

    async def open_shop(self) -> None:
        self.shop = await self.premises.open_shop("repair", customers=3, id=SHOP)
        self.rows = Rows(self.urls.superuser, str(SHOP), self.store.codec(SHOP))

    async def ask(self, method: str, path: str, body: bytes, token: str | None) -> Answer:
        """One request; raises Killed when the server did not live to answer it."""
        self._requests += 1
        label = LABEL.set(f"q{self._requests}")
        try:
            return await call(self.premises.app, "repair.localhost", method, path, body, token)
        finally:
            LABEL.reset(label)

    def arm(self, point: str, times: int = 1) -> None:
        """The next `times` passes through a point end the process, or raise the database's error of that name."""
        self.armed = (point, times)

    def passing(self, place: str) -> None:
        """A request comes by a place; a point is `place`, or `place:error`. What the server does beside is let by."""
        if not LABEL.get() or self.armed is None or self.armed[0].partition(":")[0] != place:
            return
        point, times = self.armed
        self.armed = (point, times - 1) if times > 1 else None
        self.hits[point] += 1
        _, _, error = point.partition(":")
        if error:
            raise ERRORS[error](f"injected {error}")
        raise Killed(point)

    async def restart(self) -> None:
        """Start anew after a kill."""
        self.armed = None
        await self.stop()
        await self.start()


@asynccontextmanager
async def ground(postgres: TestPostgres, world: SimWorld, var: Path) -> AsyncIterator[Ground]:
    """A server with a shop; its database goes when the block ends."""
    made = Ground(postgres, world, var)
    try:
        with points(made):
            await made.start()
            await made.open_shop()
            yield made
            made.rows.close()
            await made.stop()
    finally:
        postgres.drop(made.urls)


class points:
    """The places of a push, put around the real functions for as long as the block lasts."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.undo: list[Callable[[], None]] = []

    def __enter__(self) -> None:
        self._around(load, "openings", before="before_lock", after="after_lock")
        self._around(Store, "save", before="before_save", after="after_save")
        self._around(session, "_commit", before="before_commit")
        self._around(commit, "push_all", after="after_commit")

    def __exit__(self, *_: object) -> None:
        for undo in reversed(self.undo):
            undo()

    def _around(self, owner: Any, name: str, *, before: str = "", after: str = "") -> None:
        real: Callable[..., Awaitable[Any]] = getattr(owner, name)
        passing = self.ground.passing

        async def passed(*args: Any, **more: Any) -> Any:
            _pass(passing, before)
            done = await real(*args, **more)
            _pass(passing, after)
            return done

        setattr(owner, name, passed)
        self.undo.append(lambda: setattr(owner, name, real))


def _pass(passing: Callable[[str], None], place: str) -> None:
    """An error of the database raised outside of a transaction looks as the session would have made it look."""
    if not place:
        return
    try:
        passing(place)
    except psycopg.Error as error:
        if place == "after_commit":
            raise Unavailable(retry_after_s=1) from error
        raise


def quiet(loop: asyncio.AbstractEventLoop) -> None:
    """A killed server leaves tasks behind whose end nobody asks about."""
    loop.set_exception_handler(
        lambda loop, context: (
            None if isinstance(context.get("exception"), Killed) else loop.default_exception_handler(context)
        )
    )
