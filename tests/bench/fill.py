"""Fills shops with work orders: by pushes like any phone's, or, where that would take minutes, by copying rows.

The copy is the one shortcut of this bench. It is made within the database with triggers off, each row with an id and a place in
the feed of its own, and the head moved along; the change log gets no entries, which no figure reads.
"""

import time
from typing import Any

import psycopg

from server.db import roles
from tests.bench import orders
from tests.bench.client import Device
from tests.bench.limits import with_database
from tests.bench.world import World

CUSTOMERS = 100
FILL_BATCH = 250

COPY = """
WITH old AS (SELECT *, row_number() OVER () AS place FROM record WHERE shop = %(shop)s AND collection = 'work_order'),
new AS (SELECT number, 1 + number %% (SELECT count(*) FROM old) AS place FROM generate_series(1, %(count)s) AS number),
made AS (
  INSERT INTO record (shop, id, collection, seq, pos, inside, gone, private, shared, parent, own, customer, vv, data, meta)
  SELECT old.shop, gen_random_uuid(), collection, h.seq + new.number, h.seq + new.number, inside, gone, private, shared,
    parent, own, customer, vv, data, meta
  FROM new JOIN old USING (place) JOIN head h ON h.shop = old.shop
  RETURNING 1)
UPDATE head SET prior = seq, seq = seq + (SELECT count(*) FROM made) WHERE shop = %(shop)s
"""


async def fill(device: Device, count: int) -> list[str]:
    """That many new work orders; their ids. The device has caught up with them afterwards."""
    ids, _ = await push_orders(device, count, FILL_BATCH)
    await device.catch_up()
    return ids


async def push_orders(
    device: Device, count: int, a_request: int, **further: Any
) -> tuple[list[str], list[float]]:
    """Push new work orders for a hundred customers, so many changesets a request: their ids, seconds of each request.
    `further` values stand in all of them."""
    customers = [orders.new_id() for _ in range(CUSTOMERS)]
    await device.sync(
        *([orders.create("customer", orders.customer(i), id_)] for i, id_ in enumerate(customers))
    )
    await device.catch_up()
    ids, took = [], []
    for first in range(0, count, a_request):
        numbers = range(first, min(count, first + a_request))
        made = [
            orders.create("work_order", orders.work_order(i, customers[i % CUSTOMERS]) | further)
            for i in numbers
        ]
        ids += [op["id"] for op in made]
        body = device.request(*([op] for op in made))
        started = time.perf_counter()
        raw = await device.ask_sync(body)
        took.append(time.perf_counter() - started)
        device.take(raw)
    return ids, took


async def copy_orders(world: World, shop: str, count: int) -> None:
    """That many more work orders, copied from those that are there."""
    url = with_database(world.urls.superuser, roles.DATABASE)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(COPY, {"shop": world.shops[shop].id, "count": count})
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("VACUUM ANALYZE record")
        await connection.execute("CHECKPOINT")
