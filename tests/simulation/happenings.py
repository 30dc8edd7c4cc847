"""The table of steps: everything that can happen to a shop, its phones and its server, and how often it does.

A step takes the simulation and does one thing. To add one, write it and give it a weight in STEPS.
"""

from __future__ import annotations

from collections.abc import Mapping

from server.work.archive import archive_due
from sync.overlay import Draft
from tests.simulation.devices import Device, Form
from tests.simulation.ground import ERRORS, KILLS, PLACES
from tests.simulation.mishaps import (
    admin_of,
    evict,
    leader_sleeps,
    let_go,
    news_between_edits,
    other_tab,
    probe,
    revoke,
    rot,
    shut_out,
    together,
)
from tests.simulation.network import FAULTS
from tests.simulation.node_phone import NodePhone
from tests.simulation.profile import Step
from tests.simulation.py_phone import PyPhone
from tests.simulation.restores import back_up, restore, restore_untold
from tests.simulation.simulation import Simulation

DAY_MS = 86_400_000


def anybody(sim: Simulation) -> Device:
    """A phone that is on; staff far more often than customers."""
    on = [d for d in sim.devices if d.on and not d.wiped]
    staff = [d for d in on if not d.customer]
    return sim.random.choice(staff if staff and sim.random.random() < 0.97 else on)


async def work(sim: Simulation) -> None:
    """Somebody saves a few things, one after the other."""
    device = anybody(sim)
    for _ in range(sim.random.choice((1, 2, 3, 5, 8))):
        if device.on and not device.wiped:
            await sim.edit(device, sim.desk.draw(device))


async def form(sim: Simulation) -> None:
    """Somebody opens a form, or saves the one that is open, whatever arrived underneath."""
    device = anybody(sim)
    if device.customer:
        return
    if device.form is None:
        found = sim.desk.pick(device, "work_order")
        if found is not None:
            seen = sim.ledger.seen_of_all(device, found[0])
            device.form = Form(found[0], device.bases(found[0]), seen)
        return
    opened, device.form = device.form, None
    if device.look([("work_order", opened.record)])[0] is not None:
        given = {"diagnosis": sim.desk.word(device), "bay": sim.desk.word(device)}
        await sim.edit(device, [Draft("patch", "work_order", opened.record, given)], opened)


async def sync(sim: Simulation) -> None:
    """Somebody's phone finds the network."""
    await sim.sync(anybody(sim), limit=sim.random.choice((1000, 1000, 7)))


async def sync_badly(sim: Simulation) -> None:
    """The network does something to the first request, or to a later one: between two pages, or two pushes."""
    good = ["none"] * sim.random.choice((0, 0, 1, 2))
    await sim.sync(anybody(sim), *good, sim.random.choice(FAULTS), limit=sim.random.choice((1000, 7)))


async def late_request(sim: Simulation) -> None:
    await sim.net.let_late_arrive()


async def late_answer(sim: Simulation) -> None:
    if sim.net.held:
        await sim.hear_held()


async def kill_server(sim: Simulation) -> None:
    """The server dies at a point of the next push, and starts anew."""
    point = sim.random.choice(KILLS)
    device = anybody(sim)
    await sim.edit(device, sim.desk.draw(device))
    sim.ground.arm(point)
    await sim.sync(device)
    sim.ground.armed = None


async def trouble_in_database(sim: Simulation) -> None:
    """A deadlock, a serialisation error, a lost connection, a full disk: once, or as often as it is tried."""
    place = sim.random.choice(PLACES)
    device = anybody(sim)
    await sim.edit(device, sim.desk.draw(device))
    sim.ground.arm(f"{place}:{sim.random.choice(sorted(ERRORS))}", sim.random.choice((1, 3)))
    await sim.sync(device)
    sim.ground.armed = None


async def kill_phone(sim: Simulation) -> None:
    """A phone is switched off and on, while a request of it may be out."""
    device = anybody(sim)
    if sim.random.random() < 0.5:
        device.sync()
        for flight in device.flights[:1]:
            await sim.net.arrive(device, flight, device.token)
        sim.counts["phone_killed_before_answer"] += 1
    await restart(sim, device)


async def restart(sim: Simulation, device: Device) -> None:
    sim.story.tell(f"{device.name} is killed and started again")
    sim.counts["phone_kills"] += 1
    sim.net.held = [one for one in sim.net.held if one[0] is not device]
    device.kill()
    device.form = None
    device.start()
    await sim.fly(device)


async def crash_phone(sim: Simulation) -> None:
    """A phone dies in a transaction of its storage, or right after one: over a save, or over an answer."""
    device = anybody(sim)
    if not isinstance(device, NodePhone):
        return
    how, over = sim.random.choice(("mid", "committed")), sim.random.choice(("save", "answer"))
    device.arm(how, sim.random.choice((0, 0, 1)))
    if over == "save":
        await sim.edit(device, sim.desk.draw(device))
    else:
        await sim.sync(device)
    sim.counts[f"phone_{over}_{how}"] += len(device.crashes)
    device.crashes.clear()
    await restart(sim, device)


async def clock(sim: Simulation) -> None:
    """A phone's clock jumps, up to ten years."""
    device = anybody(sim)
    sim.counts["clock_jumps"] += 1
    # Saved by one clock and sent by another: when it was made nobody can tell any more (M2).
    sim.ledger.delayed |= {id_ for id_, waits in device.outbox if waits}
    device.set_clock(sim.random.choice((0, *sim.profile.skews)))
    sim.story.tell(f"the clock of {device.name} is wrong by {device.skew_ms} ms")


async def time_passes(sim: Simulation) -> None:
    """Hours go by; seldom a month, after which sessions are over."""
    hours = sim.random.choice((1, 5, 24, 24, 200, 800))
    sim.world.pass_time(hours=hours)
    sim.story.tell(f"{hours} hours go by")


async def archive(sim: Simulation) -> None:
    """The calendar takes what was closed out of all views; as a person may, the server brings something back."""
    shop, store = sim.ground.shop.id, sim.ground.store
    if sim.random.random() < 0.5:
        await archive_due(store, shop, sim.world.now_ms() + 40 * DAY_MS)
        sim.story.tell("the calendar archives what was closed")
    else:
        orders = sorted(id_ for id_, row in sim.ground.rows.rows.items() if row.collection == "work_order")
        if orders:
            order, gone = sim.random.choice(orders), sim.random.random() < 0.5
            await store.act(shop, lambda scene: scene.set(order, {"archived": gone}), [order])
            sim.story.tell(f"work order {order[-6:]} {'leaves' if gone else 'comes back'}", [order])


async def session_over(sim: Simulation) -> None:
    """Somebody is signed out; the outbox stays, and goes on after they signed in again."""
    device = anybody(sim)
    sim.counts["sessions_over"] += 1
    await sim.ground.ask("DELETE", "/api/session", b"", device.token)
    sim.story.tell(f"the session of {device.name} is over")
    await sim.sync(device)


async def deal_with_parked(sim: Simulation) -> None:
    """A person looks at what needs them and lets one go."""
    device = anybody(sim)
    parked = sorted(device.dump().parked)
    if parked:
        id_ = sim.random.choice(parked)
        device.discard(id_)
        device.memory.let_go.add(sim.ledger.alias.get(id_, id_))
        sim.story.tell(f"{device.name} lets go of {id_[-6:]}", [id_])


async def roll_back(sim: Simulation) -> None:
    """A phone's storage is kept, or one that was kept comes back: on the same phone, or on a copy of it."""
    staff = [d for d in sim.devices if d.on and not d.customer and not d.wiped]
    device = sim.random.choice(staff)
    if len(sim.shelf) < 3 or sim.random.random() < 0.4:
        name = f"shelf {sim.counts['shelved']}"
        sim.counts["shelved"] += 1
        device.shelve(name)
        sim.shelf.append((device, name, device.memory.copy()))
        return
    device, name, memory = sim.shelf.pop(sim.random.randrange(len(sim.shelf)))
    if device not in sim.devices or not device.on or device.wiped:
        return
    sim.counts["forks"] += 1
    sim.counts["rollbacks"] += 1
    sim.story.tell(f"{device.name} is rolled back to {name}")
    sim.checker.excuse(device, set(memory.saved))
    sim.net.held = [one for one in sim.net.held if one[0] is not device]
    device.unshelve(name)
    device.memory, device.form = memory, None
    device.start()
    await sim.fly(device)


async def copy_phone(sim: Simulation) -> None:
    """Somebody restores a phone's backup onto another one; both go on with one session."""
    staff = [d for d in sim.devices if d.on and not d.customer and not d.wiped]
    if len(sim.devices) >= 20:
        return
    device = sim.random.choice(staff)
    common = {"who": device.who, "person": device.person, "token": device.token, "world": device.world}
    twin: Device
    if isinstance(device, PyPhone):
        twin = PyPhone(device.replica, name=sim.new_name(device.who), **common)
    else:
        assert isinstance(device, NodePhone)
        twin = device.twin(sim.new_name(device.who), sim.seed_of_phone(), **common)
    twin.memory, twin.skew_ms, twin.clock_jumps = device.memory.copy(), device.skew_ms, device.clock_jumps
    twin.start()
    sim.devices.append(twin)
    sim.counts["forks"] += 1
    sim.counts["copies"] += 1
    sim.story.tell(f"{device.name} is copied to {twin.name}")
    await sim.fly(twin)


async def role(sim: Simulation) -> None:
    """Somebody gets other rights, and with them another view."""
    admin = admin_of(sim)
    person = str(sim.ground.shop.staff[sim.random.choice(("tech2", "parts"))])
    given = {"role": sim.random.choice(("tech", "parts", "service_writer", "manager"))}
    if admin.look([("staff", person)]) != [None]:  # A phone that was just emptied shows nobody yet.
        await sim.edit(admin, [Draft("patch", "staff", person, given)])
    await sim.sync(admin)


# A weight of 0: played only where a run asks for it, `--more restore_untold=8`.
STEPS: Mapping[Step, int] = {
    work: 40, form: 6, sync: 26, sync_badly: 16, late_request: 3, late_answer: 3, kill_server: 1,
    trouble_in_database: 1, kill_phone: 2, crash_phone: 2, clock: 1, time_passes: 1, archive: 1, session_over: 1,
    deal_with_parked: 2, roll_back: 2, copy_phone: 1, role: 1, evict: 1, revoke: 1, let_go: 1, shut_out: 1, rot: 1,
    other_tab: 2, leader_sleeps: 1, together: 3, probe: 1, back_up: 1, restore: 1, restore_untold: 0,
    news_between_edits: 0,
}  # fmt: skip
