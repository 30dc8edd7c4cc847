"""Timers and corrections: one runs per person, nothing is refused for two phones' sake."""

from __future__ import annotations

import pytest

from sync.changeset import Op
from tests.server.bench import HOUR, MINUTE, NOW, Shop, create, person, uid


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.order()
    made.order("wo2")
    return made


def start(name: str, order: str | None = "wo", at: int = NOW, kind: str = "work", **more: object) -> Op:
    values = {"work_order": uid(order)} if order else {}
    return create("time_entry", name, kind=kind, started_at=at, **values, **more)


def end(shop: Shop, name: str, at: int, reason: str | None = None, started: int = NOW) -> Op:
    return shop.patch("time_entry", name, started_at=started, ended_at=at, correction_reason=reason)


def test_an_entry_belongs_to_who_made_it(shop: Shop) -> None:
    shop.done("tech", start("e1"))
    assert shop.data("e1")["staff"] == person("tech")
    assert shop.refused("tech", start("e2", staff=person("tech2"))) == "forbidden"
    assert shop.refused("tech2", end(shop, "e1", NOW + HOUR)) == "gone"
    shop.done("manager", start("e2", staff=person("tech2")))


def test_starting_another_ends_the_first(shop: Shop) -> None:
    shop.done("tech", start("e1"))
    shop.done("tech", start("e2", "wo2", NOW + HOUR))
    assert shop.data("e1")["ended_at"] == NOW + HOUR
    assert shop.data("e2").get("ended_at") is None
    assert shop.data("wo")["actual_minutes"] == 60


def test_the_later_start_ends_the_earlier_whatever_arrives_first(shop: Shop) -> None:
    shop.done("tech", start("e2", "wo2", NOW + HOUR))
    shop.done("tech", start("e1"))
    assert shop.data("e1")["ended_at"] == NOW + HOUR
    assert shop.data("e2").get("ended_at") is None


def test_a_shift_runs_beside_the_work_and_others_run_on(shop: Shop) -> None:
    shop.done("tech", start("s", None, NOW - HOUR, "shift"))
    shop.done("tech2", start("e0"))
    shop.done("tech", start("e1"))
    assert all(shop.data(name).get("ended_at") is None for name in ("s", "e0", "e1"))


def test_minutes_add_up_on_the_work_order_and_its_task(shop: Shop) -> None:
    shop.done("tech", create("task", "t1", work_order=uid("wo"), title="Belt"))
    shop.done("tech", start("e1", task=uid("t1")))
    shop.done("tech", end(shop, "e1", NOW + 25 * MINUTE + 31_000))
    assert shop.data("wo")["actual_minutes"] == 26
    assert shop.data("t1")["spent_minutes"] == 26


def test_a_task_is_of_the_same_work_order(shop: Shop) -> None:
    shop.done("tech", create("task", "t1", work_order=uid("wo"), title="Belt"))
    assert shop.refused("tech", start("e1", "wo2", task=uid("t1"))) == "invalid"


def test_a_correction_gives_a_reason(shop: Shop) -> None:
    shop.done("tech", start("e1"))
    assert shop.refused("tech", end(shop, "e1", NOW - 1)) == "invalid"
    shop.done("tech", end(shop, "e1", NOW + HOUR))
    assert shop.refused("tech", end(shop, "e1", NOW + 2 * HOUR)) == "rule:reason_missing"
    shop.done("tech", end(shop, "e1", NOW + 2 * HOUR, "forgot lunch"))
    assert shop.data("wo")["actual_minutes"] == 120


def test_hours_that_were_approved_are_the_offices(shop: Shop) -> None:
    shop.done("tech", start("e1"))
    shop.done("tech", end(shop, "e1", NOW + HOUR))
    shop.done("server", shop.patch("time_entry", "e1", approved_by=person("manager"), approved_at=NOW))
    assert shop.refused("tech", end(shop, "e1", NOW + 2 * HOUR, "more")) == "forbidden"
    shop.done("manager", end(shop, "e1", NOW + 2 * HOUR, "more"))


def test_a_forgotten_timer_is_marked(shop: Shop) -> None:
    shop.done("tech", start("e1"))
    shop.done("tech", start("e2", at=NOW + 20 * HOUR))
    assert shop.data("e1")["needs_review"] is True
    shop.done("tech", end(shop, "e2", NOW + 33 * HOUR, started=NOW + 20 * HOUR))
    assert shop.data("e2")["needs_review"] is True


def test_a_shift_is_on_no_work_order(shop: Shop) -> None:
    assert shop.refused("tech", start("s", "wo", kind="shift")) == "invalid"


def test_a_timer_that_arrives_after_the_closing_ends_with_it(shop: Shop) -> None:
    shop.at_status("ready")
    shop.done("manager", shop.step("wo", "closed"), at=NOW + HOUR)
    shop.done("tech", start("e1"), at=NOW + 2 * HOUR)
    assert (shop.data("e1")["ended_at"], shop.data("e1")["needs_review"]) == (NOW + HOUR, True)
    assert shop.data("wo")["actual_minutes"] == 60
