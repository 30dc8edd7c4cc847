"""An op meets a record: creates, patches, conflicts, deletes (rules V, M15 to M28)."""

from dataclasses import replace
from typing import Any

import pytest

from sync.changeset import Op, Record
from sync.errors import Refusal
from sync.merge import Stamp, apply, assign, standing_dots
from sync.vector import Dot
from tests.sync.things import (
    ID,
    OTHER_ID,
    THING,
    A,
    B,
    C,
    created,
    deleted,
    new_id,
    patched,
    side_values,
    status,
)

SAW_CREATE = {"@": 1}


def _refused(op: Op, record: Record | None, n: int = 1) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        apply(THING, record, op, Stamp(Dot(B, n, 9), 1000, new_id))
    return refusal.value


def _conflict() -> Record:
    """A's "one" stands (commit 2), B's "two" waits (commit 3)."""
    first = patched(created(), A, 2, 2, SAW_CREATE, body="one").record
    return patched(first, B, 1, 3, SAW_CREATE, body="two").record


def test_V9_a_created_record_names_its_commit_and_its_maker() -> None:
    record = created(body="x")
    assert record.vector == {"@": 1, A: 1}
    assert record.data == {"name": "thing", "body": "x", "status": "new"}


def test_V1_of_the_write_that_stands_dots_commit_time_and_base_are_kept() -> None:
    write = patched(created(), B, 4, 7, {"@": 1, C: 2}, at=900, name="b").record.meta.standing("name")
    assert (write.dots, write.at, write.base) == ((Dot(B, 4, 7),), 900, {"@": 1, C: 2})


@pytest.mark.parametrize("unit", ["name", "body", "meter", "notes", "sign"])
def test_M1_a_write_that_covers_all_that_stands_is_taken(unit: str) -> None:
    record = created(**({} if unit == "sign" else {unit: 9 if unit == "meter" else "old"}))
    new = 3 if unit == "meter" else "new"
    assert patched(record, B, 1, 2, SAW_CREATE, at=1, **{unit: new}).record.data[unit] == new


def test_V9_each_write_moves_the_commit_and_its_replicas_entry() -> None:
    assert patched(created(), B, 4, 7, SAW_CREATE, name="b").record.vector == {"@": 7, A: 1, B: 4}


def test_V10_a_base_is_never_merged_into_the_record() -> None:
    assert patched(created(), B, 4, 7, {"@": 1, C: 99}, name="b").record.vector == {"@": 7, A: 1, B: 4}


def test_V8_fifty_offline_edits_of_one_phone_never_conflict() -> None:
    record = created()
    for n in range(2, 52):
        result = patched(record, A, n, n, {A: 1}, body=f"text {n}", **status(record.data["status"]))
        assert (result.opened, result.overtaken) == ((), ())
        record = result.record
    assert record.data["body"] == "text 51"


def test_V2_a_group_is_written_whole() -> None:
    refusal = _refused(Op("patch", "thing", ID, SAW_CREATE, {"cents": 5}), created())
    assert (refusal.code, refusal.field) == ("invalid", "why")


def test_V2_fields_of_a_group_merge_as_one() -> None:
    first = patched(created(), A, 2, 2, SAW_CREATE, at=500, cents=5, why="late").record
    lost = patched(first, B, 1, 3, SAW_CREATE, at=400, cents=5, why="broken")
    assert lost.record.data["why"] == "late"
    assert lost.overtaken[0].value == {"cents": 5, "why": "broken"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"name": 5}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"meter": 2**53}, "meter"),
        ({"tags": ["red"]}, "tags"),
        ({"tags": None}, "tags"),
        ({"tags": {"add": None}}, "tags"),
        ({"tags": {"put": ["x"]}}, "tags"),
        ({"tags": {"add": [5]}}, "tags"),
        ({"status": "lost", "reason": None, "since": None}, "status"),
    ],
)
@pytest.mark.parametrize("kind", ["create", "patch"])
def test_C14_what_the_declaration_does_not_take_is_invalid(
    kind: str, values: dict[str, Any], field: str
) -> None:
    base_and_set = ({}, {"name": "n", **values}) if kind == "create" else (SAW_CREATE, values)
    refusal = _refused(Op(kind, "thing", ID, *base_and_set), created() if kind == "patch" else None)
    assert (refusal.code, refusal.field) == ("invalid", field)


@pytest.mark.parametrize("empty", [{}, {"name": ""}, {"name": None}])
def test_C14_a_create_names_what_is_required(empty: dict[str, Any]) -> None:
    refusal = _refused(Op("create", "thing", ID, {}, empty), None)
    assert (refusal.code, refusal.field) == ("invalid", "name")


def test_W19_null_clears_and_what_is_empty_is_not_there() -> None:
    record = created(body="x", extra=[1], tags={"add": ["t"]})
    result = patched(record, A, 2, 2, SAW_CREATE, body=None, extra=[], tags={"remove": ["t"]}).record
    assert result.data == {"name": "thing", "status": "new"}


def test_W19_an_emptied_list_and_null_are_the_same_value() -> None:
    cleared = patched(created(extra=[1]), A, 2, 2, SAW_CREATE, extra=None).record
    assert not patched(cleared, B, 1, 3, SAW_CREATE, extra=[]).overtaken


def test_W19_a_set_grows_to_two_hundred_and_may_always_shrink() -> None:
    record = created(tags={"add": [f"a{i}" for i in range(150)]})
    refusal = _refused(
        Op("patch", "thing", ID, SAW_CREATE, {"tags": {"add": [f"b{i}" for i in range(51)]}}), record
    )
    assert (refusal.code, refusal.field) == ("invalid", "tags")
    assert len(patched(record, B, 1, 2, SAW_CREATE, tags={"remove": ["a0"]}).record.data["tags"]) == 149


def test_W19_a_set_that_the_server_made_larger_may_be_made_smaller() -> None:
    record = assign(THING, created(), {"tags": [f"a{i}" for i in range(203)]}, 2, 500)
    assert len(patched(record, B, 1, 3, {"@": 2}, tags={"remove": ["a0"]}).record.data["tags"]) == 202


def test_R13_a_late_write_that_does_not_stand_closes_nothing() -> None:
    stands = patched(
        created(), A, 2, 2, {"@": 1, B: 1}, body="one"
    ).record  # A had seen B's first, in a lost branch
    conflict = patched(stands, C, 1, 3, SAW_CREATE, body="two").record
    late = patched(conflict, B, 1, 4, {"@": 3}, body="zero")
    assert (late.record.data["body"], late.closed) == ("one", ())


def test_M18_a_write_that_saw_both_closes_the_conflict() -> None:
    conflict = _conflict()
    for value in ("one", "two", "third"):
        result = patched(conflict, C, 1, 4, {"@": 3}, body=value)
        assert result.record.data["body"] == value
        assert (len(result.closed), result.record.meta.sides) == (1, {})


@pytest.mark.parametrize("base", [{"@": 2}, {"@": 1, B: 1}])
def test_M18_a_write_that_saw_only_one_of_them_leaves_it_open(base: dict[str, int]) -> None:
    result = patched(_conflict(), C, 1, 4, base, body="third")
    assert not result.closed
    assert "two" in side_values(result.record, "body")


def test_M17_opening_and_closing_stamp_the_record() -> None:
    conflict = _conflict()
    assert conflict.seq == 3
    assert patched(conflict, C, 1, 4, {"@": 3}, body="one").record.seq == 4


def test_M19_equal_values_close_a_conflict() -> None:
    result = patched(
        _conflict(), A, 3, 4, {"@": 2}, body="two"
    )  # A saw its own "one" and writes what B wrote
    assert result.record.data["body"] == "two"
    assert (len(result.closed), result.record.meta.sides) == (1, {})
    assert patched(result.record, C, 1, 5, {"@": 1, A: 3}, body="saw not b's").opened


def test_M20_a_newer_write_of_the_same_replica_replaces_its_side() -> None:
    conflict = _conflict()
    result = patched(conflict, B, 2, 4, {"@": 1, B: 1}, body="two and a half")
    assert side_values(result.record, "body") == ["two and a half"]
    assert [o.again for o in result.opened] == [True]
    assert result.opened[0].conflict == conflict.meta.sides["body"][B].conflict


def test_M20_each_replica_has_its_own_conflict() -> None:
    result = patched(_conflict(), C, 1, 4, SAW_CREATE, body="three")
    assert side_values(result.record, "body") == ["three", "two"]


def test_M20_a_side_with_the_same_value_is_one_conflict_and_its_author_is_told() -> None:
    conflict = _conflict()
    joined = patched(conflict, C, 1, 4, SAW_CREATE, body="two")
    (opened,) = joined.opened
    assert (opened.joined, opened.conflict) == (True, conflict.meta.sides["body"][B].conflict)
    assert [dot[:2] for dot in joined.record.meta.sides["body"][B].write.dots] == [(B, 1), (C, 1)]


def test_M20_joining_anothers_side_gives_up_ones_own() -> None:
    both = patched(_conflict(), C, 1, 4, SAW_CREATE, body="three").record
    result = patched(both, C, 2, 5, {"@": 1, C: 1}, body="two")
    assert side_values(result.record, "body") == ["two"]
    assert result.closed == (both.meta.sides["body"][C].conflict,)


def test_V7_a_side_that_two_stand_with_outlives_the_newer_write_of_one() -> None:
    joined = patched(_conflict(), C, 1, 4, SAW_CREATE, body="two").record
    result = patched(joined, B, 2, 5, {"@": 1, B: 1}, body="four")
    assert side_values(result.record, "body") == ["four", "two"]
    assert result.record.meta.sides["body"][C].conflict == joined.meta.sides["body"][B].conflict
    moved_on = patched(result.record, C, 2, 6, {"@": 1, C: 1}, body="five").record
    assert side_values(moved_on, "body") == ["five", "four"]


def test_V7_a_side_goes_when_all_who_stood_with_it_have_written_anew() -> None:
    joined = patched(_conflict(), C, 1, 4, SAW_CREATE, body="two").record
    split = patched(joined, C, 2, 5, {"@": 1, C: 1}, body="five").record
    assert side_values(split, "body") == ["five", "two"]
    assert side_values(patched(split, B, 2, 6, {"@": 1, B: 1}, body="four").record, "body") == [
        "five",
        "four",
    ]


def test_M22_a_delete_must_have_seen_every_write() -> None:
    record = patched(created(), B, 1, 2, SAW_CREATE, name="b").record
    assert _refused(Op("delete", "thing", ID, SAW_CREATE), record, n=0).code == "unseen"
    gone = deleted(record, A, 2, 3, {"@": 2}).record
    assert (gone.gone, gone.data, gone.vector) == (True, {}, {"@": 3})


@pytest.mark.parametrize("given", [{"tags": {"add": ["new"]}}, {"body": "x"}, {"meter": 3}])
def test_M22_an_unseen_write_of_any_unit_keeps_the_record(given: dict[str, Any]) -> None:
    record = patched(created(), A, 2, 2, SAW_CREATE, **given).record
    assert _refused(Op("delete", "thing", ID, SAW_CREATE), record).code == "unseen"


def test_M22_an_unseen_side_keeps_the_record_and_a_delete_that_saw_it_closes_it() -> None:
    conflict = _conflict()
    assert _refused(Op("delete", "thing", ID, {"@": 2}), conflict, n=0).code == "unseen"
    assert deleted(conflict, C, 1, 4, {"@": 3}).closed == (conflict.meta.sides["body"][B].conflict,)


def test_M22_what_only_the_server_writes_is_not_asked_for() -> None:
    numbered = assign(THING, created(), {"number": "1001"}, 5, 500)
    assert deleted(numbered, B, 1, 6, SAW_CREATE).record.gone
    moved = replace(numbered, meta=replace(numbered.meta, writes={"number": numbered.meta.first}))
    assert len(standing_dots(THING, moved)) == 1


def test_M24_a_patch_or_delete_of_what_is_not_there_is_gone() -> None:
    dead = deleted(created(), A, 2, 2, SAW_CREATE).record
    elsewhere = replace(created(), collection="other")
    for kind in ("patch", "delete"):
        for record in (None, dead, elsewhere):
            assert _refused(Op(kind, "thing", ID, {"@": 9}), record).code == "gone"


def test_M25_an_id_is_never_used_twice() -> None:
    dead = deleted(created(), A, 2, 2, SAW_CREATE).record
    for record in (created(), dead):
        assert _refused(Op("create", "thing", ID, {}, {"name": "again"}), record).code == "exists"


def test_M28_the_same_input_gives_the_same_record() -> None:
    record = _conflict()
    op = Op("patch", "thing", ID, {"@": 2}, {"name": "x", "body": "y", "tags": {"add": ["t"]}})

    def once() -> Record:
        return apply(THING, record, op, Stamp(Dot(C, 1, 4), 1000, lambda: OTHER_ID)).record

    assert once() == once()


def test_M28_a_refusal_leaves_nothing_behind() -> None:
    record = created(body="x")
    before = repr(record)
    _refused(Op("patch", "thing", ID, SAW_CREATE, {"name": "new", **status("done")}), record)
    assert repr(record) == before


def test_V5_what_the_server_assigns_is_concurrent_with_an_older_base() -> None:
    record = assign(THING, created(tags={"add": ["a"]}), {"name": "by the shop", "tags": ["b"]}, 5, 500)
    assert record.data["tags"] == ["b"]
    assert patched(record, B, 1, 6, SAW_CREATE, at=400, name="b").overtaken
    assert patched(record, B, 1, 6, SAW_CREATE, tags={"remove": ["b"]}).record.data["tags"] == ["b"]
    assert "tags" not in assign(THING, record, {"tags": None}, 6, 600).data


def test_V17_a_step_of_the_server_is_part_of_the_history() -> None:
    record = assign(THING, created(), {"status": "check", "reason": "due"}, 5, 500)
    assert patched(record, B, 1, 6, {"@": 5}, **status("done")).record.data["status"] == "done"


def test_C11_a_refusal_names_the_op_once() -> None:
    refusal = _refused(Op("patch", "thing", ID, SAW_CREATE, {"colour": 1}), created())
    assert refusal.at(2).at(5).op == 2
    assert "colour" in refusal.message
