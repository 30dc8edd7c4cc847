"""`scripts/bench sync`: how fast a phone's work gets to the shop and to the other phones, over HTTP.

Each figure is measured beside the limit of the same minute: the same rows through psycopg alone, or the trivial route.
Shops are kept apart, so that a figure does not depend on which others were asked for.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from tests.bench import cpu, orders, upkeep
from tests.bench.client import Connection, Device, Place
from tests.bench.figures import Cost, Figure, quantile
from tests.bench.fill import copy_orders, fill, push_orders
from tests.bench.limits import Limits
from tests.bench.world import World, running

PEOPLE = {"orders": ["admin"] * 3, "counter": ["admin"], "floor": ["admin"] * 20}
BATCH = 100
NO_ZSTD, ZSTD = "", "Accept-Encoding: zstd\r\n"
HEARD_S = 5.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done."""

    orders: int = 10_000
    large: int = 100_000
    singles: int = 1_000
    floor: int = 1_000
    bootstraps: int = 5
    rounds: int = 20
    seconds: float = 10.0
    pokes: int = 200


QUICK = Sizes(
    orders=1_000, large=5_000, singles=200, floor=300, bootstraps=2, rounds=5, seconds=2.0, pokes=40
)


@dataclass(slots=True)
class Run:
    """One run: what runs, how much of everything, and where figures go as they are found."""

    world: World
    limits: Limits
    sizes: Sizes
    found: Callable[[Figure | Cost], None]
    desk: Device | None = None
    ids: list[str] = field(default_factory=list)

    def tell(self, *found: Figure | Cost) -> None:
        for one in found:
            self.found(one)

    def watched(self) -> AbstractContextManager[cpu.Use]:
        return cpu.watched(self.world.server_pid, self.world.postgres_pid)

    async def filled(self) -> Device:
        """The desk of the shop "orders", where all orders are and their vectors are known."""
        if self.desk is None:
            self.desk = (await self.world.devices("orders"))[0]
            await self.desk.catch_up()
            self.ids = await fill(self.desk, self.sizes.orders)
            await self.desk.catch_up()
        return self.desk


async def measure(only: set[str], sizes: Sizes, found: Callable[[Figure | Cost], None]) -> None:
    """Measure the parts in `only`, or all."""
    async with running(PEOPLE) as world, Limits.open(world.urls) as limits:
        run = Run(world, limits, sizes, found)
        for name, part in PARTS.items():
            if not only or name in only:
                await part(run)


async def push(run: Run) -> None:
    """New work orders, a hundred changesets a request, the next request when the last is answered."""
    run.desk = (await run.world.devices("orders"))[0]
    await run.desk.catch_up()
    plain = await run.limits.upsert(run.sizes.orders, BATCH)
    with run.watched() as use:
        run.ids, took = await push_orders(run.desk, run.sizes.orders, BATCH)
    await run.desk.catch_up()
    limit = median_rate(plain, BATCH)
    run.tell(
        Figure("push", "records/s", rates(took, BATCH), limit, "upsert, 100 a commit", ">=2500"),
        Cost("push", run.sizes.orders, use),
    )


async def push_one(run: Run) -> None:
    """The same, one changeset a request."""
    desk = (await run.world.devices("counter"))[0]
    await desk.catch_up()
    plain = await run.limits.upsert(run.sizes.singles, 1)
    with run.watched() as use:
        _, took = await push_orders(desk, run.sizes.singles, 1)
    run.tell(
        Figure("push_one", "records/s", rates(took, 1), median_rate(plain, 1), "upsert, 1 a commit"),
        Cost("push_one", run.sizes.singles, use),
    )


async def bootstrap(run: Run) -> None:
    """An empty replica gets everything, in pages of 1,000."""
    await run.filled()
    await run.limits.fill(run.sizes.orders)
    reader = (await run.world.devices("orders"))[1]
    plain = [
        count / took for took, count in [await run.limits.select_all() for _ in range(run.sizes.bootstraps)]
    ]
    limit = quantile(plain, 0.5)
    for name, headers, aim in (("bootstrap", NO_ZSTD, ">=30000"), ("bootstrap_zstd", ZSTD, "")):
        with run.watched() as use:
            pages = [await download(reader, headers) for _ in range(run.sizes.bootstraps)]
        run.tell(
            Figure(name, "records/s", [count / took for took, count, _ in pages], limit, "select all", aim),
            Figure(
                f"{name}_bytes",
                "bytes",
                [size for *_, size in pages],
                run.sizes.orders * orders.ORDER_BYTES,
                "as written",
            ),
            Cost(name, sum(count for _, count, _ in pages), use),
        )


async def download(reader: Device, headers: str) -> tuple[float, int, int]:
    """Seconds of waiting for answers, records and bytes of a bootstrap. What the client does with a page is not in it."""
    reader.cursor, reader.bytes_in = None, 0
    took, count, more = 0.0, 0, True
    while more:
        body = reader.request()
        started = time.perf_counter()
        raw = await reader.ask_sync(body, headers)
        took += time.perf_counter() - started
        page = reader.take(raw)
        count, more = count + len(page["records"]), page["more"]
    return took, count, reader.bytes_in


async def incremental(run: Run) -> None:
    """A replica that has everything gets 100 changed orders, among 10,000 and then among 100,000."""
    desk = await run.filled()
    reader = (await run.world.devices("orders"))[2]
    await reader.catch_up()
    await run.limits.fill(run.sizes.orders)
    plain = [await run.limits.select_news() * 1000 for _ in range(run.sizes.rounds)]
    small = await rounds(run, desk, reader)
    run.tell(Figure("incremental", "ms", small, quantile(plain, 0.5), "select of the 100", "<=10"))
    await copy_orders(run.world, "orders", run.sizes.large - run.sizes.orders)
    await desk.catch_up()
    await reader.catch_up()
    large = await rounds(run, desk, reader)
    ratio = [took / quantile(small, 0.5) for took in large]
    run.tell(
        Figure("incremental_100k", "ms", large),
        Figure("incremental_100k_ratio", "×", ratio, 1.0, "flat", "<=1.3"),
    )


async def rounds(run: Run, desk: Device, reader: Device) -> list[float]:
    """Milliseconds in which the reader gets 100 changed orders, for so many rounds."""
    chance, took = random.Random(3), []
    for number in range(run.sizes.rounds):
        chosen = chance.sample(run.ids, BATCH)
        await desk.sync(*([orders.patch(id_, desk.vectors[id_], bay=f"round {number}")] for id_ in chosen))
        body = reader.request()
        started = time.perf_counter()
        raw = await reader.ask_sync(body)
        took.append((time.perf_counter() - started) * 1000)
        got = len(reader.take(raw)["records"])
        if got != BATCH:
            raise RuntimeError(f"The reader got {got} records instead of {BATCH}.")
    return took


async def roundtrips(run: Run) -> None:
    """Twenty replicas, each: push one change and pull all that the others changed, without a pause."""
    devices = await run.world.devices("floor")
    await devices[0].catch_up()
    ids = await fill(devices[0], run.sizes.floor)
    for device in devices:
        await device.catch_up()
    bare = await bare_rate(run.world.bare, len(devices), run.sizes.seconds / 5)
    await run.limits.fill(run.sizes.floor)
    commits = await run.limits.commits(len(devices), run.sizes.seconds / 5)
    with run.watched() as use:
        ended = await together(devices, ids, run.sizes.seconds)
    per_second = [sum(int(at) == second for at, _ in ended) for second in range(int(run.sizes.seconds))]
    took = [seconds * 1000 for _, seconds in ended]
    run.tell(
        Figure("roundtrips", "a second", per_second, bare, "trivial route", ">=500"),
        Figure("roundtrips_of_commits", "a second", per_second, commits, "upserts of 20"),
        Figure("roundtrips_ms", "ms", took),
        Figure("roundtrips_p99", "ms", [quantile(took, 0.99)]),
        Cost("roundtrips", len(ended), use),
    )


async def together(devices: list[Device], ids: list[str], seconds: float) -> list[tuple[float, float]]:
    """When each round trip ended, in seconds since the start, and how long it took."""
    ended: list[tuple[float, float]] = []
    began = time.perf_counter()

    async def work(number: int, device: Device) -> None:
        chance = random.Random(number)
        while (started := time.perf_counter()) < began + seconds:
            id_ = chance.choice(ids)
            await device.sync([orders.patch(id_, device.vectors[id_], bay=f"{chance.randrange(10**6)}")])
            now = time.perf_counter()
            ended.append((now - began, now - started))

    await asyncio.gather(*(work(number, device) for number, device in enumerate(devices)))
    return ended


async def bare_rate(place: Place, connections: int, seconds: float) -> float:
    """Requests a second of the trivial route over as many connections, by the same client."""
    opened = [await Connection.open(place) for _ in range(connections)]
    body = b"x" * orders.ORDER_BYTES
    end = time.perf_counter() + seconds

    async def work(connection: Connection) -> int:
        done = 0
        while time.perf_counter() < end:
            await connection.ask("POST", "/", body)
            done += 1
        return done

    done = await asyncio.gather(*map(work, opened))
    for connection in opened:
        connection.close()
    return sum(done) / seconds


async def propagate(run: Run) -> None:
    """From the moment a phone begins to send one change to the moment another, poked, has pulled it."""
    desk = await run.filled()
    reader = (await run.world.devices("orders"))[2]
    await reader.catch_up()
    await run.limits.fill(run.sizes.pokes)
    plain = [took * 1000 for took in await run.limits.notified(run.sizes.pokes)]
    took, after = await pokes(run, desk, reader)
    limit = quantile(plain, 0.5)
    run.tell(
        Figure("propagate", "ms", took, limit, "commit to NOTIFY heard"),
        Figure("propagate_p95", "ms", [quantile(took, 0.95)], quantile(plain, 0.95), "the same, p95", "<=20"),
        Figure("propagate_after_answer", "ms", after),
    )


async def pokes(run: Run, desk: Device, reader: Device) -> tuple[list[float], list[float]]:
    """Milliseconds until the reader has each of so many changes: since the push began, and since its answer came."""
    poked = asyncio.Event()
    stream = await Connection.open(Place(run.world.place.port, run.world.shops["orders"].host))
    stream.listen(
        "/api/sync/live", reader.headers, lambda data: poked.set() if b"event: poke" in data else None
    )
    took, after = [], []
    await asyncio.sleep(0.3)
    for number in range(run.sizes.pokes):
        await asyncio.sleep(0.025)
        poked.clear()
        started = time.perf_counter()
        had = asyncio.create_task(pulled_when_poked(reader, poked))
        id_ = run.ids[number * 37 % len(run.ids)]
        await desk.sync([orders.patch(id_, desk.vectors[id_], bay=f"poke {number}")])
        answered = time.perf_counter()
        at = await asyncio.wait_for(had, HEARD_S)
        took.append((at - started) * 1000)
        after.append(max(0.0, at - answered) * 1000)
    stream.close()
    return took, after


async def pulled_when_poked(reader: Device, poked: asyncio.Event) -> float:
    """The moment at which the reader has the change."""
    await poked.wait()
    page = await reader.sync()
    if not page["records"]:
        raise RuntimeError("The reader was poked and got nothing.")
    return time.perf_counter()


def rates(took: list[float], each: int, segments: int = 10) -> list[float]:
    """Records a second of ten stretches of requests, whose seconds are `took`, of `each` records."""
    size = max(1, len(took) // segments)
    return [
        size * each / sum(took[i : i + size]) for i in range(0, size * segments, size) if took[i : i + size]
    ]


def median_rate(took: list[float], each: int) -> float:
    return quantile(rates(took, each), 0.5)


PARTS: dict[str, Callable[[Run], Awaitable[None]]] = {
    "push": push,
    "push_one": push_one,
    "bootstrap": bootstrap,
    "roundtrips": roundtrips,
    "propagate": propagate,
    "idle": upkeep.idle,
    "metadata": upkeep.metadata,
    "incremental": incremental,
}
