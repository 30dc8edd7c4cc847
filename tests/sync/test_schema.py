"""Steps between schemas, each both ways, one after the other and through several numbers at once (rule C21)."""

from __future__ import annotations

from typing import Any

import pytest

from sync.changeset import Changeset, Data, Op
from sync.errors import Refusal
from sync.schema import Schema
from sync.schema_steps import Added, Moved, Removed, Renamed, RenamedCollection, Split, Step, Words

OWN = "raaaaaaaaaaaa"
BASE = {"@": 7, OWN: 3, "rbbbbbbbbbbbb": 5}


def _halves(said: Any) -> Data:
    left, _, right = str(said).partition(" ")
    return {"left": left, "right": right or None}


def _whole(data: Data) -> Any:
    return " ".join(filter(None, (data.get("left"), data.get("right")))) or None


RENAMED = Renamed("thing", "title", "name")
SPLIT = Split("thing", "pair", ("left", "right"), _halves, _whole)
WORDS = Words("thing", "state", newer={"shut": "locked"}, older={"locked": "shut", "latched": "shut"})
MOVED = Moved("thing", "place", via="box", to="box", new="shelf")
ADDED = Added("thing", "why", beside="state")
REMOVED = Removed("thing", "fax", "No fax any more.")
REFUSED = Removed("thing", "cash", "No cash any more.", refused=True)
COLLECTION = RenamedCollection("thing", "item")


def _patch(collection: str = "thing", **values: Any) -> Op:
    return Op("patch", collection, "t1", BASE, values)


def _up(step: Step, op: Op, **stands: Any) -> list[tuple[str, str, dict[str, Any]]]:
    found = step.up(op, {"t1": stands}.get, OWN)
    return [(op.collection, op.id, dict(op.set)) for op in found]


@pytest.mark.parametrize(
    ("step", "said", "stands", "expected"),
    [
        (RENAMED, {"title": "x", "other": 1}, {}, {"name": "x", "other": 1}),
        (SPLIT, {"pair": "a b"}, {}, {"left": "a", "right": "b"}),
        (SPLIT, {"pair": None}, {"left": "a"}, {"left": None, "right": None}),
        (SPLIT, {"pair": "a b c"}, {"left": "a b", "right": "c"}, {"left": "a b", "right": "c"}),
        (SPLIT, {"other": 1}, {}, {"other": 1}),
        (WORDS, {"state": "shut"}, {"state": "open"}, {"state": "locked"}),
        (WORDS, {"state": "shut"}, {"state": "latched"}, {"state": "latched"}),
        (WORDS, {"state": "open"}, {}, {"state": "open"}),
        (WORDS, {"state": None}, {}, {"state": None}),
        (WORDS, {"other": 1}, {}, {"other": 1}),
        (ADDED, {"state": "open"}, {"why": "hot"}, {"state": "open", "why": "hot"}),
        (ADDED, {"other": 1}, {"why": "hot"}, {"other": 1}),
        (REMOVED, {"fax": "1", "other": 1}, {}, {"other": 1}),
        (REFUSED, {"other": 1}, {}, {"other": 1}),
        (MOVED, {"other": 1}, {}, {"other": 1}),
    ],
)
def test_C21_what_an_old_app_says_is_said_as_today(
    step: Step, said: dict[str, Any], stands: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert _up(step, _patch(**said), **stands) == [("thing", "t1", expected)]
    assert step.up(_patch("else", **said), lambda _: stands, OWN) == (_patch("else", **said),)


def test_C21_a_collection_that_has_another_name() -> None:
    assert _up(COLLECTION, _patch(a=1)) == [("item", "t1", {"a": 1})]
    assert COLLECTION.down("item", {"a": 1}) == ("thing", {"a": 1})
    assert COLLECTION.down("else", {}) == ("else", {})
    assert COLLECTION.named_before("item", "a") == ("thing", "a")
    assert COLLECTION.named_before("else", "a") == ("else", "a")


@pytest.mark.parametrize(
    ("step", "today", "before"),
    [
        (RENAMED, {"name": "x"}, {"title": "x"}),
        (SPLIT, {"left": "a", "right": "b"}, {"pair": "a b"}),
        (SPLIT, {"other": 1}, {"other": 1}),
        (WORDS, {"state": "latched"}, {"state": "shut"}),
        (WORDS, {}, {}),
        (ADDED, {"why": "hot", "state": "open"}, {"state": "open"}),
        (REMOVED, {"other": 1}, {"other": 1}),
        (MOVED, {"box": "b1"}, {"box": "b1"}),
    ],
)
def test_C21_a_record_of_today_as_it_was_shown_before(step: Step, today: Data, before: Data) -> None:
    assert step.down("thing", today) == ("thing", before)
    assert step.down("else", today) == ("else", today)


@pytest.mark.parametrize(
    ("step", "today", "before"),
    [(RENAMED, "name", "title"), (SPLIT, "right", "pair"), (WORDS, "state", "state")],
)
def test_C21_a_field_by_the_name_it_had(step: Step, today: str, before: str) -> None:
    assert step.named_before("thing", today) == ("thing", before)
    assert step.named_before("else", today) == ("else", today)


def test_C21_what_moved_goes_over_a_base_that_saw_nothing_of_what_stands_there() -> None:
    stays, moved = MOVED.up(_patch(place="top", other=1), lambda _: {"box": "b1"}, OWN)
    assert stays == _patch(other=1)
    assert moved == Op("patch", "box", "b1", {OWN: 3}, {"shelf": "top"})
    (alone,) = MOVED.up(
        Op("patch", "thing", "t1", {"@": 7}, {"place": "top", "box": "b2"}), lambda _: None, OWN
    )[1:]
    assert alone == Op("patch", "box", "b2", {}, {"shelf": "top"})
    (only,) = MOVED.up(_patch(place="top"), lambda _: {"box": "b1"}, OWN)
    assert only.collection == "box"
    created = MOVED.up(Op("create", "thing", "t1", {}, {"place": "top", "box": "b1"}), lambda _: None, OWN)
    assert [op.op for op in created] == ["create", "patch"]
    assert MOVED.down("box", {"shelf": "top", "name": "b"}) == ("box", {"name": "b"})
    with pytest.raises(Refusal) as refusal:
        MOVED.up(_patch(place="top"), lambda _: {}, OWN)
    assert refusal.value.code == "gone"


SPLIT_LATER = Split("item", "pair", ("left", "right"), _halves, _whole)
SCHEMA = Schema(
    ((RENAMED, WORDS), (COLLECTION, REMOVED, REFUSED), (SPLIT_LATER,)), new_collections={"tag": 3}
)


def _changeset(schema: int, *ops: Op) -> Changeset:
    return Changeset(4, "c4", schema, 100, ops)


def test_C21_through_several_numbers_at_once() -> None:
    said = _changeset(1, _patch(title="x", state="shut"), _patch(pair="a b"))
    now = SCHEMA.up(said, {"t1": {"state": "latched"}}.get, OWN)
    assert [(op.collection, dict(op.set)) for op in now.changeset.ops] == [
        ("item", {"name": "x", "state": "latched"}),
        ("item", {"left": "a", "right": "b"}),
    ]
    assert (now.places, now.left) == ((0, 1), ())
    assert SCHEMA.up(_changeset(4, _patch(title="x")), lambda _: None, OWN).changeset.ops == (
        _patch(title="x"),
    )


def test_C21_what_the_changeset_itself_made_stands_as_it_says() -> None:
    made = Op("create", "thing", "t1", {}, {"state": "latched"})
    now = SCHEMA.up(
        _changeset(1, made, _patch(state="shut"), Op("patch", "thing", "t2", {}, {"state": "shut"})),
        lambda _: None,
        OWN,
    )
    assert [op.set["state"] for op in now.changeset.ops] == ["latched", "latched", "locked"]


def test_C21_what_has_no_place_any_more_is_named_and_what_must_not_be_is_refused() -> None:
    kept = Schema(((REMOVED, REFUSED),))
    now = kept.up(_changeset(1, _patch(fax="1")), lambda _: None, OWN)
    assert [(left.op, left.collection, left.id, left.field, left.reason) for left in now.left] == [
        (0, "thing", "t1", "fax", "No fax any more.")
    ]
    with pytest.raises(Refusal) as refusal:
        kept.up(_changeset(1, _patch(), _patch(cash=1)), lambda _: None, OWN)
    assert (refusal.value.code, refusal.value.op, refusal.value.field) == ("invalid", 1, "cash")
    assert kept.logged(_patch(cash=1), 1) == ()
    assert kept.logged(_patch(fax=1), 2) == (_patch(fax=1),)


def test_C21_records_and_names_for_an_old_app() -> None:
    record = {
        "collection": "item",
        "id": "t1",
        "vv": {"@": 1},
        "data": {"name": "x", "left": "a", "state": "locked"},
    }
    before = {"title": "x", "pair": "a", "state": "shut"}
    assert SCHEMA.down(record, 1) == {**record, "collection": "thing", "data": before}
    assert SCHEMA.down(record, 3) == {**record, "data": {"name": "x", "pair": "a", "state": "locked"}}
    assert SCHEMA.down({"collection": "item", "id": "t1", "gone": True}, 1) == {
        "collection": "thing",
        "id": "t1",
        "gone": True,
    }
    assert SCHEMA.down({"collection": "tag", "id": "g1", "data": {}}, 2) is None
    assert SCHEMA.named("item", "left", 1) == ("thing", "pair")
    assert SCHEMA.number == 4
    assert [SCHEMA.is_older(number) for number in (3, 4, 5)] == [True, False, False]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {"collection": "item", "field": "left", "sides": [{"value": {"left": "a"}}, {"by": "x"}]},
            {
                "collection": "thing",
                "field": "pair",
                "sides": [{"value": {"pair": "a"}}, {"by": "x", "value": {}}],
            },
        ),
        (
            {"collection": "item", "field": "left", "value": {"left": "a"}},
            {"collection": "thing", "field": "pair", "value": {"pair": "a"}},
        ),
        ({"collection": "item", "field": "left"}, {"collection": "thing", "field": "pair"}),
        ({"field": "left"}, {"field": "left"}),
    ],
)
def test_C21_what_tells_of_another_record_names_it_as_the_app_does(data: Data, expected: Data) -> None:
    told = SCHEMA.down({"collection": "conflict", "id": "c1", "vv": {}, "data": data}, 2)
    assert told is not None
    assert told["data"] == expected
