"""How a phone goes on when the server counts otherwise: other names for its changesets, and what is sent again.

A *tail* is what a phone was answered and still keeps; after a restore it is sent again under the name it had, with the
outcome it had. What has no answer takes the numbers of a new name. Pure values for `replica`; the app's own recovery
follows the same rules, and tests/vectors/recover.json holds cases that both read (F4, F6, R12 and R14 of
docs/protocol.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sync.changeset import Changeset, Op
from sync.collection import Collection, Type
from sync.overlay import Form, Waiting
from sync.vector import Vector

LACKS_SOMETHING = frozenset({"gone", "missing_parent", "blocked_by", "rejected_before", "handed_over"})
WHOLE = ""
_STEP = 0x5BD1E995ABCD


@dataclass(frozen=True, slots=True)
class Renaming:
    """Own dots that changed: (old name, n) → (new name, n). upto: old name → the newest n that stays under it."""

    numbers: Mapping[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    upto: Mapping[str, int] = field(default_factory=dict)

    def base(self, base: Vector) -> dict[str, int]:
        """A base in the new names, of what waits or of a form that is open. A phone has seen all its own writes up to there,
        which went without saying (V8), and now has to be said."""
        after = {name: n for name, n in base.items() if (name, n) not in self.numbers}
        for dot in base.items():
            if dot in self.numbers:
                name, n = self.numbers[dot]
                after[name] = max(n, after.get(name, 0))
        return {**after, **{name: max(n, after.get(name, 0)) for name, n in self.upto.items() if n}}

    def changeset(self, changeset: Changeset, n: int) -> Changeset:
        """The changeset under the number it has now; what it says and its id stay."""
        ops = tuple(op if op.op == "create" else replace(op, base=self.base(op.base)) for op in changeset.ops)
        return replace(changeset, n=n, ops=ops)

    def form(self, form: Form) -> Form:
        return {name: self.base(base) for name, base in form.items()}


def renaming(waiting: Sequence[Waiting], old: str, new: str, upto: int) -> Renaming:
    """All that waits under `old` counts from 1 under `new`; up to `upto` was answered under the old name."""
    return Renaming({(old, w.changeset.n): (new, n) for n, w in enumerate(waiting, 1)}, {old: upto})


def forked_tail(moved: Sequence[Waiting], own: Sequence[Waiting], name: str, first: int) -> Renaming:
    """What the server holds otherwise under a former name goes before all that waits under the present one (F6)."""
    dots = enumerate(((w.replica, w.changeset.n) for w in (*moved, *own)), first)
    return Renaming({dot: (name, n) for n, dot in dots}, {moved[0].replica: moved[0].changeset.n - 1})


def as_it_was(waiting: Waiting, *, again: bool) -> Waiting:
    """To be sent again to a server that lost it, with the outcome it had there. again: it is in what is held."""
    changeset = replace(waiting.changeset, was=waiting.outcome["outcome"])
    return Waiting(waiting.replica, changeset, again=again, restored=True, made=waiting.made)


def run(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Those at the front whose numbers follow each other, as a request wants them."""
    found: list[Waiting] = []
    for one in waiting:
        if found and one.changeset.n != found[-1].changeset.n + 1:
            break
        found.append(one)
    return found


def may_return(parked: Waiting) -> bool:
    """Whether it failed, after a restore, for something that another phone may still bring back; also when a copy of this
    phone, for which it had failed, told the shop so before it came (R14)."""
    return parked.restored and parked.outcome.get("code") in LACKS_SOMETHING


def needs(ops: Sequence[Op], collections: Mapping[str, Collection]) -> set[str]:
    """The records that must be there for `ops`: those they change, and those they refer to."""
    changed = {op.id for op in ops if op.op != "create"}
    named = {
        value
        for op in ops
        if op.collection in collections
        for f in collections[op.collection].fields
        if f.type is Type.REF and isinstance(value := op.set.get(f.name), str)
    }
    return (changed | named) - {op.id for op in ops if op.op == "create"}


def surpasses(later: Sequence[Op], earlier: Sequence[Op], collections: Mapping[str, Collection]) -> bool:
    """Whether `later` writes of a record what `earlier` writes of it too: a field, its group, or by a delete the whole."""
    both = _written(later, collections), _written(earlier, collections)
    return any(
        WHOLE in units or WHOLE in both[1][id_] or units & both[1][id_]
        for id_, units in both[0].items()
        if id_ in both[1]
    )


def _written(ops: Sequence[Op], collections: Mapping[str, Collection]) -> dict[str, set[str]]:
    """record → the units that are written of it."""
    found: dict[str, set[str]] = {}
    for op in ops:
        known = collections[op.collection].by_name if op.collection in collections else {}
        units = {known[name].unit if name in known else name for name in op.set}
        found.setdefault(op.id, set()).update({WHOLE} if op.op == "delete" else units)
    return found


def anew(changeset: Changeset, n: int) -> Changeset:
    """The same once more, as a new one. Its id follows from the old one, so that copies of a phone send one thing."""
    tail = (int(changeset.id[24:], 16) + _STEP) % 2**48
    return replace(changeset, n=n, id=f"{changeset.id[:24]}{tail:012x}", was=None)
