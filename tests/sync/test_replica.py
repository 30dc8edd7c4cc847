"""The replica as a state machine: what it sends, and what each answer makes of it (rules T, P, F, R)."""

from typing import Any

import pytest

from sync.digest import canonical
from sync.overlay import Draft
from sync.replica import Replica
from sync.wire import CHANGESETS_MAX, PUSH_BYTES_MAX, Request, parse
from tests.sync.things import ID, OTHER_ID, THING, A, B

FRESH = Replica(A, "e1", {"thing": THING})


def _changeset_id(n: int) -> str:
    return f"01930000-0000-7000-8000-0000000000{n:02x}"


def _acted(replica: Replica, *drafts: Draft) -> Replica:
    return replica.act(drafts, id=_changeset_id(replica.n + 1), at=1000 + replica.n)


def _patch(**values: Any) -> Draft:
    return Draft("patch", "thing", ID, values)


def _record(seq: int, id_: str = ID, **data: Any) -> dict[str, Any]:
    return {"collection": "thing", "id": id_, "vv": {"@": seq}, "data": data}


def _page(*records: Any, **said: Any) -> dict[str, Any]:
    fixed = {"results": [], "cursor": "c1", "more": False, "reset": False, "durable": 0}
    return {**fixed, "records": list(records), **said}


def _accepted(n: int, seq: int | None = 9) -> dict[str, Any]:
    return {"n": n, "outcome": "accepted", "seq": seq}


def _rejected(n: int, code: str = "gone") -> dict[str, Any]:
    return {"n": n, "outcome": "rejected", "code": code, "message": "It is gone."}


def _answered(replica: Replica, status: int = 200, **said: Any) -> Replica:
    return replica.answer(replica.request(5000), status, _page(**said) if status == 200 else said)


def _holding(seq: int = 5, **data: Any) -> Replica:
    return _answered(FRESH, records=[_record(seq, **{"name": "x", **data})], reset=True)


def _name(replica: Replica) -> Any:
    shown = replica.shown(ID)
    return shown and shown.data.get("name")


def test_T2_an_action_takes_the_next_number_and_is_one_changeset() -> None:
    replica = _acted(_holding(), _patch(name="a"), _patch(meter=4))
    assert (replica.n, len(replica.outbox)) == (1, 1)
    assert [op.set for op in replica.outbox[0].changeset.ops] == [{"name": "a"}, {"meter": 4}]


def test_V12_later_drafts_of_an_action_see_the_earlier_ones() -> None:
    replica = _acted(FRESH, Draft("create", "thing", ID, {"name": "new"}), _patch(name="newer"))
    assert [dict(op.base) for op in replica.outbox[0].changeset.ops] == [{}, {A: 1}]
    assert _name(replica) == "newer"


def test_W3_what_is_sent_is_what_the_server_reads() -> None:
    replica = _acted(_acted(_holding(), _patch(name="a")), Draft("delete", "thing", ID))
    read = parse(replica.request(5000, limit=50))
    assert isinstance(read, Request)
    assert read.changesets == tuple(w.changeset for w in replica.outbox)
    assert (read.confirmed, read.cursor, read.limit) == (0, "c1", 50)


def test_C2_what_was_saved_is_sent_again_as_it_was() -> None:
    replica = _acted(_holding(), _patch(name="a"))
    first = replica.request(5000)["changesets"]
    later = _acted(_answered(replica, 503, code="unavailable"), _patch(name="b"))
    pulled = later.answer(later.request(1), 200, _page(_record(8, name="theirs"), cursor="c2"))
    assert pulled.request(9000)["changesets"][:1] == first


def test_T4_accepted_stays_laid_over_until_the_flip_that_has_it() -> None:
    waiting = _acted(_holding(), _patch(name="mine"))
    half = _answered(waiting, results=[_accepted(1)], more=True)
    assert (_name(half), len(half.outbox), half.waiting) == ("mine", 1, ())
    whole = _answered(half, records=[_record(9, name="mine")], cursor="c2")
    assert (_name(whole), whole.outbox, whole.cursor) == ("mine", (), "c2")
    assert [w.changeset.n for w in whole.kept] == [1]


def test_W5_confirmed_counts_answered_changesets() -> None:
    replica = _acted(_acted(_holding(), _patch(name="a")), _patch(name="b"))
    assert replica.request(0)["confirmed"] == 0
    assert _answered(replica, results=[_accepted(1)]).request(0)["confirmed"] == 1
    assert _answered(replica, results=[_accepted(1), _rejected(2)]).request(0)["confirmed"] == 2


def test_T4_a_later_page_of_a_bootstrap_does_not_have_what_it_answers() -> None:
    first = _answered(_holding(), records=[_record(5, name="old")], reset=True, more=True, cursor="b1")
    told = _answered(_acted(first, _patch(name="mine")), results=[_accepted(1)], cursor="b2")
    assert _name(told) == "mine"  # the row went out on the first page, before the push
    assert _name(_answered(told, records=[_record(9, name="mine")], cursor="f1")) == "mine"


def test_T5_rejected_is_parked_with_its_reason_and_shown_no_more() -> None:
    replica = _answered(_acted(_holding(), _patch(name="mine")), results=[_rejected(1)])
    assert (_name(replica), replica.outbox) == ("x", ())
    (parked,) = replica.parked
    assert parked.outcome["code"] == "gone"
    assert parked.changeset.ops[0].set == {"name": "mine"}
    assert replica.discard(_changeset_id(1)).parked == ()


def test_P9_pages_are_staged_and_flip_together() -> None:
    held = _holding()
    first = _answered(held, records=[_record(7, name="new")], reset=True, more=True, cursor="b1")
    assert (_name(first), first.request(0)["cursor"]) == ("x", "b1")
    done = _answered(first, records=[_record(8, OTHER_ID, name="other")], cursor="b2")
    assert (_name(done), done.cursor, sorted(done.confirmed)) == ("new", "b2", [ID, OTHER_ID])


def test_P9_what_a_reset_does_not_name_is_dropped_and_the_outbox_stays() -> None:
    replica = _answered(_acted(_holding(), _patch(name="mine")), reset=True, cursor="b1")
    assert (replica.confirmed, len(replica.outbox)) == ({}, 1)


def test_P9_a_bootstrap_that_starts_anew_forgets_its_earlier_pages() -> None:
    first = _answered(_holding(), records=[_record(7, name="new")], reset=True, more=True, cursor="b1")
    again = _answered(first, records=[_record(8, OTHER_ID, name="other")], reset=True, cursor="b2")
    assert list(again.confirmed) == [OTHER_ID]


def test_P13_what_leaves_is_gone() -> None:
    assert _answered(_holding(), records=[{"collection": "thing", "id": ID, "gone": True}]).confirmed == {}


def test_P10_a_late_answer_changes_nothing() -> None:
    before = _acted(_holding(), _patch(name="a"))
    asked = before.request(5000)
    after = before.answer(asked, 200, _page(_record(9, name="a"), results=[_accepted(1)], cursor="c2"))
    assert after.answer(asked, 200, _page(_record(6, name="older"), cursor="c9")) is after


@pytest.mark.parametrize("status", [401, 429, 500, 502, 503])
def test_C13_what_may_pass_by_itself_changes_nothing(status: int) -> None:
    replica = _acted(_holding(), _patch(name="a"))
    assert _answered(replica, status, code="unavailable") == replica


def test_W14_too_much_is_halved_and_grows_again() -> None:
    replica = FRESH
    for n in range(4):
        replica = _acted(replica, Draft("create", "thing", _changeset_id(100 + n), {"name": "x"}))
    halved = _answered(replica, 413, code="too_large")
    assert len(halved.request(0)["changesets"]) == 2
    assert len(_answered(halved, results=[_accepted(1), _accepted(2)]).request(0)["changesets"]) == 2
    assert _answered(halved).batch == 4
    assert FRESH.batch == CHANGESETS_MAX


@pytest.mark.parametrize("status", [400, 413])
def test_W14_one_that_cannot_be_taken_is_parked_and_its_number_sent_empty(status: int) -> None:
    replica = _answered(_acted(_holding(), _patch(name="a")), status, code="too_large", message="Too large.")
    assert [w.outcome["code"] for w in replica.parked] == ["too_large"]
    assert [c["ops"] for c in replica.request(0)["changesets"]] == [[]]
    emptied = _answered(replica, results=[_rejected(1, "invalid")])
    assert (len(emptied.parked), emptied.outbox) == (1, ())


def test_P6_a_cursor_that_is_not_taken_is_given_up() -> None:
    assert _answered(_holding(), 400, code="invalid").cursor is None


def test_F2_a_gap_is_filled_from_what_is_kept() -> None:
    replica = _acted(_acted(_holding(), _patch(name="a")), _patch(name="b"))
    done = _acted(_answered(replica, results=[_accepted(1), _rejected(2)]), _patch(name="c"))
    again = _answered(done, 409, code="gap", expected=1)
    sent = again.request(0)["changesets"]
    assert [(c["n"], c.get("was")) for c in sent] == [(1, "accepted"), (2, "rejected"), (3, None)]
    assert (again.kept, again.cursor) == ((), "c1")


def test_R12_another_epoch_sends_again_with_the_outcome_it_had_and_starts_over() -> None:
    told = _answered(_acted(_holding(), _patch(name="a")), results=[_accepted(1)], more=True, cursor="c2")
    again = _answered(told, 409, code="epoch", expected=1, epoch="e2")
    assert (again.epoch, again.cursor, again.staged) == ("e2", None, None)
    assert [c["was"] for c in again.request(0)["changesets"]] == ["accepted"]
    assert _name(again) == "a"


def test_R12_what_was_rejected_is_not_parked_twice() -> None:
    parked = _answered(_acted(_holding(), _patch(name="a")), results=[_rejected(1)])
    again = _answered(parked, 409, code="epoch", expected=1, epoch="e2")
    assert len(_answered(again, results=[_rejected(1, "invalid")], reset=True).parked) == 1


def test_R9_what_a_backup_has_is_not_kept() -> None:
    replica = _acted(_acted(_holding(), _patch(name="a")), _patch(name="b"))
    told = _answered(replica, results=[_accepted(1), _accepted(2)], durable=1)
    assert [w.changeset.n for w in told.kept] == [2]


def test_F4_a_fork_renumbers_what_has_no_answer_and_keeps_its_ids() -> None:
    replica = _holding()
    for name in ("a", "b", "c"):
        replica = _acted(replica, _patch(name=name))
    told = replica.answer(
        replica.request(0), 409, {"code": "forked", "n": 2, "replica": B, "results": [_accepted(1)]}
    )
    assert (told.replica, told.n, told.cursor) == (B, 2, None)
    assert [(w.replica, w.changeset.n, w.changeset.id) for w in told.outbox] == [
        (A, 1, _changeset_id(1)),
        (B, 1, _changeset_id(2)),
        (B, 2, _changeset_id(3)),
    ]
    assert [w.changeset.ops[0].base for w in told.waiting] == [{"@": 5, A: 1}, {"@": 5, A: 1, B: 1}]
    assert _name(told) == "c"


def test_F4_a_fork_at_the_first_number_leaves_no_entry_of_the_old_name() -> None:
    replica = _acted(FRESH, Draft("create", "thing", ID, {"name": "new"}))
    replica = _acted(replica, _patch(name="newer"))
    told = replica.answer(replica.request(0), 409, {"code": "forked", "n": 1, "replica": B, "results": []})
    assert [dict(w.changeset.ops[0].base) for w in told.outbox] == [{}, {B: 1}]


def test_R6_a_revoked_replica_hands_over_and_then_holds_nothing() -> None:
    replica = _acted(_acted(_holding(), _patch(name="a")), _patch(name="b"))
    half = _answered(replica, 403, code="forbidden", wipe=True, results=[_rejected(1, "forbidden")])
    assert (half.wiped, len(half.waiting)) == (False, 1)
    done = _answered(half, 403, code="forbidden", wipe=True, results=[_rejected(2, "forbidden")])
    assert (done.wiped, done.confirmed, done.outbox) == (True, {}, ())
    assert not _answered(_holding(), 403, code="forbidden").wiped


def test_W14_an_app_too_old_has_its_outcomes_all_the_same() -> None:
    replica = _answered(_acted(_holding(), _patch(name="a")), 426, code="schema", results=[_accepted(1)])
    assert (replica.waiting, _name(replica)) == ((), "a")


def test_T11_an_answer_that_is_not_the_protocols_changes_nothing() -> None:
    acted = _acted(_holding(), _patch(name="a"))
    for status, said in ((200, {"status": "ok"}), (409, {"code": "log in"}), (511, {}), (200, None)):
        assert acted.answer(acted.request(0), status, said) == acted  # type: ignore[arg-type]


def test_W11_a_request_holds_no_more_than_may_be_sent_again_after_a_cut() -> None:
    replica = FRESH
    for _ in range(20):
        replica = _acted(replica, Draft("create", "thing", OTHER_ID, {"body": "x" * 20_000}))
    sent = replica.request(0)["changesets"]
    assert PUSH_BYTES_MAX <= sum(len(canonical(c)) for c in sent) < PUSH_BYTES_MAX + 21_000
    assert len(sent) == 13
    first = _answered(replica, results=[_accepted(c["n"]) for c in sent])
    assert [c["n"] for c in first.request(0)["changesets"]] == [14, 15, 16, 17, 18, 19, 20]
