"""Phones of both kinds behind one face: the app's own replica in Node, and the replica of `sync/` in Python.

A device is told what its person does; requests it wants to make stand in `flights` until the network has decided. What
the checker must know beside that is kept here: which changesets were saved in this storage, in order, and how much of the
shop's history its view contains.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from server.collections import COLLECTIONS
from sync.overlay import Draft
from sync.replica import Replica
from tests.simulation.bridge import Bridge
from tests.simulation.wire import Answer
from tests.simulation.world import SimWorld

View = dict[str, tuple[str, int, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Flight:
    """A request that is out."""

    id: int
    method: str
    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Dump:
    """All that a device has stored: its view, and the ids of changesets by where they are."""

    view: View
    waiting: frozenset[str]
    laid_over: frozenset[str]
    parked: Mapping[str, str]
    told: frozenset[str]
    kept: frozenset[str]

    @property
    def holds(self) -> frozenset[str]:
        """Changesets that this device could hand over again."""
        return self.waiting | self.laid_over | self.kept


@dataclass(frozen=True, slots=True)
class Form:
    """What was on the screen when editing began: the bases, in the device's own form, and the writes that were seen."""

    record: str
    bases: Any
    seen: Mapping[str, frozenset[Any]]


@dataclass
class Memory:
    """What the checker remembers of one storage; it is copied and rolled back together with it."""

    saved: list[str] = field(default_factory=list)
    let_go: set[str] = field(default_factory=set)
    upto: int = 0
    lineage: int = 0
    head: int = -1
    seen_at: Mapping[str, int] = field(default_factory=dict)

    def copy(self) -> Memory:
        return replace(self, saved=list(self.saved), let_go=set(self.let_go))


class Device(ABC):
    """What both kinds have in common. `who` is a person's key in the shop; `name` is the device's own."""

    kind = ""

    def __init__(self, name: str, who: str, person: str, token: str, world: SimWorld) -> None:
        self.name, self.who, self.person, self.token, self.world = name, who, person, token, world
        self.skew_ms = 0
        self.skewed_at = 0
        self.memory = Memory()
        self.flights: list[Flight] = []
        self.form: Form | None = None
        self.outbox: list[tuple[str, bool]] = []
        self.replica_id, self.epoch, self.n, self.durable = "", "", 0, 0
        self.flips = 0
        self.on = True
        self.wiped = False
        self.status = 200
        self.trouble: str | None = None

    @property
    def customer(self) -> bool:
        return self.who.startswith("customer")

    def now(self) -> int:
        return self.world.now_ms() + self.skew_ms

    def set_clock(self, skew_ms: int) -> None:
        self.skew_ms, self.skewed_at = skew_ms, self.world.now_ms()

    # What a device can do; each kind does it its own way.

    @abstractmethod
    def start(self, tabs: int = 1) -> None: ...

    @abstractmethod
    def kill(self) -> None: ...

    @abstractmethod
    def act(self, drafts: Sequence[Draft], form: Form | None = None) -> str | None: ...

    @abstractmethod
    def all(self, collection: str) -> list[tuple[str, Mapping[str, Any]]]: ...

    @abstractmethod
    def look(self, records: Sequence[tuple[str, str]]) -> list[Mapping[str, Any] | None]: ...

    @abstractmethod
    def pick(self, collection: str, first: float, second: float) -> tuple[str, Mapping[str, Any]] | None: ...

    @abstractmethod
    def bases(self, id_: str) -> Any: ...

    @abstractmethod
    def sync(self) -> None: ...

    @abstractmethod
    def land(self, flight: Flight, answer: Answer | None) -> None: ...

    @abstractmethod
    def dump(self) -> Dump: ...

    @abstractmethod
    def discard(self, id_: str) -> None: ...

    @abstractmethod
    def shelve(self, name: str) -> None: ...

    @abstractmethod
    def unshelve(self, name: str) -> None: ...

    @abstractmethod
    def signed_in(self, identity: dict[str, Any]) -> None: ...


class NodePhone(Device):
    """The app's own core, in the Node process."""

    kind = "app"

    def __init__(self, bridge: Bridge, identity: dict[str, Any], seed: int, **more: Any) -> None:
        super().__init__(**more)
        self.bridge, self.tabs, self.tab = bridge, 1, 0
        self.crashes: list[str] = []
        self._tell(do="make", seed=seed, identity=identity)

    def _tell(self, **command: Any) -> Any:
        said = self.bridge.tell(self.world.now_ms(), phone=self.name, **command)
        self.flights = [
            Flight(out["id"], out["method"], out["path"], out["body"].encode()) for out in said["out"]
        ]
        self.replica_id, self.epoch, self.n = said["replica"], said["epoch"], said["n"]
        self.durable, self.wiped, self.trouble = said["durable"], said["wiped"], said["trouble"]
        self.flips = said["flips"]
        self.outbox = [(id_, waits) for id_, waits in said["outbox"]]
        if said["crash"]:
            self.crashes.append(said["crash"])
            self.on = False
        return said["result"]

    def start(self, tabs: int = 1) -> None:
        for _ in range(tabs):
            self._tell(do="open", skew=self.skew_ms)
        self.tabs, self.on = tabs, True

    def kill(self) -> None:
        self._tell(do="kill")
        self.on = False

    def set_clock(self, skew_ms: int) -> None:
        super().set_clock(skew_ms)
        self._tell(do="skew", skew=skew_ms)

    def act(self, drafts: Sequence[Draft], form: Form | None = None) -> str | None:
        given = [_as_json(draft, form) for draft in drafts]
        said = self._tell(do="act", tab=self.tab, drafts=given)
        done = said.get("done") if said else None
        return (done or {}).get("id") or None

    def all(self, collection: str) -> list[tuple[str, Mapping[str, Any]]]:
        return [(id_, data) for id_, data in self._tell(do="all", tab=self.tab, collection=collection)]

    def pick(self, collection: str, first: float, second: float) -> tuple[str, Mapping[str, Any]] | None:
        found = self._tell(do="pick", tab=self.tab, collection=collection, at=[first, second])
        return found and (found[0], found[1])

    def look(self, records: Sequence[tuple[str, str]]) -> list[Mapping[str, Any] | None]:
        found: list[Mapping[str, Any] | None] = self._tell(do="look", tab=self.tab, ids=records)
        return found

    def bases(self, id_: str) -> Any:
        return self._tell(do="form", tab=self.tab, id=id_)

    def sync(self) -> None:
        self._tell(do="sync", tab=self.tab)

    def wake(self, ms: int) -> None:
        self._tell(do="wake", ms=ms)

    def land(self, flight: Flight, answer: Answer | None) -> None:
        self._tell(do="land", flight=flight.id, answer=answer and answer.as_fetched())

    def dump(self) -> Dump:
        said = self._tell(do="dump")
        parked = said["parked"]
        return Dump(
            view={id_: (collection, at, data) for id_, collection, at, data in said["confirmed"]},
            waiting=frozenset(one["id"] for one in said["outbox"] if one["waits"]),
            laid_over=frozenset(one["id"] for one in said["outbox"] if not one["waits"]),
            parked={one["id"]: one["code"] for one in parked if "id" in one},
            told=frozenset(one["notice"] for one in parked if "notice" in one),
            kept=frozenset(one["id"] for one in said["kept"]),
        )

    def discard(self, id_: str) -> None:
        self._tell(do="discard", tab=self.tab, key=id_)

    def shelve(self, name: str) -> None:
        self._tell(do="shelve", name=name)

    def unshelve(self, name: str) -> None:
        self._tell(do="unshelve", name=name)

    def arm(self, how: str, after: int) -> None:
        self._tell(do="arm", how=how, after=after)

    def evict(self, identity: dict[str, Any]) -> None:
        self._tell(do="evict", identity=identity)

    def signed_in(self, identity: dict[str, Any]) -> None:
        """The app opens its storage anew with what the sign-in said."""
        self._tell(do="kill")
        self._tell(do="identity", identity=identity)


def _as_json(draft: Draft, form: Form | None) -> dict[str, Any]:
    said: dict[str, Any] = {"op": draft.op, "collection": draft.collection, "id": draft.id}
    if draft.op != "delete":
        said["set"] = draft.set
    return {**said, "form": form.bases} if form and draft.id == form.record else said


class PyPhone(Device):
    """The replica of `sync/`, a value: to be killed is to go on with the value that was stored."""

    kind = "core"

    def __init__(self, replica: Replica, **more: Any) -> None:
        super().__init__(**more)
        self.replica = replica
        self.limit = 1000
        self._asked: dict[int, dict[str, Any]] = {}
        self._count = 0
        self._listed: tuple[Any, dict[str, set[str]]] = (None, {})
        self._shelf: dict[str, Replica] = {}
        self._told()

    @classmethod
    def new(cls, name_of_replica: str, epoch: str, **more: Any) -> PyPhone:
        return cls(Replica(name_of_replica, epoch, COLLECTIONS), **more)

    def signed_in(self, identity: dict[str, Any]) -> None:
        if identity["replica"] != self.replica.replica:
            raise AssertionError(f"{self.name} was given another name at sign-in")

    def _told(self) -> None:
        replica = self.replica
        self.replica_id, self.epoch, self.n, self.wiped = (
            replica.replica, replica.epoch, replica.n, replica.wiped,
        )  # fmt: skip
        self.outbox = [(w.changeset.id, w.waits) for w in replica.outbox]

    def start(self, tabs: int = 1) -> None:
        self.on = True

    def kill(self) -> None:
        self.flights, self.on = [], False

    def act(self, drafts: Sequence[Draft], form: Form | None = None) -> str | None:
        id_ = str(self.world.new_id())
        formed = [replace(d, form=form.bases) if form and d.id == form.record else d for d in drafts]
        self.replica = self.replica.act(formed, id=id_, at=self.now())
        self._told()
        return id_

    def all(self, collection: str) -> list[tuple[str, Mapping[str, Any]]]:
        shown = map(self.replica.shown, self._ids(collection))
        return [(held.id, held.data) for held in shown if held]

    def _ids(self, collection: str) -> list[str]:
        fresh = {op.id for w in self.replica.outbox for op in w.changeset.ops if op.collection == collection}
        confirmed = self.replica.confirmed
        if self._listed[0] is not confirmed:
            by_name: dict[str, set[str]] = {}
            for id_, held in confirmed.items():
                by_name.setdefault(held.collection, set()).add(id_)
            self._listed = (confirmed, by_name)
        return sorted(fresh | self._listed[1].get(collection, set()))

    def pick(self, collection: str, first: float, second: float) -> tuple[str, Mapping[str, Any]] | None:
        ids = self._ids(collection)
        held = self.replica.shown(ids[int(min(first, second) * len(ids))]) if ids else None
        return (held.id, held.data) if held else None

    def look(self, records: Sequence[tuple[str, str]]) -> list[Mapping[str, Any] | None]:
        shown = (self.replica.shown(id_) for _, id_ in records)
        return [held.data if held else None for held in shown]

    def bases(self, id_: str) -> Any:
        return self.replica.form(id_)

    def sync(self) -> None:
        if self.flights or self.wiped:
            return
        self._count += 1
        asked = self.replica.request(self.now(), self.limit)
        self._asked[self._count] = asked
        self.flights.append(Flight(self._count, "POST", "/api/sync", _dumps(asked)))

    def land(self, flight: Flight, answer: Answer | None) -> None:
        self.flights = [one for one in self.flights if one.id != flight.id]
        asked = self._asked.pop(flight.id)
        if answer is None or answer.type != "application/json" or answer.status >= 500:
            return
        try:
            said = answer.json()
        except ValueError:
            return
        if answer.status in (401, 429, 426) or (answer.status == 403 and not said.get("wipe")):
            return
        if answer.status == 200 and "results" not in said:
            return
        before = self.replica
        self.replica = before.answer(asked, answer.status, said)
        taken = self.replica is not before and answer.status == 200
        if taken and self.replica.staged is None:
            self.flips += 1
        moved = taken and (said["results"] or said["records"] or said["more"])
        again = answer.status in (400, 409, 413) or (answer.status == 403 and self.replica.waiting) or moved
        self._told()
        if again and not self.wiped:
            self.sync()

    def dump(self) -> Dump:
        replica = self.replica
        return Dump(
            view={
                id_: (held.collection, held.vv.get("@", 0), dict(held.data))
                for id_, held in replica.confirmed.items()
            },
            waiting=frozenset(w.changeset.id for w in replica.outbox if w.waits),
            laid_over=frozenset(w.changeset.id for w in replica.outbox if not w.waits),
            parked={w.changeset.id: w.outcome["code"] for w in replica.parked},
            told=frozenset(w.changeset.id for w in replica.kept),
            kept=frozenset(w.changeset.id for w in replica.kept),
        )

    def discard(self, id_: str) -> None:
        self.replica = self.replica.discard(id_)

    def shelve(self, name: str) -> None:
        self._shelf[name] = self.replica

    def unshelve(self, name: str) -> None:
        self.kill()
        self.replica = self._shelf[name]
        self._told()


def _dumps(asked: dict[str, Any]) -> bytes:
    return orjson.dumps(asked, default=dict)
