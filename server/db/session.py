"""The database as the server uses it: a pool of psycopg connections and short transactions.

Every transaction says for whom it speaks: a `Context` becomes `app.…` settings that live as long as the transaction
and that row security reads. A transaction without a context sees no rows. `BEGIN` and the context go out in one
message, so that speaking for somebody costs no round trip of its own; this is the hot path of every request.

What may pass (a lock, a deadlock, a lost connection, a full pool) leaves here as `errors.Unavailable`, a full disk as
`errors.StorageFull`; all other errors of psycopg pass through as they are.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import orjson
import psycopg
import structlog
from psycopg import errors as pg
from psycopg import sql
from psycopg.abc import Params
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool

from server.errors import StorageFull, Unavailable, WorkbayError

log = structlog.get_logger()

WAIT_FOR_CONNECTION_S = 5.0
# A statement is parsed and planned once a connection, at its first use; there are fewer than this.
PREPARED_MAX = 400
RECONNECT_S_MAX = 5.0

# A request that waits longer than this holds others up: better it is told to come again. Queries find their rows by keys
# whatever their values are, so one plan serves all of them: to plan anew for each costs more than most of them take.
# A process that hangs in a transaction loses it, for it may hold the shop's head row and with it everybody's pushes.
CONNECTION_SETTINGS = "SET timezone = 'UTC'; SET lock_timeout = '5s'; SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '10s'; SET plan_cache_mode = force_generic_plan"

# Behind a pooler that gives each transaction another connection nothing may be set for longer, so this goes with every context.
LIMITS_OF_A_TRANSACTION = ",set_config('timezone','UTC',true),set_config('lock_timeout','5s',true),set_config('statement_timeout','30s',true),set_config('idle_in_transaction_session_timeout','10s',true)"

NAMES = ("app.shop", "app.slug", "app.kind", "app.me", "app.collections", "app.sees_all")
SPEAK_FOR = "SELECT " + ",".join(f"set_config('{name}',%s,true)" for name in NAMES)


@dataclass(frozen=True, slots=True)
class Context:
    """Who a transaction speaks for. The default is nobody, who sees nothing."""

    shop: UUID | None = None
    slug: str | None = None
    """Only to find a shop by its host name; '' is the first shop."""
    kind: str = ""
    """'server', 'staff', 'customer' or ''."""
    me: UUID | None = None
    """The account (staff) or customer."""
    collections: tuple[str, ...] = ()
    """The collections that a staff role may read."""
    sees_all: bool = False
    """Staff: also rows that belong to others."""

    def values(self) -> tuple[str, ...]:
        """The values of NAMES, in their order."""
        return (
            str(self.shop or ""),
            self.slug or "",
            self.kind,
            str(self.me or ""),
            "{" + ",".join(self.collections) + "}",
            "true" if self.sees_all else "false",
        )

    def statement(self) -> str:
        """One SELECT that sets everything, for this transaction only."""
        calls = (
            f"set_config('{name}',{_literal(value)},true)"
            for name, value in zip(NAMES, self.values(), strict=True)
        )
        return "SELECT " + ",".join(calls)


def _literal(text: str) -> str:
    """A quoted SQL literal. Slugs come from the Host header, so nothing is taken for harmless."""
    if "\\" in text or "\0" in text:
        return sql.Literal(text.replace("\0", "")).as_string(None)
    return "'" + text.replace("'", "''") + "'"


class Database:
    """A pool for one role and one database. Opened when the server starts, closed when it stops.

    `listen_url` says that `url` is a pooler's, which gives each transaction whatever connection is free: then nothing is prepared
    and nothing is set for a session, and what must keep one connection is asked for at `listen_url`.
    """

    def __init__(
        self, url: str, pool: AsyncConnectionPool[psycopg.AsyncConnection], listen_url: str | None = None
    ) -> None:
        self.url = url
        self.listen_url = listen_url or url
        self._limits = LIMITS_OF_A_TRANSACTION if listen_url else ""
        self._speak_for = (SPEAK_FOR + self._limits).encode()
        self._pool = pool

    @classmethod
    async def open(cls, url: str, *, size: int = 10, listen_url: str | None = None) -> "Database":
        """Connect, and wait until the first connection stands; else `Unavailable`."""
        pool = AsyncConnectionPool(
            url,
            min_size=min(2, size),
            max_size=size,
            open=False,
            timeout=WAIT_FOR_CONNECTION_S,
            kwargs={"autocommit": True, "prepare_threshold": None if listen_url else 0},
            configure=_speak_json if listen_url else _configure,
            connection_class=psycopg.AsyncConnection,
        )
        try:
            await pool.open(wait=True, timeout=WAIT_FOR_CONNECTION_S)
        except psycopg.Error as error:
            await pool.close()
            raise Unavailable("The database does not answer.") from error
        return cls(url, pool, listen_url)

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def transaction(
        self, context: Context, *, snapshot: bool = False
    ) -> AsyncGenerator[psycopg.AsyncConnection, None]:
        """A transaction that speaks for `context`; commits on the way out, rolls back on any exception.

        With `snapshot` all its reads see one moment (REPEATABLE READ). `connection.transaction()` inside it is a savepoint.
        """
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ;" if snapshot else "BEGIN;"
        with _passing_as_unavailable():
            async with self._pool.connection() as connection:
                # `prepare=False`, because two statements in one message cannot be prepared.
                await connection.execute((begin + context.statement() + self._limits).encode(), prepare=False)
                try:
                    yield connection
                except BaseException:
                    await _roll_back(connection)
                    raise
                await _commit(connection)

    async def ask(self, context: Context, query: LiteralString, values: Params) -> list[tuple[Any, ...]]:
        """The rows of one query that speaks for `context`: a transaction of its own, in one round trip.

        Nothing says BEGIN or COMMIT: to PostgreSQL what is sent up to a sync, context and query, is one transaction.
        """
        with _passing_as_unavailable():
            async with self._pool.connection() as connection:
                async with connection.pipeline():
                    await connection.execute(self._speak_for, context.values())
                    cursor = await connection.execute(query, values)
                return await cursor.fetchall()

    async def listen(self, channel: str) -> AsyncGenerator[str, None]:
        """The payloads announced by NOTIFY on `channel`, for ever, over a connection outside the pool.

        An empty payload comes first, and again after every lost connection: it says that the listener stands and that
        what was announced before is unknown, so whoever listens looks at everything once.
        """
        wait_s = 0.1
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self.listen_url, autocommit=True
                ) as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                    wait_s = 0.1
                    yield ""
                    async for notification in connection.notifies():
                        yield notification.payload
            except psycopg.OperationalError as error:
                log.warning("listener_lost", channel=channel, error=type(error).__name__, again_in_s=wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, RECONNECT_S_MAX)


async def _configure(connection: psycopg.AsyncConnection) -> None:
    await _speak_json(connection)
    connection.prepared_max = PREPARED_MAX
    await connection.execute(CONNECTION_SETTINGS, prepare=False)


async def _speak_json(connection: psycopg.AsyncConnection) -> None:
    set_json_loads(orjson.loads, connection)
    set_json_dumps(orjson.dumps, connection)


async def _commit(connection: psycopg.AsyncConnection) -> None:
    cursor = await connection.execute(b"COMMIT", prepare=False)
    if cursor.statusmessage != "COMMIT":
        # PostgreSQL answers COMMIT of a failed transaction with a quiet ROLLBACK; nobody may take that for success.
        raise WorkbayError("A failed transaction was committed.")


async def _roll_back(connection: psycopg.AsyncConnection) -> None:
    # A connection that broke has nothing to roll back; the pool replaces it.
    with suppress(psycopg.Error):
        await connection.execute(b"ROLLBACK", prepare=False)


@contextmanager
def _passing_as_unavailable() -> Iterator[None]:
    """What may pass by itself leaves the block as `Unavailable`."""
    try:
        yield
    except psycopg.Error as error:
        passing = _passing(error)
        if passing is None:
            raise
        raise passing from error


def _passing(error: psycopg.Error) -> WorkbayError | None:
    """The error for what may pass by itself, or None for what will not."""
    if isinstance(error, pg.DiskFull):
        return StorageFull(retry_after_s=30)
    conflicts = (
        pg.SerializationFailure,
        pg.DeadlockDetected,
        pg.LockNotAvailable,
        pg.QueryCanceled,
        pg.IdleInTransactionSessionTimeout,
    )
    # OperationalError covers lost connections, a server that starts or stops, too many connections, a full pool.
    if isinstance(error, (*conflicts, psycopg.OperationalError)):
        return Unavailable(retry_after_s=1)
    return None
