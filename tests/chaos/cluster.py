"""A PostgreSQL with fsync that a test may kill: started by the server's own supervisor, ended by signals."""

import asyncio
import contextlib
import os
import random
import signal
from pathlib import Path
from typing import Any

import psycopg

from server.db import roles
from server.db.embedded import EmbeddedPostgres, Urls
from server.db.postmaster import runs
from tests.chaos.disk import end_family, wait_for_the_end


class Cluster:
    """The PostgreSQL under `var`."""

    def __init__(self, var: Path) -> None:
        self.var, self.data = var, var / "postgres" / "data"
        self._supervisors: list[EmbeddedPostgres] = []
        self.urls = self.start()
        self.kills = 0

    @property
    def superuser(self) -> str:
        """The app's database as somebody whom row security does not concern."""
        head, _, query = self.urls.superuser.partition("?")
        return f"{head.rpartition('/')[0]}/{roles.DATABASE}?{query}"

    def start(self) -> Urls:
        """Start it again by the supervisor, as the next server that starts would."""
        self._supervisors.append(EmbeddedPostgres(self.var))
        self.urls = self._supervisors[-1].start()
        return self.urls

    async def start_again(self) -> None:
        await asyncio.to_thread(self.start)

    def close(self) -> None:
        """End it at once: nobody needs a checkpoint of what is thrown away."""
        if runs(self.data):
            kill(self.data, signal.SIGQUIT)
        for supervisor in self._supervisors:
            supervisor.stop()

    @property
    def pid(self) -> int:
        return postmaster(self.data)

    async def kill(self) -> None:
        """SIGKILL for the postmaster; its children notice and leave."""
        self.kills += 1
        await killed(self.data, signal.SIGKILL)

    async def stop_at_once(self) -> None:
        """An immediate stop: no checkpoint, so that the next start has to recover."""
        self.kills += 1
        await killed(self.data, signal.SIGQUIT)

    def end_by_power(self, postmaster: int) -> None:
        """The machine is off: all its processes end, though their disk answers nothing any more."""
        self.kills += 1
        for pid in end_family(postmaster):
            wait_for_the_end(pid)

    async def kill_backend(self, chance: random.Random) -> bool:
        """SIGKILL for the process behind one of the server's connections; PostgreSQL then restarts itself. False where
        there was none."""
        try:
            rows = self.ask("SELECT pid FROM pg_stat_activity WHERE usename = %s", (roles.APP,))
        except psycopg.OperationalError:
            return False
        if not rows:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(rows)[0], signal.SIGKILL)
            self.kills += 1
        return True

    async def answers(self) -> None:
        """Wait until it takes connections again after a crash of its own."""
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(psycopg.OperationalError):
                    await (await psycopg.AsyncConnection.connect(self.superuser)).close()
                    return
                await asyncio.sleep(0.02)

    def tell(self, statement: str) -> None:
        """Change something behind the server's back."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute(statement.encode())

    def snapshot(self, *queries: str, shop: Any) -> list[list[tuple[Any, ...]]]:
        """The rows of several queries about one shop, all of one moment."""
        with psycopg.connect(self.superuser) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            return [connection.execute(query.encode(), (shop,)).fetchall() for query in queries]

    def ask(self, query: str, values: Any = ()) -> list[tuple[Any, ...]]:
        """The rows of one query, as the superuser sees them."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            return connection.execute(query.encode(), values).fetchall()


async def killed(data: Path, number: signal.Signals = signal.SIGKILL) -> None:
    """The same as `kill`, while others go on."""
    await asyncio.to_thread(kill, data, number)


def kill(data: Path, number: signal.Signals) -> None:
    """End the postmaster over `data` by a signal, and wait until it has ended."""
    pid = postmaster(data)
    os.kill(pid, number)
    wait_for_the_end(pid)


def postmaster(data: Path) -> int:
    """Its process id, out of its own file."""
    return int((data / "postmaster.pid").read_text().splitlines()[0])
