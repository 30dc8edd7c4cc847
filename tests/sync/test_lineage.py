"""What bases of a lost branch count for after a restore, and a changeset that came under two dots (C10, R13, V18)."""

from collections.abc import Mapping
from typing import Any

import pytest

from sync.changeset import Changeset, Op
from sync.lineage import Gap, Lineage, Second, placed
from sync.vector import Dot, covers
from tests.sync.things import ID, A, B, C, created, patched

LOST = Gap(100, 5000)
GUESSED = Gap(100, 5000, certain=False)
D = "rdddddddddddd"


def _placed(base: Mapping[str, int], lineage: Lineage, *, n: int = 9, was: str | None = None) -> Op:
    op = Op("patch", "thing", ID, base, {"name": "x"})
    return placed(Changeset(n, ID, 1, 0, (op,), was), A, lineage).ops[0]


@pytest.mark.parametrize(("seq", "lost"), [(100, False), (101, True), (4999, True), (5000, False)])
def test_R10_a_gap_is_what_lies_above_the_cut_and_below_the_first(seq: int, lost: bool) -> None:
    assert LOST.lost(seq) is lost


def test_R13_without_a_restore_a_changeset_is_placed_as_it_came() -> None:
    changeset = Changeset(1, ID, 1, 0, (Op("patch", "thing", ID, {"@": 7}),))
    assert placed(changeset, A, Lineage()) is changeset


def test_R13_a_base_of_the_lost_branch_counts_up_to_the_cut_with_its_entries() -> None:
    lineage = Lineage([LOST], current=frozenset({A}), former={B: 3})
    op = _placed({"@": 140, A: 2, B: 4, C: 1}, lineage)
    assert op.base == {"@": 100, A: 2, B: 4, C: 1}
    assert op.ahead == {B: 4, C: 1}
    kept = _placed({"@": 90, B: 3, C: 1}, lineage)
    assert (kept.base, kept.ahead) == ({"@": 90, B: 3, C: 1}, {})
    assert _placed({"@": 5001, B: 4}, lineage).ahead == {B: 4}


def test_R13_of_stacked_restores_each_base_is_cut_where_its_branch_was() -> None:
    lineage = Lineage([LOST, Gap(5010, 9000)])
    assert [_placed({"@": seq}, lineage).base["@"] for seq in (90, 140, 5005, 5020, 9001)] == [
        90, 100, 5005, 5010, 9001,
    ]  # fmt: skip


def test_R13_where_the_cut_is_a_guess_only_what_the_writer_says_of_itself_counts() -> None:
    lineage = Lineage([GUESSED], current=frozenset({A}), former={B: 3})
    op = _placed({"@": 140, A: 2, B: 4, C: 1}, lineage)
    assert (op.base, op.ahead) == ({"@": 100, A: 2}, {})


def test_R13_a_restore_whose_cut_is_a_guess_may_have_lost_what_an_earlier_one_left() -> None:
    gaps = [LOST, Gap(40, 9000, certain=False)]
    for lineage in (Lineage(gaps), Lineage(gaps[::-1])):
        assert [_placed({"@": seq, B: 1}, lineage).base for seq in (30, 90, 140, 9001)] == [
            {"@": 30, B: 1}, {"@": 40}, {"@": 40}, {"@": 9001, B: 1},
        ]  # fmt: skip


def test_R12_what_comes_again_has_seen_all_that_its_name_wrote_before() -> None:
    lineage = Lineage([LOST], former={A: 2, B: 3}, returning=True)
    assert _placed({"@": 90, B: 2}, lineage, was="accepted").ahead == {B: 2, A: 8}
    assert _placed({"@": 90, B: 2}, lineage, n=1, was="accepted").ahead == {B: 2}
    assert _placed({"@": 90, B: 2}, lineage).ahead == {}


def test_C10_a_base_over_a_second_dot_covers_the_first() -> None:
    lineage = Lineage(seconds=[Second(B, 4, C, 7), Second(A, 3, D, 2), Second(A, 2, D, 1)])
    assert _placed({"@": 90, B: 4, C: 6}, lineage, n=2).base == {"@": 90, B: 4, C: 7}
    assert _placed({"@": 90, B: 3, C: 6}, lineage, n=2).base == {"@": 90, B: 3, C: 6}
    assert _placed({"@": 90}, lineage, n=3).base == {"@": 90, D: 1}
    assert _placed({"@": 90}, lineage, n=4).base == {"@": 90, D: 2}
    assert _placed({"@": 90, D: 5}, lineage, n=4).base == {"@": 90, D: 5}
    assert covers(_placed({"@": 90, B: 4, C: 6}, lineage).base, Dot(C, 7, 200))


def test_C10_R14_what_stands_behind_writes_that_nobody_says_to_have_seen_does_not_cover_them() -> None:
    """A copy sent anew what both have, behind an edit of its own."""
    lineage = Lineage(seconds=[Second(B, 4, C, 7)])
    assert _placed({"@": 90, B: 4}, lineage, n=2).base == {"@": 90, B: 4}
    assert _placed({"@": 90, B: 4, C: 5}, lineage, n=2).base == {"@": 90, B: 4, C: 5}


def _again(record: Any, who: str, n: int, seq: int, base: Any, ahead: Any, **given: Any) -> Any:
    from sync.merge import Stamp, apply
    from tests.sync.things import THING, new_id

    op = Op("patch", "thing", ID, base, given, ahead)
    return apply(THING, record, op, Stamp(Dot(who, n, seq), 1000 + n, new_id))


@pytest.mark.parametrize("given", [{"name": "old"}, {"body": "old"}, {"meter": 9}, {"notes": "old"}])
def test_R13_what_stands_had_seen_the_write_that_comes_late(given: dict[str, Any]) -> None:
    new = {name: 5 if name == "meter" else "new" for name in given}
    over = _again(created(), C, 1, 5001, {"@": 1, B: 4}, {B: 4}, **new).record
    late = _again(over, B, 4, 5002, {"@": 1}, {B: 3}, **given)
    assert {name: late.record.data[name] for name in given} == new
    assert late.opened == ()
    assert late.record.vv == {A: 1, C: 1, B: 4}


@pytest.mark.parametrize(
    ("given", "new"),
    [
        ({"name": "old"}, {"name": "new"}),
        ({"meter": 9}, {"meter": 5}),
        (
            {"status": "work", "reason": "old", "since": 3},
            {"status": "hold", "reason": "new", "since": 4},
        ),
    ],
)
def test_R13_a_base_also_names_what_gave_way_so_who_wrote_it_is_told(
    given: dict[str, Any], new: dict[str, Any]
) -> None:
    """B's write had given way in the lost branch, and C, who wrote after that, had never seen it."""
    over = _again(created(), C, 1, 5001, {"@": 1, B: 4}, {B: 4}, **new).record
    late = _again(over, B, 4, 5002, {"@": 1}, {B: 3}, **given)
    assert [(one.mine, one.value) for one in late.overtaken] == [(True, given)]
    assert {name: late.record.data[name] for name in given} == new


@pytest.mark.parametrize("given", [{"body": "old"}, {"notes": "old"}])
def test_R13_a_text_that_was_before_the_eyes_is_replaced_silently(given: dict[str, Any]) -> None:
    """It stood, or waited beside what stood: whoever wrote over it had it on the screen."""
    over = _again(created(), C, 1, 5001, {"@": 1, B: 4}, {B: 4}, **dict.fromkeys(given, "new")).record
    assert _again(over, B, 4, 5002, {"@": 1}, {B: 3}, **given).overtaken == ()


def test_R13_an_equal_value_that_comes_late_did_not_give_way() -> None:
    over = _again(created(), C, 1, 5001, {"@": 1, B: 4}, {B: 4}, name="same").record
    assert _again(over, B, 4, 5002, {"@": 1}, {B: 3}, name="same").overtaken == ()


def test_R13_V17_the_step_that_gave_way_is_what_its_author_went_on_from() -> None:
    """B started the work and checked it; C, whose base names the start, put it on hold and is sent again first."""
    hold = {"status": "hold", "reason": "part", "since": 4}
    over = _again(created(), C, 1, 5001, {"@": 1, B: 1}, {B: 1}, **hold).record
    late = _again(over, B, 1, 5002, {"@": 1}, {}, status="work", reason="on", since=2).record
    after = _again(late, B, 2, 5003, {"@": 1, B: 1}, {B: 1}, status="check", reason="ok", since=3)
    assert after.record.data["status"] == "check"


def test_R13_what_replaced_it_has_seen_it_too() -> None:
    over = _again(created(), C, 1, 5001, {"@": 1, B: 4}, {B: 4}, body="new").record
    newer = patched(over, D, 1, 5002, {"@": 5001}, body="newer").record
    late = _again(newer, B, 4, 5003, {"@": 1}, {}, body="old")
    assert (late.record.data["body"], late.opened) == ("newer", ())


def test_R13_a_side_that_had_seen_it_waits_for_it_too() -> None:
    other = patched(created(), D, 1, 5001, {"@": 1}, body="other").record
    side = _again(other, C, 1, 5002, {"@": 1, B: 4}, {B: 4}, body="new").record
    late = _again(side, B, 4, 5003, {"@": 1}, {}, body="old")
    assert late.opened == ()
    assert [*side.meta.sides["body"]] == [*late.record.meta.sides["body"]] == [C]


def test_R13_equal_values_have_seen_what_either_saw() -> None:
    one = _again(created(), C, 1, 5001, {"@": 1, B: 4}, {B: 4}, body="new").record
    both = patched(one, D, 1, 5002, {"@": 1}, body="new").record
    assert _again(both, B, 4, 5003, {"@": 1}, {}, body="old").opened == ()


def test_M10_R13_an_add_that_was_removed_before_it_came_back_stays_away() -> None:
    gone = _again(created(), C, 1, 5001, {"@": 1, B: 4}, {B: 4}, tags={"remove": ["a"]}).record
    late = _again(gone, B, 4, 5002, {"@": 1}, {}, tags={"add": ["a", "b"]}).record
    assert late.data["tags"] == ["b"]
    anew = patched(late, B, 5, 5003, {"@": 5002}, tags={"add": ["a"]}).record
    assert anew.data["tags"] == ["a", "b"]


def test_R13_one_names_writes_come_back_in_any_order() -> None:
    newer = _again(created(), B, 5, 5001, {"@": 1}, {B: 4}, name="newer").record
    late = _again(newer, B, 4, 5002, {"@": 1}, {B: 3}, name="older").record
    assert (late.data["name"], late.vv[B]) == ("newer", 5)
