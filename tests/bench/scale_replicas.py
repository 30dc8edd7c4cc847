"""What a record costs that ten thousand phones wrote, before any backup knows of it and after.

The phones and their entries in its vector are written as rows; that they fall away is the server's own doing, at the next push
after they were confirmed and are durable (rule V15). Before that a base is cut to what a request may hold, as the app does.
"""

import time
from collections.abc import Callable

import orjson
import psycopg

from tests.bench import orders
from tests.bench.client import Device
from tests.bench.figures import Cost, Figure
from tests.bench.fill import fill
from tests.bench.mint import database_url, devices
from tests.bench.scale_sizes import Sizes
from tests.bench.world import World, running

SHOP = "busy"
BASE_MAX = 1_000
WROTE = """
UPDATE record SET vv = (SELECT json_object_agg(id, 1) FROM unnest(%(replicas)s::text[]) id) WHERE shop = %(shop)s AND id = %(id)s"""
APPLIED = "UPDATE replica SET applied = 1 WHERE shop = %(shop)s AND id = ANY (%(replicas)s)"
SAFE = "UPDATE replica SET confirmed = applied, durable = applied WHERE shop = %(shop)s"


async def many_replicas(sizes: Sizes, found: Callable[[Figure | Cost], None]) -> None:
    """Push and pull of the one record, with all entries and with those that are left."""
    async with running({SHOP: ["admin"] * 2}) as world:
        desk, reader = await world.devices(SHOP)
        await desk.catch_up()
        id_ = (await fill(desk, 10))[0]
        wrote = [device.replica for device in await devices(world, SHOP, desk, sizes.replicas)]
        values = {"shop": world.shops[SHOP].id, "id": id_, "replicas": wrote}
        await run(world, [WROTE, APPLIED], values)
        await measured("before", desk, reader, id_, sizes.rounds, found)
        await run(world, [SAFE], values)
        await change(desk, id_)
        await measured("after", desk, reader, id_, sizes.rounds, found)


async def run(world: World, statements: list[str], values: dict[str, object]) -> None:
    async with await psycopg.AsyncConnection.connect(database_url(world)) as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement.encode(), values)


async def measured(
    when: str, desk: Device, reader: Device, id_: str, rounds: int, found: Callable[[Figure | Cost], None]
) -> None:
    await reader.catch_up()
    pushes, pulls = [], []
    for _ in range(rounds):
        pushes.append(await change(desk, id_))
        started = time.perf_counter()
        page = await reader.sync()
        pulls.append((time.perf_counter() - started) * 1000)
    vector = reader.vectors[id_]
    size = next(len(orjson.dumps(record)) for record in page["records"] if record["id"] == id_)
    found(Figure(f"vector_{when}", "entries", [len(vector)], aim="<=4" if when == "after" else ""))
    found(Figure(f"record_{when}", "bytes", [size]))
    found(Figure(f"push_of_it_{when}", "ms", pushes))
    found(Figure(f"pull_of_it_{when}", "ms", pulls))


async def change(desk: Device, id_: str) -> float:
    """Change the record as somebody who sees it as it is; milliseconds."""
    await desk.catch_up()
    seen = desk.vectors[id_]
    base = dict(list(seen.items())[: BASE_MAX - 1]) | {"@": seen["@"]}
    started = time.perf_counter()
    await desk.sync([orders.patch(id_, base, bay=f"{time.time_ns() % 10**6}")])
    return (time.perf_counter() - started) * 1000
