"""What drafts become: bases field by field, separate ops, the smallest base for a delete (rules V11 to V14)."""

from sync.changeset import Changeset, Op
from sync.overlay import Draft, Held, Waiting, base_of, based, form_of, laid, layers
from tests.sync.things import ID, OTHER_ID, THING, A, B

HELD = Held("thing", ID, {"@": 10, B: 2}, {"name": "x", "body": "y"})


def _patch(n: int, values: dict[str, object], base: dict[str, int]) -> Waiting:
    return Waiting(A, Changeset(n, "", 1, 0, (Op("patch", "thing", ID, base, values),)))


def test_V13_fields_with_different_bases_go_as_separate_ops() -> None:
    over = layers(HELD, [_patch(4, {"name": "mine"}, {"@": 8})], ID)
    form = form_of(HELD, over, HELD.data)
    ops = based(Draft("patch", "thing", ID, {"name": "n", "body": "b", "meter": 5}), form)
    assert [(op.set, op.base) for op in ops] == [
        ({"name": "n"}, {"@": 8, A: 4}),
        ({"body": "b", "meter": 5}, {"@": 10, B: 2}),
    ]


def test_V14_a_delete_has_seen_no_more_than_each_field_had() -> None:
    over = layers(HELD, [_patch(4, {"name": None}, {"@": 8, B: 1})], ID)
    (op,) = based(Draft("delete", "thing", ID), form_of(HELD, over, ["body"]))
    assert (op.op, op.base) == ("delete", {"@": 8, B: 1})


def test_W7_a_create_has_no_base() -> None:
    (op,) = based(Draft("create", "thing", ID, {"name": "x"}), {})
    assert (op.op, op.base) == ("create", {})


def test_V11_the_form_keeps_the_bases_of_when_it_was_opened() -> None:
    form = form_of(HELD, [], HELD.data)
    newer = Held("thing", ID, {"@": 99}, {"name": "theirs"})
    assert base_of(newer, [], "name") == {"@": 99}
    (op,) = based(Draft("patch", "thing", ID, {"name": "mine"}), form)
    assert op.base == {"@": 10, B: 2}


def test_T3_layers_are_the_ops_of_one_record() -> None:
    elsewhere = Op("patch", "thing", OTHER_ID, {}, {"name": "z"})
    waiting = Waiting(A, Changeset(1, "", 1, 0, (elsewhere, Op("delete", "thing", ID))))
    assert [op.op for _, op in layers(HELD, [waiting], ID)] == ["delete"]


def test_T13_a_collection_that_is_not_known_is_laid_over_as_it_is() -> None:
    assert laid({"a": 1}, Op("patch", "new", ID, {}, {"b": {"add": []}}), {"thing": THING}) == {
        "a": 1,
        "b": {"add": []},
    }
