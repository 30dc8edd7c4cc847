"""Stock: movements and counts in every order that phones off line can bring them in."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.changeset import Op
from tests.server.bench import HOUR, NOW, Shop, create, uid


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.order()
    made.done("parts", create("part", "belt", name="Belt", cost_cents=900))
    return made


def move(name: str, kind: str, quantity: int, at: int = NOW, **more: object) -> Op:
    return create("part_movement", name, part=uid("belt"), kind=kind, quantity_milli=quantity, at=at, **more)


def stock(shop: Shop) -> int:
    return int(shop.data("belt")["on_hand_milli"])


def test_stock_is_the_sum_of_movements(shop: Shop) -> None:
    assert stock(shop) == 0
    shop.done("parts", move("m1", "receive", 5000))
    shop.done("tech", move("m2", "issue", -6000, work_order=uid("wo")))
    assert stock(shop) == -1000
    assert shop.data("m2")["unit_cost_cents"] == 900


@pytest.mark.parametrize(("kind", "quantity"), [("issue", 1), ("return", -1), ("receive", 0), ("count", -1)])
def test_the_sign_follows_the_kind(shop: Shop, kind: str, quantity: int) -> None:
    assert shop.refused("parts", move("m1", kind, quantity)) == "invalid"


def test_a_correction_needs_a_reason(shop: Shop) -> None:
    assert shop.refused("parts", move("m1", "adjust", 1)) == "rule:reason_missing"
    shop.done("parts", move("m1", "adjust", 1, reason="found behind the shelf"))


@pytest.mark.parametrize(
    ("role", "kind"), [("tech", "receive"), ("tech", "adjust"), ("service_writer", "count")]
)
def test_roles_move_what_they_may(shop: Shop, role: str, kind: str) -> None:
    assert shop.refused(role, move("m1", kind, 1000, reason="x")) == "forbidden"


def test_movements_are_not_changed(shop: Shop) -> None:
    shop.done("parts", move("m1", "receive", 5000))
    assert shop.refused("parts", shop.patch("part_movement", "m1", quantity_milli=1)) == "forbidden"
    assert shop.refused("admin", shop.delete("part_movement", "m1")) == "forbidden"


def test_what_is_undone_is_undone_once(shop: Shop) -> None:
    shop.done("parts", move("m1", "receive", 5000))
    assert shop.refused("parts", move("m2", "receive", -4000, undoes=uid("m1"))) == "invalid"
    shop.done("parts", move("m2", "receive", -5000, undoes=uid("m1")))
    assert stock(shop) == 0
    assert shop.refused("parts", move("m3", "receive", -5000, undoes=uid("m1"))) == "rule:already_undone"


def test_a_count_is_not_undone(shop: Shop) -> None:
    shop.done("parts", move("m1", "count", 0))
    assert shop.refused("parts", move("m2", "count", 0, undoes=uid("m1"))) == "rule:not_undone"


def test_what_was_a_mistake_before_a_count_does_not_change_what_was_counted(shop: Shop) -> None:
    shop.done("parts", move("m1", "receive", 9000))
    shop.done("parts", move("m2", "issue", -1000, NOW + HOUR))
    shop.done("parts", move("m3", "count", 9000, NOW + 2 * HOUR))
    shop.done("parts", move("m4", "issue", 1000, NOW + 3 * HOUR, undoes=uid("m2")))
    assert stock(shop) == 9000


def test_late_counts_and_late_issues_take_nothing_twice(shop: Shop) -> None:
    """Received 10, used 2, counted 7, used 1, counted 6: six lie there, whatever order the phones bring it in."""
    ops = {
        "m1": ("receive", 10_000, 1),
        "m2": ("issue", -2000, 2),
        "m3": ("count", 7000, 3),
        "m4": ("issue", -1000, 4),
        "m5": ("count", 6000, 5),
    }
    for order in permutations(ops):
        fresh = Shop()
        fresh.done("parts", create("part", "belt", name="Belt"))
        for name in order:
            kind, quantity, hour = ops[name]
            fresh.done("parts", move(name, kind, quantity, NOW + hour * HOUR))
        assert stock(fresh) == 6000, order


@given(
    st.lists(
        st.tuples(st.sampled_from(("receive", "issue", "count")), st.integers(1, 9)), min_size=1, max_size=7
    ),
    st.randoms(),
)
def test_stock_depends_on_what_happened_and_not_on_what_arrived_first(
    happened: list[tuple[str, int]], random: object
) -> None:
    def final(order: list[int]) -> int:
        fresh = Shop()
        fresh.done("parts", create("part", "belt", name="Belt"))
        for i in order:
            kind, quantity = happened[i]
            signed = -quantity if kind == "issue" else quantity
            fresh.done("parts", move(f"m{i}", kind, signed, NOW + i * HOUR))
        adjusts = fresh.scene.all("part_movement")
        total = sum(m.data["quantity_milli"] for m in adjusts if m.data["kind"] != "count")
        assert total == stock(fresh), "the stock is the sum of the movements"
        return stock(fresh)

    level = 0
    for kind, quantity in happened:
        level = quantity if kind == "count" else level + (quantity if kind == "receive" else -quantity)
    shuffled = list(range(len(happened)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert final(shuffled) == level


def test_an_issue_fits_its_line(shop: Shop) -> None:
    shop.done("parts", create("part", "plug", name="Plug"))
    shop.done("tech", create("line_item", "l1", work_order=uid("wo"), kind="part", part=uid("plug")))
    wrong = move("m1", "issue", -1000, work_order=uid("wo"), line_item=uid("l1"))
    assert shop.refused("tech", wrong) == "invalid"
