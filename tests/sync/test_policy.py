"""What concurrent writes of one unit become, policy by policy (rules M1 to M13)."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.changeset import Past, Record, Write
from sync.errors import Refusal
from sync.policy import Incoming, Verdict, judge
from sync.vector import Dot
from tests.sync.things import PROPERTY, THING, A, B, C, created, patched, side_values, status

SAW_CREATE = {"@": 1}


def _code(*args: Any, **given: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        patched(*args, **given)
    return refusal.value.code


@pytest.mark.parametrize("unit", ["name", "body", "meter", "notes"])
def test_V4_a_write_that_saw_what_stands_replaces_it_silently(unit: str) -> None:
    old, new = (7, 3) if unit == "meter" else ("old", "new")
    record = created(**{unit: old})
    result = patched(record, B, 1, 2, SAW_CREATE, at=1, **{unit: new})
    assert result.record.data[unit] == new
    assert (result.opened, result.overtaken) == ((), ())


def test_M4_later_write_stands() -> None:
    first = patched(created(), A, 2, 2, SAW_CREATE, at=200, name="early").record
    result = patched(first, B, 1, 3, SAW_CREATE, at=300, name="late")
    assert result.record.data["name"] == "late"
    (lost,) = result.overtaken
    assert (lost.unit, lost.mine, lost.value) == ("name", False, {"name": "early"})


def test_M4_earlier_write_that_arrives_later_is_overtaken() -> None:
    first = patched(created(), A, 2, 2, SAW_CREATE, at=300, name="late").record
    result = patched(first, B, 1, 3, SAW_CREATE, at=200, name="early")
    assert result.record.data["name"] == "late"
    (lost,) = result.overtaken
    assert (lost.mine, lost.value) == (True, {"name": "early"})


@pytest.mark.parametrize("order", [(A, B), (B, A)])
def test_M3_ties_go_to_the_larger_dot(order: tuple[str, str]) -> None:
    record = created()
    for seq, who in enumerate(order, 2):
        record = patched(record, who, 2, seq, SAW_CREATE, at=500, name=who).record
    assert record.data["name"] == B


def test_M2_no_edit_is_earlier_than_what_it_had_seen() -> None:
    record = patched(created(), A, 2, 2, SAW_CREATE, at=900, name="seen by b").record
    record = patched(record, B, 1, 3, {"@": 2}, at=5, name="clock of b is slow").record
    result = patched(record, C, 1, 4, SAW_CREATE, at=800, name="before b's")
    assert result.record.data["name"] == "clock of b is slow"


def test_V6_equal_values_never_conflict_and_both_dots_stand() -> None:
    first = patched(created(), A, 2, 2, SAW_CREATE, body="same").record
    result = patched(first, B, 1, 3, SAW_CREATE, body="same")
    assert not result.opened
    assert {dot[:2] for dot in result.record.meta.standing("body").dots} == {(A, 2), (B, 1)}
    assert patched(result.record, C, 1, 4, {"@": 2}, body="saw only a's").opened
    assert not patched(result.record, C, 1, 4, {"@": 3}, body="saw both").opened


def test_M8_keep_both_opens_a_conflict_and_the_first_goes_on_standing() -> None:
    first = patched(created(), A, 2, 2, SAW_CREATE, body="one").record
    result = patched(first, B, 1, 3, SAW_CREATE, body="two")
    assert result.record.data["body"] == "one"
    assert side_values(result.record, "body") == ["two"]
    assert [(o.unit, o.value, o.again) for o in result.opened] == [("body", {"body": "two"}, False)]


def test_M9_text_waits_for_a_person_where_it_is_not_known_what_was_seen() -> None:
    first = patched(created(), A, 2, 2, SAW_CREATE, notes="one").record
    assert patched(first, B, 1, 3, SAW_CREATE, notes="two").opened


def test_M11_the_larger_stands_whatever_the_clock_says() -> None:
    first = patched(created(), A, 2, 2, SAW_CREATE, at=900, meter=120).record
    grown = patched(first, B, 1, 3, SAW_CREATE, at=100, meter=130)
    assert grown.record.data["meter"] == 130
    assert [lost.mine for lost in grown.overtaken] == [False]
    shrunk = patched(first, B, 1, 3, SAW_CREATE, at=999, meter=110)
    assert shrunk.record.data["meter"] == 120
    assert [lost.mine for lost in shrunk.overtaken] == [True]


def test_M11_who_saw_the_larger_may_correct_it_downward() -> None:
    first = patched(created(), A, 2, 2, SAW_CREATE, meter=9_999_999).record
    assert patched(first, B, 1, 3, {"@": 2}, meter=120).record.data["meter"] == 120


def test_M11_a_clearing_gives_way_to_any_number_it_had_not_seen() -> None:
    cleared = patched(created(meter=5), A, 2, 2, SAW_CREATE, meter=None).record
    assert patched(cleared, B, 1, 3, SAW_CREATE, meter=7).record.data["meter"] == 7
    counted = patched(created(meter=5), A, 2, 2, SAW_CREATE, meter=7).record
    assert patched(counted, B, 1, 3, SAW_CREATE, meter=None).record.data["meter"] == 7


def test_M12_first_stands_and_a_later_one_is_refused() -> None:
    signed = patched(created(), A, 2, 2, SAW_CREATE, at=900, sign="Ann").record
    assert _code(signed, B, 1, 3, {"@": 2}, sign="Bob") == "already_set"
    assert _code(signed, B, 1, 3, SAW_CREATE, at=1, sign="Bob") == "already_set"
    assert _code(signed, A, 3, 3, {"@": 2}, sign=None) == "already_set"
    assert patched(signed, B, 1, 3, SAW_CREATE, sign="Ann").record.data["sign"] == "Ann"
    assert patched(signed, B, 1, 3, {"@": 2}, sign="Ann").record.data["sign"] == "Ann"


def test_M12_first_accepted_stands_even_if_it_had_not_seen_the_record_and_is_early() -> None:
    assert patched(created(), B, 1, 2, {}, at=1, sign="Ann").record.data["sign"] == "Ann"


def test_M6_a_step_must_be_in_the_graph() -> None:
    assert _code(created(), B, 1, 2, SAW_CREATE, **status("done")) == "bad_step"
    assert patched(created(), B, 1, 2, SAW_CREATE, **status("work")).record.data["status"] == "work"


def test_M6_from_an_empty_field_every_step_is_legal() -> None:
    empty = patched(created(), A, 2, 2, SAW_CREATE, name="x").record
    empty.data.pop("status")  # type: ignore[attr-defined]
    assert patched(empty, B, 1, 3, {"@": 2}, **status("done")).record.data["status"] == "done"


def test_M6_a_step_must_be_legal_from_what_the_editor_saw() -> None:
    checked = patched(created(status="work"), A, 2, 2, SAW_CREATE, **status("check")).record
    assert _code(checked, B, 1, 3, SAW_CREATE, **status("done")) == "bad_step"  # from work there is no done


def test_M6_a_step_must_be_legal_from_what_stands() -> None:
    done = patched(created(status="check"), A, 2, 2, SAW_CREATE, at=500, **status("done")).record
    assert (
        _code(
            patched(done, A, 3, 3, {"@": 2}, at=600, **status("work")).record,
            B,
            1,
            4,
            SAW_CREATE,
            at=700,
            **status("done"),
        )
        == "bad_step"
    )


def test_M7_of_two_concurrent_legal_steps_the_later_stands() -> None:
    held = patched(created(status="work"), A, 2, 2, SAW_CREATE, at=500, **status("hold")).record
    later = patched(held, B, 1, 3, SAW_CREATE, at=600, **status("check"))
    assert later.record.data["status"] == "check"
    assert [(lost.mine, lost.value["status"]) for lost in later.overtaken] == [(False, "hold")]
    earlier = patched(held, B, 1, 3, SAW_CREATE, at=400, **status("check"))
    assert earlier.record.data["status"] == "hold"
    assert [lost.mine for lost in earlier.overtaken] == [True]


def test_M7_the_same_step_twice_is_no_step() -> None:
    held = patched(created(status="work"), A, 2, 2, SAW_CREATE, **status("hold", since=10)).record
    again = patched(held, B, 1, 3, SAW_CREATE, **status("hold", since=20))
    assert (again.record.data["since"], again.overtaken) == (10, ())
    assert not patched(held, B, 1, 3, {"@": 2}, **status("hold", since=20)).overtaken


def test_M7_the_same_step_for_another_reason_loses_no_reason() -> None:
    held = patched(created(status="work"), A, 2, 2, SAW_CREATE, at=500, **status("hold", "no lift")).record
    result = patched(held, B, 1, 3, SAW_CREATE, at=600, **status("hold", "no parts"))
    assert result.record.data["reason"] == "no parts"
    assert [lost.value["reason"] for lost in result.overtaken] == ["no lift"]


def test_V17_steps_go_from_the_own_waiting_step_even_if_it_was_overtaken() -> None:
    """B goes new → work → check off line; A's hold is later than B's work, which B never saw."""
    held = patched(created(), A, 2, 2, SAW_CREATE, at=500, **status("hold")).record
    worked = patched(held, B, 1, 3, SAW_CREATE, at=400, **status("work"))
    assert worked.record.data["status"] == "hold"
    checked = patched(worked.record, B, 2, 4, {"@": 1, B: 1}, at=600, **status("check")).record
    assert checked.data["status"] == "check"


def test_V17_a_hidden_step_was_seen_by_nobody_else() -> None:
    held = patched(created(), A, 2, 2, SAW_CREATE, at=500, **status("hold")).record
    hidden = patched(held, B, 1, 3, SAW_CREATE, at=400, **status("work")).record
    assert hidden.meta.trail["status"][-1] == Past(Dot(B, 1, 3), "work", hidden=True)
    shown = patched(hidden, A, 3, 4, {"@": 3}, at=700, **status("work")).record
    assert shown.data["status"] == "work"
    moved = patched(shown, C, 1, 5, {"@": 3}, at=800, **status("check")).record  # C saw hold
    assert moved.data["status"] == "check"


@pytest.mark.parametrize("base", [{"@": 3}, {"@": 3, A: 2, B: 1}])
def test_V17_who_pulled_after_a_hidden_step_saw_what_stood(base: dict[str, int]) -> None:
    """B's done was overtaken by A's work; C, who saw work, may check, though from done there is no way to it."""
    worked = patched(created(status="check"), A, 2, 2, SAW_CREATE, at=500, **status("work")).record
    hidden = patched(worked, B, 1, 3, SAW_CREATE, at=400, **status("done")).record
    held = patched(hidden, A, 3, 4, {"@": 3}, at=600, **status("hold")).record
    assert patched(held, C, 1, 5, base, at=700, **status("check")).record.data["status"] == "check"


def test_V17_what_is_no_longer_known_goes_by_what_stands() -> None:
    """More steps than the record remembers were taken since: only what stands can judge this one."""
    record, at = created(status="work"), 500
    for n in range(2, 22):
        step = "hold" if n % 2 else "check"
        step = "work" if record.data["status"] == "check" else step
        record = patched(record, A, n, n, {"@": n - 1}, at=at, **status(step)).record
    assert record.data["status"] != "done"
    stands = record.data["status"]
    legal = {"work": "hold", "check": "done", "hold": "work"}[stands]
    assert patched(record, B, 1, 30, SAW_CREATE, at=900, **status(legal)).record.data["status"] == legal


def test_R13_a_write_that_was_seen_by_what_stands_does_not_come_back() -> None:
    """After a restore B's second edit, made over the first, may be sent before the first is sent again."""
    stands = Write((Dot(B, 5, 9),), 500, {A: 3})
    late = Incoming({"name": "old"}, Dot(A, 3, 10), 900, {"@": 1})
    assert judge((THING.by_name["name"],), {"name": "new"}, stands, late) == Verdict(lost="incoming")


def test_M10_an_unseen_add_wins_over_a_removal() -> None:
    record = created(tags={"add": ["red", "blue"]})
    readded = patched(record, A, 2, 2, SAW_CREATE, tags={"remove": ["red"]}).record
    readded = patched(readded, A, 3, 3, SAW_CREATE, tags={"add": ["red"]}).record
    after = patched(readded, B, 1, 4, SAW_CREATE, tags={"remove": ["red", "blue"], "add": ["green"]}).record
    assert after.data["tags"] == ["green", "red"]


def test_M10_a_removal_takes_what_its_base_covers() -> None:
    record = created(tags={"add": ["red"]})
    assert "tags" not in patched(record, B, 1, 2, SAW_CREATE, tags={"remove": ["red"]}).record.data
    assert patched(record, B, 1, 2, {}, tags={"remove": ["red"]}).record.data["tags"] == ["red"]


def test_M10_named_in_both_the_element_stays() -> None:
    after = patched(created(), B, 1, 2, SAW_CREATE, tags={"add": ["x"], "remove": ["x"]}).record
    assert after.data["tags"] == ["x"]


writes = st.lists(st.tuples(st.integers(1, 3), st.sampled_from("xyz")), min_size=3, max_size=3)


def _all_orders(unit: str, given: list[tuple[int, Any]]) -> list[Record]:
    """Three replicas write concurrently; the record after each order of arrival."""
    ended = []
    for order in permutations(zip((A, B, C), given, strict=True)):
        record = created()
        for seq, (who, (at, value)) in enumerate(order, 2):
            record = patched(record, who, 5, seq, {"@": 1}, at=1000 + at, **{unit: value}).record
        ended.append(record)
    return ended


@PROPERTY
@given(writes)
def test_M4_the_order_of_arrival_does_not_choose_the_latest(given: list[tuple[int, str]]) -> None:
    assert len({record.data["name"] for record in _all_orders("name", given)}) == 1


@PROPERTY
@given(writes)
def test_M11_the_order_of_arrival_does_not_choose_the_greatest(given: list[tuple[int, str]]) -> None:
    numbers = [(at, ord(value)) for at, value in given]
    stands = {record.data["meter"] for record in _all_orders("meter", numbers)}
    assert stands == {max(value for _, value in numbers)}


@PROPERTY
@given(writes)
def test_M8_the_same_values_are_kept_in_any_order(given: list[tuple[int, str]]) -> None:
    for record in _all_orders("body", given):
        assert {record.data["body"], *side_values(record, "body")} == {value for _, value in given}


changes = st.fixed_dictionaries(
    {
        "add": st.lists(st.sampled_from("xyz"), max_size=2),
        "remove": st.lists(st.sampled_from("xyz"), max_size=2),
    }
)


@PROPERTY
@given(st.lists(st.tuples(st.just(0), changes), min_size=3, max_size=3))
def test_M10_elements_come_out_the_same_in_any_order(given: list[tuple[int, Any]]) -> None:
    assert len({tuple(record.data.get("tags", ())) for record in _all_orders("tags", given)}) == 1
