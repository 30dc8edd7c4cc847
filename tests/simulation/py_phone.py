"""A phone that is the replica of `sync/`: a value, so to be killed is to go on with the value that was stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from server.collections import COLLECTIONS
from sync.overlay import Draft
from sync.replica import Replica
from tests.simulation.devices import Device, Dump, Flight, Form
from tests.simulation.wire import Answer


class PyPhone(Device):
    """The replica of `sync/`, a value: to be killed is to go on with the value that was stored."""

    kind = "core"

    def __init__(self, replica: Replica, **more: Any) -> None:
        super().__init__(**more)
        self.replica = replica
        self.limit = 1000
        self._asked: dict[int, dict[str, Any]] = {}
        self._count = 0
        self.checks = 0
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
        self.laid = {w.changeset.id for w in replica.outbox if not w.again and w.changeset.was != "rejected"}

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
        question = self.replica.question()
        path = "/api/sync/verify" if question else "/api/sync"
        asked = question or self.replica.request(self.now(), self.limit, verify=self.checks > 0)
        self._asked[self._count] = asked
        self.flights.append(Flight(self._count, "POST", path, _dumps(asked)))

    def land(self, flight: Flight, answer: Answer | None) -> None:
        self.flights = [one for one in self.flights if one.id != flight.id]
        asked = self._asked.pop(flight.id)
        if answer is None or answer.type != "application/json" or answer.status >= 500:
            return
        try:
            said = answer.json()
        except ValueError:
            return
        if flight.path == "/api/sync/verify":
            self._checked(asked, answer.status, said)
            return
        if answer.status in (401, 429, 426) or (answer.status == 403 and not said.get("wipe")):
            return
        if answer.status == 200 and "results" not in said:
            return
        before = self.replica
        self.replica = before.answer(asked, answer.status, said)
        taken = self.replica is not before and answer.status == 200
        if taken and asked["limit"] and self.replica.staged is None and self.replica.cursor == said["cursor"]:
            self.flips += 1
        if taken and self.replica.agrees:
            self.checks = 0
        moved = taken and (said["results"] or said["records"] or said["more"])
        again = answer.status in (400, 409, 413) or (answer.status == 403 and self.replica.waiting) or moved
        again = again or self.replica.question() is not None or bool(self.replica.fetch)
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

    def _checked(self, asked: dict[str, Any], status: int, said: Any) -> None:
        if status == 200:
            self.replica = self.replica.checked(asked, said)
            self.sync()

    def evict(self, identity: dict[str, Any]) -> None:
        self.kill()
        self.replica = Replica(identity["replica"], identity["epoch"], COLLECTIONS)
        self._told()

    def damage(self, id_: str, how: str) -> None:
        confirmed = dict(self.replica.confirmed)
        held = confirmed.pop(id_)
        if how == "changed":
            confirmed[id_] = replace(held, data={**held.data, "damaged": "yes"})
        self.replica = replace(self.replica, confirmed=confirmed)

    def verify(self) -> None:
        self.checks = 1
        self.sync()


def _dumps(asked: dict[str, Any]) -> bytes:
    return orjson.dumps(asked, default=dict)
