"""The verifier of the change log: a whole log passes, and whatever is done to one afterwards is found, and where."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.db.embedded import Urls
from server.store import audit as verifier
from server.store import heads
from server.store.audit import Findings, Walk, audit, in_words
from server.store.changelog import chained
from server.store.heads import Jump, OutsideHead
from server.store.save import dumps
from sync.digest import canonical, chain
from sync.overlay import Draft
from tests.server.premises import Premises, Shop

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
TAMPERINGS = 1000
COLUMNS = (
    "mark", "replica", "n", "id", "digest", "person", "role", "schema", "at", "sent", "received", "edit_at",
    "outcome", "result", "ops", "hash", "seq", "shop",
)  # fmt: skip


@asynccontextmanager
async def undone(urls: Urls) -> AsyncIterator[Connection]:
    """A transaction of somebody with all rights over the database, which is rolled back."""
    async with await psycopg.AsyncConnection.connect(urls.superuser, autocommit=True) as connection:
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        yield connection
        await connection.execute("ROLLBACK")


async def one(tx: Connection, query: str, *values: Any) -> tuple[Any, ...]:
    row = await (await tx.execute(query.encode(), values)).fetchone()
    assert row is not None
    return row


@pytest.fixture
async def logged(premises: Premises, repair: Shop) -> Shop:
    """A shop with a log of many kinds of entries: the server's own, sealed values, odd text, refusals, what could not be read."""
    tech, desk = await premises.phones(repair, ["tech", "manager"])
    for turn in range(6):
        order = tech.create(
            "work_order", customer=repair.customers[0], complaint=f'{turn} "ü" \u2028\x7f\x01\U0001f527\\'
        )
        tech.act(
            Draft("create", "note", str(premises.world.new_id()), {"work_order": order, "text": "a\tb\n"})
        )
        await tech.sync()
        await desk.sync()
        for phone in (tech, desk):
            phone.patch(
                "work_order", order, diagnosis=f"{phone.who} {turn}", tags={"add": [f"t{turn}"], "remove": []}
            )
            phone.patch("work_order", order, status="closed")
            phone.patch("customer", repair.customers[1], name=f"Ä {turn}", phones={"add": [f"+41 {turn}"]})
        await desk.sync()
        await tech.sync()
    asked = tech.replica.request(tech.now())
    n = tech.replica.n + 1
    await tech.post({**asked, "changesets": [{"n": n, "id": 5, "ops": [None]}]})
    return repair


async def findings(tx: Connection, shop: Shop, outside: OutsideHead | None = None) -> Findings:
    return await audit(tx, shop.id, outside)


async def noted(urls: Urls, shop: Shop) -> OutsideHead:
    async with undone(urls) as tx:
        now = await heads.standing(tx, shop.id)
    assert now is not None
    return OutsideHead(now.seq, now.hash.hex(), now.epoch, 1)


async def test_C17_C18_a_log_that_nobody_touched_is_whole(
    logged: Shop, premises: Premises, database_urls: Urls
) -> None:
    other = await premises.open_shop("other")
    for shop in (logged, other):
        async with undone(database_urls) as tx:
            found = await findings(tx, shop, await noted(database_urls, shop))
        assert found.breaks == []
        assert found.entries == found.seq == found.outside
        assert "the log is whole" in "".join(in_words(shop.slug, found))
    assert found.seq > 0


def _other(choose: random.Random, column: str, row: dict[str, Any]) -> Any:
    """Another value for a column than the one it has."""
    value = row[column]
    if column == "person":
        return None if value else "0193a000-0000-7000-8000-000000000001"
    if isinstance(value, int):
        # No two entries of a replica may have one number, which the database itself sees to.
        return value + (10**6 if column == "n" else choose.choice((1, 7, 1000)))
    if isinstance(value, bytes):
        place = choose.randrange(len(value))
        return value[:place] + bytes([value[place] ^ (1 << choose.randrange(8))]) + value[place + 1 :]
    if column in ("result", "ops"):
        return _other_json(choose, value)
    if column == "id":
        return f"0193a000-0000-7000-8000-{choose.randrange(2**48):012x}"
    return value + choose.choice((" ", "x", "@"))


def _other_json(choose: random.Random, text: str) -> str:
    """The JSON with one place changed, or said in other words."""
    said = json.loads(text)
    if choose.random() < 0.1 and text not in ("[]", "{}"):
        return text[0] + " " + text[1:]
    changed = _nudged(choose, said)
    return dumps(changed)


def _nudged(choose: random.Random, value: Any) -> Any:
    if isinstance(value, dict) and value:
        key = choose.choice(sorted(value))
        return (
            {**value, key: _nudged(choose, value[key])}
            if choose.random() < 0.8
            else {k: v for k, v in value.items() if k != key}
        )
    if isinstance(value, list) and value:
        place = choose.randrange(len(value))
        return (
            [*value[:place], _nudged(choose, value[place]), *value[place + 1 :]]
            if choose.random() < 0.8
            else value[:place] + value[place + 1 :]
        )
    return not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}!"


async def change_a_column(tx: Connection, shop: Shop, other: Shop, choose: random.Random) -> None:
    seqs = [
        s
        for (s,) in await (await tx.execute("SELECT seq FROM change WHERE shop = %s", (shop.id,))).fetchall()
    ]
    seq, column = choose.choice(seqs), choose.choice(COLUMNS)
    wanted = ", ".join(f"{c}::text" if c in ("id", "person", "result", "ops", "shop") else c for c in COLUMNS)
    row = dict(
        zip(
            COLUMNS,
            await one(tx, f"SELECT {wanted} FROM change WHERE shop = %s AND seq = %s", shop.id, seq),
            strict=True,
        )
    )
    if column == "shop":
        # The other shop's log has an entry of that number as a rule; then it takes the next free one with it.
        there = (await one(tx, "SELECT max(seq) + 1 FROM change WHERE shop = %s", other.id))[0]
        await tx.execute(
            "UPDATE change SET shop = %s, seq = greatest(seq, %s), n = n + 1000000 WHERE shop = %s AND seq = %s",
            (other.id, there, shop.id, seq),
        )
        return
    value = _other(choose, column, row)
    if column == "seq":
        value = choose.choice((max(seqs) + choose.randrange(1, 9), -seq))
    cast = {"result": "::json", "ops": "::json", "id": "::uuid", "person": "::uuid"}.get(column, "")
    await tx.execute(
        f"UPDATE change SET {column} = %s{cast} WHERE shop = %s AND seq = %s".encode(), (value, shop.id, seq)
    )


async def delete_a_row(tx: Connection, shop: Shop, _: Shop, choose: random.Random) -> None:
    last = (await one(tx, "SELECT seq FROM head WHERE shop = %s", shop.id))[0]
    first = choose.randrange(1, last + 1)
    await tx.execute(
        "DELETE FROM change WHERE shop = %s AND seq BETWEEN %s AND %s",
        (shop.id, first, first + choose.randrange(4)),
    )


async def swap_two(tx: Connection, shop: Shop, _: Shop, choose: random.Random) -> None:
    last = (await one(tx, "SELECT seq FROM head WHERE shop = %s", shop.id))[0]
    a, b = choose.sample(range(1, last + 1), 2)
    for seq, to in ((a, -a), (b, a), (-a, b)):
        await tx.execute("UPDATE change SET seq = %s WHERE shop = %s AND seq = %s", (to, shop.id, seq))


async def take_out_and_close_ranks(tx: Connection, shop: Shop, _: Shop, choose: random.Random) -> None:
    last = (await one(tx, "SELECT seq FROM head WHERE shop = %s", shop.id))[0]
    seq = choose.randrange(1, last)
    await tx.execute("DELETE FROM change WHERE shop = %s AND seq = %s", (shop.id, seq))
    await tx.execute("UPDATE change SET seq = -seq WHERE shop = %s AND seq > %s", (shop.id, seq))
    await tx.execute("UPDATE change SET seq = -seq - 1 WHERE shop = %s AND seq < 0", (shop.id,))
    await tx.execute("UPDATE head SET seq = seq - 1 WHERE shop = %s", (shop.id,))


async def append(tx: Connection, shop: Shop, _: Shop, choose: random.Random) -> None:
    columns = (
        "mark, replica, digest, person, role, schema, at, sent, received, edit_at, outcome, result, ops, hash"
    )
    await tx.execute(
        f"INSERT INTO change (shop, seq, n, id, {columns}) SELECT shop, seq + 1, n + 1000000, %s::uuid, {columns} FROM change "
        "WHERE shop = %s ORDER BY seq DESC LIMIT 1".encode(),
        (f"0193a000-0000-7000-8000-{choose.randrange(2**48):012x}", shop.id),
    )
    if choose.random() < 0.5:
        await tx.execute("UPDATE head SET seq = seq + 1 WHERE shop = %s", (shop.id,))


async def cut_the_tail(tx: Connection, shop: Shop, _: Shop, choose: random.Random) -> None:
    """So well that within the database nothing is wrong with the log: the head row goes back too."""
    last = (await one(tx, "SELECT seq FROM head WHERE shop = %s", shop.id))[0]
    seq = last - choose.randrange(1, 5)
    await tx.execute("DELETE FROM change WHERE shop = %s AND seq > %s", (shop.id, seq))
    await tx.execute(
        "UPDATE head h SET seq = c.seq, chain = c.hash, mark = c.mark FROM change c WHERE c.shop = h.shop AND c.seq = %s AND h.shop = %s",
        (seq, shop.id),
    )


async def write_the_end_anew(tx: Connection, shop: Shop, _: Shop, choose: random.Random) -> None:
    """Change an entry and chain all that follows with hashes that fit, the head row too: the hash needs no secret."""
    last = (await one(tx, "SELECT seq FROM head WHERE shop = %s", shop.id))[0]
    seq = choose.randrange(1, last + 1)
    await tx.execute("UPDATE change SET mark = mark || 'x' WHERE shop = %s AND seq = %s", (shop.id, seq))
    await chain_anew(tx, shop)


async def change_the_head(tx: Connection, shop: Shop, _: Shop, choose: random.Random) -> None:
    what = choose.choice(("seq = seq + 1", "seq = seq - 1", "chain = sha256(chain)", "mark = mark || 'x'"))
    await tx.execute(f"UPDATE head SET {what} WHERE shop = %s".encode(), (shop.id,))


async def chain_anew(tx: Connection, shop: Shop) -> None:
    previous, rows = b"", await (await tx.execute(verifier.ENTRIES, (shop.id,))).fetchall()
    for *columns, result, ops, _ in rows:
        previous = chained(previous, columns, result, ops)
        await tx.execute(
            "UPDATE change SET hash = %s WHERE shop = %s AND seq = %s", (previous, shop.id, columns[1])
        )
    mark = rows[-1][2]
    await tx.execute("UPDATE head SET chain = %s, mark = %s WHERE shop = %s", (previous, mark, shop.id))


Tampering = Callable[[Connection, Shop, Shop, random.Random], Any]
KINDS: Sequence[tuple[Tampering, int]] = (
    (change_a_column, 640),
    (delete_a_row, 80),
    (swap_two, 80),
    (take_out_and_close_ranks, 40),
    (append, 40),
    (cut_the_tail, 40),
    (write_the_end_anew, 40),
    (change_the_head, 40),
)


async def test_C18_a_thousand_tamperings_are_all_found(
    logged: Shop, premises: Premises, database_urls: Urls
) -> None:
    other = await premises.open_shop("other", customers=1)
    outside = await noted(database_urls, logged)
    plan = [kind for kind, count in KINDS for _ in range(count)]
    assert len(plan) == TAMPERINGS
    unseen = []
    async with await psycopg.AsyncConnection.connect(database_urls.superuser, autocommit=True) as tx:
        for seed, kind in enumerate(plan):
            await tx.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            await kind(tx, logged, other, random.Random(seed))
            found = await findings(tx, logged, outside)
            if not found.breaks:
                unseen.append((seed, kind.__name__))
            await tx.execute("ROLLBACK")
        await tx.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        whole = await findings(tx, logged, outside)
    assert unseen == []
    assert whole.breaks == []


async def test_C18_a_cut_tail_is_found_by_the_outside_head_and_by_nothing_else(
    logged: Shop, premises: Premises, database_urls: Urls
) -> None:
    desk = await (await premises.sign_in(logged, "manager")).sync()
    for _ in range(4):  # refused, so that no record tells that there was something
        desk.create("note", work_order=str(premises.world.new_id()), text="on nothing")
        await desk.sync()
    outside = await noted(database_urls, logged)
    async with undone(database_urls) as tx:
        last = (await one(tx, "SELECT seq FROM head WHERE shop = %s", logged.id))[0]
        await cut_the_tail(tx, logged, logged, random.Random(1))
        assert (await findings(tx, logged)).breaks == []
        (cut,) = (await findings(tx, logged, outside)).breaks
    assert cut.kind == "beyond"
    assert str(last) in cut.said
    assert "cut off" in cut.means


@pytest.mark.parametrize(
    ("what", "kinds"),
    [
        ("UPDATE change SET hash = sha256(hash) WHERE shop = %(shop)s AND seq = 9", [("hash", 9)]),
        ("UPDATE change SET at = at + 1 WHERE shop = %(shop)s AND seq = 9", [("content", 9)]),
        (
            "UPDATE change SET hash = sha256(hash) WHERE shop = %(shop)s AND seq = (SELECT seq FROM head WHERE shop = %(shop)s)",
            [("hash", 0), ("head", 0)],
        ),
        ("DELETE FROM change WHERE shop = %(shop)s AND seq = 9", [("missing", 9)]),
        ("DELETE FROM change WHERE shop = %(shop)s AND seq BETWEEN 9 AND 11", [("missing", 9)]),
        (
            "DELETE FROM change WHERE shop = %(shop)s AND seq = (SELECT seq FROM head WHERE shop = %(shop)s)",
            [("cut", 0)],
        ),
        ("DELETE FROM head WHERE shop = %(shop)s", [("head", 0)]),
        ("UPDATE head SET seq = seq - 1 WHERE shop = %(shop)s", [("appended", 0)]),
        (
            "UPDATE change SET at = at + 1 WHERE shop = %(shop)s AND seq IN (8, 9, 15)",
            [("content", 8), ("content", 9), ("content", 15)],
        ),
    ],
)
async def test_C18_a_break_is_said_with_its_place(
    logged: Shop, database_urls: Urls, what: str, kinds: list[tuple[str, int]]
) -> None:
    async with undone(database_urls) as tx:
        last = (await one(tx, "SELECT seq FROM head WHERE shop = %s", logged.id))[0]
        await tx.execute(what.encode(), {"shop": logged.id})
        found = [(b.kind, 0 if b.seq >= last - 1 else b.seq) for b in (await findings(tx, logged)).breaks]
    assert [one for one in found if one[0] != "record"] == kinds


async def test_C7_a_record_that_no_commit_wrote_is_found(logged: Shop, database_urls: Urls) -> None:
    async with undone(database_urls) as tx:
        await tx.execute("SET LOCAL session_replication_role = replica")  # past the trigger that refuses this
        await tx.execute(
            "UPDATE record SET seq = 100000 WHERE shop = %s AND collection = 'staff'", (logged.id,)
        )
        found = await findings(tx, logged)
    assert {b.kind for b in found.breaks} == {"record"}
    assert "staff" in found.breaks[0].said


@pytest.mark.parametrize(
    "result",
    ['{"n":%s,"outcome":"accepted","seq":%s}', '{"n":%s,"outcome":"accepted","seq":999%s}', '{"n":1}'],
)
async def test_C10_an_accepted_changeset_has_one_entry(
    logged: Shop, database_urls: Urls, result: str
) -> None:
    """An entry copied to the end with hashes that fit is in no gap and breaks no chain."""
    async with undone(database_urls) as tx:
        await append(tx, logged, logged, random.Random(2))
        await tx.execute(
            "UPDATE head h SET seq = (SELECT max(seq) FROM change c WHERE c.shop = h.shop) WHERE shop = %s",
            (logged.id,),
        )
        last = (await one(tx, "SELECT seq FROM head WHERE shop = %s", logged.id))[0]
        said = result % ((1, last)[: result.count("%s")])
        first = await one(
            tx,
            "SELECT id FROM change WHERE shop = %s AND outcome = 'accepted' AND replica <> '@' LIMIT 1",
            logged.id,
        )
        await tx.execute(
            "UPDATE change SET id = %s, outcome = 'accepted', result = %s::json WHERE shop = %s AND seq = %s",
            (first[0], said, logged.id, last),
        )
        await chain_anew(tx, logged)
        found = await findings(tx, logged)
    assert [b.kind for b in found.breaks] == ["twice"]
    assert "is broken" in next(in_words("repair", found))


async def test_C18_a_restore_that_is_declared_is_no_gap(logged: Shop, database_urls: Urls) -> None:
    """The log goes on at the first seq of the new lineage; what was noted of the lost one is explained."""
    outside = await noted(database_urls, logged)
    lost = OutsideHead(outside.seq + 7, "ab", outside.epoch, 1)
    first = 10**12
    async with undone(database_urls) as tx:
        await append(tx, logged, logged, random.Random(3))
        last = (await one(tx, "SELECT max(seq) FROM change WHERE shop = %s", logged.id))[0]
        await tx.execute(
            "UPDATE change SET seq = %s, outcome = 'rejected' WHERE shop = %s AND seq = %s",
            (first, logged.id, last),
        )
        await tx.execute("UPDATE head SET seq = %s WHERE shop = %s", (first, logged.id))
        await chain_anew(tx, logged)
        undeclared = await findings(tx, logged, lost)
        await tx.execute("DROP TABLE IF EXISTS lineage")
        await tx.execute("CREATE TABLE lineage (shop uuid, cut bigint, first bigint)")
        await tx.execute("INSERT INTO lineage VALUES (%s, %s, %s)", (logged.id, last - 1, first))
        declared = await findings(tx, logged, lost)
    assert [b.kind for b in undeclared.breaks] == ["missing", "other"]
    assert declared.breaks == []
    assert "over 1 restore" in next(in_words("repair", declared))


def test_a_log_with_very_many_breaks_lists_the_first() -> None:
    walk = Walk([Jump(0, 1)])
    for seq in range(1, 600, 2):
        walk.step(("", seq, "", "", 1, "", "", "", 1, 1, 1, 1, 1, "", "{}", "[]", b"x"))
    found = walk.done(b"")
    assert found.cut_short
    assert len(found.breaks) == verifier.BREAKS_MAX
    assert "and more" in list(in_words("repair", found))[-1]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON, JSON, st.binary(max_size=32))
def test_C18_what_is_stored_has_the_hash_of_what_was_said(result: Any, ops: Any, previous: bytes) -> None:
    columns = ["ab", 1, "m", "r", 2, "id", "", "tech", 1, 2, 3, 4, 5, "accepted"]
    assert chained(previous, columns, dumps(result), dumps(ops)) == chain(previous, [*columns, result, ops])
    assert canonical(result).decode() == dumps(result)
