"""One changeset meets the scene: rights, merge, the rooms' rules, conflicts and notices. Pure.

`judge` leaves the scene as it was when the changeset is refused, and with all its effects when it is accepted. The
order is: may this person do it, does it refer to things that are there, what does the merge make of it, what do the
rules say, what follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from server.store.rules import Actor, Change, Rules
from server.store.scene import Notice, Scene
from server.store.texts import Texts
from sync.changeset import Changeset, Op, Outcome, Record
from sync.collection import Collection, Field, Type
from sync.errors import Refusal, forbidden, gone, invalid
from sync.merge import Applied, Opened, Stamp, apply
from sync.vector import Dot, Vector
from sync.wire import Unreadable

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bench:
    """What is the same for all changesets of a push.

    pushed: other replica → its newest answered n, where a base names one the record does not bear out.
    refused: own earlier number → (record, field) pairs that a rejected changeset wrote. shift: ms to add to instants
    that the phone measured. head: the shop's seq before this push; no base may be above it.
    said: own number, record, field → the instant as the phone sent it, where a later edit may send it along again.
    texts: what editors of texts saw.
    """

    collections: Mapping[str, Collection]
    rules: Mapping[str, Rules]
    who: Actor
    head: int
    shift: int
    refused: dict[int, frozenset[tuple[str, str]]] = field(default_factory=dict)
    pushed: Mapping[str, int] = field(default_factory=dict)
    said: dict[tuple[int, str, str], Any] = field(default_factory=dict)
    texts: Texts = field(default_factory=Texts)


@dataclass(slots=True)
class _Case:
    """A changeset under trial. born: id → collection of what it creates, for a child may stand before its parent."""

    born: Mapping[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    overtaken: list[dict[str, Any]] = field(default_factory=list)
    merged: list[dict[str, Any]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def judge(scene: Scene, bench: Bench, changeset: Changeset | Unreadable, seq: int, at: int) -> Outcome:
    """Try a changeset as commit `seq`, edited at `at` ms (reckoned); say what became of it."""
    if isinstance(changeset, Unreadable):
        return _rejected(changeset.n, changeset.code, changeset.message, changeset.op, changeset.field)
    if changeset.was == "rejected":
        return _rejected(
            changeset.n, "rejected_before", "This was rejected before the shop's data was restored."
        )
    scene.begin(seq, at)
    try:
        case = _tried(scene, bench, changeset, seq, at)
    except Refusal as refusal:
        outcome = _rejected(changeset.n, refusal.code, refusal.message, refusal.op, refusal.field)
    except Exception:
        log.exception("changeset_broke_the_server", replica=bench.who.replica, n=changeset.n)
        outcome = _rejected(
            changeset.n, "internal", "The shop's server stumbled over this change; it is kept here."
        )
    else:
        scene.keep()
        scene.notices += case.notices
        told = tuple(case.conflicts), tuple(case.overtaken), tuple(case.merged)
        return Outcome(changeset.n, True, seq, *told)
    scene.drop()
    bench.refused[changeset.n] = written_fields(changeset.ops)
    scene.refused.update(op.id for op in changeset.ops if op.op == "create")
    return outcome


def written_fields(ops: tuple[Op, ...]) -> frozenset[tuple[str, str]]:
    """The (record, field) pairs that ops write; a delete writes the record's whole, named ''."""
    return frozenset((op.id, name) for op in ops for name in (op.set or ("",)))


def _rejected(n: int, code: str, message: str, op: int | None = None, name: str | None = None) -> Outcome:
    return Outcome(n, False, code=code, message=message, op=op, field=name)


def _tried(scene: Scene, bench: Bench, changeset: Changeset, seq: int, at: int) -> _Case:
    case = _Case(born={op.id: op.collection for op in changeset.ops if op.op == "create"})
    for place, op in enumerate(changeset.ops):
        try:
            dot = Dot(bench.who.replica, changeset.n, seq)
            applied = _apply(scene, bench, case, _measured(bench, op, scene.peek(op.id), dot.n), dot, at)
            bench.texts.keep(dot.n, place, applied.merged)
        except Refusal as refusal:
            raise refusal.at(place) from None
    for change in case.changes:
        if change.after is None:
            _no_children(scene, change.op)
    for change in case.changes:
        _rules(bench, change).check(scene, change)
    for change in case.changes:
        _rules(bench, change).follow(scene, change)
    scene.finish()
    return case


def _rules(bench: Bench, change: Change) -> Rules:
    return bench.rules.get(change.op.collection) or _NO_RULES


_NO_RULES = Rules()


def _measured(bench: Bench, op: Op, before: Record | None, n: int) -> Op:
    """The op with the instants that its phone measured moved to the server's clock."""
    declared = bench.collections.get(op.collection)
    if not bench.shift or declared is None:
        return op
    moved = {}
    for name, value in op.set.items():
        known = declared.by_name.get(name)
        if known is not None and known.measured and isinstance(value, int) and not isinstance(value, bool):
            shown = _as_shown(bench, op, before, known, value)
            moved[name] = value + bench.shift if shown is None else shown
            bench.said[n, op.id, name] = value
    return replace(op, set={**op.set, **moved}) if moved else op


def _as_shown(bench: Bench, op: Op, before: Record | None, known: Field, value: int) -> int | None:
    """The instant that stands, or waits in a conflict, if a group written whole only sends it along: whoever ends a
    timer says again when it began. None for what was measured anew."""
    if before is None or op.op == "create":
        return None
    sides = before.meta.sides.get(known.unit, {}).values()
    if value in (before.data.get(known.name), *(side.value.get(known.name) for side in sides)):
        return value
    own = (bench.who.replica, op.base.get(bench.who.replica, 0))
    told = (
        bench.said.get((own[1], op.id, known.name)) == value
    )  # shown from the phone's own edit, by its own clock
    stands = any(dot[:2] == own for dot in before.meta.standing(known.unit).dots)
    return before.data.get(known.name) if told and stands else None


def _apply(scene: Scene, bench: Bench, case: _Case, op: Op, dot: Dot, at: int) -> Applied:
    declared = bench.collections.get(op.collection)
    if declared is None:
        raise invalid(f"There is no collection {op.collection}.")
    before = scene.peek(op.id)
    op = _owned(declared, op, bench.who)
    _permitted(declared, before, op, bench.who)
    _base_holds(bench, op, before, dot.n)
    _refers_well(scene, case, declared, op)
    shown = bench.texts.shown(declared, before, op, dot.replica)
    applied = apply(declared, before, op, Stamp(dot, at, scene.new_id, shown))
    bench.texts.wrote(declared, op, dot.n, dot.seq)
    after = _dated(applied.record, op, bench.who, at)
    scene.put(after)
    _settle_conflicts(scene, case, after, applied, bench.who)
    _tell(scene, case, after, applied, bench.who)
    standing = None if before is None or before.gone else before
    case.changes.append(Change(op, standing, None if after.gone else after, bench.who, at))
    return applied


def _owned(declared: Collection, op: Op, who: Actor) -> Op:
    """A new record that belongs to somebody belongs to its author unless it names another."""
    if op.op != "create" or not declared.own or declared.own in ("id", *op.set) or not who.person:
        return op
    return replace(op, set={**op.set, declared.own: who.person})


def is_own(declared: Collection, record: Record | None, op: Op, who: Actor) -> bool:
    """Whether a record is the actor's: by the field that names its owner, else by who made it."""
    if record is None:
        return not declared.own or op.set.get(declared.own) == who.person
    return record.data.get(declared.own or "created_by") == who.person


def _permitted(declared: Collection, before: Record | None, op: Op, who: Actor) -> None:
    if who.role == "server":
        return
    creating, letter = op.op == "create", {"create": "c", "patch": "u", "delete": "d"}[op.op]
    if who.role == "customer" and not declared.may(who.role, letter, owner=True):
        # Said before looking whether the record is there: another customer's must answer as an unknown one does.
        raise forbidden()
    there = before if before and not before.gone and before.collection == declared.name else None
    owner = is_own(declared, None if creating else there, op, who)
    if not creating and (there is None or not declared.may(who.role, "r", owner=owner)):
        raise gone()
    if not declared.may(who.role, letter, owner=owner):
        raise forbidden()
    for name in op.set:
        if name in declared.by_name and not declared.may_set(who.role, name, creating=creating):
            raise forbidden(f"You may not set {name}.", name)


def _base_holds(bench: Bench, op: Op, before: Record | None, n: int) -> None:
    """Refuse bases that nobody was given, and edits built on an edit that was refused (rules V18, C15).

    Who claimed to have seen writes that are still to come would have them thrown away unseen when they do.
    """
    base: Vector = op.base
    known = before.vv if before else {}
    limits = {"@": bench.head, bench.who.replica: n}
    if any(
        m > limits.get(r, max(known.get(r, 0), bench.pushed.get(r, 0)))
        for r, m in base.items()
        if r not in op.ahead
    ):
        raise invalid("base is above what this server gave out.", "base")
    blocked = bench.refused.get(base.get(bench.who.replica, 0))
    if blocked and not blocked.isdisjoint((op.id, name) for name in (op.set or ("",))):
        raise Refusal("blocked_by", "This builds on a change of yours that was not accepted.")


def _refers_well(scene: Scene, case: _Case, declared: Collection, op: Op) -> None:
    """What an op refers to must be there, or be made by the same changeset."""
    for name, value in op.set.items():
        known = declared.by_name.get(name)
        if known is None or known.type is not Type.REF or known.problem(value) or value is None:
            continue  # What is no id at all is `invalid`, as the merge says of every value.
        target = scene.get(value)
        if (target.collection if target else case.born.get(value)) == known.ref:
            continue
        if value in scene.refused:
            raise Refusal(
                "blocked_by", "This belongs to something of yours that was not accepted.", field=name
            )
        raise Refusal("missing_parent", f"The {known.ref} this belongs to is not there.", field=name)


def _no_children(scene: Scene, op: Op) -> None:
    if scene.children(op.id):
        raise Refusal("has_children", "Something still belongs to this; it must be deleted with it.")


def _dated(record: Record, op: Op, who: Actor, at: int) -> Record:
    if record.gone:
        return record
    dates: dict[str, Any] = {"updated_at": at}
    if op.op == "create":
        dates |= {"created_at": at, "created_by": who.person or None}
    data = {**record.data, **{name: value for name, value in dates.items() if value is not None}}
    return replace(record, data=data)


def _settle_conflicts(scene: Scene, case: _Case, record: Record, applied: Applied, who: Actor) -> None:
    for conflict in applied.closed:
        scene.set(conflict, {"open": False})
    for opened in applied.opened:
        case.conflicts.append(opened.conflict)
        if not opened.joined:
            _show_conflict(scene, record, opened, who)


def _show_conflict(scene: Scene, record: Record, opened: Opened, who: Actor) -> None:
    side = {
        "value": dict(opened.value),
        "person": who.person,
        "person_name": who.name,
        "device": who.replica,
        "time": opened.at,
    }
    if opened.again:
        scene.set(opened.conflict, {"sides": [side], "open": True})
        return
    owner = record.data.get("staff") if record.collection == "time_entry" else None
    root = scene.parent(record) or record.id
    values = {"collection": record.collection, "record": record.id, "root": root, "field": opened.unit}
    scene.create("conflict", {**values, "sides": [side], "staff": owner, "open": True}, opened.conflict)


def _tell(scene: Scene, case: _Case, record: Record, applied: Applied, who: Actor) -> None:
    for both in applied.merged:
        if both.mine:
            case.merged.append({"collection": record.collection, "id": record.id, "field": both.unit})
        if both.theirs:
            told = Notice(
                record, both.unit, both.value, both.write, who.name, scene.seq, scene.at, who.replica
            )
            case.notices.append(told)
    for lost in applied.overtaken:
        if lost.mine:
            case.overtaken.append({"collection": record.collection, "id": record.id, "field": lost.unit})
        else:
            case.notices.append(
                Notice(record, lost.unit, lost.value, lost.write, who.name, scene.seq, scene.at)
            )
