"""Steps that are rare and grave: storage evicted, devices revoked, people let go, customers shut out, disks that rot.

They stand in the table of `happenings.py` beside the everyday ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from server.store.line import Lines
from server.store.pushing import Pushed
from sync.overlay import Draft
from sync.wire import Request
from tests.simulation.devices import Device, Memory
from tests.simulation.node_phone import NodePhone
from tests.simulation.promises import BrokenPromise
from tests.simulation.simulation import Simulation
from tests.simulation.wire import Answer

LEASE_S = 4


def staff_of(sim: Simulation) -> list[Device]:
    return [d for d in sim.devices if d.on and not d.customer and not d.wiped]


def admin_of(sim: Simulation) -> Device:
    return next(d for d in sim.devices if d.who == "admin" and not d.wiped)


async def evict(sim: Simulation) -> None:
    """The browser clears a phone's storage; its person signs in as on a new phone."""
    device = sim.random.choice(staff_of(sim))
    sim.counts["evictions"] += 1
    sim.story.tell(f"the storage of {device.name} is evicted")
    sim.checker.excuse(device, set())
    sim.net.held = [one for one in sim.net.held if one[0] is not device]
    sim.shelf = [one for one in sim.shelf if one[0] is not device]
    device.token, identity = await sim.sign_in(device.who)
    device.evict(identity)
    device.memory, device.form = Memory(), None
    device.start()
    await sim.fly(device)


async def revoke(sim: Simulation) -> None:
    """The office signs a lost phone out for good: what it hands over is kept, nothing of it counts, and it forgets all."""
    admin = admin_of(sim)
    others = [d for d in staff_of(sim) if d is not admin and d.who != "admin"]
    if not others:
        return
    device = sim.random.choice(others)
    await sim.edit(device, sim.desk.draw(device))
    answer = await sim.ground.ask("DELETE", f"/api/devices/{device.replica_id}", b"", admin.token)
    if answer.status >= 300:
        return  # whoever revokes may have been signed out meanwhile
    sim.counts["revocations"] += 1
    sim.story.tell(f"{device.name} ({device.replica_id}) is revoked")
    sim.ledger.revoked[device.replica_id] = sim.ground.rows.logged
    await hand_over(sim, device)
    await sim.join(device.who, device.kind)


async def hand_over(sim: Simulation, device: Device) -> None:
    """A device that may no longer write is refused from its first request on, hands over what waits, and is wiped (I9)."""
    sim.net.held = [one for one in sim.net.held if one[0] is not device]
    if not device.on:
        device.start()
    for _ in range(4):
        await sim.sync(device)
        if device.status not in (401, 403):
            raise BrokenPromise("I9", f"{device.name} was revoked, and is answered {device.status}")
        if device.wiped or device.status == 401:
            break
    if not device.wiped and device.status == 403:
        raise BrokenPromise("I9", f"{device.name} was revoked and is not wiped: {device.outbox[:3]}")
    if not device.wiped:
        sim.checker.excuse(device, set())  # its session was over: it is shut out with what it has
    device.kill()
    sim.devices.remove(device)
    sim.lost.append(device)


async def let_go(sim: Simulation) -> None:
    """Somebody leaves the shop, and comes back: all their phones are treated as revoked meanwhile (R5)."""
    who = sim.random.choice(("tech2", "parts"))
    await _switch(sim, "staff", str(sim.ground.shop.staff[who]), "active", who)


async def shut_out(sim: Simulation) -> None:
    """A customer's portal is switched off, and on again."""
    number = sim.random.randrange(max(1, sim.profile.customers))
    await _switch(sim, "customer", sim.ground.shop.customers[number], "portal_enabled", f"customer{number}")


async def _switch(sim: Simulation, collection: str, person: str, field: str, who: str) -> None:
    admin, rows = admin_of(sim), sim.ground.rows
    if admin.look([(collection, person)]) == [None]:
        return
    id_ = await sim.edit(admin, [Draft("patch", collection, person, {field: False})])
    await sim.sync(admin)
    rows.look()
    if id_ is not None and rows.rows[person].data.get(field) is False:
        sim.story.tell(f"{who} may no longer come in", [person])
        sim.counts["revocations"] += 1
        for device in [d for d in sim.devices if d.who == who and not d.wiped]:
            await hand_over(sim, device)
    # What the admin's phone still holds back must not shut anybody out for good.
    await sim.overrule(person, field, True)
    if not any(d.who == who for d in sim.devices):
        await sim.join(who, sim.random.choice(("app", "core")) if collection == "staff" else "core")


async def rot(sim: Simulation) -> None:
    """A phone's disk changes or loses a record without a word; the daily check finds it and mends it (D1 to D5)."""
    device = sim.random.choice(staff_of(sim))
    await sim.sync(device)
    held = sorted(device.dump().view)
    if device.status != 200 or not held:
        return
    id_, how = sim.random.choice(held), sim.random.choice(("gone", "changed"))
    sim.story.tell(f"the disk of {device.name} rots: {id_[-6:]} {how}", [id_])
    sim.counts["damages"] += 1
    device.damage(id_, how)
    device.rotten = True
    device.kill()
    device.start()
    await sim.fly(device)
    for _ in range(4):
        device.verify()
        await sim.fly(device)
    device.rotten = False
    if device.status == 200:
        sim.checker.compare(device, device.dump())


async def other_tab(sim: Simulation) -> None:
    """Somebody goes on in the other tab of the app; now and then the one that syncs sleeps."""
    phones = [d for d in staff_of(sim) if isinstance(d, NodePhone) and d.tabs > 1]
    if phones:
        phone = sim.random.choice(phones)
        phone.tab = 1 - phone.tab
        sim.counts["tab_changes"] += 1


async def leader_sleeps(sim: Simulation) -> None:
    """The tab that syncs falls asleep over an answer; the other one takes its place and goes on, then the answer comes."""
    phones = [d for d in staff_of(sim) if isinstance(d, NodePhone) and d.tabs > 1 and not d.flights]
    if not phones:
        return
    phone = sim.random.choice(phones)
    await sim.edit(phone, sim.desk.draw(phone))
    phone.sync()
    if not phone.on or not phone.flights:
        return
    asked = phone.flights[0]
    await sim.net.carry(phone, asked, "answer_held")
    if asked not in phone.flights:
        return
    phone.tab = 1 - phone.sleep(asked)
    sim.story.tell(f"the tab of {phone.name} that syncs falls asleep")
    sim.counts["leaders_asleep"] += 1
    await sim.edit(phone, sim.desk.draw(phone))
    phone.sync()
    sim.world.pass_time(seconds=LEASE_S)
    phone.wake(0)
    await sim.fly(phone)
    phone.awake()
    if sim.random.random() < 0.5 and sim.net.held:
        await sim.hear_held()


async def news_between_edits(sim: Simulation) -> None:
    """News of a work order reach a phone after its first edit of it and before its second, of which the first is not sent yet."""
    phones = [d for d in staff_of(sim) if not d.flights]
    if len(phones) < 2:
        return
    mine, other = sim.random.sample(phones, 2)
    found = sim.desk.pick(other, "work_order")
    if found is None or mine.look([("work_order", found[0])]) == [None]:
        return

    def wrote(device: Device) -> list[Draft]:
        return [Draft("patch", "work_order", found[0], {"diagnosis": sim.desk.word(device)})]

    await sim.edit(other, wrote(other))
    await sim.sync(other)
    mine.sync()
    if not mine.flights:
        return
    await sim.net.carry(mine, mine.flights[0], "answer_held")
    if not sim.net.held or sim.net.held[-1][0] is not mine:
        return
    await sim.edit(mine, wrote(mine))
    await sim.hear_held("request_lost", place=-1)
    if mine.look([("work_order", found[0])]) != [None]:
        await sim.edit(mine, wrote(mine))
    await sim.sync(mine)


async def together(sim: Simulation) -> None:
    """Several phones push at once: those that wait in line share a transaction."""
    phones = [d for d in staff_of(sim) if not d.flights]
    sim.random.shuffle(phones)
    for device in phones[:4]:
        await sim.edit(device, sim.desk.draw(device))
    phones = [d for d in phones[:4] if d.on and not d.wiped and not d.flights]
    gate = Gate(sim.ground.store.lines)
    sim.story.tell("at once: " + ", ".join(device.name for device in phones))
    under_way = []
    for device in phones:
        device.sync()
        if device.flights:
            asking = asyncio.ensure_future(
                sim.net.arrive(device, device.flights[0], device.token, traced=False)
            )
            under_way.append((device, device.flights[0], asking))
            await gate.until_waiting(asking)
    await gate.serve([asking for _, _, asking in under_way])
    for device, flight, asking in under_way:
        answer = asking.result()
        sim.net.note(flight, answer)
        sim.net.hear(device, flight, answer)
    for device, _, _ in under_way:
        await sim.fly(device)
    sim.counts["groups"] += 1


class Gate:
    """Holds the line of pushes until everybody who comes has joined it, so that who is served with whom does not hang on
    how quick anything is."""

    def __init__(self, lines: Lines) -> None:
        self.lines, self.served = lines, lines._serve
        self.held: list[tuple[asyncio.Event, int]] = []
        self._held_ones = 0
        lines._serve = self._held

    async def _held(self, shop: UUID, requests: Sequence[Request]) -> Sequence[Pushed | BaseException]:
        event = asyncio.Event()
        self.held.append((event, len(requests)))
        self._held_ones += len(requests)
        await event.wait()
        return await self.served(shop, requests)

    async def until_waiting(self, asking: asyncio.Future[Any]) -> None:
        """Until this request stands in line, or was answered without."""
        before = self._waiting()
        while not asking.done() and self._waiting() == before:  # noqa: ASYNC110
            await asyncio.sleep(0)

    def _waiting(self) -> int:
        """How many have come. One that stands in line is later one of those held, and counts as one all the time."""
        return sum(map(len, self.lines._lines.values())) + self._held_ones

    async def serve(self, asked: Sequence[asyncio.Future[Answer | None]]) -> None:
        """Group after group; the next is let by when all of the one before have their answers, pulls included. The line may
        come to a group only then."""
        let_by = _done(asked)
        while (done := _done(asked)) < len(asked):
            if self.held and done == let_by:
                event, ones = self.held.pop(0)
                let_by += ones
                event.set()
            await asyncio.sleep(0)
        self.lines._serve = self.served


def _done(asked: Sequence[asyncio.Future[Any]]) -> int:
    return sum(one.done() for one in asked)


async def probe(sim: Simulation) -> None:
    """A script with somebody's session skips numbers, and claims to have seen what nobody was given (F2, V18)."""
    device = sim.random.choice(staff_of(sim))
    found = sim.desk.pick(device, "work_order")
    await sim.sync(device)
    if device.status != 200 or found is None or device.flights:
        return
    body = {
        "protocol": 1, "schema": 1, "epoch": device.epoch, "replica": device.replica_id, "confirmed": 0,
        "sent": sim.world.now_ms(), "cursor": None, "limit": 1, "changesets": [
            {"n": device.n + 7, "id": sim.new_id(), "schema": 1, "at": sim.world.now_ms(), "ops": [
                {"op": "patch", "collection": "work_order", "id": found[0], "base": {"@": 2**50},
                 "set": {"bay": "nobody"}}]}]}  # fmt: skip
    answer = await sim.ground.ask("POST", "/api/sync", orjson.dumps(body), device.token)
    sim.ledger.logged(sim.ground.rows.news())
    said = answer.json()
    if (answer.status, said.get("code")) != (409, "gap") and said.get("code") != "forked":
        raise BrokenPromise(
            "F2", f"numbers were skipped, and the answer is {answer.status} {answer.body[:200]!r}"
        )
    sim.counts["probes"] += 1
