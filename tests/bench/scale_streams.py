"""What thousands of idle live streams cost one process: memory, processor time, and what others wait for beside them.

Each stream is one phone's with a session of its own, in a shop apart from the one that is measured. Then the same is asked of the
crowded shop itself, where every commit pokes everybody.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.bench import orders
from tests.bench.client import Device
from tests.bench.figures import Cost, Figure, quantile
from tests.bench.limits import Limits
from tests.bench.mint import devices
from tests.bench.scale_sizes import Sizes
from tests.bench.sync import Run, pokes
from tests.bench.sync import Sizes as SyncSizes
from tests.bench.world import World, running

CROWD = "crowd"
AT_ONCE = 50
QUIET_S = 60.0


async def many_streams(sizes: Sizes, found: Callable[[Figure | Cost], None]) -> None:
    """Latency without streams, memory and latency with them, and in the crowd itself."""
    small = SyncSizes(orders=200, pokes=sizes.pokes)
    async with (
        running({"orders": ["admin"] * 3, CROWD: ["admin"] * 3}) as world,
        Limits.open(world.urls) as limits,
    ):
        run = Run(world, limits, small, found)
        await latency(run, "propagate_alone")
        before = resident(world.server_pid)
        crowd = await listening(world, sizes.streams)
        kib = (resident(world.server_pid) - before) / sizes.streams
        found(Figure("stream_memory", "KiB each", [kib]))
        with run.watched() as use:
            await asyncio.sleep(sizes.idle_s)
        found(Figure("streams_idle_cpu", "of a core", [use.cores("server") + use.cores("database")]))
        await latency(run, "propagate_beside")
        await in_the_crowd(run, crowd, found)
        for stream in crowd:
            stream.connection.close()


async def latency(run: Run, name: str) -> None:
    """Milliseconds from the start of a push until another phone has it, and of the push itself."""
    desk = await run.filled()
    reader = (await run.world.devices("orders"))[2]
    await reader.catch_up()
    took, after = await pokes(run, desk, reader)
    run.tell(
        Figure(name, "ms", took),
        Figure(f"{name}_p95", "ms", [quantile(took, 0.95)]),
        Figure(f"{name}_push", "ms", [whole - rest for whole, rest in zip(took, after, strict=True)]),
    )


async def listening(world: World, count: int) -> list[Device]:
    """So many phones of the crowd, each with an open stream that said hello."""
    like = (await world.devices(CROWD))[0]
    crowd = await devices(world, CROWD, like, count)
    for first in range(0, count, AT_ONCE):
        await asyncio.gather(*map(greeted, crowd[first : first + AT_ONCE]))
    return crowd


async def greeted(device: Device) -> None:
    """Open the stream and wait for its first event."""
    hello = asyncio.Event()
    await device.connection.connect()
    device.connection.listen("/api/sync/live", device.headers, lambda _: hello.set())
    await asyncio.wait_for(hello.wait(), QUIET_S)


async def in_the_crowd(run: Run, crowd: list[Device], found: Callable[[Figure | Cost], None]) -> None:
    """One commit in the shop of the crowd: until the first and the last of all streams was poked."""
    writer = (await run.world.devices(CROWD))[1]
    await writer.catch_up()
    loop = asyncio.get_running_loop()
    firsts, lasts = [], []
    for _ in range(max(3, run.sizes.pokes // 20)):
        heard: list[float] = []
        done = asyncio.Event()

        def note(data: bytes, heard: list[float] = heard, done: asyncio.Event = done) -> None:
            if b"event: poke" in data:
                heard.append(loop.time())
                if len(heard) == len(crowd):
                    done.set()

        for device in crowd:
            device.connection.hears(note)
        started = loop.time()
        await writer.sync([orders.create("customer", orders.customer(1))])
        await asyncio.wait_for(done.wait(), QUIET_S)
        firsts.append((min(heard) - started) * 1000)
        lasts.append((max(heard) - started) * 1000)
    found(Figure("crowd_first_poked", "ms", firsts))
    found(Figure("crowd_last_poked", "ms", lasts))


def resident(pid: int) -> float:
    """KiB of memory that the process really holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("VmRSS")))
