"""The database session: contexts live as long as their transaction, and passing troubles become `Unavailable`."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from server.db.session import Context, Database
from server.errors import Unavailable, WorkbayError

SHOP = UUID("01930000-0000-7000-8000-000000000001")
ME = UUID("01930000-0000-7000-8000-000000000002")
READ = """
SELECT current_setting('app.shop', true), current_setting('app.slug', true), current_setting('app.kind', true),
       current_setting('app.me', true), current_setting('app.collections', true)::text[],
       current_setting('app.sees_all', true)
"""


async def _read(database: Database, context: Context) -> tuple[object, ...]:
    async with database.transaction(context) as connection:
        row = await (await connection.execute(READ)).fetchone()
    assert row is not None
    return row


async def test_a_transaction_speaks_for_its_context(database: Database) -> None:
    context = Context(shop=SHOP, kind="staff", me=ME, collections=("note", "task"), sees_all=True)
    assert await _read(database, context) == (str(SHOP), "", "staff", str(ME), ["note", "task"], "true")


async def test_nobody_is_the_default(database: Database) -> None:
    assert await _read(database, Context()) == ("", "", "", "", [], "false")


@pytest.mark.parametrize("slug", ["it's", "a\\'); DROP TABLE record; --", "nul\0", "ümlaut", "$$", "%s {}"])
async def test_a_slug_from_a_host_header_stays_text(database: Database, slug: str) -> None:
    row = await _read(database, Context(slug=slug))
    assert row[1] == slug.replace("\0", "")


async def test_pooled_connections_leak_no_context(database: Database) -> None:
    async def one(number: int) -> None:
        shop = UUID(int=number)
        assert (await _read(database, Context(shop=shop, kind="staff")))[0] == str(shop)
        if number % 3 == 0:
            with pytest.raises(ValueError, match="planned"):
                async with database.transaction(Context(shop=shop)):
                    raise ValueError("planned")
        assert (await _read(database, Context()))[0] == ""

    await asyncio.gather(*(one(number) for number in range(1, 101)))


async def test_an_exception_rolls_back_and_success_commits(database: Database, owner_url: str) -> None:
    def count() -> int:
        with psycopg.connect(owner_url) as connection:
            connection.execute("SELECT set_config('app.shop', %s, false)", (str(SHOP),))
            return connection.execute("SELECT FROM shop").rowcount

    insert = "INSERT INTO shop (id, slug, created_at) VALUES (%s, 's', 0)"
    context = Context(shop=SHOP, kind="server")
    with pytest.raises(ValueError, match="planned"):
        async with database.transaction(context) as connection:
            await connection.execute(insert, (SHOP,))
            raise ValueError("planned")
    assert count() == 0
    async with database.transaction(context) as connection:
        await connection.execute(insert, (SHOP,))
    assert count() == 1


async def test_a_savepoint_inside_a_transaction(database: Database) -> None:
    async with database.transaction(Context(shop=SHOP)) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            async with connection.transaction():
                await connection.execute("SELECT 1 / 0")
        row = await (await connection.execute("SELECT current_setting('app.shop')")).fetchone()
    assert row == (str(SHOP),)


async def test_a_swallowed_failure_is_not_taken_for_a_commit(database: Database) -> None:
    with pytest.raises(WorkbayError, match="committed"):
        async with database.transaction(Context()) as connection:
            with pytest.raises(psycopg.errors.DivisionByZero):
                await connection.execute("SELECT 1 / 0")


async def test_a_snapshot_sees_one_moment(database: Database) -> None:
    async with database.transaction(Context(), snapshot=True) as connection:
        row = await (await connection.execute("SHOW transaction_isolation")).fetchone()
    assert row == ("repeatable read",)


async def test_a_lost_connection_is_unavailable_and_the_pool_recovers(database: Database) -> None:
    with pytest.raises(Unavailable) as caught:
        async with database.transaction(Context()) as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert caught.value.retry_after_s == 1
    assert caught.value.headers() == {"Retry-After": "1"}
    assert (await _read(database, Context(kind="server")))[2] == "server"


async def test_a_lock_that_is_held_too_long_is_unavailable(database: Database) -> None:
    async with database.transaction(Context()) as holder:
        await holder.execute("SELECT pg_advisory_xact_lock(1)")
        with pytest.raises(Unavailable):
            async with database.transaction(Context()) as waiter:
                await waiter.execute("SET LOCAL lock_timeout = '10ms'")
                await waiter.execute("SELECT pg_advisory_xact_lock(1)")


async def test_lasting_errors_pass_through(database: Database) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        async with database.transaction(Context()) as connection:
            await connection.execute("SELECT FROM nowhere")


async def test_no_database_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.db.session.WAIT_FOR_CONNECTION_S", 0.2)
    with pytest.raises(Unavailable):
        await Database.open("postgresql://nobody@127.0.0.1:1/none")


async def test_listening_hears_and_survives_a_lost_connection(database: Database) -> None:
    heard = database.listen("poke")
    assert await anext(heard) == ""
    async with database.transaction(Context()) as connection:
        await connection.execute("SELECT pg_notify('poke', 'one')")
    assert await anext(heard) == "one"
    async with database.transaction(Context()) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND usename = current_user"
        )
    assert await anext(heard) == ""
    async with database.transaction(Context()) as connection:
        await connection.execute("SELECT pg_notify('poke', 'two')")
    assert await anext(heard) == "two"
    await heard.aclose()
