"""A phone after a restore, a fork or a rollback: names, tails, and what comes back (rules F4 to F6, R9, R12, R14)."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync.changeset import Changeset, Op
from sync.collection import Collection, Policy, ref, text
from sync.overlay import Draft, Waiting
from sync.recover import Renaming, anew, may_return, needs, run, surpasses
from sync.replica import Replica
from tests.sync.things import ID, OTHER_ID, THING, A, B, C

FILE = Path(__file__).parents[1] / "vectors" / "recover.json"
CASES = json.loads(FILE.read_text())
NOTE = Collection(
    "note",
    (
        ref("work_order", "work_order", Policy.FIRST),
        ref("staff", "staff", Policy.FIRST),
        text("text", Policy.LATEST),
    ),
    {},
)
FRESH = Replica(A, "e1", {"thing": THING})
D = "rdddddddddddd"


def _cases(group: str) -> Any:
    return pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in CASES[group]])


def _ops(said: list[dict[str, Any]]) -> tuple[Op, ...]:
    return tuple(Op(o["op"], o["collection"], o["id"], o.get("base", {}), o.get("set", {})) for o in said)


@_cases("bases")
def test_F4_F6_vector_of_a_base_in_the_new_names(case: dict[str, Any]) -> None:
    change = Renaming({(a, m): (b, n) for a, m, b, n in case["numbers"]}, case["upto"])
    assert change.base(case["base"]) == case["waiting"]
    assert change.form({"name": case["base"]}) == {"name": case["waiting"]}


@_cases("needs")
def test_R14_vector_of_what_a_changeset_needs(case: dict[str, Any]) -> None:
    assert needs(_ops(case["ops"]), {"note": NOTE}) == set(case["needs"])


@_cases("surpasses")
def test_R14_vector_of_what_a_later_changeset_writes_over(case: dict[str, Any]) -> None:
    assert surpasses(_ops(case["later"]), _ops(case["earlier"]), {"note": NOTE}) is case["surpasses"]


@_cases("anew")
def test_R14_vector_of_the_id_of_what_is_sent_anew(case: dict[str, Any]) -> None:
    assert anew(Changeset(3, case["id"], 1, 0, (), "accepted"), 7) == Changeset(7, case["next"], 1, 0, ())


def _id(n: int) -> str:
    return f"01930000-0000-7000-8000-0000000000{n:02x}"


def _acted(replica: Replica, name: str, n: int) -> Replica:
    return replica.act([Draft("patch", "thing", ID, {"name": name})], id=_id(n), at=1000 + n)


def _record(seq: int, id_: str = ID, **data: Any) -> dict[str, Any]:
    return {"collection": "thing", "id": id_, "vv": {"@": seq}, "data": data}


def _told(replica: Replica, status: int = 200, /, **said: Any) -> Replica:
    page = {"results": [], "records": [], "cursor": "c1", "more": False, "reset": False, "durable": 0}
    asked = replica.request(5000)
    return replica.answer(asked, status, {**page, **said} if status == 200 else {"message": "", **said})


def _accepted(*numbers: int) -> list[dict[str, Any]]:
    return [{"n": n, "outcome": "accepted", "seq": 10 + n} for n in numbers]


def _rejected(n: int, code: str) -> dict[str, Any]:
    return {"n": n, "outcome": "rejected", "code": code, "message": "No."}


def _sent(replica: Replica) -> list[tuple[int, Any]]:
    return [(c["n"], c.get("was")) for c in replica.request(0)["changesets"]]


def _with_three() -> Replica:
    """One changeset that is kept, one refused, one without an answer."""
    replica = _told(FRESH, records=[_record(5, name="x")], reset=True)
    replica = _acted(_acted(replica, "one", 1), "two", 2)
    replica = _told(
        replica, results=[*_accepted(1), _rejected(2, "closed")], records=[_record(11, name="one")]
    )
    return _acted(replica, "three", 3)


def _restored(replica: Replica, epoch: str = "e2", name: str = B) -> Replica:
    return _told(replica, 409, code="epoch", expected=1, epoch=epoch, replica=name)


def test_R12_the_tail_goes_first_under_the_old_name_and_asks_for_no_page() -> None:
    again = _restored(_with_three())
    asked = again.request(7)
    assert (asked["replica"], asked["epoch"], asked["limit"], asked["cursor"]) == (A, "e2", 0, None)
    assert _sent(again) == [(1, "accepted"), (2, "rejected")]
    assert (again.replica, again.n, again.kept, again.names) == (B, 1, (), (A,))
    through = _told(again, results=[*_accepted(1), _rejected(2, "invalid")], cursor=None)
    assert (through.request(0)["replica"], _sent(through)) == (B, [(1, None)])
    assert [w.outcome["code"] for w in through.parked] == ["closed"]
    assert through.waiting[0].changeset.ops[0].base == {"@": 11, A: 2}


def test_R12_T9_what_is_held_already_is_not_laid_over_again() -> None:
    newer = _told(_with_three(), records=[_record(20, name="theirs")], cursor="c2")
    shown = _restored(_told(newer, results=_accepted(3), records=[_record(21, name="theirs")])).shown(ID)
    assert shown is not None
    assert shown.data == {"name": "theirs"}


def test_R8_R9_what_is_kept_of_each_name_goes_when_a_backup_has_it() -> None:
    through = _told(_restored(_with_three()), results=[*_accepted(1), _rejected(2, "invalid")])
    home = _told(through, results=_accepted(1), reset=True, records=[_record(30, name="three")])
    assert [(w.replica, w.changeset.n) for w in home.kept] == [(A, 2), (A, 1), (B, 1)]
    assert home.request(0)["former"] == [A]
    some = _told(home, durable=1, former={A: 1})
    assert [(w.replica, w.changeset.n) for w in some.kept] == [(A, 2)]
    assert "former" not in _told(some, former={A: 2}).request(0)


def test_R12_R16_after_a_second_restore_the_oldest_name_goes_first() -> None:
    through = _told(_restored(_with_three()), results=[*_accepted(1), _rejected(2, "invalid")])
    home = _told(through, results=_accepted(1), reset=True)
    again = _restored(home, "e3", C)
    assert (again.request(0)["replica"], _sent(again)) == (A, [(1, "accepted"), (2, "rejected")])
    older = _told(again, results=[*_accepted(1), _rejected(2, "invalid")])
    assert (older.request(0)["replica"], _sent(older)) == (B, [(1, "accepted")])
    unsent = _restored(again, "e4", D)
    assert (unsent.names, _sent(unsent)) == ((A, B, C), [(1, "accepted"), (2, "rejected")])


def test_F6_a_tail_that_forks_counts_anew_before_what_waits() -> None:
    replica = _told(_acted(_with_three(), "four", 4), results=_accepted(3), more=True, cursor="b")
    again = _restored(replica)
    told = _told(again, 409, code="forked", n=3, replica=D, results=[*_accepted(1), _rejected(2, "invalid")])
    assert (told.replica, told.n, told.request(0)["replica"]) == (B, 2, B)
    assert [(w.changeset.n, w.changeset.id, w.changeset.was) for w in told.waiting] == [
        (1, _id(3), None),
        (2, _id(4), None),
    ]
    assert [dict(w.changeset.ops[0].base) for w in told.waiting] == [{"@": 11, A: 2}, {"@": 11, A: 2, B: 1}]


def test_F6_of_a_tail_that_forks_what_was_rejected_is_told_already() -> None:
    again = _restored(_with_three())
    told = _told(again, 409, code="forked", n=2, replica=D, results=_accepted(1))
    assert (told.replica, _sent(told)) == (B, [(1, None)])


def test_F5_a_phone_that_was_rolled_back_takes_the_name_it_is_offered() -> None:
    replica = _told(_with_three(), results=_accepted(3))
    assert _told(replica, applied=3, replica=B).replica == A
    behind = _told(replica, applied=5, replica=B)
    assert (behind.replica, behind.n, behind.cursor) == (B, 0, None)


def test_F5_before_it_holds_what_another_half_wrote_under_its_numbers() -> None:
    replica = _told(_with_three(), results=_accepted(3))
    asked = replica.request(0)
    page = {"results": [], "records": [], "cursor": "c9", "more": False, "reset": False, "durable": 0}
    theirs = {**_record(40, name="theirs"), "vv": {"@": 40, A: 4}}
    acted = _acted(replica, "four", 4)
    away = acted.answer(asked, 200, {**page, "records": [theirs], "applied": 4, "replica": B})
    assert (away.replica, _sent(away)) == (B, [(1, None)])
    assert away.confirmed == replica.confirmed
    assert away.waiting[0].changeset.ops[0].base == {"@": 11, A: 3}


def test_F5_a_gap_that_cannot_be_filled_takes_another_name() -> None:
    replica = _told(_with_three(), durable=1)
    assert _told(replica, 409, code="gap", expected=2, replica=B).replica == A
    away = _told(replica, 409, code="gap", expected=1, replica=B)
    assert (away.replica, _sent(away)) == (B, [(1, None)])
    assert _sent(_told(replica, 409, code="gap", expected=1)) == [(2, "rejected"), (3, None)]


def test_R12_what_filled_a_gap_comes_again_as_a_tail() -> None:
    filled = _told(_with_three(), 409, code="gap", expected=1)
    assert _sent(_restored(filled)) == [(1, "accepted"), (2, "rejected")]
    forked = _told(filled, 409, code="forked", n=1, replica=B, results=[])
    assert _sent(forked) == [(1, "accepted"), (2, "rejected"), (3, None)]


def test_R6_without_a_new_name_all_goes_out_under_the_old_one() -> None:
    again = _told(_with_three(), 409, code="epoch", expected=1, epoch="e2")
    assert (again.replica, again.epoch) == (A, "e2")
    assert _sent(again) == [(1, "accepted"), (2, "rejected"), (3, None)]


def test_W11_only_numbers_that_follow_each_other_go_together() -> None:
    waiting = [Waiting(A, Changeset(n, ID, 1, 0, ())) for n in (3, 4, 6)]
    assert [w.changeset.n for w in run(waiting)] == [3, 4]


def _parked(*codes: str) -> Replica:
    """A restored phone whose tail was refused with these codes."""
    replica = _told(FRESH, records=[_record(5, name="x")], reset=True)
    for n, _ in enumerate(codes, 1):
        replica = _acted(replica, f"name {n}", n)
    replica = _told(replica, results=_accepted(*range(1, len(codes) + 1)))
    refused = [_rejected(n, code) for n, code in enumerate(codes, 1)]
    return _told(_restored(replica), results=refused)


def test_R14_what_failed_for_a_missing_record_goes_anew_once_it_is_there() -> None:
    parked = _parked("gone", "closed")
    away = _told(parked, reset=True, records=[_record(30, OTHER_ID, name="other")])
    assert [w.outcome["code"] for w in away.parked] == ["gone", "closed"]
    here = _told(away, records=[_record(31, name="back")])
    assert [w.outcome["code"] for w in here.parked] == ["closed"]
    ((n, id_, was),) = [(w.changeset.n, w.changeset.id, w.changeset.was) for w in here.waiting]
    assert (n, id_, was) == (1, "01930000-0000-7000-8000-5bd1e995abce", None)
    assert here.waiting[0].changeset.ops[0].base == parked.parked[0].changeset.ops[0].base


def test_R14_once_each_time_it_appears() -> None:
    sent = _told(_parked("gone"), reset=True, records=[_record(30, name="there")])
    again = _told(sent, results=[_rejected(1, "gone")])
    assert [w.outcome["code"] for w in again.parked] == ["gone"]
    assert _told(again, records=[_record(32, name="there")]).waiting == ()
    left = _told(again, records=[{"collection": "thing", "id": ID, "gone": True}])
    assert left.waiting == ()
    assert len(_told(left, records=[_record(33, name="back")]).waiting) == 1


def test_R14_only_what_a_restore_brought_back_is_sent_by_the_phone_itself() -> None:
    replica = _told(_acted(FRESH, "a", 1), results=[_rejected(1, "gone")], records=[_record(9, name="x")])
    assert not may_return(replica.parked[0])
    assert replica.waiting == ()


def test_F4_a_form_that_was_open_is_saved_in_the_new_names() -> None:
    replica = _acted(_told(FRESH, records=[_record(5, name="x")], reset=True), "mine", 1)
    form = replica.form(ID)
    forked = _told(replica, 409, code="forked", n=1, replica=B, results=[])
    saved = forked.act([Draft("patch", "thing", ID, {"name": "later"}, form)], id=_id(2), at=1)
    assert saved.waiting[-1].changeset.ops[0].base == {"@": 5, B: 1}


def test_F4_V8_a_form_that_was_open_covers_what_was_written_under_the_old_name_since() -> None:
    replica = _told(FRESH, records=[_record(5, name="x")], reset=True)
    form = replica.form(ID)
    written = _told(_acted(replica, "mine", 1), results=[{"n": 1, "outcome": "accepted", "seq": 6}])
    forked = _told(written, 409, code="forked", n=2, replica=B, results=[])
    saved = forked.act([Draft("patch", "thing", ID, {"name": "later"}, form)], id=_id(2), at=1)
    assert saved.waiting[-1].changeset.ops[0].base == {"@": 5, A: 1}


def test_F7_a_tail_under_a_name_that_is_another_persons_now_goes_on_under_the_present_one() -> None:
    replica = _told(_acted(FRESH, "mine", 1), results=[{"n": 1, "outcome": "accepted", "seq": 6}], reset=True)
    again = _restored(replica)
    assert again.request(0)["replica"] == A
    moved = _told(again, 403, code="forbidden")
    assert (moved.request(0)["replica"], _sent(moved)) == (B, [(1, None)])
