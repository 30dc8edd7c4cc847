"""With the app's own filters switched off: raw SELECTs under a principal's context read nothing of others (I8, P16)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest

from server.auth.principal import Principal
from server.db.session import Context
from server.sync_api.pulling import context_of
from tests.server.premises import Phone, Premises, Shop

TABLES = ("record", "change", "change_record", "bootstrap", "portal_view", "portal_row", "head", "shop")


@pytest.fixture
async def it(premises: Premises, repair: Shop) -> Shop:
    return await premises.open_shop("it")


def _principal(phone: Phone, role: str, kind: Any = "staff", person: UUID | None = None) -> Principal:
    person = person or phone.shop.staff[role]
    return Principal(
        shop=phone.shop.id, kind=kind, person=person, role=role, name="", replica=phone.replica.replica,
        session=person, grant=0,
    )  # fmt: skip


async def _all(premises: Premises, context: Context, table: str) -> list[tuple[Any, ...]]:
    """Every row of a table that the context lets through, with nothing asked for."""
    async with premises.app.state.database.transaction(context) as tx:
        return await (await tx.execute(f"SELECT * FROM {table}")).fetchall()


async def _worked_in(premises: Premises, shop: Shop) -> Phone:
    """A shop with work of two customers, a private time entry, and all infrastructure rows in use."""
    desk = await (await premises.sign_in(shop, "service_writer")).sync()
    for number in (0, 1):
        order = desk.create("work_order", customer=shop.customers[number], complaint=f"of {number}")
        desk.create("note", work_order=order, text="internal")
    await desk.sync()
    for who in ("tech", "tech2"):
        phone = await (await premises.sign_in(shop, who)).sync()
        phone.create(
            "time_entry",
            kind="shift",
            started_at=phone.now() - 1000,
            ended_at=phone.now(),
            correction_reason=None,
        )
        await phone.sync()
        assert phone.codes() == []
        await phone.ask(limit=1)
    await (await premises.sign_in_customer(shop, 0)).sync()
    await (await premises.sign_in_customer(shop, 1)).sync()
    await (await premises.sign_in(shop, "tech")).ask(limit=1)
    return desk


async def test_I8_the_other_shops_admin_reads_no_row_of_any_table(
    premises: Premises, repair: Shop, it: Shop
) -> None:
    desk = await _worked_in(premises, repair)
    stranger = await (await premises.sign_in(it, "admin")).sync()
    context = context_of(premises.app.state.store, _principal(stranger, "admin"))
    for table in TABLES:
        rows = str(await _all(premises, context, table))
        assert str(repair.id) not in rows, table
        assert desk.replica.replica not in rows, table
    assert await _all(premises, context, "record") != []


async def test_I8_a_customer_reads_neither_another_customer_nor_what_is_internal(
    premises: Premises, repair: Shop
) -> None:
    desk = await _worked_in(premises, repair)
    me, other = map(UUID, repair.customers)
    context = context_of(premises.app.state.store, _principal(desk, "customer", "customer", me))
    rows = str(await _all(premises, context, "record"))
    assert str(me) in rows
    assert str(other) not in rows
    assert "internal" not in rows
    for table in ("change", "bootstrap"):
        assert await _all(premises, context, table) == []
    for table in ("portal_view", "portal_row"):
        assert {row[1] for row in await _all(premises, context, table)} == {me}


async def test_I8_a_tech_reads_no_private_rows_of_a_colleague_and_not_the_log(
    premises: Premises, repair: Shop
) -> None:
    desk = await _worked_in(premises, repair)
    context = context_of(premises.app.state.store, _principal(desk, "tech"))
    async with premises.app.state.database.transaction(context) as tx:
        query = "SELECT own FROM record WHERE collection = 'time_entry'"
        owners = {row[0] for row in await (await tx.execute(query)).fetchall()}
    assert owners == {repair.staff["tech"]}
    assert await _all(premises, context, "change") == []


@pytest.mark.parametrize("context", ["nobody", "a shop without a kind", "a kind without a shop"])
async def test_I8_without_a_whole_context_there_is_nothing(
    premises: Premises, repair: Shop, context: str
) -> None:
    await _worked_in(premises, repair)
    some = {
        "nobody": Context(),
        "a shop without a kind": Context(shop=repair.id),
        "a kind without a shop": Context(kind="server"),
    }[context]
    for table in ("record", "change", "bootstrap", "portal_row", "head"):
        assert await _all(premises, some, table) == [], table


@pytest.mark.parametrize("role", ["admin", "tech", "customer"])
async def test_I8_nobody_but_the_server_writes_a_synced_row(
    premises: Premises, repair: Shop, role: str
) -> None:
    desk = await _worked_in(premises, repair)
    kind = "customer" if role == "customer" else "staff"
    person = UUID(repair.customers[0]) if role == "customer" else repair.staff[role]
    context = context_of(premises.app.state.store, _principal(desk, role, kind, person))
    async with premises.app.state.database.transaction(context) as tx:
        changed = await tx.execute("UPDATE record SET data = '{}', pos = pos")
        assert changed.rowcount == 0
    insert = (
        "INSERT INTO record (shop, id, collection, seq, pos, inside, vv, data, meta)"
        " VALUES (%s, gen_random_uuid(), 'note', 1, 1, true, '{}', '{}', '{}')"
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with premises.app.state.database.transaction(context) as tx:
            await tx.execute(insert, (repair.id,))


async def test_I8_a_server_of_one_shop_cannot_write_into_another(
    premises: Premises, repair: Shop, it: Shop
) -> None:
    async with premises.app.state.database.transaction(Context(shop=it.id, kind="server")) as tx:
        changed = await tx.execute("UPDATE record SET data = '{}' WHERE shop = %s", (repair.id,))
        assert changed.rowcount == 0
        changed = await tx.execute("UPDATE head SET seq = seq + 1 WHERE shop = %s", (repair.id,))
        assert changed.rowcount == 0


async def test_I8_the_app_role_owns_nothing_and_goes_round_nothing(premises: Premises, repair: Shop) -> None:
    query = """
      SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relowner = current_user::regrole
      FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""
    async with premises.app.state.database.transaction(Context()) as tx:
        rows = await (await tx.execute(query)).fetchall()
        powers = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert await (await tx.execute(powers)).fetchone() == (False,)
    assert {row[0] for row in rows} >= set(TABLES)
    assert [row for row in rows if row[0] in TABLES and row[1:] != (True, True, False)] == []
