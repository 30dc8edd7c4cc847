"""A small model of the promises, kept beside the real thing: who wrote what, having seen what, and what became of it.

It knows sets of writes, no vectors and no merging. A key is (changeset, record, unit). `check` says whether every
accepted write is in the record, a side of an open conflict, reported overtaken, or was seen by a later write (I1),
whether outcomes never change and nothing is done twice (I3), and `same` whether two views are one (I2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from server.collections import COLLECTIONS
from sync.collection import Policy
from sync.overlay import Draft, Held
from sync.replica import Replica
from tests.server.premises import Phone

Key = tuple[str, str, str]
Seen = frozenset[Key]
WHOLE = ""


@dataclass(frozen=True, slots=True)
class Wrote:
    """One write of one unit: the values of its fields, and the writes of that unit its author had before the eyes."""

    key: Key
    collection: str
    values: Mapping[str, Any]
    seen: Seen
    deletes: bool = False


@dataclass
class Watched(Phone):
    """A phone under the eyes of a ledger. `upto` counts the accepted writes that its view contains."""

    ledger: Ledger = field(kw_only=True)
    upto: int = 0
    form: tuple[str, Any, dict[str, Seen]] | None = None

    async def post(self, body: Any) -> httpx.Response:
        answer = await super().post(body)
        self.ledger.answered(body, answer)
        return answer

    def hear(self, asked: dict[str, Any], answer: httpx.Response) -> None:
        before = self.replica
        super().hear(asked, answer)
        flipped = self.replica is not before and answer.status_code == 200 and not answer.json()["more"]
        if flipped:
            self.upto = self.ledger.counts[id(answer)]

    def open_form(self, id_: str) -> None:
        """Begin to edit: what is shown now is what the edit will have seen."""
        self.form = (id_, self.replica.form(id_), self.ledger.seen_of_all(self, id_))

    def edit(self, *drafts: Draft) -> None:
        """Act, and let the ledger know what was on the screen."""
        seen = [self.ledger.about_to(self, draft) for draft in drafts]
        changeset = self.act(*drafts)
        self.ledger.wrote(self, changeset, drafts, seen)


@dataclass
class Ledger:
    """All writes of all phones of a shop. `counts`: how many were accepted when an answer was given."""

    writes: dict[Key, Wrote] = field(default_factory=dict)
    of: dict[str, list[Key]] = field(default_factory=dict)
    authors: dict[str, int] = field(default_factory=dict)
    accepted: list[Key] = field(default_factory=list)
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    answers: list[httpx.Response] = field(default_factory=list)

    def about_to(self, phone: Watched, draft: Draft) -> dict[str, Seen]:
        """unit → what its author has seen, for each unit that a draft writes."""
        if draft.op == "create":
            return {}
        if draft.form is not None and phone.form is not None:
            units = {COLLECTIONS[draft.collection].by_name[name].unit for name in draft.set}
            return {u: phone.form[2].get(u, Seen()) | self._own(phone, draft.id, u) for u in units}
        return self.seen_of_all(phone, draft.id)

    def seen_of_all(self, phone: Watched, record: str) -> dict[str, Seen]:
        units = {key[2] for key in self.writes if key[1] == record}
        seen = {unit: self._seen(phone, record, unit) for unit in units}
        return {**seen, WHOLE: frozenset().union(*seen.values())}

    def _seen(self, phone: Watched, record: str, unit: str) -> Seen:
        """A field shown from an own change had been seen when that was made; any other as the view has it."""
        for waiting in reversed(phone.replica.outbox):
            own = self.writes.get((waiting.changeset.id, record, unit))
            if own is not None:
                return own.seen | {own.key}
        return frozenset(k for k in self.accepted[: phone.upto] if k[1:] == (record, unit))

    def _own(self, phone: Watched, record: str, unit: str) -> Seen:
        mine = (k for k in self.writes if self.authors[k[0]] == id(phone))
        return frozenset(k for k in mine if k[1] == record and unit in (WHOLE, k[2]))

    def wrote(
        self, phone: Watched, changeset: str, drafts: Iterable[Draft], seen: Iterable[dict[str, Seen]]
    ) -> None:
        self.authors[changeset], self.of[changeset] = id(phone), []
        for draft, saw in zip(drafts, seen, strict=True):
            declared = COLLECTIONS[draft.collection]
            units = {declared.by_name[name].unit for name in draft.set} or {WHOLE}
            for unit in units:
                key = (changeset, draft.id, unit)
                values = {
                    f.name: draft.set[f.name] for f in declared.units.get(unit, ()) if f.name in draft.set
                }
                self.writes[key] = Wrote(
                    key, draft.collection, values, saw.get(unit, frozenset()), draft.op == "delete"
                )
                self.of[changeset].append(key)

    def answered(self, asked: Any, answer: httpx.Response) -> None:
        """Outcomes as the server gives them, heard or not: the first one holds for ever."""
        by_n = {c["n"]: c["id"] for c in asked["changesets"]}
        for result in answer.json().get("results", ()):
            id_ = by_n[result["n"]]
            first = self.outcomes.setdefault(id_, result)
            once, again = ({**told, "n": 0} for told in (first, result))  # a fork gives it another number
            assert once == again, f"one changeset, two outcomes: {first}, then {result}"
            if first is result and result["outcome"] == "accepted":
                self.accepted += self.of[id_]
        self.counts[id(answer)] = len(self.accepted)
        self.answers.append(answer)  # kept, so that its id stays its own

    def check(self, view: Mapping[str, Held], notices: Iterable[Held], phones: Iterable[Phone]) -> None:
        """Every edit is in one of the four places where it may be; `view` is an admin's, made afresh."""
        parked = {w.changeset.id: w for phone in phones for w in phone.replica.parked}
        for id_, outcome in self.outcomes.items():
            assert (outcome["outcome"] == "accepted") != (id_ in parked), (
                f"{outcome} is not shown to its author"
            )
        told = {(n.data["record"], n.data["field"]) for n in notices}
        sides = [held.data for held in view.values() if held.collection == "conflict" and held.data["open"]]
        for key in self.accepted:
            wrote = self.writes[key]
            assert wrote.deletes or self._is_safe(wrote, view, told, sides), f"lost: {wrote}"

    def _is_safe(self, wrote: Wrote, view: Mapping[str, Held], told: set[Any], sides: list[Any]) -> bool:
        changeset, record, unit = wrote.key
        later = [self.writes[k] for k in self.accepted if k[1] == record and k[2] in (unit, WHOLE)]
        if any(wrote.key in other.seen and _replaces(other, wrote) for other in later):
            return True
        mine = {(o["id"], o["field"]) for o in self.outcomes[changeset].get("overtaken", ())}
        if (record, unit) in told | mine:
            return True
        values = [
            side["value"] for c in sides if (c["record"], c["field"]) == (record, unit) for side in c["sides"]
        ]
        here = [view[record].data] if record in view else []
        return any(_has(wrote, data) for data in [*here, *values])


def _replaces(other: Wrote, wrote: Wrote) -> bool:
    """Of elements only a removal takes something away; whoever deletes had to have seen all there was."""
    if other.deletes or not _is_elements(wrote):
        return True
    (change,), (theirs,) = wrote.values.values(), other.values.values()
    return set(change.get("add", ())) <= set(theirs.get("remove", ()))


def _is_elements(wrote: Wrote) -> bool:
    unit = COLLECTIONS[wrote.collection].units[wrote.key[2]]
    return unit[0].policy is Policy.ELEMENTS


def _has(wrote: Wrote, data: Mapping[str, Any]) -> bool:
    """Whether the values stand there; instants that a phone measured were moved to the server's clock."""
    if _is_elements(wrote):
        ((name, change),) = wrote.values.items()
        return set(change.get("add", ())) <= set(data.get(name) or ())
    fields = COLLECTIONS[wrote.collection].by_name
    return all(fields[name].measured or data.get(name) == value for name, value in wrote.values.items())


def same(left: Replica, right: Replica) -> list[tuple[str, Any, Any]]:
    """Where two views differ: id and what each holds, as collection, `@` and data (V19)."""
    ids = sorted(left.confirmed.keys() | right.confirmed.keys())
    both = [(id_, _compared(left, id_), _compared(right, id_)) for id_ in ids]
    return [(id_, one, other) for id_, one, other in both if one != other]


def _compared(replica: Replica, id_: str) -> Any:
    held = replica.confirmed.get(id_)
    return held and (held.collection, held.vv["@"], held.data)
