"""What a declaration takes and who may write it (rules V2, W19, M13, C19)."""

from typing import Any

import pytest

from sync.collection import Policy, Type
from tests.sync.things import THING, Collection


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("name", ["", "x" * 50], ["x" * 51, 5, ["x"], {}]),
        ("meter", [0, -(2**53) + 1, 2**53 - 1], [2**53, True, "5", 1.0]),
        ("since", [0], ["2026-11-21", True]),
        ("ready", [True, False], [0, 1, "true"]),
        ("day", ["2026-11-21", "2024-02-29"], ["2026-02-29", "2026-13-01", "20261121", "٢٠٢٦-11-21", 5, "2026-11-21T00"]),
        ("parent", ["01930000-0000-7000-8000-000000000001"], ["01930000", "01930000-0000-7000-8000-00000000000G", 5]),
        ("status", ["new", "done"], ["lost", 5, None.__class__, ["new"]]),
        ("extra", [{}, [], {"a": 1}, [1]], [1.5]),
    ],
)  # fmt: skip
def test_W19_a_field_takes_values_of_its_type_alone(field: str, good: list[Any], bad: list[Any]) -> None:
    declared = THING.by_name[field]
    assert [value for value in [*good, None] if declared.problem(value)] == []
    assert [value for value in bad if not declared.problem(value)] == []


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ([], True),
        (["x"] * 200, True),
        (["x"] * 201, False),
        (["x" * 201], False),
        ([""], False),
        ("x", False),
    ],
)
def test_W19_a_set_holds_two_hundred_texts_of_two_hundred(value: Any, fits: bool) -> None:
    assert (THING.by_name["tags"].problem(value) is None) is fits


def test_V2_a_group_is_one_unit_with_the_policy_of_its_first() -> None:
    assert [f.name for f in THING.units["status"]] == ["status", "reason", "since"]
    assert {f.policy for f in THING.units["status"]} == {Policy.STEPS}
    assert THING.by_name["cents"].unit == "money"
    assert THING.by_name["tags"].type is Type.SET


def test_V2_units_are_found_by_how_they_merge() -> None:
    assert (THING.sets, THING.stepping) == (("tags",), ("status",))
    assert set(THING.texts) == {f.name for f in THING.fields if f.policy is Policy.TEXT}


def test_C19_a_role_may_what_its_letters_say() -> None:
    assert THING.may("admin", "d")
    assert not THING.may("tech", "d")
    assert THING.may("tech", "d", owner=True)
    assert not THING.may("customer", "r")


def test_M13_what_the_server_writes_nobody_else_sets() -> None:
    assert not THING.may_set("admin", "number", creating=True)


def test_P11_what_a_role_may_not_read_it_may_not_write() -> None:
    assert not THING.may_set("tech", "cents", creating=True)
    assert THING.hidden("tech") == {"cents"}
    assert THING.personal == {"body"}


def test_P11_a_field_may_be_given_at_creation_and_not_changed() -> None:
    assert THING.may_set("tech", "ready", creating=True)
    assert not THING.may_set("tech", "ready", creating=False)


def test_P11_some_roles_patch_named_fields_only() -> None:
    assert THING.may_set("parts", "name", creating=False)
    assert not THING.may_set("parts", "body", creating=False)


def test_P11_the_first_parent_that_is_set_decides() -> None:
    two = Collection("two", THING.fields, {}, parents=("parent", "name"))
    assert two.parent_of({"name": "b"}) == "b"
    assert two.parent_of({"name": "b", "parent": "a"}) == "a"
    assert two.parent_of({}) is None
