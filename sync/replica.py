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
from functools import reduce
from typing import Any

from sync import digest, verify
from sync.answer import understood
from sync.changeset import Changeset, Op
from sync.collection import Collection
from sync.overlay import Draft, Form, Held, Layer, Waiting, based, form_of, layers, show
from sync.recover import Renaming, anew, as_it_was, forked_tail, may_return, needs, renaming, run, surpasses
from sync.wire import CHANGESETS_MAX, FETCH_MAX, FORMER_MAX, PROTOCOL, PUSH_BYTES_MAX, SCHEMA


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
    doubt: what is still to be asked about what differs. fetch: ids to be fetched with the next request. names: those it
    had before, oldest first, and `renamings` how its changesets went from one to the next. seen: what the server
    said it had, while no cursor says so (R11).
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
    schema: int = SCHEMA
    agrees: bool | None = None
    doubt: Mapping[str, Any] | None = None
    fetch: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    renamings: tuple[Renaming, ...] = ()
    seen: str | None = None

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
            form = after.form(draft.id) if draft.form is None else after._renamed(draft.form)
            after = self._acted(id, at, (*after.outbox[-1].changeset.ops, *based(draft, form)))
        return after

    def _acted(self, id: str, at: int, ops: tuple[Op, ...]) -> Replica:
        changeset = Changeset(self.n + 1, id, self.schema, at, ops)
        return replace(self, n=self.n + 1, outbox=(*self.outbox, Waiting(self.replica, changeset)))

    def _renamed(self, form: Form) -> Form:
        return reduce(lambda said, renaming: renaming.form(said), self.renamings, form)

    def discard(self, id: str) -> Replica:
        """Without a parked changeset: it was sent anew, exported or given up."""
        return replace(self, parked=tuple(w for w in self.parked if w.changeset.id != id))

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """What has no answer yet, in the order in which it is sent: tails of former names first."""
        return tuple(w for w in self.outbox if w.waits)

    @property
    def _own(self) -> list[Waiting]:
        """What waits to be judged for the first time, in order of n."""
        return [w for w in self.waiting if w.replica == self.replica and not w.is_tail]

    @property
    def _turn(self) -> str:
        """The name whose changesets go next."""
        return next((w.replica for w in self.waiting), self.replica)

    def request(self, sent: int, limit: int = 1000, *, verify: bool = False) -> dict[str, Any]:
        """The body of the next `POST /api/sync`; `sent` is the phone's clock in ms. `verify`: check at the flip (D1)."""
        name, pushes = self._turn, self._turn != self.replica
        batch = run(w for w in self.waiting if w.replica == name)
        former = sorted({w.replica for w in self.kept} - {self.replica})[:FORMER_MAX]
        asked = {
            "protocol": PROTOCOL,
            "schema": self.schema,
            "epoch": self.epoch,
            "replica": name,
            "confirmed": batch[0].changeset.n - 1 if batch else self.n,
            "sent": sent,
            "cursor": self._standing,
            "limit": 0 if pushes else limit,
            "changesets": _fitting(w.changeset for w in batch[: self.batch]),
            **({"former": former} if former and not pushes else {}),
        }
        asked |= {"seen": self.seen} if self.seen is not None else {}
        asked |= {"verify": True} if verify and not pushes else {}
        return asked | ({"fetch": list(self.fetch)} if self.fetch and not pushes else {})

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
        now = {"replica": self._turn, "epoch": self.epoch, "cursor": self._standing}
        if any(asked[name] != value for name, value in now.items()) or not understood(
            status, _whole(asked, said)
        ):
            return self
        if status in (400, 413):
            return self._too_much(asked, said)
        name = asked["replica"]
        after = replace(self, seen=said.get("seen", self.seen))._answered(
            name, said.get("results") or (), late=status != 200 or self._is_late(said)
        )
        if status == 200:
            more = replace(after, batch=min(CHANGESETS_MAX, 2 * self.batch))
            if name != self.replica:
                return more._forgot({name: said["durable"]})
            if "replica" in said and said["applied"] > asked["confirmed"] + len(asked["changesets"]):
                # Another half was answered more under this name than was ever sent from here. What it wrote must not be
                # held under own numbers (F5).
                return more._named(said["replica"])
            return more._pulled(said)._forgot({name: said["durable"], **said.get("former", {})})
        if status == 409:
            return after._contradicted(name, said)
        if status == 403 and not said.get("wipe") and name != self.replica:
            return after._moved(name, asked["changesets"][0]["n"])
        through = status == 403 and said.get("wipe") and not after.waiting
        return replace(after, outbox=(), confirmed={}, wiped=True) if through else after

    def _is_late(self, said: Mapping[str, Any]) -> bool:
        """Whether this is a later page of a bootstrap, whose rows may have gone out before this push."""
        return self.staged is not None and self.staged.reset and not said["reset"]

    def _answered(self, name: str, results: Sequence[Mapping[str, Any]], *, late: bool) -> Replica:
        """Accepted ones stay laid over until the flip that has them; rejected ones are parked (T4, T5). What had been rejected
        before a restore may be accepted now, where a copy of this phone brought it: it needs nobody any more."""
        by_n = {result["n"]: result for result in results}
        outbox: list[Waiting] = []
        refused: list[Waiting] = []
        for waiting in self.outbox:
            mine = waiting.waits and waiting.replica == name
            result = by_n.get(waiting.changeset.n) if mine else None
            if result is None:
                outbox.append(waiting)
            elif result["outcome"] == "accepted":
                outbox.append(replace(waiting, seq=result.get("seq"), outcome=result, unseen=late))
            else:
                refused.append(replace(waiting, outcome=result, lacking=not waiting.anew))
        taken = {w.changeset.id for w in outbox if not w.waits and w.changeset.was == "rejected"}
        left = (w for w in self.parked if w.changeset.id not in taken)
        parked = (w for w in refused if w.changeset.ops and w.changeset.was != "rejected")
        return replace(self, outbox=tuple(outbox), parked=(*left, *parked), kept=(*self.kept, *refused))

    def _pulled(self, said: Mapping[str, Any]) -> Replica:
        """Stage a page; with the last one flip confirmed, outbox and cursor together (P9)."""
        told = {r["id"]: None if r.get("gone") else _held(r) for r in said["records"]}
        before = {} if said["reset"] or self.staged is None else self.staged.records
        reset = said["reset"] or (self.staged is not None and self.staged.reset)
        if said["more"]:
            return replace(self, staged=Staged(said["cursor"], reset, {**before, **told}), seen=None)
        fetched = {r["id"]: None if r.get("gone") else _held(r) for r in said.get("fetched", ())}
        merged = {**({} if reset else self.confirmed), **before, **told, **fetched}
        through = tuple(w for w in self.outbox if w.shown_by_next_flip)
        flipped = replace(
            self,
            confirmed={id_: held for id_, held in merged.items() if held is not None},
            cursor=said["cursor"],
            seen=None,
            staged=None,
            outbox=tuple(replace(w, unseen=False) for w in self.outbox if not w.shown_by_next_flip),
            kept=(*self.kept, *through),
            doubt=None,
            fetch=() if "fetched" in said else self.fetch,
        )
        return flipped._brought_back()._compared(said.get("digests"))

    def _compared(self, digests: Mapping[str, Any] | None) -> Replica:
        """Compare what is held now with the digests out of the same snapshot; they are never taken over (D4)."""
        if digests is None:
            return self
        doubt = verify.which_parts(self.confirmed.values(), digests)
        return replace(self, agrees=doubt is None, doubt=doubt)

    def _brought_back(self) -> Replica:
        """What failed after a restore for something that is now there is sent anew, once each time it appears, unless the
        phone has written the same since; in the order in which it was made (R14)."""
        after, went = replace(self, parked=()), dict[tuple[str, int], tuple[str, int]]()
        for parked in sorted(self.parked, key=self._place):
            lacks = not needs(parked.changeset.ops, self.collections) <= self.confirmed.keys()
            gone_on = parked.gone_on or self._has_gone_on(parked)
            if not may_return(parked) or lacks or not parked.lacking or gone_on:
                left = replace(parked, lacking=lacks, gone_on=gone_on)
                after = replace(after, parked=(*after.parked, left))
            else:
                n, made = after.n + 1, parked.made or (parked.replica, parked.changeset.n)
                again = Renaming(went).changeset(anew(parked.changeset, n), n)
                sent = Waiting(self.replica, again, restored=True, anew=True, made=made)
                after = replace(after, n=n, outbox=(*after.outbox, sent))
                went[parked.replica, parked.changeset.n] = (self.replica, n)
        return after

    def _has_gone_on(self, parked: Waiting) -> bool:
        """Whether a later changeset of this phone, that was not refused, writes something that this one writes too."""
        return any(
            not (w.waits and w.changeset.was == "rejected")
            and w.outcome.get("outcome") != "rejected"
            and self._place(w) > self._place(parked)
            and surpasses(w.changeset.ops, parked.changeset.ops, self.collections)
            for w in (*self.outbox, *self.kept)
        )

    def _place(self, w: Waiting) -> tuple[int, int]:
        """Where it stood, when it was made, among all that this phone ever sent."""
        name, n = w.made or (w.replica, w.changeset.n)
        return (*self.names, self.replica).index(name), n

    def _forgot(self, durable: Mapping[str, int]) -> Replica:
        """Without what a verified backup has (R9)."""
        kept = (w for w in self.kept if w.changeset.n > durable.get(w.replica, 0))
        return replace(self, kept=tuple(kept))

    def _contradicted(self, name: str, said: Mapping[str, Any]) -> Replica:
        """409: the server counts otherwise, took another phone for this one, or was restored (F2, F3, R12)."""
        if said["code"] == "epoch":
            return self._restored(said)
        if said["code"] == "gap":
            return self._filled(said)
        return self._named(said["replica"]) if name == self.replica else self._moved(name, said["n"])

    def _filled(self, said: Mapping[str, Any]) -> Replica:
        """A gap is filled from what is kept; with less than that it goes on under another name (F2, F5)."""
        answered = (*self.kept, *(w for w in self.outbox if not w.waits))
        lost = [w for w in answered if w.replica == self.replica and w.changeset.n >= said["expected"]]
        again = [
            replace(as_it_was(w, again=w in self.kept), restored=False) for w in sorted(lost, key=_number)
        ]
        first = min((w.changeset.n for w in (*again, *self._own)), default=self.n + 1)
        if first > said["expected"] and "replica" in said:
            return self._named(said["replica"])
        return replace(
            self,
            outbox=(*again, *(w for w in self.outbox if w not in lost)),
            kept=tuple(w for w in self.kept if w not in lost),
        )

    def _restored(self, said: Mapping[str, Any]) -> Replica:
        """The server lost what came after its backup: all that was answered is sent again under the name it had, what has
        no answer takes a new name, and everything is read anew. What is shown stays until that is through (R12)."""
        told = [as_it_was(w, again=False) for w in self.outbox if not w.waits]
        kept = [as_it_was(w, again=True) for w in self.kept]
        names = (*self.names, self.replica)
        again = [replace(w, restored=True) for w in self.waiting if w.changeset.was is not None]
        tails = sorted([*kept, *told, *again], key=lambda w: (names.index(w.replica), w.changeset.n))
        own = [replace(w, restored=True) for w in self._own if w.changeset.was is None]
        after = replace(self, epoch=said["epoch"], cursor=None, staged=None, kept=(), outbox=(*tails, *own))
        return after._named(said["replica"]) if "replica" in said else after

    def _named(self, name: str) -> Replica:
        """Under a new name: what has no answer counts from 1, own entries in bases are translated (F4)."""
        own = self._own
        change = renaming(own, self.replica, name, own[0].changeset.n - 1 if own else self.n)
        return replace(
            self,
            replica=name,
            names=(*self.names, self.replica),
            n=len(own),
            outbox=(*(w for w in self.outbox if w not in own), *self._under(name, change, own)),
            cursor=None,
            staged=None,
            renamings=(*self.renamings, change),
        )

    def _moved(self, name: str, fork: int) -> Replica:
        """The tail of a former name forked: it goes on under the present one, before what waits there (F6)."""
        rest = [w for w in self.waiting if w.replica == name and w.changeset.n >= fork]
        told = [w for w in rest if w.changeset.was == "rejected"]
        moved, own = [w for w in rest if w not in told], self._own
        left = tuple(w for w in self.outbox if w not in rest and w not in own)
        if not moved:
            return replace(self, outbox=(*left, *own))
        change = forked_tail(moved, own, self.replica, own[0].changeset.n if own else self.n + 1)
        renamed = self._under(self.replica, change, (*moved, *own))
        return replace(
            self, n=self.n + len(moved), outbox=(*left, *renamed), renamings=(*self.renamings, change)
        )

    @staticmethod
    def _under(name: str, change: Renaming, waiting: Sequence[Waiting]) -> list[Waiting]:
        numbers = (change.numbers[w.replica, w.changeset.n][1] for w in waiting)
        both = zip(waiting, numbers, strict=True)
        return [replace(w, replica=name, changeset=change.changeset(_unsent(w), n)) for w, n in both]

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


def _whole(asked: Mapping[str, Any], said: Any) -> Any:
    """The cursor of a mere push comes back as it went, which may be as none at all."""
    mere = asked["limit"] == 0 and isinstance(said, Mapping) and "cursor" in said
    return {**said, "cursor": said["cursor"] or ""} if mere else said


def _unsent(waiting: Waiting) -> Changeset:
    """Its changeset as one that was never answered; the outcome of what fills a gap stays with it."""
    return replace(waiting.changeset, was=None) if waiting.restored else waiting.changeset


def _number(waiting: Waiting) -> int:
    return waiting.changeset.n


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
