"""Whole histories of several phones, checked against a model that knows who had seen what (I1, V8, V16, M28).

The model keeps sets of writes instead of vectors, so it shares no idea with what it checks: a write that was
accepted must stand, wait as a side, have been reported overtaken, or have been seen by a later write of its field.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.changeset import Op, Record
from sync.errors import Refusal
from sync.merge import Applied, Stamp, apply
from sync.vector import Dot, Vector, prune
from tests.sync.things import ID, PROPERTY, THING, A, B, C, created, new_id, side_values, status

REPLICAS = (A, B, C)
FIELDS = ("name", "body", "meter", "status", "tags")
Step = tuple[str, int, str, int]


@dataclass(frozen=True)
class Wrote:
    """One accepted write and the writes of the same field that its author had seen."""

    key: tuple[str, int]
    field: str
    value: Any
    seen: frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Edit:
    """What waits in a phone's outbox; `seen` are the writes of that field which its author had before the eyes."""

    n: int
    at: int
    field: str
    value: Any
    base: Vector
    seen: frozenset[tuple[str, int]]


@dataclass
class Phone:
    """The record's vector as last pulled, and by field what is known of it; what waits to be sent."""

    vv: Vector
    knows: dict[str, frozenset[tuple[str, int]]]
    n: int = 1
    outbox: list[Edit] = field(default_factory=list)

    def base(self, who: str, name: str) -> Vector:
        """The base of a field as it is shown (V11, V12)."""
        waiting = next((edit for edit in reversed(self.outbox) if edit.field == name), None)
        return {**waiting.base, who: waiting.n} if waiting else self.vv


class History:
    """One record, three phones, one server; `pruning` takes settled entries out of the record's vector."""

    def __init__(self, *, pruning: bool = False) -> None:
        self.record = created()
        self.pruning = pruning
        self.seq = 1
        nothing = dict.fromkeys(FIELDS, frozenset[tuple[str, int]]())
        self.phones = {name: Phone(self.record.vector, dict(nothing)) for name in REPLICAS}
        self.accepted: list[Wrote] = []
        self.told: set[tuple[str, Any]] = set()
        self.results: list[tuple[Any, ...]] = []

    def play(self, steps: Iterable[Step]) -> None:
        for who, what, name, value in steps:
            if what == 0:
                self._sync(who, waiting=value)
            else:
                self._edit(who, name, value)
        for who in self.phones:
            self._sync(who)

    def _sync(self, who: str, waiting: int = 0) -> None:
        """Push and pull; the last `waiting` edits are made while the request is on its way."""
        phone = self.phones[who]
        sent = len(phone.outbox) - min(waiting, len(phone.outbox))
        for edit in phone.outbox[:sent]:
            self._judge(who, edit)
        del phone.outbox[:sent]
        phone.vv = self.record.vector
        for name in set(FIELDS) - {edit.field for edit in phone.outbox}:
            phone.knows[name] = frozenset(w.key for w in self.accepted if w.field == name)

    def _edit(self, who: str, name: str, value: int) -> None:
        phone = self.phones[who]
        phone.n += 1
        words = {"meter": value, "status": ("new", "work", "hold", "check")[value], "tags": value}
        given = words.get(name, f"v{value}")
        edit = Edit(phone.n, 100 * value, name, given, phone.base(who, name), phone.knows[name])
        phone.outbox.append(edit)
        phone.knows[name] |= {(who, phone.n)}

    def _judge(self, who: str, edit: Edit) -> None:
        self.seq += 1
        try:
            applied = self._apply(Dot(who, edit.n, self.seq), edit.at, edit.field, edit.value, edit.base)
        except Refusal as refusal:
            self.results.append((who, edit.n, refusal.code))
            return
        self.accepted.append(Wrote((who, edit.n), edit.field, edit.value, edit.seen))
        self._note(who, edit.n, applied)

    def _apply(self, dot: Dot, at: int, name: str, value: Any, base: Vector) -> Applied:
        values = {name: value}
        if name == "tags":
            values = {"tags": {"add": [f"t{value}"]} if value % 2 else {"remove": [f"t{value + 1}"]}}
        elif name == "status":
            values = dict(status(value))
        return apply(THING, self.record, Op("patch", "thing", ID, base, values), Stamp(dot, at, new_id))

    def _note(self, who: str, n: int, applied: Applied) -> None:
        self.record = applied.record
        if self.pruning:
            settled = {name: phone.n for name, phone in self.phones.items()}
            vv = {r: m for r, m in prune(self.record.vector, settled).items() if r != "@"}
            self.record = Record(**{**_fields(self.record), "vv": vv})
        self.told |= {(lost.unit, lost.value[lost.unit]) for lost in applied.overtaken}
        lost = [(o.unit, o.mine, o.value) for o in applied.overtaken]
        opened = [(o.unit, o.value, o.again, o.joined) for o in applied.opened]
        self.results.append((who, n, "accepted", lost, opened, len(applied.closed)))


def _fields(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in Record.__slots__}


steps = st.lists(
    st.tuples(st.sampled_from(REPLICAS), st.integers(0, 3), st.sampled_from(FIELDS), st.integers(0, 3)),
    max_size=30,
)


@settings(PROPERTY, max_examples=300)
@given(steps)
def test_I1_every_accepted_value_stands_or_waits_or_was_told_or_was_seen(given: list[Step]) -> None:
    history = History()
    history.play(given)
    for wrote in history.accepted:
        if wrote.field == "tags":
            continue
        later = [w for w in history.accepted if w.field == wrote.field and wrote.key in w.seen]
        here = [history.record.data.get(wrote.field), *side_values(history.record, wrote.field)]
        assert later or wrote.value in here or (wrote.field, wrote.value) in history.told, wrote


@settings(PROPERTY, max_examples=150)
@given(steps)
def test_I1_an_added_element_is_there_until_somebody_who_saw_it_takes_it_away(given: list[Step]) -> None:
    history = History()
    history.play(given)
    tags = [w for w in history.accepted if w.field == "tags"]
    for wrote in tags:
        removals = [w for w in tags if w.value == wrote.value - 1 and wrote.key in w.seen]
        if wrote.value % 2 and not removals:
            assert f"t{wrote.value}" in history.record.data.get("tags", [])


@settings(PROPERTY, max_examples=150)
@given(steps)
def test_I7_no_value_is_there_that_nobody_wrote(given: list[Step]) -> None:
    history = History()
    history.play(given)
    for name in ("body", "meter"):
        written = {w.value for w in history.accepted if w.field == name}
        held = history.record.data.get(name)
        assert {*side_values(history.record, name), *([held] if held is not None else [])} <= written


@settings(PROPERTY, max_examples=150)
@given(steps)
def test_V5_who_saw_all_that_stands_opens_no_conflict(given: list[Step]) -> None:
    history = History()
    history.play(given)
    history.seq += 1
    base = history.record.vector
    applied = history._apply(Dot(C, 99, history.seq), 0, "body", "the last word", base)
    assert (applied.opened, applied.overtaken, applied.record.meta.sides) == ((), (), {})
    assert applied.record.data["body"] == "the last word"


@settings(PROPERTY, max_examples=200)
@given(steps)
def test_V16_a_server_that_prunes_and_one_that_never_does_say_the_same(given: list[Step]) -> None:
    pruning, keeping = History(pruning=True), History()
    pruning.play(given)
    keeping.play(given)
    assert pruning.results == keeping.results
    assert pruning.record.data == keeping.record.data
    assert pruning.record.seq == keeping.record.seq
    for name in FIELDS:
        assert side_values(pruning.record, name) == side_values(keeping.record, name)


@settings(PROPERTY, max_examples=100)
@given(
    st.lists(
        st.tuples(st.just(B), st.integers(1, 3), st.sampled_from(FIELDS), st.integers(0, 3)), max_size=50
    )
)
def test_V8_one_phone_alone_never_meets_a_conflict(given: list[Step]) -> None:
    history = History()
    history.play(given)
    assert all(not (r[2] == "accepted" and (r[3] or r[4])) for r in history.results)
