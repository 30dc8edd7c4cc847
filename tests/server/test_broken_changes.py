"""What makes the server itself fail blocks nothing behind it (rules C4, C12): not a sum that is too large, not a bug."""

from __future__ import annotations

from typing import Any

import pytest

from server.store import save
from sync.collection import INTEGER_MAX
from tests.server.premises import Phone, Premises, Shop


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Phone:
    return await (await premises.sign_in(repair, "manager")).sync()


def order(phone: Phone, **values: Any) -> str:
    return phone.create("work_order", **{"customer": phone.shop.customers[0], "complaint": "noise", **values})


async def test_C12_figures_that_together_are_more_than_a_field_holds_are_refused_alone(desk: Phone) -> None:
    """Price times quantity was more than 64 bits: the push broke each time it came, and all behind it waited."""
    job = order(desk)
    line = {"kind": "fee", "price_cents": INTEGER_MAX, "quantity_milli": INTEGER_MAX}
    desk.create("line_item", work_order=job, **line)
    part = desk.create("part", name="Belt")
    for _ in range(2):
        values = {"kind": "receive", "quantity_milli": INTEGER_MAX, "at": desk.now()}
        desk.create("part_movement", part=part, **values)
    after = desk.create("note", work_order=job, text="behind it")
    await desk.sync()
    assert desk.codes() == ["invalid", "invalid"]
    assert (desk.data(part) or {})["on_hand_milli"] == INTEGER_MAX
    assert desk.data(after) is not None


async def test_C4_C12_a_failure_of_our_own_is_answered_internal_and_the_others_go_in(
    desk: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the database fails here but the code around it, after everything was judged."""
    real = save.rows_of

    def breaking(*args: Any) -> list[dict[str, Any]]:
        rows = real(*args)
        if any(row["data"].get("bay") == "break" for row in rows):
            raise TypeError("planned")
        return rows

    monkeypatch.setattr(save, "rows_of", breaking)
    first, bad, last = order(desk), order(desk, bay="break"), order(desk)
    await desk.sync()
    assert desk.codes() == ["internal"]
    assert [desk.data(id_) is not None for id_ in (first, bad, last)] == [True, False, True]
