"""A replica as a pure state machine: what a phone holds, asks and learns, without storage, network or clock.

Simulation, load and conformance drive it; the app's own replica in TypeScript follows the same rules. A `Replica` is
a value, and each verb gives the next one. To check itself it sends a request with `verify`, asks `question()` of
`POST /api/sync/verify` as long as there is one and takes each answer with `checked`; what differs goes out with the next
request as `fetch`, and `agrees` says what came of it. Words: `confirmed` is what the server last said, `outbox` the own changesets
that still lie over it, `staged` the pages of a pull that is not through (rules T4, T5, T9, P9, P10, F2 to F4, R9 and
R12 of docs/protocol.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sync import digest, verify
from sync.answer import understood
from sync.changeset import Changeset, Op
from sync.collection import Collection
from sync.overlay import Draft, Form, Held, Layer, Waiting, based, form_of, layers, show
from sync.vector import Vector
from sync.wire import CHANGESETS_MAX, FETCH_MAX, PROTOCOL, PUSH_BYTES_MAX, SCHEMA


@dataclass(frozen=True, slots=True)
class Staged:
    """The pages of a pull so far: id → record, or None for what has left. `reset`: they replace all that was held."""

    cursor: str
    reset: bool
    records: Mapping[str, Held | None]


@dataclass(frozen=True)
class Replica:
    """All that a phone knows. `batch` is how many changesets go in a request; `wiped`: revoked, and through.

    agrees: whether what is held was the server's view at the last flip that was verified; None before the first one.
    doubt: what is still to be asked about what differs. fetch: ids to be fetched with the next request.
    """

    replica: str
    epoch: str
    collections: Mapping[str, Collection] = field(default_factory=dict, compare=False, repr=False)
    n: int = 0
    confirmed: Mapping[str, Held] = field(default_factory=dict)
    outbox: tuple[Waiting, ...] = ()
    parked: tuple[Waiting, ...] = ()
    kept: tuple[Waiting, ...] = ()
    cursor: str | None = None
    staged: Staged | None = None
    batch: int = CHANGESETS_MAX
    wiped: bool = False
    agrees: bool | None = None
    doubt: Mapping[str, Any] | None = None
    fetch: tuple[str, ...] = ()

    def layers(self, id_: str) -> list[Layer]:
        """Own ops that still say something over what is confirmed of a record, in order."""
        return layers(self.confirmed.get(id_), self.outbox, id_)

    def shown(self, id_: str) -> Held | None:
        """The record as a screen shows it: confirmed with the outbox laid over it; None where there is nothing."""
        return show(self.confirmed.get(id_), self.layers(id_), self.collections)

    def form(self, id_: str) -> Form:
        """The bases of all that is shown of a record, to be fixed when editing begins."""
        shown = self.shown(id_)
        return form_of(self.confirmed.get(id_), self.layers(id_), shown.data if shown else ())

    def act(self, drafts: Sequence[Draft], *, id: str, at: int) -> Replica:
        """One action is one changeset, whole; `at` is the phone's clock in ms. Later drafts see the earlier ones."""
        after = self._acted(id, at, ())
        for draft in drafts:
            form = after.form(draft.id) if draft.form is None else draft.form
            after = self._acted(id, at, (*after.outbox[-1].changeset.ops, *based(draft, form)))
        return after

    def _acted(self, id: str, at: int, ops: tuple[Op, ...]) -> Replica:
        changeset = Changeset(self.n + 1, id, SCHEMA, at, ops)
        return replace(self, n=self.n + 1, outbox=(*self.outbox, Waiting(self.replica, changeset)))

    def discard(self, id: str) -> Replica:
        """Without a parked changeset: it was sent anew, exported or given up."""
        return replace(self, parked=tuple(w for w in self.parked if w.changeset.id != id))

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """What has no answer yet, in order of n."""
        return tuple(w for w in self.outbox if w.waits)

    def request(self, sent: int, limit: int = 1000, *, verify: bool = False) -> dict[str, Any]:
        """The body of the next `POST /api/sync`; `sent` is the phone's clock in ms. `verify`: check at the flip (D1)."""
        waiting = self.waiting
        asked = {
            "protocol": PROTOCOL,
            "schema": SCHEMA,
            "epoch": self.epoch,
            "replica": self.replica,
            "confirmed": waiting[0].changeset.n - 1 if waiting else self.n,
            "sent": sent,
            "cursor": self._standing,
            "limit": limit,
            "changesets": _fitting(w.changeset for w in waiting[: self.batch]),
        }
        asked |= {"verify": True} if verify else {}
        return asked | ({"fetch": list(self.fetch)} if self.fetch else {})

    def question(self) -> dict[str, Any] | None:
        """The body of the next `POST /api/sync/verify`, or None when there is nothing to ask."""
        if self.doubt is None:
            return None
        return {"protocol": PROTOCOL, "epoch": self.epoch, "replica": self.replica, **self.doubt}

    def checked(self, asked: Mapping[str, Any], said: Mapping[str, Any]) -> Replica:
        """The state after an answer (200) of `POST /api/sync/verify` to `asked`; one to another question says nothing."""
        if asked != self.question():
            return self
        held = self.confirmed.values()
        if "parts" not in asked:
            return replace(self, doubt=verify.which_ids(held, said["parts"]))
        fetch = tuple(verify.what_differs(held, asked["parts"], said["ids"]))
        if len(fetch) > FETCH_MAX:
            return replace(self, doubt=None, cursor=None, staged=None)
        return replace(self, doubt=None, fetch=fetch)

    @property
    def _standing(self) -> str | None:
        """How far it has come, the pages of a pull under way included."""
        return self.staged.cursor if self.staged else self.cursor

    def answer(self, asked: Mapping[str, Any], status: int, said: Mapping[str, Any]) -> Replica:
        """The state after an answer; one that is late, to another name or not understood changes nothing (P10)."""
        now = {"replica": self.replica, "epoch": self.epoch, "cursor": self._standing}
        if any(asked[name] != value for name, value in now.items()) or not understood(status, said):
            return self
        if status in (400, 413):
            return self._too_much(asked, said)
        after = self._answered(said.get("results") or (), late=status != 200 or self._is_late(said))
        if status == 200:
            more = replace(after, batch=min(CHANGESETS_MAX, 2 * self.batch))
            return more._pulled(said)._forgot(said["durable"])
        if status == 409:
            return after._contradicted(said)
        through = status == 403 and said.get("wipe") and not after.waiting
        return replace(after, outbox=(), confirmed={}, wiped=True) if through else after

    def _is_late(self, said: Mapping[str, Any]) -> bool:
        """Whether this is a later page of a bootstrap, whose rows may have gone out before this push."""
        return self.staged is not None and self.staged.reset and not said["reset"]

    def _answered(self, results: Sequence[Mapping[str, Any]], *, late: bool) -> Replica:
        """Accepted ones stay laid over until the flip that has them; rejected ones are parked (T4, T5)."""
        by_n = {result["n"]: result for result in results}
        outbox: list[Waiting] = []
        refused: list[Waiting] = []
        for waiting in self.outbox:
            mine = waiting.waits and waiting.replica == self.replica
            result = by_n.get(waiting.changeset.n) if mine else None
            if result is None:
                outbox.append(waiting)
            elif result["outcome"] == "accepted":
                outbox.append(replace(waiting, seq=result.get("seq"), outcome=result, unseen=late))
            else:
                refused.append(replace(waiting, outcome=result))
        parked = (w for w in refused if w.changeset.ops and w.changeset.was != "rejected")
        return replace(
            self, outbox=tuple(outbox), parked=(*self.parked, *parked), kept=(*self.kept, *refused)
        )

    def _pulled(self, said: Mapping[str, Any]) -> Replica:
        """Stage a page; with the last one flip confirmed, outbox and cursor together (P9)."""
        told = {r["id"]: None if r.get("gone") else _held(r) for r in said["records"]}
        before = {} if said["reset"] or self.staged is None else self.staged.records
        reset = said["reset"] or (self.staged is not None and self.staged.reset)
        if said["more"]:
            return replace(self, staged=Staged(said["cursor"], reset, {**before, **told}))
        fetched = {r["id"]: None if r.get("gone") else _held(r) for r in said.get("fetched", ())}
        merged = {**({} if reset else self.confirmed), **before, **told, **fetched}
        through = tuple(w for w in self.outbox if w.shown_by_next_flip)
        return replace(
            self,
            confirmed={id_: held for id_, held in merged.items() if held is not None},
            cursor=said["cursor"],
            staged=None,
            outbox=tuple(replace(w, unseen=False) for w in self.outbox if not w.shown_by_next_flip),
            kept=(*self.kept, *through),
            doubt=None,
            fetch=() if "fetched" in said else self.fetch,
        )._compared(said.get("digests"))

    def _compared(self, digests: Mapping[str, Any] | None) -> Replica:
        """Compare what is held now with the digests out of the same snapshot; they are never taken over (D4)."""
        if digests is None:
            return self
        doubt = verify.which_parts(self.confirmed.values(), digests)
        return replace(self, agrees=doubt is None, doubt=doubt)

    def _forgot(self, durable: int) -> Replica:
        """Without what a verified backup has (R9)."""
        kept = (w for w in self.kept if w.replica != self.replica or w.changeset.n > durable)
        return replace(self, kept=tuple(kept))

    def _contradicted(self, said: Mapping[str, Any]) -> Replica:
        """409: the server counts otherwise, took another phone for this one, or was restored (F2, F3, R12)."""
        if said["code"] == "forked":
            return self._forked(said["n"], said["replica"])
        answered = (*self.kept, *(w for w in self.outbox if not w.waits))
        lost = [w for w in answered if w.replica == self.replica and w.changeset.n >= said["expected"]]
        after = replace(
            self,
            outbox=(*sorted(map(_as_it_was, lost), key=_number), *(w for w in self.outbox if w not in lost)),
            kept=tuple(w for w in self.kept if w not in lost),
        )
        return replace(after, epoch=said["epoch"], cursor=None, staged=None) if "epoch" in said else after

    def _forked(self, fork: int, name: str) -> Replica:
        """Under a new name: what has no answer counts from 1, own entries in bases are translated (F4)."""
        numbers = {w.changeset.n: n for n, w in enumerate(self.waiting, 1)}
        renamed = []
        for waiting in self.waiting:
            ops = (
                replace(op, base=self._translated(op, fork, name, numbers)) for op in waiting.changeset.ops
            )
            changeset = replace(waiting.changeset, n=numbers[waiting.changeset.n], ops=tuple(ops))
            renamed.append(Waiting(name, changeset))
        outbox = (*(w for w in self.outbox if not w.waits), *renamed)
        return replace(self, replica=name, n=len(renamed), outbox=outbox, cursor=None, staged=None)

    def _translated(self, op: Op, fork: int, name: str, numbers: Mapping[int, int]) -> Vector:
        """A base in the new names. A phone has seen its own writes up to the fork, and now has to say so."""
        if op.op == "create":
            return op.base
        base = dict(op.base)
        old = base.pop(self.replica, 0)
        if fork > 1:
            base[self.replica] = fork - 1
        return {**base, name: numbers[old]} if old in numbers else base

    def _too_much(self, asked: Mapping[str, Any], said: Mapping[str, Any]) -> Replica:
        """Send half; what cannot be taken by itself is parked and its number sent empty (W14)."""
        sent = len(asked["changesets"])
        if sent == 0:
            return replace(self, cursor=None, staged=None)
        if sent > 1:
            return replace(self, batch=sent // 2)
        first = self.waiting[0]
        emptied = replace(first, changeset=replace(first.changeset, ops=()))
        outcome = {"n": first.changeset.n, "outcome": "rejected", **said}
        outbox = tuple(emptied if w is first else w for w in self.outbox)
        return replace(self, outbox=outbox, parked=(*self.parked, replace(first, outcome=outcome)))


def _number(waiting: Waiting) -> int:
    return waiting.changeset.n


def _as_it_was(waiting: Waiting) -> Waiting:
    """To be sent again to a server that lost it, with the outcome it had there."""
    return Waiting(waiting.replica, replace(waiting.changeset, was=waiting.outcome["outcome"]))


def _fitting(changesets: Iterable[Changeset]) -> list[dict[str, Any]]:
    """As they travel, until they are too much to be sent again after a cut."""
    fitting, size = list[dict[str, Any]](), 0
    for changeset in changesets:
        fitting.append(_travelling(changeset))
        size += len(digest.canonical(fitting[-1]))
        if size >= PUSH_BYTES_MAX:
            break
    return fitting


def _travelling(changeset: Changeset) -> dict[str, Any]:
    """A changeset as it travels: what it says, with its number and its bases."""
    said = digest.said(changeset)
    both = zip(said["ops"], changeset.ops, strict=True)
    ops = [told if op.op == "create" else {**told, "base": op.base} for told, op in both]
    return {**said, "n": changeset.n, "ops": ops, **({"was": changeset.was} if changeset.was else {})}


def _held(record: Mapping[str, Any]) -> Held:
    return Held(record["collection"], record["id"], record["vv"], record["data"])
