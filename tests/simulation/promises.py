"""The checker's own small model of the promises: who wrote what, having seen what, and what the shop answered.

It knows sets of writes, no vectors and no merging. A key is (changeset, record, unit); `seen` are the keys of that unit
that its author had before the eyes. What was answered is read from the shop's change log, in the order of commits, so it
is known also where every answer was lost. A *lineage* is the order of accepted writes in one history of the shop; a
restore starts another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.collections import COLLECTIONS
from sync.changeset import Changeset
from sync.overlay import Draft
from sync.recover import anew
from tests.simulation.devices import Device, Form

Key = tuple[str, str, str]
Seen = frozenset[Key]
WHOLE = ""


@dataclass(frozen=True, slots=True)
class Wrote:
    """One write of one unit. `at`: when it was made by the true clock; `steady`: by a phone whose clock did not jump;
    `lineage`: the history of the shop that its author had on the screen."""

    key: Key
    op: str
    collection: str
    values: Mapping[str, Any]
    seen: Seen
    at: int
    who: str
    person: str
    device: str
    steady: bool
    lineage: int
    story: str


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the shop's change log."""

    seq: int
    replica: str
    n: int
    id: str
    outcome: str
    result: Mapping[str, Any]
    empty: bool


@dataclass
class Lineage:
    """Accepted writes in the order of commits, and where those of a unit stand among them."""

    order: list[Key] = field(default_factory=list)
    of_unit: dict[tuple[str, str], list[tuple[int, Key]]] = field(default_factory=dict)
    units: dict[str, set[str]] = field(default_factory=dict)
    place: dict[Key, int] = field(default_factory=dict)

    def add(self, key: Key) -> None:
        place = len(self.order)
        self.order.append(key)
        self.place[key] = place
        self.of_unit.setdefault(key[1:], []).append((place, key))
        self.units.setdefault(key[1], set()).add(key[2])

    def before(self, record: str, unit: str, upto: int) -> list[Key]:
        """The accepted writes of a unit among the first `upto`."""
        return [key for place, key in self.of_unit.get((record, unit), ()) if place < upto]


class BrokenPromise(AssertionError):
    """A promise did not hold. `check` names which, `about` the records and changesets of whom the story is told."""

    def __init__(self, check: str, what: str, about: Iterable[str] = ()) -> None:
        super().__init__(f"{check}: {what}")
        self.check, self.about = check, tuple(about)


class Ledger:
    """All that was saved in a shop, and what became of it."""

    def __init__(self) -> None:
        self.writes: dict[Key, Wrote] = {}
        self.of: dict[str, list[Key]] = {}
        self.lineages: list[Lineage] = [Lineage()]
        self.log: dict[str, Logged] = {}
        self.values: dict[tuple[str, str], list[Any]] = {}
        self.excused: set[str] = set()
        self.born: set[str] = set()
        self.revoked: dict[str, int] = {}
        self.alias: dict[str, str] = {}
        self.exact: dict[str, Logged] = {}
        self.delayed: set[str] = set()
        self.overruled: set[tuple[str, str]] = set()
        self.between: set[tuple[str, str]] = set()
        self.numbers: dict[str, str] = {}
        self.first = 0
        self.entries = 0

    @property
    def lineage(self) -> Lineage:
        return self.lineages[-1]

    @property
    def upto(self) -> int:
        return len(self.lineage.order)

    # What was on a screen.

    def seen_of_all(self, device: Device, record: str) -> dict[str, Seen]:
        """unit → the writes of it that this device shows."""
        lineage = self.lineages[device.memory.lineage]
        own = {key[2] for id_, _ in device.outbox for key in self.of.get(id_, ()) if key[1] == record}
        seen = {
            unit: self._seen(device, record, unit)
            for unit in own | lineage.units.get(record, set()) - {WHOLE}
        }
        return {**seen, WHOLE: frozenset().union(*seen.values())}

    def _seen(self, device: Device, record: str, unit: str) -> Seen:
        lineage = self.lineages[device.memory.lineage]
        upto = device.memory.upto
        for id_, _ in reversed(device.outbox):
            own = self.writes.get((id_, record, unit))
            if own is None:
                continue
            if lineage.place.get(own.key, upto) < upto:
                break
            return own.seen | {own.key}
        return frozenset(lineage.before(record, unit, upto))

    def about_to(self, device: Device, draft: Draft, form: Form | None) -> Mapping[str, Seen]:
        """unit → what the author of this draft has seen of it; a phone has always seen its own writes."""
        if draft.op == "create":
            return {}
        if form is None or form.record != draft.id:
            return self.seen_of_all(device, draft.id)
        own = [key for id_ in device.memory.saved for key in self.of.get(id_, ()) if key[1] == draft.id]
        units = {key[2] for key in own} | set(form.seen)
        return {
            unit: form.seen.get(unit, Seen()) | {key for key in own if unit in (WHOLE, key[2])}
            for unit in units
        }

    def wrote(
        self,
        device: Device,
        id_: str,
        drafts: Sequence[Draft],
        seen: Sequence[Mapping[str, Seen]],
        story: str,
    ) -> None:
        """A device called this changeset saved."""
        device.memory.saved.append(id_)
        self.of[id_] = []
        again = id_
        for _ in range(
            4
        ):  # what failed after a restore is sent once more under an id that follows from the one before
            again = anew(Changeset(1, again, 1, 0, ()), 1).id
            self.alias[again] = id_
        for draft, saw in zip(drafts, seen, strict=True):
            for unit, values in _units(draft).items():
                key = (id_, draft.id, unit)
                if key in self.writes:  # one changeset may patch what it creates: one write with both values
                    before = self.writes[key]
                    values = {**before.values, **values}
                else:
                    self.of[id_].append(key)
                self.writes[key] = Wrote(
                    key, draft.op, draft.collection, values, saw.get(unit, Seen()), device.world.now_ms(),
                    device.who, device.person, device.name, device.clock_jumps == 0, device.memory.lineage, story,
                )  # fmt: skip
                if draft.op == "create":
                    self.born.add(draft.id)
                for name, value in values.items():
                    self.values.setdefault((draft.id, name), []).append(value)

    # What the shop answered.

    def logged(self, entries: Iterable[Logged], *, anew: bool = False) -> None:
        """New entries of the change log, in the order of commits. anew: they are what a backup has. `between` are units with
        a write that was made in one history and taken in another."""
        for entry in entries:
            self.entries += 1
            known = self.exact.get(entry.id)
            if known is not None and (known.outcome, _effect(known)) != (entry.outcome, _effect(entry)):
                raise BrokenPromise(
                    "I3", f"one changeset has two outcomes: {known}, then {entry}", (entry.id,)
                )
            if known is not None:
                continue  # it came again under another dot and has its first outcome (C10)
            self.exact[entry.id] = entry
            id_ = self.alias.get(entry.id, entry.id)
            if id_ in self.log and self.log[id_].outcome == "accepted":
                continue
            self.log[id_] = entry
            if entry.outcome == "accepted" and entry.seq > self.revoked.get(entry.replica, entry.seq):
                raise BrokenPromise("I9", f"a revoked device wrote: {entry}", (entry.id,))
            if entry.outcome == "accepted" and not entry.empty:
                for key in self.of.get(id_, ()):
                    self.lineage.add(key)
                    if not anew and self.writes[key].lineage != len(self.lineages) - 1:
                        self.between.add(key[1:])

    def restored(self, entries: Sequence[Logged]) -> set[str]:
        """The shop's history is another one now; ids whose answers are lost come back."""
        lost = set(self.log)
        self.lineages.append(Lineage())
        self.log, self.exact = {}, {}
        self.revoked.clear()
        self.logged(entries, anew=True)
        return lost - set(self.log)

    def results(self, asked: Any, results: Sequence[Mapping[str, Any]]) -> None:
        """What an answer says must be what the log has (I3)."""
        by_n = {c.get("n"): c.get("id") for c in asked}
        for told in results:
            id_ = by_n.get(told["n"])
            known = self.exact.get(id_ or "")
            if known is None:
                raise BrokenPromise("I3", f"an outcome that stands in no log: {told}", (id_ or "",))
            want = {**known.result, "n": told["n"]}
            if {k: v for k, v in want.items() if k in told} != dict(told):
                raise BrokenPromise(
                    "I3", f"one changeset has two outcomes: {known.result}, then {told}", (id_ or "",)
                )


def _effect(entry: Logged) -> Any:
    return {name: value for name, value in entry.result.items() if name not in ("n", "message")}


def _units(draft: Draft) -> dict[str, dict[str, Any]]:
    """unit → the values that a draft gives it; a delete writes the whole."""
    if draft.op == "delete":
        return {WHOLE: {}}
    declared = COLLECTIONS[draft.collection]
    units: dict[str, dict[str, Any]] = {}
    for name, value in draft.set.items():
        known = declared.by_name.get(name)
        units.setdefault(known.unit if known else name, {})[name] = value
    return units
