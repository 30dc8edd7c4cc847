"""A long change log: how long it takes to verify it, in how much memory, and to read the history of one field out of it.

`python -m tests.bench.log [entries]`, 1,000,000 as a rule. The log is made by a copy of what pushes made, chained anew, in a
database of its own on an embedded PostgreSQL that is removed afterwards.
"""

import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from server.db.embedded import Urls
from server.db.session import Context, Database
from server.settings import Settings
from server.store.audit import audit
from server.store.changelog import chained
from server.store.heads import OutsideHead, standing
from tests import postgres
from tests.conftest import SECRET_KEYS
from tests.server.premises import Premises, Shop, running
from tests.worlds import CountingWorld

ENTRIES_MADE = 1_000_000
WRITINGS = 50
LOOKS = 41

COLUMNS = "seq, mark, replica, n, id, digest, person, role, schema, at, sent, received, edit_at, outcome, result, ops, hash"
PATTERN = """
  SELECT mark, replica, digest, person, role, schema, at, sent, received, edit_at, ops::text FROM change
  WHERE outcome = 'accepted' AND replica <> '@' ORDER BY seq"""
OTHER_ID = "0193aaaa-0000-7000-8000-{:012x}"


async def fill(premises: Premises, shop: Shop, url: str, count: int) -> str:
    """A work order whose diagnosis was written fifty times, spread over a log of `count` entries; its id."""
    tech = await (await premises.sign_in(shop, "tech")).sync()
    order = tech.create(
        "work_order", customer=shop.customers[0], complaint="A sentence of a usual length about a pump."
    )
    tech.patch("work_order", order, diagnosis="The seal of the pump leaks when it is warm.")
    await tech.sync()
    copy_log(url, shop, order, tech.replica.replica, count)
    return order


def copy_log(url: str, shop: Shop, order: str, replica: str, count: int) -> None:
    """Entries like the last one, of this work order now and then and of others else, each chained to the one before."""
    with psycopg.connect(url) as connection:
        *_, last = connection.execute(PATTERN.encode()).fetchall()
        mark, _, digest, person, role, schema, at, sent, received, edit_at, ops = last
        first, previous = connection.execute(
            "SELECT seq, chain FROM head WHERE shop = %s", (shop.id,)
        ).fetchone() or (0, b"")
        every, n = max(1, count // WRITINGS), 10
        with connection.cursor().copy(f"COPY change (shop, {COLUMNS}) FROM STDIN".encode()) as copy:
            for seq in range(first + 1, count + 1):
                n += 1
                said = ops if seq % every == 0 else ops.replace(order, OTHER_ID.format(seq % 5000))
                result = f'{{"conflicts":[],"n":{n},"outcome":"accepted","overtaken":[],"seq":{seq}}}'
                id_ = f"0193bbbb-0000-7000-8000-{seq:012x}"
                columns: list[Any] = [
                    digest.hex(), seq, mark, replica, n, id_, str(person), role, schema, at, sent, received, edit_at, "accepted",
                ]  # fmt: skip
                previous = chained(previous, columns, result, said)
                copy.write_row((shop.id, *columns[1:5], id_, digest, *columns[6:], result, said, previous))
        connection.execute(
            "UPDATE head SET seq = %s, chain = %s, mark = %s WHERE shop = %s",
            (count, previous, mark, shop.id),
        )
        connection.execute(
            "INSERT INTO change_record SELECT shop, (op ->> 'id')::uuid, seq FROM change, json_array_elements(ops) op "
            "WHERE json_typeof(ops) = 'array' ON CONFLICT DO NOTHING"
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


async def time_audit(database: Database, shop: Shop) -> None:
    context = Context(shop=shop.id, kind="server")
    async with database.transaction(context, snapshot=True) as tx:
        now = await standing(tx, shop.id)
        assert now is not None
        outside = OutsideHead(now.seq, now.hash.hex(), now.epoch, 1)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        found = await audit(tx, shop.id, outside)
        took = time.perf_counter() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert found.breaks == [], found.breaks
    print(
        f"audit    {found.entries} entries in {took:.1f} s, {found.entries / took:.0f} a second, {grown / 1024:.0f} MiB more memory"
    )


async def time_history(premises: Premises, shop: Shop, order: str) -> None:
    desk = await premises.sign_in(shop, "manager")
    asked = {"collection": "work_order", "id": order, "field": "diagnosis"}
    took, count = [], 0
    for _ in range(LOOKS):
        started = time.perf_counter()
        answer = await premises.client.get(
            "/api/history", params=asked, headers={"Authorization": f"Bearer {desk.token}"}
        )
        took.append((time.perf_counter() - started) * 1000)
        count = len(answer.json()["entries"])
    took.sort()
    print(f"history  {count} entries of a field, median {took[LOOKS // 2]:.1f} ms, slowest {took[-1]:.1f} ms")


async def measure(urls: Urls, count: int) -> None:
    with tempfile.TemporaryDirectory() as var:
        settings = Settings(
            database_url=urls.app,
            owner_database_url=urls.owner,
            var=Path(var),
            secret_keys=SECRET_KEYS,
            demo=False,
        )
        async with running(settings, CountingWorld()) as premises:
            shop = await premises.open_shop("repair")
            order = await fill(premises, shop, urls.superuser, count)
            await time_history(premises, shop, order)
            await time_audit(premises.app.state.database, shop)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES_MADE
    with postgres.running(f"log{time.time_ns()}") as server:
        urls = server.new_database()
        asyncio.run(measure(urls, count))


if __name__ == "__main__":
    main()
