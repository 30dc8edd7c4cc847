"""The tables of sign-in are the server's: nobody else's transaction reads or writes them, whatever it asks."""

from uuid import UUID

import psycopg
import pytest

from server.auth.gate import Gate, server_of
from server.auth.links import make_customer_link
from server.auth.principal import Principal
from server.db.session import Context
from tests.server.auth.people import new_customer, new_shop, new_staff, sign_in

TABLES = ("account", "replica", "session", "link", "attempt")


@pytest.fixture
async def someone(gate: Gate, shop: UUID) -> Principal:
    """A signed-in staff user of a shop in which every table holds a row."""
    await new_staff(gate, shop)
    await new_customer(gate, shop)
    await make_customer_link(gate, shop, "carl@home.test")
    return (await sign_in(gate, shop)).principal


async def count(gate: Gate, context: Context, table: str) -> int:
    async with gate.database.transaction(context) as tx:
        row = await (await tx.execute(f"SELECT count(*) FROM {table}".encode())).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("table", TABLES)
async def test_only_the_server_in_this_shop_sees_rows(gate: Gate, someone: Principal, table: str) -> None:
    assert await count(gate, server_of(someone.shop), table) > 0
    other = await new_shop(gate, "other")
    strangers = [
        Context(),
        Context(kind="server"),
        Context(shop=someone.shop),
        server_of(other),
        Context(shop=other, kind="staff", me=someone.person, sees_all=True, collections=TABLES),
        Context(shop=someone.shop, kind="staff", me=gate.world.new_id(), sees_all=True, collections=TABLES),
        Context(shop=someone.shop, kind="customer", me=someone.person),
        Context(shop=someone.shop, kind="install"),
    ]
    assert [await count(gate, context, table) for context in strangers] == [0] * len(strangers)


async def test_a_person_sees_their_own_replica_and_no_more(gate: Gate, someone: Principal) -> None:
    context = Context(shop=someone.shop, kind="staff", me=someone.person)
    assert [await count(gate, context, table) for table in TABLES] == [0, 1, 0, 0, 0]


@pytest.mark.parametrize("table", TABLES)
async def test_nobody_else_changes_rows(gate: Gate, someone: Principal, table: str) -> None:
    context = Context(shop=someone.shop, kind="staff", me=someone.person)
    async with gate.database.transaction(context) as tx:
        cursor = await tx.execute(f"UPDATE {table} SET shop = shop".encode())
        assert cursor.rowcount == 0


async def test_no_row_is_moved_or_made_in_another_shop(gate: Gate, someone: Principal) -> None:
    other = await new_shop(gate, "other")
    for statement in (
        "UPDATE account SET shop = %s",
        "INSERT INTO attempt VALUES (%s, 'key', 0, 1)",
        "INSERT INTO account SELECT %s, id, email_index, password_hash, created_at FROM account",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with gate.database.transaction(server_of(someone.shop)) as tx:
                await tx.execute(statement.encode(), (other,))


@pytest.mark.parametrize("table", ["account", "replica", "shop", "record"])
async def test_what_must_last_is_never_deleted(gate: Gate, someone: Principal, table: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with gate.database.transaction(server_of(someone.shop)) as tx:
            await tx.execute(f"DELETE FROM {table}".encode())
