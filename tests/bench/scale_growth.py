"""How costs grow: the same pushes, pulls, idle syncs and bootstraps among more and more records, and beside more and more shops.

Time for a thing of fixed size is told (a push of 100, a pull of 100 changed, an idle sync, a page of 1,000), so that a flat line is the
best there is. Further records are copies within the database: with ids of their own, UUIDv7 as phones make them, at the places
in the feed of what they are copies of, so that nobody who has caught up must load them. The change log gets no entries for them.
"""

import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import psycopg

from server.db import roles
from tests.bench import orders
from tests.bench.client import PAGE, Device
from tests.bench.cpu import Use, watched
from tests.bench.figures import Cost, Figure
from tests.bench.fill import CUSTOMERS, fill
from tests.bench.limits import with_database
from tests.bench.plot import Chart
from tests.bench.scale_sizes import Sizes
from tests.bench.world import World, running

SHOP = "first"
BATCH = 100
SEEDED = 1_000
PAGES = 10
# The clock of processor time has ticks of 10 ms; what took less is drawn at the bottom.
LEAST_MS = 0.1
# A view beyond this is no phone's: its first page, for which all of the view is put in order, would take longer than a statement may.
VIEW_MAX = 100_000
SHOPS_AT_ONCE = 20
AIMS = {"idle": "<=5", "incremental": "<=10"}

COLUMNS = "collection, seq, pos, inside, gone, private, shared, parent, own, customer, vv, data, meta"
COPY_RECORDS = f"""
INSERT INTO record (shop, id, {COLUMNS})
SELECT old.shop, uuidv7(), {COLUMNS}
FROM (SELECT * FROM record WHERE shop = %(shop)s AND collection = 'work_order' ORDER BY id LIMIT {SEEDED}) old
CROSS JOIN generate_series(1, %(times)s)"""
COPY_SHOPS = f"""
WITH made AS (
  INSERT INTO shop (id, slug, created_at)
  SELECT uuidv7(), 'copy-' || number, 0 FROM generate_series(%(first)s::int, %(last)s::int) number RETURNING id),
headed AS (
  INSERT INTO head (shop, epoch, seq, prior, mark, chain, numbers)
  SELECT made.id, h.epoch, h.seq, h.prior, h.mark, h.chain, h.numbers FROM made, head h WHERE h.shop = %(shop)s)
INSERT INTO record (shop, id, {COLUMNS})
SELECT made.id, r.id, {COLUMNS} FROM made, record r WHERE r.shop = %(shop)s"""


@dataclass(slots=True)
class Growth:
    """The figures of each stage: figure → size → milliseconds of processor time."""

    along: str
    found: Callable[[Figure | Cost], None]
    lines: dict[str, dict[int, float]] = field(default_factory=dict)

    def tell(self, size: int, name: str, took: list[float], use: Use) -> None:
        """What was waited for; and what is drawn: processor time, which neighbours on the machine disturb least."""
        full = f"{name}_{self.along}_{short(size)}"
        spent = (use.seconds["server"] + use.seconds["database"]) * 1000 / len(took)
        self.lines.setdefault(name, {})[size] = max(spent, LEAST_MS)
        self.found(Figure(full, "ms", took, aim=AIMS.get(name, "")))
        self.found(Cost(full, len(took), use))


async def by_records(sizes: Sizes, found: Callable[[Figure | Cost], None]) -> None:
    """One shop that grows."""
    growth = Growth("at", found)
    async with running({SHOP: ["admin"] * 3}) as world:
        stage = await Stage.of(world, min(SEEDED, sizes.records[0]))
        for size in sizes.records:
            await stage.copy_records(size)
            await stage.measure(size, sizes.rounds, growth)
    draw(growth, "records of the shop", sizes, "growth-records.svg")


async def by_shops(sizes: Sizes, found: Callable[[Figure | Cost], None]) -> None:
    """One shop beside more and more others of its size, in one database."""
    growth = Growth("beside_shops", found)
    async with running({SHOP: ["admin"] * 3}) as world:
        stage = await Stage.of(world, min(SEEDED, sizes.orders))
        await stage.copy_records(sizes.orders)
        for count in sizes.shops:
            await stage.copy_shops(count)
            await stage.measure(count, sizes.rounds, growth)
    draw(growth, f"shops of {sizes.orders:,} work orders in one database", sizes, "growth-shops.svg")


def draw(growth: Growth, along: str, sizes: Sizes, name: str) -> None:
    if sizes.pictures is not None:
        chart = Chart(along, "ms of processor time", growth.lines)
        (sizes.pictures / name).write_text(chart.svg(), encoding="utf-8")


@dataclass(slots=True)
class Stage:
    """The shop that is measured: who writes, who reads, which orders may be changed."""

    world: World
    desk: Device
    reader: Device
    newcomer: Device
    ids: list[str]
    customers: list[str]
    records: int
    shops: int = 1
    chance: random.Random = field(default_factory=lambda: random.Random(11))

    @classmethod
    async def of(cls, world: World, count: int) -> "Stage":
        desk, reader, newcomer = await world.devices(SHOP)
        await desk.catch_up()
        ids = await fill(desk, count)
        await reader.catch_up()
        customers = [id_ for id_ in desk.vectors if id_ not in set(ids)][-CUSTOMERS:]
        return cls(world, desk, reader, newcomer, ids, customers, count)

    async def copy_records(self, size: int) -> None:
        """Copy so many work orders that the shop has about `size`."""
        times = round((size - self.records) / min(SEEDED, self.records))
        if times > 0:
            await self._run(COPY_RECORDS, {"times": times})
            self.records = size
        await self._tidy()

    async def copy_shops(self, count: int) -> None:
        """Copy the shop so often that there are `count`."""
        while self.shops < count:
            last = min(count, self.shops + SHOPS_AT_ONCE)
            await self._run(COPY_SHOPS, {"first": self.shops + 1, "last": last})
            self.shops = last
        await self._tidy()

    async def _run(self, statement: str, values: dict[str, int]) -> None:
        async with await psycopg.AsyncConnection.connect(self._url) as connection:
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(statement.encode(), {**values, "shop": self.world.shops[SHOP].id})

    async def _tidy(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute("VACUUM ANALYZE record")
            await connection.execute("CHECKPOINT")

    @property
    def _url(self) -> str:
        return with_database(self.world.urls.superuser, roles.DATABASE)

    async def measure(self, size: int, rounds: int, growth: Growth) -> None:
        """Everything at this size."""
        await self._repeated(size, "push_100", self._push, rounds, growth)
        await self.desk.catch_up()
        await self.reader.catch_up()
        await self._repeated(size, "incremental", self._incremental, rounds, growth)
        await self._repeated(size, "idle", self._idle, rounds * 5, growth)
        if self.records <= VIEW_MAX:
            with self._watched() as use:
                first = await self._page(None)
            growth.tell(size, "first_page", [first], use)
            with self._watched() as use:
                pages = [
                    await self._page(self.newcomer.cursor)
                    for _ in range(max(1, min(PAGES, self.records // PAGE)))
                ]
            growth.tell(size, "page_1000", pages, use)

    async def _repeated(
        self, size: int, name: str, once: Callable[[], Awaitable[float]], rounds: int, growth: Growth
    ) -> None:
        """So many times, with the processor time of server and database for each."""
        with self._watched() as use:
            took = [await once() for _ in range(rounds)]
        growth.tell(size, name, took, use)

    def _watched(self) -> AbstractContextManager[Use]:
        return watched(self.world.server_pid, self.world.postgres_pid)

    async def _idle(self) -> float:
        """Nothing is new."""
        return await timed_sync(self.reader)

    async def _push(self) -> float:
        """A hundred new orders."""
        made = [
            [orders.create("work_order", orders.work_order(i, self.chance.choice(self.customers)))]
            for i in range(BATCH)
        ]
        return await timed_sync(self.desk, *made)

    async def _incremental(self) -> float:
        """The reader gets a hundred that were changed."""
        chosen = self.chance.sample(self.ids, BATCH)
        value = f"{self.chance.randrange(10**6)}"
        await self.desk.sync(*([orders.patch(id_, self.desk.vectors[id_], bay=value)] for id_ in chosen))
        return await timed_sync(self.reader)

    async def _page(self, cursor: str | None) -> float:
        """The page of a bootstrap that begins at the cursor, or its first."""
        self.newcomer.cursor = cursor
        return await timed_sync(self.newcomer)


async def timed_sync(device: Device, *changesets: list[orders.Values]) -> float:
    """Milliseconds until the answer is there."""
    body = device.request(*changesets)
    started = time.perf_counter()
    raw = await device.ask_sync(body)
    took = (time.perf_counter() - started) * 1000
    device.take(raw)
    return took


def short(size: int) -> str:
    return f"{size // 10**6}m" if size >= 10**6 else f"{size // 1000}k" if size >= 1000 else f"{size}"
