"""The declarations against the model: policies, rights and who sees what, as the page of the model has it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from server.collections import COLLECTIONS, RULES
from server.work.steps import GRAPH
from sync.collection import STAFF_ROLES, Collection, Field, Policy, Shown, Type

ROOT = Path(__file__).resolve().parents[2]
ALL = list(COLLECTIONS.values())
FIELDS = [pytest.param(c, f, id=f"{c.name}.{f.name}") for c in ALL for f in c.fields]

# Fields that the model marks P, so that one forgotten here or there turns red.
PERSONAL = {
    "customer.name", "customer.emails", "customer.phones", "customer.address", "time_entry.position",
    "photo.position", "staff.email", "conflict.sides", "notice.value",
}  # fmt: skip
MEASURED = {
    "work_order.status_at", "task.done_at", "part_movement.at", "time_entry.started_at", "time_entry.ended_at",
    "photo.taken_at",
}  # fmt: skip
HIDDEN_FROM_TECHS = {
    "work_order.goodwill_cents", "work_order.goodwill_reason", "line_item.cost_cents", "part.cost_cents",
    "part_movement.unit_cost_cents", "staff.email",
}  # fmt: skip
# What customers see of what they see, beside the fields that every record has.
CUSTOMERS_SEE = {
    "work_order": "number customer equipment complaint correction status status_at promised_at assignee tasks_done "
    "tasks_total estimated_minutes actual_minutes total_cents closed_at",
    "line_item": "work_order description correction quantity_milli price_cents declined",
    "customer": "name company emails phones address language portal_enabled sms_consent",
    "equipment": "customer kind make model serial tag meter meter_unit out_of_service reason",
    "photo": "work_order equipment kind taken_at note drawing preview media",
    "shop": "name words colours logo currency zone locale",
}


def marked(predicate: str) -> set[str]:
    return {f"{c.name}.{f.name}" for c in ALL for f in c.fields if getattr(f, predicate)}


def test_every_collection_of_the_spine_is_declared() -> None:
    assert set(COLLECTIONS) == {
        "work_order", "line_item", "task", "note", "customer", "equipment", "part", "part_movement", "time_entry",
        "photo", "recovery", "staff", "shop", "conflict", "notice",
    }  # fmt: skip
    assert set(RULES) <= set(COLLECTIONS)
    assert all(name == declared.name for name, declared in COLLECTIONS.items())


@pytest.mark.parametrize(("collection", "field"), FIELDS)
def test_a_field_is_declared_whole(collection: Collection, field: Field) -> None:
    assert field.policy in Policy
    assert (field.type is Type.REF) == (field.ref is not None)
    assert (field.type is Type.CHOICE) == bool(field.choices)
    assert (field.type is Type.SET) == (field.policy is Policy.ELEMENTS)
    assert field.ref is None or field.ref in COLLECTIONS
    assert field.default is None or field.problem(field.default) is None
    assert not field.measured or field.type is Type.INSTANT
    assert {*field.hidden_from, *field.not_by} <= set(STAFF_ROLES)
    assert len({other.policy for other in collection.units[field.unit]}) == 1, "a group merges as one"


@pytest.mark.parametrize("collection", ALL, ids=lambda c: c.name)
def test_a_collection_names_what_it_has(collection: Collection) -> None:
    names = set(collection.by_name)
    assert len(names) == len(collection.fields)
    assert {*collection.parents, *collection.required, *collection.shared_if, *collection.inside_if} <= names
    assert set().union(*collection.only.values()) <= names
    assert set(collection.rights) <= {*STAFF_ROLES, "customer"}
    assert {"created_at", "created_by", "updated_at"} <= names
    for parent in collection.parents:
        assert collection.by_name[parent].policy in (Policy.FIRST, Policy.SERVER), (
            "what hangs somewhere stays there"
        )


def test_what_is_personal_measured_and_hidden_is_what_the_model_says() -> None:
    assert marked("personal") == PERSONAL
    assert marked("measured") == MEASURED
    assert marked("hidden_from") == HIDDEN_FROM_TECHS


def test_customers_see_an_allow_list() -> None:
    for collection in ALL:
        seen = {f.name for f in collection.fields if f.customer is not Shown.NEVER}
        wanted = CUSTOMERS_SEE.get(collection.name)
        if wanted is None:
            assert collection.customer_from is None
            assert "customer" not in collection.rights
        else:
            assert seen - {"created_at", "updated_at"} == set(wanted.split())
            assert collection.rights["customer"] == "r"


@pytest.mark.parametrize(("collection", "field"), FIELDS)
def test_nobody_writes_what_the_server_writes(collection: Collection, field: Field) -> None:
    if field.policy is Policy.SERVER:
        for role in (*STAFF_ROLES, "customer"):
            assert not collection.may_set(role, field.name, creating=True)
            assert not collection.may_set(role, field.name, creating=False)


def test_the_merge_takes_the_steps_from_the_table() -> None:
    assert COLLECTIONS["work_order"].by_name["status"].steps == GRAPH


@pytest.mark.parametrize(
    ("name", "role", "letters"),
    [
        ("work_order", "parts", "ru"),
        ("line_item", "service_writer", "rcud"),
        ("line_item", "tech", "rcu"),
        ("task", "parts", "r"),
        ("part", "service_writer", "r"),
        ("part_movement", "tech", "rc"),
        ("photo", "parts", "r"),
        ("staff", "manager", "ru"),
        ("shop", "tech", "r"),
        ("conflict", "tech", "r"),
    ],
)
def test_rights_of_all_records(name: str, role: str, letters: str) -> None:
    assert "".join(letter for letter in "rcud" if COLLECTIONS[name].may(role, letter)) == letters


@pytest.mark.parametrize(
    ("name", "role", "letters"),
    [
        ("task", "tech", "rcud"),
        ("note", "tech", "rcud"),
        ("time_entry", "tech", "rcu"),
        ("time_entry", "service_writer", "rcu"),
        ("photo", "service_writer", "rcud"),
        ("notice", "parts", "r"),
    ],
)
def test_rights_of_ones_own_records(name: str, role: str, letters: str) -> None:
    assert "".join(x for x in "rcud" if COLLECTIONS[name].may(role, x, owner=True)) == letters


def test_generated_files_are_what_the_declarations_say() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "generate"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
