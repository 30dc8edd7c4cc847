"""The table of steps: what its rows say, and that every row is kept for every role."""

from __future__ import annotations

import pytest

from server.work.steps import GRAPH, STATUSES, TABLE, WORKING, steps_between
from sync.collection import STAFF_ROLES
from tests.server.bench import NOW, Shop, create, person, uid

PAIRS = [(origin, target) for origin in STATUSES for target in STATUSES if origin != target]


def test_every_status_can_be_reached_and_left() -> None:
    assert set(GRAPH) == set(STATUSES)
    assert all(GRAPH.values())
    assert set().union(*GRAPH.values()) == set(STATUSES)


def test_no_row_is_idle() -> None:
    for row in TABLE:
        assert any(row in steps_between(origin, target) for origin, target in PAIRS)


def test_no_two_rows_speak_of_the_same_step_and_person() -> None:
    for origin, target in PAIRS:
        who = [role for row in steps_between(origin, target) for role in row.who]
        if {origin, target} == {"waiting_parts", "in_progress"}:
            assert sorted(who) == sorted(STAFF_ROLES)
        assert len(who) == len(set(who))


@pytest.mark.parametrize("role", STAFF_ROLES)
@pytest.mark.parametrize(("origin", "target"), PAIRS)
def test_a_step_is_taken_by_those_named_and_nobody_else(origin: str, target: str, role: str) -> None:
    shop = Shop(tech_may_close=True)
    shop.order()
    if origin != "new":
        shop.at_status(origin)
    outcome = shop.push(role, shop.step("wo", target, "because"))
    rows = steps_between(origin, target)
    if not rows:
        assert outcome.code == "bad_step"
    elif not any(role in row.who for row in rows):
        assert outcome.code == "forbidden"
    else:
        assert outcome.accepted, outcome.message
        assert shop.data("wo")["status"] == target


def test_the_status_that_stands_is_no_step() -> None:
    shop = Shop()
    shop.order()
    shop.at_status("closed")
    shop.done("parts", shop.step("wo", "closed"))


@pytest.mark.parametrize("reason", [None, "", "  "])
@pytest.mark.parametrize(
    ("origin", "target"),
    [("in_progress", "on_hold"), ("qc", "in_progress"), ("closed", "in_progress"), ("new", "canceled")],
)
def test_some_steps_need_a_reason(origin: str, target: str, reason: str | None) -> None:
    shop = Shop()
    shop.order()
    if origin != "new":
        shop.at_status(origin)
    assert shop.refused("manager", shop.step("wo", target, reason)) == "rule:reason_missing"


@pytest.mark.parametrize("target", ["qc", "ready"])
def test_open_tasks_hold_back_if_the_shop_says_so(target: str) -> None:
    for wanted in (True, False):
        shop = Shop(ready_needs_tasks=wanted)
        shop.order()
        shop.at_status("in_progress")
        shop.done("tech", create("task", "t1", work_order=uid("wo"), title="Drain the tank"))
        if wanted:
            assert shop.refused("tech", shop.step("wo", target)) == "rule:tasks_open"
            shop.done("tech", shop.patch("task", "t1", done=True, done_at=NOW))
        shop.done("tech", shop.step("wo", target))


def test_a_required_check_cannot_be_skipped() -> None:
    shop = Shop(qc_required=True)
    shop.order()
    shop.at_status("in_progress")
    assert shop.refused("admin", shop.step("wo", "ready")) == "rule:qc_required"
    shop.done("tech", shop.step("wo", "qc"))
    shop.done("service_writer", shop.step("wo", "ready"))
    assert shop.data("wo")["qc_by"] == person("service_writer")


def test_nobody_checks_their_own_work_if_the_shop_says_so() -> None:
    shop = Shop(qc_by_other=True)
    shop.order(assignee=person("manager"))
    shop.at_status("qc")
    assert shop.refused("manager", shop.step("wo", "ready")) == "rule:qc_by_other"
    shop.done("admin", shop.step("wo", "ready"))


def test_who_ticked_a_task_does_not_check_it() -> None:
    shop = Shop(qc_by_other=True)
    shop.order()
    shop.done("manager", create("task", "t1", work_order=uid("wo"), title="Belt", done=True, done_at=NOW))
    shop.at_status("qc")
    assert shop.refused("manager", shop.step("wo", "ready")) == "rule:qc_by_other"


def test_techs_close_only_where_the_shop_lets_them() -> None:
    shop = Shop()
    shop.order()
    shop.at_status("ready")
    assert shop.refused("tech", shop.step("wo", "closed")) == "forbidden"


def test_what_is_made_in_another_status_has_taken_that_step() -> None:
    shop = Shop()
    made = create(
        "work_order", "wo", customer=uid("ada"), status="in_progress", status_reason=None, status_at=NOW
    )
    shop.done("tech", made)
    wrong = create("work_order", "x", customer=uid("ada"), status="closed", status_reason=None, status_at=NOW)
    assert shop.refused("tech", wrong) == "bad_step"


def test_inside_the_work_everything_may_follow_everything() -> None:
    for origin in WORKING:
        assert set(WORKING) - {origin} <= GRAPH[origin]
