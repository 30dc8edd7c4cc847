"""With the application's own filters switched off: every row of every table is asked for in everybody's name (P16).

Nobody reads a row of another shop, of another customer, or of a colleague's own things. Tables and people are found,
not listed, so that a new table is covered before anybody thinks of it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from psycopg import sql

from server.auth.gate import server_of
from server.db.embedded import Urls
from server.db.session import Context, Database
from server.errors import WorkbayError
from tests.isolation.database import fingerprint, rows_of_shop, shop_column, tables
from tests.isolation.town import NOBODY, PEOPLE, Town
from tests.server.canaries import found


async def all_rows(town: Town, context: Context, table: str) -> list[dict[str, Any]]:
    """`SELECT *` in somebody's name, without any condition."""
    query = sql.SQL("SELECT to_json(t) FROM {} t").format(sql.Identifier(table))
    async with town.premises.app.state.database.transaction(context) as tx:
        return [row[0] for row in await (await tx.execute(query)).fetchall()]


async def rows_everywhere(town: Town, context: Context, url: str) -> dict[str, list[dict[str, Any]]]:
    return {table: await all_rows(town, context, table) for table in tables(url)}


async def test_P16_every_table_holds_rows_of_both_shops(town: Town, database_urls: Urls) -> None:
    """Else there would be nothing to keep apart, and the other tests here would say nothing."""
    for slug in town.shops:
        rows = {
            t: rows_of_shop(database_urls.superuser, t, town.shop(slug).id)
            for t in tables(database_urls.owner)
        }
        rows.pop("attempt"), rows.pop("link")
        assert {table for table, found_ in rows.items() if not found_} == set()


async def test_P16_a_row_of_another_shop_is_read_by_nobody(town: Town, database_urls: Urls) -> None:
    for who in (*PEOPLE, NOBODY):
        context = town.context("remote", who)
        for table, rows in (await rows_everywhere(town, context, database_urls.owner)).items():
            column = shop_column(table)
            assert {row[column] for row in rows} <= {str(town.shop("remote").id)}, (who, table)
            assert who != NOBODY or rows == [], table


async def test_P16_what_one_reads_holds_nothing_that_is_anothers(town: Town, database_urls: Urls) -> None:
    """Whole records: which fields of a record one gets is for the projection to say, whose record it is, is not."""
    for who in (*PEOPLE, NOBODY):
        read = await rows_everywhere(town, town.context("repair", who), database_urls.owner)
        ids = {row["id"] for row in read["record"]}
        assert ids <= {c.text.decode() for c in town.allowed("repair", who) if not c.field}, who
        theirs = [c for c in town.canaries if c.field and not town.may("repair", who, replace(c, field=""))]
        assert len(theirs) > 100
        assert found(theirs, orjson.dumps(read)) == [], who


async def test_P16_only_the_tables_of_views_are_read_in_a_persons_name(
    town: Town, database_urls: Urls
) -> None:
    """The change log, accounts, sessions, links, attempts, files and albums are the server's alone; of devices one's own are read."""
    for who in PEOPLE:
        read = await rows_everywhere(town, town.context("repair", who), database_urls.owner)
        person = str(town.person("repair", who))
        for table in (
            "change",
            "change_record",
            "lineage",
            "backup",
            "account",
            "session",
            "link",
            "attempt",
            "mismatch",
            "file",
            "album",
        ):
            assert read[table] == [], (who, table)
        assert {row["person"] for row in read["replica"]} <= {person}
        for table in ("portal_view", "portal_row"):
            assert {row["customer"] for row in read[table]} <= {person}, (who, table)
        assert not who.startswith("customer") or read["bootstrap"] == read["wanted"] == []


async def test_P16_nobody_writes_into_another_shop(town: Town, database_urls: Urls) -> None:
    """Neither a row made there, nor one moved there, nor one of theirs changed or removed: WITH CHECK everywhere."""
    there = town.shop("remote").id
    before = fingerprint(database_urls.superuser, there)
    for who in (*PEOPLE, NOBODY):
        await tries_to_write(town, database_urls, town.context("repair", who), there)
    await tries_to_write(town, database_urls, server_of(town.shop("repair").id), there)
    assert fingerprint(database_urls.superuser, there) == before


async def tries_to_write(town: Town, database_urls: Urls, context: Context, there: UUID) -> None:
    """Everything that could leave a trace in the shop `there`."""
    for table in tables(database_urls.owner):
        name, column = sql.Identifier("public", table), sql.Identifier(shop_column(table))
        theirs = next(iter(rows_of_shop(database_urls.superuser, table, there)), None)
        copy = sql.SQL("INSERT INTO {0} {1} SELECT * FROM json_populate_record(NULL::{0}, {2}::json)").format(
            name, sql.SQL("OVERRIDING SYSTEM VALUE" if table == "shop" else ""), sql.Literal(theirs)
        )
        if theirs is not None:
            await refused(town, context, copy, table)
        await harmless(
            town, context, sql.SQL("UPDATE {} SET {} = {}").format(name, column, sql.Literal(there))
        )
        await harmless(
            town,
            context,
            sql.SQL("UPDATE {0} SET {1} = {1} WHERE {1} = {2}").format(name, column, sql.Literal(there)),
        )
        await harmless(
            town, context, sql.SQL("DELETE FROM {} WHERE {} = {}").format(name, column, sql.Literal(there))
        )


async def refused(town: Town, context: Context, statement: sql.Composed, table: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with town.premises.app.state.database.transaction(context) as tx:
            await tx.execute(statement)
            raise AssertionError(f"a row of another shop went into {table}")


async def harmless(town: Town, context: Context, statement: sql.Composed) -> None:
    """Refused, or nothing found to write."""
    try:
        async with town.premises.app.state.database.transaction(context) as tx:
            cursor = await tx.execute(statement)
            assert cursor.rowcount == 0, statement.as_string(None)
    except psycopg.errors.InsufficientPrivilege:
        pass


async def test_P16_a_pooled_connection_keeps_nothing_of_whom_it_spoke_for(
    town: Town, database_url: str
) -> None:
    """One connection for all: after a success, a failure, a refusal by the database and a request that was cut off."""
    pool = await Database.open(database_url, size=1)
    speaks = server_of(town.shop("repair").id)
    count = "SELECT (SELECT count(*) FROM record), current_setting('app.shop', true), current_setting('app.kind', true)"

    async def stranger() -> tuple[Any, ...]:
        async with pool.transaction(Context()) as tx:
            return tuple(await (await tx.execute(count)).fetchone() or ())

    async def as_server(then: str) -> None:
        async with pool.transaction(speaks) as tx:
            assert (await (await tx.execute(count)).fetchone() or (0,))[0] > 0
            if then == "fails":
                raise WorkbayError
            if then == "is refused":
                await tx.execute("DELETE FROM record")
            if then == "is cut off":
                asyncio.current_task().cancel()  # type: ignore[union-attr]
                await tx.execute("SELECT pg_sleep(60)")

    for then, error in (
        ("succeeds", None),
        ("fails", WorkbayError),
        ("is refused", psycopg.errors.InsufficientPrivilege),
        ("is cut off", asyncio.CancelledError),
    ):
        if error is None:
            await as_server(then)
        else:
            with pytest.raises(error):
                await asyncio.create_task(as_server(then))
        assert await stranger() == (0, "", ""), then
    await pool.close()
