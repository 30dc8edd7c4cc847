"""Phones of both kinds behind one face: the app's own replica in Node (`node_phone.py`), and that of `sync/` (`py_phone.py`).

A device is told what its person does; requests it wants to make stand in `flights` until the network has decided. What
the checker must know beside that is kept here: which changesets were saved in this storage, in order, and how much of the
shop's history its view contains.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sync.overlay import Draft
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
        self.memory = Memory()
        self.flights: list[Flight] = []
        self.form: Form | None = None
        self.outbox: list[tuple[str, bool]] = []
        self.laid: set[str] = set()
        self.replica_id, self.epoch, self.n, self.durable = "", "", 0, 0
        self.flips = 0
        self.on = True
        self.wiped = False
        self.rotten = False
        self.clock_jumps = 0
        self.status = 200
        self.trouble: str | None = None

    @property
    def customer(self) -> bool:
        return self.who.startswith("customer")

    def now(self) -> int:
        return self.world.now_ms() + self.skew_ms

    def set_clock(self, skew_ms: int) -> None:
        self.skew_ms = skew_ms
        self.clock_jumps += 1

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

    @abstractmethod
    def evict(self, identity: dict[str, Any]) -> None: ...

    @abstractmethod
    def damage(self, id_: str, how: str) -> None: ...

    @abstractmethod
    def verify(self) -> None: ...
