"""A phone that runs the app's own replica core, in the Node process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync.overlay import Draft
from tests.simulation.bridge import Bridge
from tests.simulation.devices import Device, Dump, Flight, Form
from tests.simulation.wire import Answer


class NodePhone(Device):
    """The app's own core, in the Node process."""

    kind = "app"

    def __init__(self, bridge: Bridge, identity: dict[str, Any], seed: int, **more: Any) -> None:
        super().__init__(**more)
        self.bridge, self.tabs, self.tab, self.seed = bridge, 1, 0, seed
        self.crashes: list[str] = []
        self._tell(do="make", seed=seed, identity=identity)

    def twin(self, name: str, seed: int, **common: Any) -> NodePhone:
        """Another phone with a copy of this one's storage, and chance of its own."""
        self._tell(do="shelve", name=f"twin of {self.name}")
        names = {"replica": self.replica_id, "epoch": self.epoch}
        made = NodePhone(self.bridge, names, seed=seed, name=name, **common)
        made.unshelve(f"twin of {self.name}")
        return made

    def _tell(self, **command: Any) -> Any:
        said = self.bridge.tell(self.world.now_ms(), phone=self.name, **command)
        self.flights = [
            Flight(out["id"], out["method"], out["path"], out["body"].encode()) for out in said["out"]
        ]
        self.replica_id, self.epoch, self.n = said["replica"], said["epoch"], said["n"]
        self.durable, self.wiped, self.trouble = said["durable"], said["wiped"], said["trouble"]
        self.flips = said["flips"]
        self.outbox = [(id_, waits) for id_, waits, _ in said["outbox"]]
        self.laid = {id_ for id_, _, laid in said["outbox"] if laid}
        if said["crash"]:
            self.crashes.append(said["crash"])
            self.on = False
        return said["result"]

    def start(self, tabs: int = 1) -> None:
        for _ in range(tabs):
            self._tell(do="open", skew=self.skew_ms)
        self.tabs, self.tab, self.on = tabs, 0, True

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

    def sleep(self, flight: Flight) -> int:
        """The tab that waits for this answer is not heard of by others any more; which one it is."""
        tab: int = self._tell(do="sleep", flight=flight.id)
        return tab

    def awake(self) -> None:
        self._tell(do="awake")

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

    def damage(self, id_: str, how: str) -> None:
        self._tell(do="damage", id=id_, how=how)

    def verify(self) -> None:
        self._tell(do="verify", tab=self.tab)


def _as_json(draft: Draft, form: Form | None) -> dict[str, Any]:
    said: dict[str, Any] = {"op": draft.op, "collection": draft.collection, "id": draft.id}
    if draft.op != "delete":
        said["set"] = draft.set
    return {**said, "form": form.bases} if form and draft.id == form.record else said
