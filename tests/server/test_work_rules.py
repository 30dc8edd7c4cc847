"""Work orders, line items, tasks and notes: what is refused, and what the server writes along."""

from __future__ import annotations

import pytest

from server.work.counts import counts, estimated_minutes, line_cents
from tests.server.bench import HOUR, MINUTE, NOW, Shop, create, person, uid


@pytest.fixture
def shop() -> Shop:
    made = Shop(words={"work_order_prefix": "T"})
    made.order()
    return made


def test_a_work_order_gets_the_next_number_from_the_server(shop: Shop) -> None:
    shop.order("wo2")
    assert (shop.data("wo")["number"], shop.data("wo2")["number"]) == ("T-1001", "T-1002")


def test_a_refused_work_order_leaves_no_hole_in_the_numbers(shop: Shop) -> None:
    assert shop.refused("tech", create("work_order", "bad")) == "invalid"
    shop.order("wo2")
    assert shop.data("wo2")["number"] == "T-1002"


def test_nobody_writes_a_number(shop: Shop) -> None:
    assert shop.refused("admin", shop.patch("work_order", "wo", number="T-1")) == "forbidden"


def test_closing_and_reopening_are_marked(shop: Shop) -> None:
    shop.at_status("qc")
    shop.done("manager", shop.step("wo", "ready"), at=NOW + HOUR)
    assert shop.data("wo")["qc_by"] == person("manager")
    assert shop.data("wo")["qc_at"] == NOW + HOUR
    shop.done("manager", shop.step("wo", "closed"), at=NOW + 2 * HOUR)
    assert shop.data("wo")["closed_at"] == NOW + 2 * HOUR
    shop.done("manager", shop.step("wo", "in_progress", "came back"))
    assert {"closed_at", "qc_by", "qc_at"}.isdisjoint(
        name for name, value in shop.data("wo").items() if value is not None
    )


def test_closing_ends_what_runs_on_it_for_somebody_to_look_at(shop: Shop) -> None:
    shop.done("tech", create("time_entry", "te", kind="work", work_order=uid("wo"), started_at=NOW))
    shop.at_status("ready")
    shop.done("manager", shop.step("wo", "closed"), at=NOW + 90 * MINUTE)
    entry = shop.data("te")
    assert (entry["ended_at"], entry["needs_review"]) == (NOW + 90 * MINUTE, True)
    assert shop.data("wo")["actual_minutes"] == 90


def test_what_is_archived_rests_until_it_is_reopened(shop: Shop) -> None:
    shop.done("tech", create("task", "t1", work_order=uid("wo"), title="Chain"))
    shop.at_status("closed")
    shop.done("server", shop.patch("work_order", "wo", archived=True))
    late = create("note", "n", work_order=uid("wo"), text="late")
    assert shop.refused("admin", late) == "closed"
    assert shop.refused("admin", shop.patch("task", "t1", title="Belt")) == "closed"
    assert shop.refused("admin", shop.delete("task", "t1")) == "closed"
    assert shop.refused("admin", shop.patch("work_order", "wo", bay="2")) == "closed"
    shop.done("admin", shop.step("wo", "in_progress", "warranty"), late)
    assert not shop.data("wo").get("archived")


def test_a_work_order_counts_its_tasks(shop: Shop) -> None:
    shop.done(
        "tech",
        create("task", "t1", work_order=uid("wo"), title="Drain", estimated_minutes=20),
        create("task", "t2", work_order=uid("wo"), title="Fill", estimated_minutes=10),
    )
    shop.done("tech", shop.patch("task", "t1", done=True, done_at=NOW))
    order = shop.data("wo")
    assert (order["tasks_done"], order["tasks_total"], order["estimated_minutes"]) == (1, 2, 30)
    assert shop.data("t1")["done_by"] == person("tech")
    shop.done("tech", shop.patch("task", "t1", done=False, done_at=None))
    assert shop.data("t1").get("done_by") is None
    shop.done("tech", shop.delete("task", "t1"))
    assert (shop.data("wo")["tasks_done"], shop.data("wo")["tasks_total"]) == (0, 1)


def test_techs_delete_their_own_tasks_only(shop: Shop) -> None:
    shop.done("service_writer", create("task", "t1", work_order=uid("wo"), title="Drain"))
    assert shop.refused("tech", shop.delete("task", "t1")) == "forbidden"
    assert shop.refused("parts", shop.patch("task", "t1", title="x")) == "forbidden"


def test_the_total_is_that_of_the_lines_not_declined(shop: Shop) -> None:
    shop.done(
        "service_writer",
        create("line_item", "l1", work_order=uid("wo"), kind="labour", price_cents=7200, quantity_milli=1500),
        create("line_item", "l2", work_order=uid("wo"), kind="fee", price_cents=350),
    )
    assert shop.data("wo")["total_cents"] == 10_800 + 350
    shop.done("service_writer", shop.patch("line_item", "l2", declined=True))
    assert shop.data("wo")["total_cents"] == 10_800
    shop.done("service_writer", shop.delete("line_item", "l1"))
    assert shop.data("wo")["total_cents"] == 0


def test_a_line_takes_words_and_prices_from_its_part(shop: Shop) -> None:
    shop.done("parts", create("part", "plug", name="Spark plug", price_cents=690, cost_cents=240))
    shop.done("tech", create("line_item", "l1", work_order=uid("wo"), kind="part", part=uid("plug")))
    line = shop.data("l1")
    assert (line["description"], line["price_cents"], line["cost_cents"]) == ("Spark plug", 690, 240)
    assert shop.data("wo")["total_cents"] == 690


def test_techs_set_no_prices(shop: Shop) -> None:
    priced = create("line_item", "l1", work_order=uid("wo"), kind="fee", price_cents=1)
    assert shop.refused("tech", priced) == "forbidden"
    shop.done("service_writer", priced)
    assert shop.refused("tech", shop.patch("line_item", "l1", price_cents=2)) == "forbidden"
    assert shop.refused("tech", shop.patch("line_item", "l1", cost_cents=2)) == "forbidden"
    assert shop.refused("tech", shop.delete("line_item", "l1")) == "forbidden"


def test_the_parts_counter_writes_lines_for_parts_only(shop: Shop) -> None:
    assert shop.refused("parts", create("line_item", "l1", work_order=uid("wo"), kind="fee")) == "forbidden"
    shop.done("parts", create("line_item", "l1", work_order=uid("wo"), kind="part"))
    shop.done("service_writer", create("line_item", "l2", work_order=uid("wo"), kind="labour"))
    assert shop.refused("parts", shop.patch("line_item", "l2", minutes=5)) == "forbidden"


def test_a_line_whose_part_was_issued_is_not_struck_out(shop: Shop) -> None:
    shop.done("parts", create("part", "plug", name="Spark plug"))
    line = create("line_item", "l1", work_order=uid("wo"), kind="part", part=uid("plug"))
    common = {"part": uid("plug"), "work_order": uid("wo"), "line_item": uid("l1"), "at": NOW}
    shop.done("parts", line, create("part_movement", "m1", kind="issue", quantity_milli=-1000, **common))
    assert shop.refused("manager", shop.delete("line_item", "l1")) == "rule:part_issued"
    back = create("part_movement", "m2", kind="return", quantity_milli=1000, **common)
    shop.done("manager", back, shop.delete("line_item", "l1"))


def test_the_parts_counter_changes_nothing_of_a_work_order_but_its_status(shop: Shop) -> None:
    shop.at_status("in_progress")
    assert shop.refused("parts", shop.patch("work_order", "wo", bay="3")) == "forbidden"
    shop.done("parts", shop.step("wo", "waiting_parts"))


@pytest.mark.parametrize("field", ["customer", "promised_at", "goodwill_cents"])
def test_techs_leave_to_the_office_what_is_the_offices(shop: Shop, field: str) -> None:
    value = uid("ada") if field == "customer" else NOW
    assert shop.refused("tech", shop.patch("work_order", "wo", **{field: value})) == "forbidden"


def test_a_note_is_about_one_thing(shop: Shop) -> None:
    assert shop.refused("tech", create("note", "n", text="x")) == "invalid"
    both = create("note", "n", text="x", work_order=uid("wo"), customer=uid("ada"))
    assert shop.refused("tech", both) == "invalid"
    shop.done("tech", create("note", "n", text="x", customer=uid("ada")))
    assert shop.refused("parts", shop.patch("note", "n", text="y")) == "forbidden"


def test_half_a_cent_is_rounded_away_from_nothing() -> None:
    assert line_cents({"price_cents": 333, "quantity_milli": 500}) == 167
    assert line_cents({"price_cents": -333, "quantity_milli": 500}) == -167
    assert line_cents({}) == 0


def test_sold_minutes_count_only_where_no_task_is_estimated() -> None:
    lines = [{"minutes": 60}, {"minutes": 30, "declined": True}]
    assert estimated_minutes([{}], lines) == 60
    assert estimated_minutes([{"estimated_minutes": 45}], lines) == 45
    assert counts((), ())["estimated_minutes"] == 0
