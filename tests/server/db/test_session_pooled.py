"""The database behind a pooler that gives each transaction another connection: nothing outlives a transaction.

No pooler is needed to see that: what a pooled session leaves on its one connection is what the next transaction of somebody else
would find. `scripts/bench machines` runs the same against PgBouncer itself.
"""

from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest

from server.db.session import Context, Database

SHOP = UUID("01930000-0000-7000-8000-000000000001")
LEFT = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'), current_setting('app.shop', true)"
PREPARED = "SELECT count(*) FROM pg_prepared_statements"
AGAIN = 8
"""Psycopg prepares what it is asked more than five times."""


@pytest.fixture
async def pooled(database_url: str) -> AsyncIterator[Database]:
    """Over one connection, which a pooler might give to anybody."""
    opened = await Database.open(database_url, size=1, listen_url=database_url)
    yield opened
    await opened.close()


async def test_each_transaction_sets_its_own_limits_and_leaves_none(pooled: Database) -> None:
    async with pooled.transaction(Context(shop=SHOP)) as connection:
        assert await (await connection.execute(LEFT)).fetchone() == ("5s", "30s", str(SHOP))
    asked = await pooled.ask(Context(shop=SHOP), LEFT, ())
    assert asked == [("5s", "30s", str(SHOP))]
    async with pooled._pool.connection() as bare:
        assert await (await bare.execute(LEFT)).fetchone() == ("0", "0", "")


async def test_nothing_is_prepared(pooled: Database) -> None:
    for _ in range(AGAIN):
        await pooled.ask(Context(shop=SHOP), "SELECT id FROM shop WHERE id = %s", (SHOP,))
    assert await pooled.ask(Context(), PREPARED, ()) == [(0,)]


async def test_without_a_pooler_statements_are_prepared(database_url: str) -> None:
    alone = await Database.open(database_url, size=1)
    for _ in range(AGAIN):
        await alone.ask(Context(shop=SHOP), "SELECT id FROM shop WHERE id = %s", (SHOP,))
    [(count,)] = await alone.ask(Context(), PREPARED, ())
    assert count > 0
    await alone.close()


async def test_listening_goes_past_the_pooler(database_url: str, owner_url: str) -> None:
    """The listener stands on the other URL: told apart by the role that it connects as."""
    opened = await Database.open(database_url, size=1, listen_url=owner_url)
    heard = opened.listen("poke")
    assert await anext(heard) == ""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        rows = owner.execute(
            "SELECT usename = current_user FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        ).fetchall()
        assert rows == [(True,)]
        owner.execute("NOTIFY poke, 'one'")
    assert await anext(heard) == "one"
    await heard.aclose()
    await opened.close()
