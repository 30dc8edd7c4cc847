"""One simulated shop: people with phones, a network, clocks, a server; all of it follows from one seed.

`Simulation.run` plays steps drawn from the table in `happenings.py` until enough was edited, comes to rest now and then,
and checks every promise. What is said goes into the story, by which a failing seed is told in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from server.auth.links import make_customer_link
from sync.overlay import Draft
from tests.server.backups import Backups
from tests.server.premises import PASSWORD
from tests.simulation.bridge import Bridge
from tests.simulation.checks import Checker
from tests.simulation.devices import Device, Form
from tests.simulation.edits import Desk
from tests.simulation.ground import Ground
from tests.simulation.network import FAULTS, Network
from tests.simulation.node_phone import NodePhone
from tests.simulation.profile import Profile
from tests.simulation.promises import BrokenPromise, Ledger
from tests.simulation.py_phone import PyPhone
from tests.simulation.world import SimWorld

CREW = ("admin", "service_writer", "tech", "tech2", "parts", "manager")
COUNTS = ("kills", "forks", "restores", "replays", "syncs", "rest_points", "diverged_bytes")


@dataclass
class Story:
    """What happened, one sentence a step; each with the ids it is about."""

    lines: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    def tell(self, sentence: str, about: Sequence[str] = ()) -> None:
        self.lines.append((sentence, frozenset(about)))

    def of(self, about: Sequence[str], last: int = 40) -> list[str]:
        """The sentences that concern any of these ids, and the last ones of all."""
        wanted = set(about)
        mine = [f"{n}. {line}" for n, (line, ids) in enumerate(self.lines) if ids & wanted]
        recent = [f"{n}. {line}" for n, (line, _) in list(enumerate(self.lines))[-12:]]
        return [*mine[-last:], "…", *recent]


class Simulation:
    """All that takes part, and the verbs that steps are made of."""

    def __init__(self, seed: int, profile: Profile, ground: Ground, bridge: Bridge, world: SimWorld) -> None:
        self.seed, self.profile, self.ground, self.bridge, self.world = seed, profile, ground, bridge, world
        self.random = Random(seed)
        self.story = Story()
        self.ledger = Ledger()
        self.net = Network(ground, self.ledger, self.random, self.story.tell)
        self.counts: Counter[str] = Counter(dict.fromkeys(COUNTS, 0))
        self.devices: list[Device] = []
        self.lost: list[Device] = []
        self.backups: Backups | None = None
        self.taken: list[int] = []
        self.shelf: list[tuple[Device, str, Any]] = []
        self.edits = 0
        shop = ground.shop
        self.desk = Desk(
            self.random,
            self.new_id,
            shop.customers,
            [str(i) for i in shop.staff.values()],
            str(shop.id),
            profile.kinds,
        )
        self.checker = Checker(self)
        self._names = 0

    def new_id(self) -> str:
        return str(self.world.new_id())

    # Who is there.

    async def open(self) -> None:
        """Everybody signs in; the first orders are there."""
        shape = self.random
        for place in range(shape.randint(*self.profile.phones)):
            who = CREW[place % len(CREW)] if place < len(CREW) else shape.choice(CREW)
            await self.join(who, "app" if shape.random() < self.profile.app_share else "core")
        for number in range(self.profile.customers):
            await self.join(f"customer{number}", "core")
        for device in self.devices[:2]:
            for kind in (Desk.new_order, Desk.new_equipment, Desk.new_part):
                await self.edit(device, kind(self.desk, device))
        for device in list(self.devices):
            await self.sync(device)

    async def join(self, who: str, kind: str) -> Device:
        """Somebody signs in on a new phone."""
        name = self.new_name(who)
        token, identity = await self.sign_in(who)
        person = identity["principal"]["id"]
        common = {"name": name, "who": who, "person": person, "token": token, "world": self.world}
        device: Device
        if kind == "app":
            device = NodePhone(self.bridge, identity, seed=self.seed_of_phone(), **common)
        else:
            signed = identity["replica"], identity["epoch"]
            device = PyPhone.new(*signed, **common)
        if self.random.random() < self.profile.skewed:
            device.skew_ms = self.random.choice(self.profile.skews)
        device.start(2 if kind == "app" and self.random.random() < 0.25 else 1)
        self.devices.append(device)
        self.story.tell(f"{who} signs in on {name} ({kind})")
        return device

    def seed_of_phone(self) -> int:
        """The chance of the phone that was named last; of each another, for two with one would give two things one id."""
        return self.seed * 10_000 + self._names

    def new_name(self, who: str) -> str:
        self._names += 1
        return f"{who}'s phone {self._names}"

    async def sign_in(self, who: str, replica: str | None = None) -> tuple[str, dict[str, Any]]:
        """A new session: its token, and the identity of the phone as the app keeps it."""
        await self._let_in(who)
        slug = self.ground.shop.slug
        device = {"name": who, **({"replica": replica} if replica else {})}
        body: dict[str, Any] = {"email": f"{who}@{slug}.test", "password": PASSWORD}
        if who.startswith("customer"):
            address = f"c{who.removeprefix('customer')}@{slug}.test"
            link = await make_customer_link(self.ground.gate, self.ground.shop.id, address)
            body = {"kind": "customer", "link": link}
        asked = orjson.dumps({**body, "device": device, "token": True})
        answer = await self.ground.ask("POST", "/api/session", asked, None)
        assert answer.status == 201, answer.body
        said = answer.json()
        shop = {"shop": said["shop"]["id"], "shopName": said["shop"]["name"]}
        names = {name: said[name] for name in ("replica", "epoch", "principal")}
        return said["token"], {**shop, **names}

    # What they do.

    async def edit(
        self, device: Device, drafts: Sequence[Draft] | None, form: Form | None = None
    ) -> str | None:
        """One action on a phone; the changeset's id, or None when nothing was saved."""
        if not drafts or not device.on or device.customer:
            return None
        seen = [self.ledger.about_to(device, draft, form) for draft in drafts]
        waiting = {id_ for id_, _ in device.outbox}
        id_ = device.act(drafts, form)
        told_saved = id_ is not None
        # Killed right after the commit: it is saved, though nobody was told so.
        id_ = id_ or next((new for new, _ in device.outbox if new not in waiting), None)
        if id_ is None:
            await self.fly(device)
            return None
        about = [draft.id for draft in drafts]
        told = "; ".join(f"{d.op} {d.collection} {d.id[-6:]} {dict(d.set)}" for d in drafts)
        self.story.tell(f"{device.name} saves {id_[-6:]}: {told}", [*about, id_])
        self.ledger.wrote(device, id_, drafts, seen, told)
        self.edits += 1
        if told_saved and device.on:
            self.checker.reads_own(device, drafts)
        await self.fly(device)
        return id_

    async def sync(self, device: Device, *faults: str, limit: int = 1000) -> None:
        """A phone syncs until nothing is out; its first requests meet the faults."""
        if not device.on or device.wiped:
            return
        if isinstance(device, PyPhone):
            device.limit = limit
        self.story.tell(f"{device.name} syncs" + (f", {limit} a page" if limit < 1000 else ""))
        device.sync()
        await self.fly(device, *faults)

    async def fly(self, device: Device, *faults: str) -> None:
        """Let what a phone sent go its way until it rests; the first requests meet the faults."""
        held = {flight.id for other, flight, _ in self.net.held if other is device}
        moved, coming = False, iter(faults)
        for _ in range(self.profile.rounds):
            out = [flight for flight in device.flights if flight.id not in held]
            if not out:
                break
            await self.net.carry(device, out[0], next(coming, "none"))
            held |= {flight.id for other, flight, _ in self.net.held if other is device}
            moved = True
        else:
            raise BrokenPromise("I6", f"{device.name} does not come to rest")
        if moved:
            self.checker.after_sync(device)

    async def hear_held(self, *faults: str, place: int | None = None) -> None:
        """A late answer is heard, and its phone goes on; what it asks next meets the faults."""
        device = self.net.let_held_arrive(place)
        self.checker.after_sync(device)
        await self.fly(device, *faults)

    async def _let_in(self, who: str) -> None:
        """An admin's phone may have sent late that somebody is no longer with the shop; nobody stays out for good."""
        shop, rows = self.ground.shop, self.ground.rows
        is_customer = who.startswith("customer")
        person = shop.customers[int(who[len("customer") :])] if is_customer else str(shop.staff[who])
        field = "portal_enabled" if is_customer else "active"
        rows.look()
        if rows.rows[person].data.get(field) is False:
            await self.overrule(person, field, True)

    async def overrule(self, record: str, field: str, value: Any) -> None:
        """The server's own write; what becomes of people's writes of that field is then not theirs alone."""
        self.ledger.overruled.add((record, field))
        shop, store = self.ground.shop.id, self.ground.store
        await store.act(shop, lambda scene: scene.set(record, {field: value}), [record])

    async def sign_in_again(self, device: Device) -> None:
        """The same person on the same phone: the replica goes on with its numbers (R4)."""
        device.token, identity = await self.sign_in(device.who, device.replica_id)
        self.story.tell(f"{device.who} signs in again on {device.name}")
        device.signed_in(identity)
        device.start()
        await self.fly(device)

    def faults(self) -> int:
        """How many faults there were: of the network, of phones, of the server and its database."""
        mine = ("phone_kills", "forks", "clock_jumps", "evictions", "revocations", "sessions_over", "damages")
        network = sum(n for name, n in self.net.counts.items() if name in FAULTS)
        return network + sum(self.counts[name] for name in mine) + sum(self.ground.hits.values())

    async def run(self) -> None:
        """Play until enough was edited, then come to rest and check everything."""
        await self.open()
        steps = self.profile.steps()
        next_rest = self.profile.rest_every
        while self.edits < self.profile.edits:
            self.world.pass_time(seconds=self.random.choice((0, 1, 5, 60)))
            await self.random.choice(steps)(self)
            if self.edits >= next_rest:
                next_rest = self.edits + self.profile.rest_every
                await self.checker.rest()
        await self.checker.rest(final=True)
