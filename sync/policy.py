"""What concurrent writes of a unit become: one function a policy, chosen by the unit's first field.

A write whose base covers all that stands replaces it silently. Only writes that did not see each other come
here as concurrent, and the field's declared policy decides between them. Rules M1 to M13 of docs/protocol.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync.changeset import Data, Past, Write
from sync.collection import Field, Policy
from sync.errors import Refusal
from sync.text import merged
from sync.vector import Dot, Vector, covers_all, join


@dataclass(frozen=True, slots=True)
class Incoming:
    """A write that asks to stand: field → value for the whole unit, where it stands, when, over what."""

    value: Data
    dot: Dot
    at: int
    base: Vector
    ahead: Vector = field(default_factory=dict)

    def as_write(self) -> Write:
        return Write((self.dot,), self.at, self.base, self.ahead)

    def over(self, write: Write) -> Write:
        """This write in the place of one it had seen: it has seen what that one had."""
        return Write((self.dot,), self.at, self.base, join(write.ahead, self.ahead))

    def saw(self, dots: Sequence[Dot]) -> bool:
        return covers_all(self.base, dots, self.dot.replica, self.dot.n)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy decided. `write` None: what stood still stands.

    value: what stands from now on. aside: the incoming value waits for a person. lost: "incoming" or "standing",
    the write that gave way and whose author is told. merged: what stands is made of both writes.
    """

    write: Write | None = None
    value: Data | None = None
    aside: bool = False
    lost: str | None = None
    merged: bool = False


UNCHANGED = Verdict()
_GIVES_WAY = frozenset({Policy.LATEST, Policy.GREATEST, Policy.STEPS})


def judge(
    fields: Sequence[Field],
    value: Data,
    write: Write,
    incoming: Incoming,
    trail: Sequence[Past] = (),
    shown: str | None = None,
) -> Verdict:
    """Decide between what stands (`value`, `write`) and `incoming`; raise Refusal where neither may stand.

    For policies that look at what the editor saw: `trail` is the unit's known history, `shown` the text that a unit of
    text showed, None where that is not known.
    """
    lead, seen = fields[0], incoming.saw(write.dots)
    follows = any(dot[:2] == incoming.dot[:2] for dot in write.dots)  # an op of the same changeset stands
    if not follows and write.had_seen(incoming.dot):
        return _late(lead, value, write, incoming)
    if incoming.value == value and not seen:
        return agree(value, write, incoming)
    if lead.policy is Policy.FIRST and incoming.value != value and any(v is not None for v in value.values()):
        raise Refusal("already_set", "This was set before and stays as it is.")
    if lead.policy is Policy.STEPS:
        return _steps(fields, value, write, incoming, trail)
    if seen:
        return Verdict(incoming.over(write), incoming.value)
    if lead.policy is Policy.TEXT:
        return _text(fields, value, write, incoming, shown)
    return _CONCURRENT[lead.policy](lead, value, write, incoming)


def _late(lead: Field, value: Data, write: Write, incoming: Incoming) -> Verdict:
    """What stands names this write in its base: it arrives late, after a restore, and does not come back.

    To be named is not to be seen: where writes give way to each other, a base also names those that had given way, and
    whoever was told so in the lost branch may not have heard it. So the author is told, unless the newer one is theirs.
    A side of a conflict and a text were before the eyes, and replacing those is silent.
    """
    own = any(dot.replica == incoming.dot.replica for dot in write.dots)
    if own or incoming.value == value or lead.policy not in _GIVES_WAY:
        return UNCHANGED
    return Verdict(lost="incoming")


def agree(value: Data, write: Write, incoming: Incoming) -> Verdict:
    """Two writes of an equal value: it stands with the dots of both, and is covered only when both are."""
    ahead = join(write.ahead, incoming.ahead)
    if later(write, incoming):
        dots = (incoming.dot, *without(write.dots, incoming))
        return Verdict(Write(dots, incoming.at, write.base, ahead), value)
    return Verdict(Write(joined(write.dots, incoming), write.at, write.base, ahead), value)


def joined(dots: Sequence[Dot], incoming: Incoming) -> tuple[Dot, ...]:
    """`dots` and the incoming one behind them; the first stays, for it is the one that bears the time."""
    return (dots[0], *without(dots[1:], incoming), incoming.dot)


def without(dots: Sequence[Dot], incoming: Incoming) -> tuple[Dot, ...]:
    """`dots` without the replica's older ones: who has seen its newest has seen them, and they would pile up."""
    return tuple(dot for dot in dots if dot.replica != incoming.dot.replica)


def later(write: Write, incoming: Incoming) -> bool:
    """Whether `incoming` is the later of the two; ties go to the larger dot, of a merge the one that bears its time."""
    return (incoming.at, incoming.dot[:2]) > (write.at, write.dots[0][:2])


def _steps(
    fields: Sequence[Field], value: Data, write: Write, incoming: Incoming, trail: Sequence[Past]
) -> Verdict:
    """Legal from what the editor saw and, to stand, from what stands; of two concurrent ones the later."""
    lead, seen = fields[0], incoming.saw(write.dots)
    stands, wanted = value.get(lead.name), incoming.value.get(lead.name)
    shown = stands if seen or wanted == stands else _shown(trail, incoming, stands)
    if not allowed(lead, shown, wanted):
        raise _no_step(shown, wanted)
    if not seen and _alike(fields, value, incoming.value):
        return agree(value, write, incoming)
    if not seen and not later(write, incoming):
        return Verdict(lost="incoming")
    if not allowed(lead, stands, wanted):
        raise _no_step(stands, wanted)
    return Verdict(
        incoming.over(write) if seen else incoming.as_write(),
        incoming.value,
        lost=None if seen else "standing",
    )


def _alike(fields: Sequence[Field], left: Data, right: Data) -> bool:
    """Equal but for the instants measured: two phones that took the same step did not contradict each other."""
    return all(f.measured or left.get(f.name) == right.get(f.name) for f in fields)


def allowed(lead: Field, old: Any, new: Any) -> bool:
    """Whether the graph of a unit with steps has an arrow from `old` to `new`; staying is always allowed."""
    return old == new or old is None or new in (lead.steps or {}).get(old, frozenset())


def _no_step(old: Any, new: Any) -> Refusal:
    return Refusal("bad_step", f"There is no step from {old} to {new}.")


def _shown(trail: Sequence[Past], incoming: Incoming, stands: Any) -> Any:
    """What the editor saw: the newest value its base covers; what stands where that is no longer known.

    A hidden value was seen only on the phone that wrote it, while its own changeset lay over what the server said.
    """
    for past in reversed(trail):
        replica, n, seq = past.dot
        own = incoming.base.get(replica) == n and incoming.base.get("@", -1) < seq
        if own if past.hidden else incoming.saw((past.dot,)):
            return past.value
    return stands


def _text(
    fields: Sequence[Field], value: Data, write: Write, incoming: Incoming, shown: str | None
) -> Verdict:
    """Both texts in one, which bears the dots of both; for a person where words clash or it is not known what was seen."""
    lead = fields[0]
    both = (
        merged(shown, value.get(lead.name) or "", incoming.value.get(lead.name) or "")
        if shown is not None
        else None
    )
    if both is None or len(fields) > 1 or lead.problem(both):
        return Verdict(aside=True)
    return Verdict(_of_both(write, incoming), {lead.name: both or None}, merged=True)


def _of_both(write: Write, incoming: Incoming) -> Write:
    """A write in which both are: covered only when both are, made by whoever had seen what either of them had seen."""
    base, ahead = join(write.base, incoming.base), join(write.ahead, incoming.ahead)
    if later(write, incoming):
        return Write((incoming.dot, *without(write.dots, incoming)), incoming.at, base, ahead)
    return Write(joined(write.dots, incoming), write.at, base, ahead)


def _latest(_: Field, value: Data, write: Write, incoming: Incoming) -> Verdict:
    if later(write, incoming):
        return Verdict(incoming.as_write(), incoming.value, lost="standing")
    return Verdict(lost="incoming")


def _greatest(lead: Field, value: Data, write: Write, incoming: Incoming) -> Verdict:
    old, new = value.get(lead.name), incoming.value.get(lead.name)
    if new is not None and (old is None or new > old):
        return Verdict(incoming.as_write(), incoming.value, lost="standing")
    return Verdict(lost="incoming")


def _keep_both(_: Field, value: Data, write: Write, incoming: Incoming) -> Verdict:
    return Verdict(aside=True)


_CONCURRENT = {
    Policy.LATEST: _latest,
    Policy.SERVER: _latest,  # only `@` writes these, and its base covers all that stands
    Policy.FIRST: lambda lead, value, write, incoming: Verdict(incoming.as_write(), incoming.value),
    Policy.GREATEST: _greatest,
    Policy.KEEP_BOTH: _keep_both,
}


def merge_elements(
    standing: Mapping[str, tuple[Dot, ...]], incoming: Incoming, add: Sequence[str], remove: Sequence[str]
) -> dict[str, tuple[Dot, ...]]:
    """Element → dots after adding and removing: a removal takes the adds its base covers, an unseen add wins."""
    after = dict(standing)
    for element in remove:
        left = tuple(dot for dot in after.get(element, ()) if not incoming.saw((dot,)))
        after[element] = left
    for element in add:
        left = tuple(dot for dot in after.get(element, ()) if not incoming.saw((dot,)))
        after[element] = (*left, incoming.dot)
    return {element: dots for element, dots in sorted(after.items()) if dots}
