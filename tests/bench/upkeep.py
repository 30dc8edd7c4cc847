"""What sync costs when nothing happens, and what it keeps of a record beside what people wrote.

Both are figures of a shop whose every order was written by one phone, as after a busy day before the first backup: each
record still has an entry in its vector. What exactly counts is said in docs/performance.md and beside the queries here.
"""

import asyncio
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import psycopg

from server.db import roles
from tests.bench import orders
from tests.bench.client import Connection, Device
from tests.bench.figures import Figure, quantile
from tests.bench.limits import with_database

if TYPE_CHECKING:
    from tests.bench.sync import Run

KEPT = Path(__file__).with_name("kept.mjs")
EDITED = 200
ASKS = 100

# narrow: what a table of the same records without sync would not have. row: everything but the values themselves, the
# header of the row, its keys, what it hangs on and the bytes that align them included. disk: the same with all indexes.
SIZES = """
SELECT pg_column_size(seq) + pg_column_size(pos) + pg_column_size(inside) + pg_column_size(gone)
    + pg_column_size(vv) + pg_column_size(meta) AS narrow,
  pg_column_size(r.*) - pg_column_size(data) AS row
FROM record r WHERE shop = %(shop)s AND collection = 'work_order' AND (%(ids)s::uuid[] IS NULL OR id = ANY (%(ids)s))"""
DISK = """
SELECT (pg_total_relation_size('record') - sum(pg_column_size(data))) / count(*)::float FROM record"""


async def idle(run: "Run") -> None:
    """A replica that has everything of 10,000 asks once more and gets nothing."""
    await run.filled()
    reader = (await run.world.devices("orders"))[2]
    await reader.catch_up()
    bare = await Connection.open(run.world.bare)
    plain, took, heads = [], [], []
    for _ in range(ASKS):
        body = reader.request()
        plain.append(await timed(bare, body))
        started = time.perf_counter()
        raw = await reader.ask_sync(body)
        took.append((time.perf_counter() - started) * 1000)
        heads.append(len(reader.connection.head))
        if reader.take(raw)["records"]:
            raise RuntimeError("There was news in a sync that should have been idle.")
    bare.close()
    run.tell(
        Figure("idle", "ms", took, quantile(plain, 0.5), "trivial route", "<=5"),
        Figure("idle_answer", "bytes", [len(raw)], aim="<=300"),
        Figure("idle_request", "bytes", [len(body)], aim="<=300"),
        Figure("idle_heads", "bytes", [heads[-1] + head_bytes(reader, body)]),
    )


async def timed(connection: Connection, body: bytes) -> float:
    started = time.perf_counter()
    await connection.ask("POST", "/", body)
    return (time.perf_counter() - started) * 1000


def head_bytes(device: Device, body: bytes) -> int:
    """Bytes of the head of a sync's request, as this client writes it; a browser's is longer."""
    return len(device.connection.request("POST", "/api/sync", body, device.headers)) - len(body)


async def metadata(run: "Run") -> None:
    """Bytes that are kept of a record beside its data, on the server and on a phone."""
    desk = await run.filled()
    reader = (await run.world.devices("orders"))[1]
    narrow, row = await server_sizes(run, None)
    run.tell(
        Figure("metadata_phone", "bytes", await phone_sizes(await records(reader, run.ids)), aim="<=60"),
        Figure("metadata_server", "bytes", narrow, aim="<=120"),
        Figure("metadata_server_row", "bytes", row),
        Figure("metadata_server_disk", "bytes", [await disk_size(run)]),
    )
    edited = await edit_by_others(run, run.ids[:EDITED])
    narrow, row = await server_sizes(run, edited)
    run.tell(
        Figure("metadata_phone_edited", "bytes", await phone_sizes(await records(reader, edited))),
        Figure("metadata_server_edited", "bytes", narrow),
        Figure("metadata_server_row_edited", "bytes", row),
    )
    # Who did not see these edits would write over old bases from here on, and get notices.
    await desk.catch_up()


async def records(reader: Device, ids: list[str]) -> list[bytes]:
    """These orders as they travel to a new replica."""
    reader.cursor, found, more, wanted = None, [], True, set(ids)
    while more:
        page = await reader.sync()
        found += [orjson.dumps(record) for record in page["records"] if record["id"] in wanted]
        more = page["more"]
    return found


async def edit_by_others(run: "Run", ids: list[str]) -> list[str]:
    """Two fields and the tags of some orders are changed by another phone that had seen them."""
    other = (await run.world.devices("orders"))[2]
    await other.catch_up()
    change = {"bay": "7", "diagnosis": "Worn belt", "tags": {"add": ["urgent today"]}}
    for first in range(0, len(ids), 100):
        part = ids[first : first + 100]
        await other.sync(*([orders.patch(id_, other.vectors[id_], **change)] for id_ in part))
    return ids


async def server_sizes(run: "Run", ids: list[str] | None) -> tuple[list[float], list[float]]:
    async with await connected(run) as connection:
        rows = await (
            await connection.execute(SIZES, {"shop": run.world.shops["orders"].id, "ids": ids})
        ).fetchall()
    return [float(narrow) for narrow, _ in rows], [float(row) for _, row in rows]


async def disk_size(run: "Run") -> float:
    async with await connected(run) as connection:
        await connection.execute("VACUUM record")
        row = await (await connection.execute(DISK)).fetchone()
    assert row is not None
    return float(row[0])


async def connected(run: "Run") -> psycopg.AsyncConnection:
    url = with_database(run.world.urls.superuser, roles.DATABASE)
    return await psycopg.AsyncConnection.connect(url, autocommit=True)


async def phone_sizes(records: list[bytes]) -> list[float]:
    """What the app's own store would write for these records, told by the app's code under Node."""
    node = shutil.which("node")
    if node is None:
        raise RuntimeError("What a phone keeps is told by the app's own code, which wants Node on the path.")
    told = await asyncio.to_thread(
        subprocess.run, [node, str(KEPT)], input=b"\n".join(records), capture_output=True, check=True
    )
    return [float(size) for size in orjson.loads(told.stdout)]
