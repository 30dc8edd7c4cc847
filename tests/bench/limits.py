"""What this machine can do at most: the same rows through psycopg alone, with the same number a commit, fsync on.

A table of its own in a database of its own on the same PostgreSQL, with the primary key and the index of the feed. One
connection, as one client has; for the round trips a connection for each replica.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import orjson
import psycopg

from server.db.embedded import Urls
from tests.bench import orders

TABLE = """
CREATE TABLE plain (shop text NOT NULL, id uuid NOT NULL, seq bigint NOT NULL, data json NOT NULL, PRIMARY KEY (shop, id));
CREATE INDEX plain_feed ON plain (shop, seq, id);
"""
UPSERT = """
INSERT INTO plain (shop, id, seq, data) SELECT 'a', * FROM unnest(%s::uuid[], %s::bigint[], %s::json[])
ON CONFLICT (shop, id) DO UPDATE SET seq = EXCLUDED.seq, data = EXCLUDED.data
"""
ALL = "SELECT id::text, seq, data::text FROM plain WHERE shop = 'a' ORDER BY seq, id"
NEWS = "SELECT id::text, seq, data::text FROM plain WHERE shop = 'a' AND seq > %s ORDER BY seq, id LIMIT 100"

Row = tuple[str, int, str]


class Limits:
    """The plain table, and what can be done with it."""

    def __init__(self, url: str, connection: psycopg.AsyncConnection) -> None:
        self.url, self.connection = url, connection
        self.rows: list[Row] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, urls: Urls) -> "AsyncIterator[Limits]":
        """Make the database; it goes with its PostgreSQL."""
        async with await psycopg.AsyncConnection.connect(urls.superuser, autocommit=True) as admin:
            await admin.execute("CREATE DATABASE limits")
        url = with_database(urls.superuser, "limits")
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(TABLE)
            yield cls(url, connection)

    async def upsert(self, count: int, a_commit: int) -> list[float]:
        """Write `count` new rows, `a_commit` at a time; seconds of each commit."""
        rows = new_rows(count, len(self.rows))
        self.rows += rows
        return [await self._commit(self.connection, part) for part in parts(rows, a_commit)]

    async def _commit(self, connection: psycopg.AsyncConnection, rows: Sequence[Row]) -> float:
        started = time.perf_counter()
        await connection.execute(UPSERT, [list(column) for column in zip(*rows, strict=True)])
        return time.perf_counter() - started

    async def fill(self, count: int) -> None:
        """Have at least `count` rows."""
        if len(self.rows) < count:
            await self.upsert(count - len(self.rows), 1000)
            await self.connection.execute("VACUUM ANALYZE plain")

    async def select_all(self) -> tuple[float, int]:
        """Read every row as JSON text; seconds, and how many rows."""
        started = time.perf_counter()
        rows = await (await self.connection.execute(ALL)).fetchall()
        return time.perf_counter() - started, len(rows)

    async def select_news(self) -> float:
        """Read the 100 newest rows by their place in the feed; seconds."""
        started = time.perf_counter()
        found = await (await self.connection.execute(NEWS, (len(self.rows) - 100,))).fetchall()
        assert len(found) == 100
        return time.perf_counter() - started

    async def commits(self, connections: int, seconds: float) -> float:
        """One-row upserts of as many connections at once; commits a second in all."""
        opened = [
            await psycopg.AsyncConnection.connect(self.url, autocommit=True) for _ in range(connections)
        ]
        end = time.perf_counter() + seconds

        async def work(number: int) -> int:
            done = 0
            while time.perf_counter() < end:
                await self._commit(opened[number], [self.rows[(number * 499 + done) % len(self.rows)]])
                done += 1
            return done

        done = await asyncio.gather(*map(work, range(connections)))
        for connection in opened:
            await connection.close()
        return sum(done) / seconds

    async def notified(self, times: int) -> list[float]:
        """One row with its commit and a NOTIFY, until another connection hears of it; seconds of each."""
        async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as listener:
            await listener.execute("LISTEN plain")
            found = []
            for number in range(times):
                started = time.perf_counter()
                async with self.connection.transaction():
                    await self._commit(self.connection, [self.rows[number]])
                    await self.connection.execute("NOTIFY plain")
                async for _ in listener.notifies(stop_after=1, timeout=5):
                    found.append(time.perf_counter() - started)
            return found


def new_rows(count: int, already: int) -> list[Row]:
    made = range(already + 1, already + 1 + count)
    return [(orders.new_id(), seq, text_of(seq)) for seq in made]


def text_of(i: int) -> str:
    return orjson.dumps(orders.work_order(i, orders.new_id())).decode()


def parts(rows: Sequence[Row], size: int) -> list[Sequence[Row]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def with_database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"
