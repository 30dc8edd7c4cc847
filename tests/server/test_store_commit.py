"""The store on a real PostgreSQL: order of commits, stamps, the change log's chain, and who may touch what (rules C, P16)."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest

from server.auth.gate import server_of
from server.db import session
from server.settings import Settings
from server.store import changelog
from sync.digest import chain
from tests.server.ledger import same
from tests.server.premises import Phone, Premises, Shop, running
from tests.worlds import CountingWorld


def _order(phone: Phone, **values: Any) -> str:
    return phone.create("work_order", **{"customer": phone.shop.customers[0], "complaint": "noise", **values})


async def _rows(premises: Premises, shop: Shop, query: str) -> list[tuple[Any, ...]]:
    async with premises.app.state.database.transaction(server_of(shop.id)) as tx:
        return await (await tx.execute(query, {"shop": shop.id})).fetchall()


async def test_C6_a_reader_who_pulls_while_eight_write_misses_nothing(
    premises: Premises, repair: Shop
) -> None:
    reader = await (await premises.sign_in(repair, "admin")).sync()
    writers = [await (await premises.sign_in(repair, "tech")).sync() for _ in range(8)]
    shared = _order(writers[0])
    await writers[0].sync()

    async def write(phone: Phone, number: int) -> None:
        for turn in range(6):
            _order(phone, complaint=f"{number}.{turn}")
            phone.patch("work_order", shared, tags={"add": [f"{number}.{turn}"]})
            await phone.ask()

    async def read(until: asyncio.Task[Any]) -> None:
        while not until.done():
            await reader.ask(limit=7)

    await asyncio.gather(*(phone.sync() for phone in writers))
    writing = asyncio.ensure_future(asyncio.gather(*(write(p, n) for n, p in enumerate(writers))))
    await asyncio.gather(writing, read(writing))
    await asyncio.gather(*(phone.sync() for phone in writers))
    await reader.sync(limit=7)
    fresh = await (await premises.sign_in(repair, "admin")).sync()
    assert same(reader.replica, fresh.replica) == []
    assert len(fresh.records("work_order")) == 1 + 8 * 6
    assert len((reader.data(shared) or {})["tags"]) == 8 * 6
    seqs = await _rows(premises, repair, "SELECT seq FROM change WHERE shop = %(shop)s ORDER BY seq")
    assert [s for (s,) in seqs] == list(range(seqs[0][0], seqs[0][0] + len(seqs)))


async def test_I3_one_request_sent_eight_times_at_once_has_one_effect(
    tech: Phone, premises: Premises
) -> None:
    order = _order(tech)
    tech.patch("work_order", order, tags={"add": ["once"]})
    asked = tech.replica.request(tech.now())
    answers = await asyncio.gather(*(tech.post(asked) for _ in range(8)))
    results = [answer.json()["results"] for answer in answers]
    assert all(result == results[0] for result in results)
    query = "SELECT n FROM change WHERE shop = %(shop)s AND replica <> '@' ORDER BY n"
    assert await _rows(premises, tech.shop, query) == [(1,), (2,)]


async def test_C13_what_may_pass_by_itself_is_503_and_uses_up_no_number(
    settings: Settings, world: CountingWorld, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "CONNECTION_SETTINGS", "SET lock_timeout = '50ms'")
    async with (
        running(settings, world) as premises,
        await psycopg.AsyncConnection.connect(owner_url) as other,
    ):
        tech = await (await premises.sign_in(await premises.open_shop(), "tech")).sync()
        order = _order(tech)
        await other.execute(
            "SELECT set_config('app.shop', %s, false), set_config('app.kind', 'server', false)",
            (str(tech.shop.id),),
        )
        await other.execute("SELECT FROM head FOR UPDATE")
        answer = await tech.ask()
        assert answer is not None
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
        assert len(tech.replica.waiting) == 1
        await other.rollback()
        assert (await tech.sync()).data(order)


async def test_V15_an_entry_leaves_once_its_outcome_is_confirmed_and_durable(
    premises: Premises, tech: Phone
) -> None:
    order = _order(tech)
    await tech.sync()
    tech.patch("work_order", order, bay="1")
    await tech.sync()
    assert tech.replica.confirmed[order].vv[tech.replica.replica] == 2
    async with premises.app.state.database.transaction(server_of(tech.shop.id)) as tx:
        await tx.execute("UPDATE replica SET durable = 2 WHERE shop = %s", (tech.shop.id,))
    desk = await (await premises.sign_in(tech.shop, "service_writer")).sync()
    await tech.ask()  # says that it has heard of both outcomes
    desk.patch("work_order", order, priority="high")
    await desk.sync()
    await tech.sync()
    assert tech.replica.confirmed[order].vv.keys() == {"@", desk.replica.replica}
    tech.patch("work_order", order, bay="2", priority="low")
    assert (await tech.sync()).codes() == []
    assert tech.records("conflict") == []


async def test_C7_a_row_that_is_changed_without_a_stamp_is_refused(premises: Premises, repair: Shop) -> None:
    for statement in (
        "UPDATE record SET data = '{}' WHERE shop = %(shop)s AND collection = 'customer'",
        "UPDATE record SET seq = seq + 100 WHERE shop = %(shop)s AND collection = 'customer'",
        "UPDATE record SET pos = pos + 1 WHERE shop = %(shop)s AND collection = 'customer'",
        "INSERT INTO record (shop, id, collection, seq, pos, inside, vv, data, meta) VALUES"
        " (%(shop)s, gen_random_uuid(), 'note', 1, 1, true, '{}', '{}', '{}')",
    ):
        with pytest.raises(psycopg.errors.RaiseException, match="stamp"):
            async with premises.app.state.database.transaction(server_of(repair.id)) as tx:
                await tx.execute(statement, {"shop": repair.id})


async def test_C7_another_commits_stamp_does_not_serve(premises: Premises, repair: Shop) -> None:
    """The head moved in a transaction before; only one that moves it itself may write."""
    async with premises.app.state.database.transaction(server_of(repair.id)) as tx:
        await tx.execute("UPDATE head SET prior = seq, seq = seq + 1 WHERE shop = %s", (repair.id,))
    with pytest.raises(psycopg.errors.RaiseException, match="stamp"):
        async with premises.app.state.database.transaction(server_of(repair.id)) as tx:
            await tx.execute(
                "UPDATE record SET pos = (SELECT seq FROM head WHERE shop = %(shop)s) WHERE shop = %(shop)s",
                {"shop": repair.id},
            )


async def _log(premises: Premises, shop: Shop) -> tuple[list[list[Any]], bytes]:
    """The entries of the change log as they are stored, each with its hash, and the head of the chain."""
    names = "seq, mark, replica, n, id::text, digest, coalesce(person::text, ''), role, schema, at, sent, received,"
    query = (
        f"SELECT {names} edit_at, outcome, result, ops, hash FROM change WHERE shop = %(shop)s ORDER BY seq"
    )
    (head,) = await _rows(premises, shop, "SELECT chain FROM head WHERE shop = %(shop)s")
    return [list(row) for row in await _rows(premises, shop, query)], bytes(head[0])


def _verifies(log: list[list[Any]], head: bytes) -> bool:
    previous = b""
    for *values, hash_ in log:
        previous = chain(previous, changelog.hashed(changelog.Entry(*values)))
        if previous != bytes(hash_):
            return False
    return previous == head


async def test_C18_the_chain_of_the_change_log_verifies_and_shows_what_was_edited(
    premises: Premises, tech: Phone
) -> None:
    order = _order(tech)
    tech.patch("work_order", order, bay="ü 🔧")
    tech.patch("customer", tech.shop.customers[0], address="A personal value")
    tech.patch("work_order", str(premises.world.new_id()), bay="1")
    await tech.sync()
    log, head = await _log(premises, tech.shop)
    assert _verifies(log, head)
    assert not _verifies(log[:-1], head)
    assert not _verifies(log[1:], head)
    assert not _verifies(log[:2] + log[3:], head)
    assert not _verifies([log[1], log[0], *log[2:]], head)
    for column in range(16):
        for place, entry in enumerate(log):
            edited = [*entry[:column], _another(entry[column]), *entry[column + 1 :]]
            assert not _verifies([*log[:place], edited, *log[place + 1 :]], head), (place, column)


def _another(value: Any) -> Any:
    """A value of the same type that is not this one."""
    if isinstance(value, int):
        return value + 1
    return value + (b"x" if isinstance(value, bytes) else "x") if isinstance(value, (str, bytes)) else [value]


async def test_C17_personal_values_stand_sealed_in_tables_and_log(premises: Premises, tech: Phone) -> None:
    customer = tech.create("customer", name="Erika Mustermann", emails={"add": ["erika@home.test"]})
    tech.patch("customer", customer, address="Hauptstrasse 5")
    await tech.sync()
    stored = "SELECT data::text || meta::text FROM record WHERE shop = %(shop)s"
    logged = "SELECT ops::text || result::text FROM change WHERE shop = %(shop)s"
    text = str([*await _rows(premises, tech.shop, stored), *await _rows(premises, tech.shop, logged)])
    for personal in ("Mustermann", "erika", "Hauptstrasse"):
        assert personal not in text


async def test_C17_the_app_can_neither_change_nor_delete_the_log(premises: Premises, tech: Phone) -> None:
    for statement in (
        "UPDATE change SET role = 'admin'",
        "DELETE FROM change",
        "TRUNCATE change",
        "DROP TABLE change",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with premises.app.state.database.transaction(server_of(tech.shop.id)) as tx:
                await tx.execute(statement)
