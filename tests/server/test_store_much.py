"""As much as a request holds for one work order: what adds up its children does so once, or this would take minutes."""

from __future__ import annotations

from sync.overlay import Draft
from tests.server.premises import Premises, Shop

MANY = 400
MINUTE = 60_000


async def test_hundreds_of_timers_tasks_and_lines_are_added_up_once(premises: Premises, repair: Shop) -> None:
    desk = await (await premises.sign_in(repair, "manager")).sync()
    job = desk.create("work_order", customer=repair.customers[0], complaint="noise")

    def made(number: int) -> list[Draft]:
        times = {"started_at": desk.now() + number * MINUTE}
        values: dict[str, dict[str, object]] = {
            "task": {"title": "x"},
            "line_item": {"kind": "fee", "price_cents": 1},
            "time_entry": {"kind": "work", **times},
        }
        ids = (str(premises.world.new_id()) for _ in values)
        drafts = zip(values.items(), ids, strict=True)
        return [Draft("create", name, id_, {"work_order": job, **set_}) for (name, set_), id_ in drafts]

    for first in range(0, MANY, 50):
        desk.act(*(draft for number in range(first, first + 50) for draft in made(number)))
    await desk.sync()
    assert desk.codes() == []
    order = desk.data(job) or {}
    assert (order["tasks_total"], order["total_cents"], order["actual_minutes"]) == (MANY, MANY, MANY - 1)
