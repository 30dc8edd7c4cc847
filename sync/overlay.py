"""Confirmed with the outbox laid over it, and where each field that is shown came from.

What screens show and what bases edits get follow from the same layers (rules T3, T4, T9, V11 to V14 of
docs/protocol.md); tests/vectors/overlay.json holds cases that this module and the app's own overlay both read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sync.changeset import Changeset, Data, Op
from sync.collection import Collection, Policy
from sync.vector import SERVER, Vector, smallest

Form = Mapping[str, Vector]
RECORD = ""  # the name under which a form keeps the base of the record as a whole


@dataclass(frozen=True, slots=True)
class Held:
    """A record as the server last said it, or as it is shown."""

    collection: str
    id: str
    vv: Vector
    data: Data


@dataclass(frozen=True, slots=True)
class Draft:
    """What an action asks for. `form` keeps the bases of when editing began; without it they are those of now."""

    op: str
    collection: str
    id: str
    set: Data = field(default_factory=dict)
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An own changeset under its dot, with its answer as it came, and the seq if it was accepted.

    unseen: its answer came with a later page of a bootstrap, whose rows may have gone out before it. again: sent again
    after a restore, and in what is held already. restored: it was made in a lineage that was lost. anew: the phone itself sent
    it once more, and made the dot under which it was made. lacking: of a parked one, that what it needs was not there when last
    looked; gone_on: that the phone has written over it since.
    """

    replica: str
    changeset: Changeset
    seq: int | None = None
    outcome: Mapping[str, Any] = field(default_factory=dict)
    unseen: bool = False
    again: bool = False
    restored: bool = False
    anew: bool = False
    lacking: bool = False
    made: tuple[str, int] | None = None
    gone_on: bool = False

    @property
    def is_tail(self) -> bool:
        """Whether it goes to the server once more under the name and with the outcome it had."""
        return self.waits and self.restored and self.changeset.was is not None

    @property
    def is_laid_over(self) -> bool:
        return not self.again and self.changeset.was != "rejected"

    @property
    def waits(self) -> bool:
        return not self.outcome

    @property
    def shown_by_next_flip(self) -> bool:
        return not self.waits and not self.unseen

    def contained_in(self, held: Held | None) -> bool:
        """Whether what the server said already has this write, so that laying it over would go back in time."""
        if held is None or self.waits:
            return False
        named = held.vv.get(self.replica, 0) >= self.changeset.n
        return named or (self.seq is not None and held.vv.get(SERVER, 0) >= self.seq)


Layer = tuple[Waiting, Op]


def layers(held: Held | None, outbox: Iterable[Waiting], id_: str) -> list[Layer]:
    """Own ops that still say something over what is held of a record, in order."""
    over = (w for w in outbox if w.is_laid_over and not w.contained_in(held))
    return [(waiting, op) for waiting in over for op in waiting.changeset.ops if op.id == id_]


def show(held: Held | None, over: Sequence[Layer], collections: Mapping[str, Collection]) -> Held | None:
    """The record as a screen shows it, or None where there is nothing to show."""
    shown = held
    for _, op in over:
        if op.op == "delete":
            shown = None
        elif op.op == "create":
            shown = shown or Held(op.collection, op.id, {}, laid({}, op, collections))
        elif shown:
            shown = replace(shown, data=laid(shown.data, op, collections))
    return shown


def laid(data: Data, op: Op, collections: Mapping[str, Collection]) -> dict[str, Any]:
    """`data` after what `op` sets; of elements, those named in both `add` and `remove` stay."""
    after = dict(data)
    declared = collections.get(op.collection)
    for name, value in op.set.items():
        known = declared.by_name.get(name) if declared else None
        if known and known.policy is Policy.ELEMENTS:
            left = set(data.get(name) or ()) - set(value.get("remove", ()))
            after[name] = sorted(left | set(value.get("add", ())))
        else:
            after[name] = value
    return {name: value for name, value in after.items() if value is not None and value != []}


def base_of(held: Held | None, over: Sequence[Layer], name: str) -> Vector:
    """The base of one field as it is shown: the record's own, or that of the own write laid over it (V11, V12)."""
    base: Vector = held.vv if held else {}
    for waiting, op in over:
        own = {waiting.replica: waiting.changeset.n}
        if op.op == "create" and not held:
            base = own
        elif op.op == "patch" and name in op.set:
            base = {**op.base, **own}
    return base


def form_of(held: Held | None, over: Sequence[Layer], names: Iterable[str]) -> dict[str, Vector]:
    """The bases of `names`, of all that own changesets set, and of the record as a whole."""
    written = {name for _, op in over for name in op.set}
    return {name: base_of(held, over, name) for name in (*names, *written, RECORD)}


def based(draft: Draft, form: Form) -> list[Op]:
    """The ops of a draft: fields with different bases go as separate ops (V13), a delete with the smallest (V14)."""
    if draft.op == "create":
        return [Op("create", draft.collection, draft.id, {}, draft.set)]
    if draft.op == "delete":
        return [Op("delete", draft.collection, draft.id, smallest(form.values()))]
    ops: list[Op] = []
    for name, value in draft.set.items():
        base = form.get(name, form[RECORD])
        alike = next((i for i, op in enumerate(ops) if op.base == base), None)
        if alike is None:
            ops.append(Op("patch", draft.collection, draft.id, base, {name: value}))
        else:
            ops[alike] = replace(ops[alike], set={**ops[alike].set, name: value})
    return ops
