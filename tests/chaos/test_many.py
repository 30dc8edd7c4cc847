"""Many at once: 64 writers and readers over two server processes, a process that hangs, and a herd after an outage."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from sync.overlay import Draft
from sync.vector import SERVER
from tests.browser.proxy import free_port
from tests.chaos import oracle
from tests.chaos.figures import Figures
from tests.chaos.phone import Handset
from tests.chaos.place import Place

WRITERS, COMMITS, READERS = 64, 12, 3
HERD, HERD_COMES_S, HERD_S, ORDERS = 1_000, 3.0, 60.0, 10
STAFF = ("tech", "tech2", "manager", "service_writer", "admin")


@dataclass
class Reader:
    """Somebody who pulls what is new, all the time, and writes down each note as it comes."""

    phone: Handset
    seen: list[tuple[int, str]] = field(default_factory=list)
    pulls: int = 0

    async def pull(self) -> None:
        before = set(self.phone.replica.confirmed)
        answer = await self.phone.ask(limit=50)
        if answer is None or answer.status_code != 200:
            return
        self.pulls += 1
        for record in answer.json()["records"]:
            if record["collection"] == "note":
                assert record["id"] not in before, "given twice"
                self.seen.append((record["vv"][SERVER], record["id"]))


async def test_C6_two_processes_and_64_writers_skip_no_commit_and_give_none_twice(
    place: Place, figures: Figures
) -> None:
    ports = [place.port, free_port()]
    for port in ports:
        await place.serve(port=port)
    writers = await place.devices([STAFF[i % len(STAFF)] for i in range(WRITERS)])
    readers = [Reader(phone) for phone in await place.devices(["admin"] * READERS)]
    for reader in readers:
        await reader.phone.drain()
    lines = [place.line, place.line.at(ports[1])]
    writing = True

    async def write(number: int, phone: Handset) -> None:
        phone.premises = lines[number % 2]  # type: ignore[assignment]
        for commit in range(COMMITS):
            phone.create("note", customer=place.shop.customers[0], text=f"{number} {commit}")
            while phone.replica.waiting:
                await phone.ask()

    async def read(number: int, reader: Reader) -> None:
        reader.phone.premises = lines[number % 2]  # type: ignore[assignment]
        while writing:
            await reader.pull()

    reading = [asyncio.create_task(read(*one)) for one in enumerate(readers)]
    started = time.monotonic()
    await asyncio.gather(*(write(*one) for one in enumerate(writers)))
    figures.most(
        "64 writers over two processes: a commit takes",
        1e3 * (time.monotonic() - started) / COMMITS / WRITERS,
        "ms",
    )
    writing = False
    await asyncio.gather(*reading)
    made = {op.id for phone in writers for c in phone.made.values() for op in c.ops}
    for reader in readers:
        while len(reader.seen) < len(made):
            await reader.pull()
        assert [seq for seq, _ in reader.seen] == sorted({seq for seq, _ in reader.seen}), "out of order"
        assert {id_ for _, id_ in reader.seen} == made
        figures.add("64 writers: commits skipped or given twice, 0 of", len(reader.seen))
        figures.add("64 writers: pulls among them", reader.pulls)
    oracle.check_log(place)
    for line in lines:
        assert set(line.statuses) <= {200, 201, 503}, line.statuses
        figures.add("64 writers: answered 503", line.statuses.get(503, 0))


async def test_C13_a_process_that_hangs_in_a_push_holds_the_shop_up_for_seconds_only(
    place: Place, figures: Figures
) -> None:
    hanging, port = await place.serve(trap="head held"), free_port()
    await place.serve(port=port)
    stuck, other = await place.devices(["tech", "tech2"])
    await hanging.arm()
    place.new_order(stuck, "stuck")
    asked = asyncio.create_task(stuck.ask())
    await hanging.at_its_point()
    other.premises = place.line.at(port)  # type: ignore[assignment]
    place.new_order(other, "goes on")
    started = time.monotonic()
    await other.drain()
    figures.most("a hanging process: the others wait", time.monotonic() - started, "s")
    assert set(other.premises.statuses) <= {200, 503}  # type: ignore[attr-defined]
    oracle.check_log(place)
    hanging.go_on()
    answer = await asked
    assert answer is None or answer.status_code == 503, answer.text[:300]
    await stuck.drain()
    await oracle.check_all(place)


async def test_C13_a_herd_of_a_thousand_comes_back_after_an_outage(place: Place, figures: Figures) -> None:
    server = await place.serve()
    desk = await place.sign_in("admin")
    orders = [
        desk.create("work_order", customer=place.shop.customers[0], complaint=f"{n}") for n in range(ORDERS)
    ]
    await desk.drain()
    await server.stop()
    herd = await place.devices([STAFF[i % len(STAFF)] for i in range(HERD)])
    _act_offline(herd, desk, orders)
    place.line.client.timeout = httpx.Timeout(HERD_S)  # A browser waits longer than that.
    await place.serve()
    started = time.monotonic()
    await asyncio.gather(*(_come_back(phone, number) for number, phone in enumerate(herd)))
    took_s = time.monotonic() - started
    figures.most(f"a herd of {HERD}: all through after", took_s, "s")
    assert took_s <= HERD_S
    figures.add("a herd: answered 503", place.line.statuses.get(503, 0))
    assert set(place.line.statuses) <= {200, 201, 503}, place.line.statuses
    found = oracle.check_log(place)
    figures.add("a herd: changesets lost 0 of", found["answers"])
    await desk.drain()
    for number, order in enumerate(orders):
        tags = {f"t{i}" for i in range(number, HERD, ORDERS)}
        assert set(desk.replica.confirmed[order].data["tags"]) == tags


async def _come_back(phone: Handset, number: int) -> None:
    """One of the herd: all of them within seconds."""
    await asyncio.sleep(HERD_COMES_S * number / HERD)
    await phone.drain(within_s=HERD_S)


def _act_offline(herd: Sequence[Handset], desk: Handset, orders: Sequence[str]) -> None:
    """Each adds a word to an order that it saw before the outage."""
    for number, phone in enumerate(herd):
        order = orders[number % len(orders)]
        form = desk.replica.form(order)
        phone.act(Draft("patch", "work_order", order, {"tags": {"add": [f"t{number}"]}}, form))
