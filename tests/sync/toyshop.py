"""A shop's server in memory, for whole histories in the pure core: it numbers, places, merges, prunes, backs up and restores.

No rights, no rooms and no pages: a pull gives all that there is. With `prunes` off it keeps every entry of every vector
for ever; nothing else differs.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.changeset import Changeset, Record
from sync.digest import changeset_digest
from sync.errors import Refusal
from sync.lineage import Gap, Lineage, Second, placed
from sync.merge import Stamp, apply
from sync.vector import Dot, prune
from sync.wire import parse
from tests.sync.things import THING

Answer = tuple[int, dict[str, Any]]


@dataclass
class Data:
    """What the database holds."""

    seq: int = 0
    records: dict[str, Record] = field(default_factory=dict)
    log: dict[tuple[str, int], tuple[str, bytes, dict[str, Any]]] = field(default_factory=dict)
    confirmed: dict[str, int] = field(default_factory=dict)
    durable: dict[str, int] = field(default_factory=dict)
    epochs: dict[str, str] = field(default_factory=dict)
    epoch: str = "e0"
    gaps: list[Gap] = field(default_factory=list)
    seconds: list[Second] = field(default_factory=list)

    def applied(self, name: str) -> int:
        return max((n for replica, n in self.log if replica == name), default=0)

    def held(self, name: str) -> int:
        """The newest n below which nothing is missing."""
        n = 0
        while (name, n + 1) in self.log:
            n += 1
        return n


@dataclass
class ToyShop:
    """The server. `backups`: what was copied; `names` and `restores` count over all lineages."""

    prunes: bool
    data: Data = field(default_factory=Data)
    backups: list[Data] = field(default_factory=list)
    names: int = 0
    restores: int = 0
    ids: int = 0

    def name(self) -> str:
        self.names += 1
        given = f"r{self.names:012d}"
        self.data.epochs[given] = self.data.epoch
        return given

    def back_up(self, *, verified: bool) -> None:
        saved = copy.deepcopy(self.data)
        self.backups.append(saved)
        if verified:
            for name in saved.epochs:
                self.data.durable[name] = max(saved.held(name), self.data.durable.get(name, 0))

    def restore(self) -> None:
        """The newest backup is put back: the newest verified one, or one that is newer still."""
        known = self.data.epochs.keys()
        self.data = copy.deepcopy(self.backups[-1])
        self.restores += 1
        first = self.restores * 2**20
        self.data.gaps.append(Gap(self.data.seq, first))
        self.data.seq, self.data.epoch = first - 1, f"e{self.restores}"
        for name in known - self.data.epochs.keys():
            self.data.epochs[name] = ""

    def answer(self, body: Mapping[str, Any]) -> Answer:
        asked, data = parse(dict(body)), self.data
        name, former = asked.replica, data.epochs[asked.replica] != data.epoch
        changesets = [c for c in asked.changesets if isinstance(c, Changeset)]
        if asked.epoch != data.epoch or (former and any(c.was is None for c in changesets)):
            return 409, {"code": "epoch", "expected": 1, "epoch": data.epoch, "replica": self.name()}
        results: list[dict[str, Any]] = []
        for changeset in changesets:
            known = data.log.get((name, changeset.n))
            if known is not None and known[1] != changeset_digest(changeset):
                forked = {"code": "forked", "n": changeset.n, "results": results, "replica": self.name()}
                return 409, forked
            results.append({**(known[2] if known else self._new(name, changeset, former)), "n": changeset.n})
        for settled, n in [(name, asked.confirmed), *((f, data.applied(f)) for f in asked.former)]:
            data.confirmed[settled] = max(min(n, data.applied(settled)), data.confirmed.get(settled, 0))
        return 200, self._page(
            asked.replica, asked.cursor, results, asked.former, asked.confirmed + len(results)
        )

    def _page(
        self, name: str, cursor: str | None, results: list[Any], former: tuple[str, ...], sent: int
    ) -> dict[str, Any]:
        data = self.data
        records = [
            {"collection": r.collection, "id": r.id, "vv": r.vector, "data": r.data}
            for r in data.records.values()
            if not r.gone
        ]
        said = {
            "results": results,
            "records": records,
            "cursor": f"{data.epoch}",
            "more": False,
            "reset": True,
        }
        said |= {"applied": data.applied(name), "durable": data.durable.get(name, 0)}
        said |= {"former": {f: data.durable.get(f, 0) for f in former}}
        return {**said, "replica": self.name()} if data.applied(name) > sent else said

    def _new(self, name: str, changeset: Changeset, former: bool) -> dict[str, Any]:
        data = self.data
        data.seq += 1
        first = next((dot for dot, (id_, *_) in data.log.items() if id_ == changeset.id), None)
        if first is not None:
            result = data.log[first][2]
            data.seconds.append(Second(name, changeset.n, *first))
        else:
            result = self._judged(name, changeset, former)
        data.log[name, changeset.n] = (changeset.id, changeset_digest(changeset), result)
        return result

    def _judged(self, name: str, changeset: Changeset, former: bool) -> dict[str, Any]:
        data, code = self.data, ""
        trial = dict(data.records)
        current = frozenset(n for n, epoch in data.epochs.items() if epoch == data.epoch)
        formers = {n: data.applied(n) for n, epoch in data.epochs.items() if epoch not in ("", data.epoch)}
        line = Lineage(data.gaps, data.seconds, current, formers, former)
        opened = 0
        try:
            if changeset.was == "rejected":
                raise Refusal("invalid", "It was rejected.")
            for op in placed(changeset, name, line).ops:
                done = apply(
                    THING,
                    trial.get(op.id),
                    op,
                    Stamp(Dot(name, changeset.n, data.seq), changeset.at, self._id),
                )
                settled = {r: min(data.confirmed.get(r, 0), data.durable.get(r, 0)) for r in done.record.vv}
                vv = prune(done.record.vv, settled) if self.prunes else done.record.vv
                trial[op.id] = Record(
                    op.collection, op.id, data.seq, vv, done.record.data, done.record.meta, done.record.gone
                )
                opened += len(done.opened)
        except Refusal as refusal:
            code = refusal.code
        if code:
            return {"outcome": "rejected", "code": code, "message": code}
        data.records = trial
        return {"outcome": "accepted", "seq": data.seq, "opened": opened}

    def _id(self) -> str:
        self.ids += 1
        return f"01930000-0000-7000-a000-{self.ids:012x}"
