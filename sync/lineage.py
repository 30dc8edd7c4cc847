"""What a restore does to bases: which of their entries still count, and which may yet come back.

A *lineage* is one unbroken history of a shop's commits. A restore ends it at the *cut* and begins the next at `first`;
the commits between were lost, and what they held may be sent again by the phones that made it. A replica's name takes
new numbers in one lineage only, so that (replica, n) means one changeset in all of them. Rules C10, R10, R13 and V18
of docs/protocol.md. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sync.changeset import Changeset, Op
from sync.vector import SERVER, Vector


@dataclass(frozen=True, slots=True)
class Gap:
    """A restore: commits above `cut` and below `first` were lost. certain: the cut is known and no guess."""

    cut: int
    first: int
    certain: bool = True

    def lost(self, seq: int) -> bool:
        return self.cut < seq < self.first


@dataclass(frozen=True, slots=True)
class Second:
    """A changeset that came again under the dot (replica, n), after it had been accepted as (of, at)."""

    replica: str
    n: int
    of: str
    at: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """What placing the bases of one replica's changesets needs to know.

    current: names that take new numbers now. former: names that do not, with the newest n the shop has of each; one
    that it never heard of is in neither. returning: the writer's own name is a former one.
    """

    gaps: Sequence[Gap] = ()
    seconds: Sequence[Second] = ()
    current: frozenset[str] = frozenset()
    former: Mapping[str, int] = field(default_factory=dict)
    returning: bool = False


def placed(changeset: Changeset, writer: str, lineage: Lineage) -> Changeset:
    """The changeset with its bases as they count here and now; without a restore or a second dot, as it came."""
    if not lineage.gaps and not lineage.seconds:
        return changeset
    back = lineage.returning and changeset.was is not None
    ops = tuple(_placed(op, changeset.n, writer, lineage, back=back) for op in changeset.ops)
    return replace(changeset, ops=ops)


def _placed(op: Op, n: int, writer: str, lineage: Lineage, *, back: bool) -> Op:
    gap = _gap_of(op.base.get(SERVER, -1), lineage.gaps)
    base = dict(op.base) if gap is None else _up_to_the_cut(op.base, gap, writer)
    base = _with_first_dots(base, lineage.seconds, writer, n)
    ahead = {
        r: m for r, m in base.items() if r not in (SERVER, writer) and _may_come(lineage, r, m, gap, back)
    }
    if back and n > 1:
        ahead[writer] = n - 1
    return replace(op, base=base, ahead=ahead)


def _gap_of(seq: int, gaps: Sequence[Gap]) -> Gap | None:
    """The restore that lost a commit. One whose cut is a guess may have lost what an earlier one left, so of several it is
    the one that left least."""
    return min((gap for gap in gaps if gap.lost(seq)), key=lambda gap: (gap.cut, gap.certain), default=None)


def _up_to_the_cut(base: Vector, gap: Gap, writer: str) -> dict[str, int]:
    """A base of the lost branch: `@` counts up to the cut, the other entries as they are. Where the cut is a guess
    another branch may have given the same numbers, so nothing is believed but what the writer says of itself."""
    kept = base if gap.certain else {r: m for r, m in base.items() if r in (SERVER, writer)}
    return {**kept, SERVER: gap.cut}


def _with_first_dots(base: dict[str, int], seconds: Sequence[Second], writer: str, n: int) -> dict[str, int]:
    """Whoever saw a changeset under its second dot saw that of its first, which is said where all before it under that name
    was seen too: what a phone sent anew (R14) stands behind writes that its copy never saw. Own numbers before this one
    count without being named (V8)."""
    for second in sorted(seconds, key=lambda s: s.at):
        seen = n - 1 if second.replica == writer else base.get(second.replica, 0)
        if second.n <= seen and base.get(second.of, 0) == second.at - 1:
            base[second.of] = second.at
    return base


def _may_come(lineage: Lineage, replica: str, n: int, gap: Gap | None, back: bool) -> bool:
    """Whether a write that the base names may arrive later than what is built on it."""
    if replica in lineage.former:
        return gap is not None or back or n > lineage.former[replica]
    return replica not in lineage.current and (gap is not None or back)
