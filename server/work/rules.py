"""What may be done with work orders, line items, tasks and notes, and what the server writes along with it.

The choices themselves are in `stepping.py` and `counts.py`; here they meet the scene. Work of other rooms that
hangs on a step (running timers end when a work order is closed) comes in as `ended`, put together in
`server/collections.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.store.rules import Actor, Change, Rules
from server.store.scene import Scene
from server.work.counts import counts
from server.work.stepping import Step, check_step
from sync.changeset import Op, Record
from sync.errors import Refusal, forbidden

OVER = frozenset({"closed", "canceled"})
# To judge these steps one looks at tasks, and taking them ends running timers.
WEIGHTY = frozenset({"qc", "ready"}) | OVER

PREFIX_MAX = 20

TASKS_AND_TIMERS = """
SELECT id::text FROM record
WHERE shop = %s AND parent = ANY (%s::uuid[]) AND collection IN ('task', 'time_entry') AND NOT gone
"""

Ended = Callable[[Scene, str, int], None]


class WorkOrderRules(Rules):
    """Steps, numbers, and what closing brings with it. `ended(scene, work order, at)` is called when one is over."""

    def __init__(self, ended: Iterable[Ended] = ()) -> None:
        self.ended = tuple(ended)

    async def gather(self, tx: AsyncConnection, shop: UUID, ops: Sequence[Op], who: Actor) -> Iterable[str]:
        weighty = [op.id for op in ops if str(op.set.get("status")) in WEIGHTY]
        if not weighty:
            return ()
        return [row[0] for row in await (await tx.execute(TASKS_AND_TIMERS, (shop, weighty))).fetchall()]

    def check(self, scene: Scene, change: Change) -> None:
        step = step_of(scene, change)
        if step and change.who.role != "server":
            check_step(step)

    def follow(self, scene: Scene, change: Change) -> None:
        if change.after is None:
            return
        order, status = change.after, change.after.data.get("status")
        if change.before is None:
            # Its children may have come before it in the same changeset, and be counted already.
            made = scene.get(order.id)
            spent = made.data.get("actual_minutes") if made else None
            scene.set(order.id, {"number": number(scene), "actual_minutes": spent or 0})
            scene.afterwards(recount, order.id)
        if status == _status_before(change):
            return
        scene.set(order.id, marks(change))
        if status in OVER:
            for end in self.ended:
                end(scene, order.id, change.at)


def number(scene: Scene) -> str:
    """The next number of the shop, as people read it: `WO-1001`, or with the shop's own letters."""
    words = scene.shop.get("words")
    prefix = words.get("work_order_prefix") if isinstance(words, dict) else None
    # What the office typed there must not keep anybody from taking in work.
    letters = prefix[:PREFIX_MAX] if isinstance(prefix, str) and prefix else "WO"
    return f"{letters}-{scene.number('work_order')}"


def step_of(scene: Scene, change: Change) -> Step | None:
    """The step that this change takes, if it takes one. What is made in another status than new steps there."""
    if change.after is None or change.after.data.get("status") == _status_before(change):
        return None
    order = change.after.data
    return Step(
        origin=_status_before(change),
        target=order["status"],
        person=change.who.person,
        role=change.who.role,
        reason=order.get("status_reason"),
        order=order,
        tasks=tuple(task.data for task in scene.children(change.after.id, "task")),
        shop=scene.shop,
    )


def marks(change: Change) -> dict[str, Any]:
    """What the server notes on a work order that took a step."""
    assert change.after is not None
    status = change.after.data.get("status")
    if status in OVER:
        return {"closed_at": change.at}
    if status == "ready" and _status_before(change) == "qc":
        return {"qc_by": change.who.person or None, "qc_at": change.at}
    return {"closed_at": None, "archived": None, "qc_by": None, "qc_at": None}


def _status_before(change: Change) -> str:
    return str(change.before.data.get("status")) if change.before else "new"


class LineItemRules(Rules):
    """Line items: the parts counter sells parts only, techs set no prices, and what was issued is not struck out."""

    family = ("line_item", "task", "part_movement")

    def check(self, scene: Scene, change: Change) -> None:
        line = _either(change)
        if change.who.role == "parts" and line.data.get("kind") != "part":
            raise forbidden("At the parts counter you change lines for parts only.", "kind")
        if (
            change.op.op == "create"
            and change.who.role == "tech"
            and change.op.set.get("price_cents") is not None
        ):
            raise forbidden("You may not set prices.", "price_cents")
        if change.after is None and _issued(scene, line):
            raise Refusal("rule:part_issued", "A part was issued on this line. Take it back first.")

    def follow(self, scene: Scene, change: Change) -> None:
        if change.op.op == "create" and change.after is not None:
            scene.set(change.after.id, _from_part(scene, change.after))
        scene.afterwards(recount, str(_either(change).data.get("work_order")))


def _issued(scene: Scene, line: Record) -> bool:
    moved = (m.data for m in scene.children(str(line.data.get("work_order")), "part_movement"))
    return sum(m.get("quantity_milli") or 0 for m in moved if m.get("line_item") == line.id) != 0


def _from_part(scene: Scene, line: Record) -> dict[str, Any]:
    """What a new line takes over from its part where nothing was given: its words, its price, its cost."""
    part = scene.get(line.data.get("part"))
    if part is None:
        return {}
    known = {
        "description": part.data.get("name"),
        "price_cents": part.data.get("price_cents"),
        "cost_cents": part.data.get("cost_cents"),
    }
    return {name: value for name, value in known.items() if value is not None and line.data.get(name) is None}


class TaskRules(Rules):
    """Tasks: the server notes who ticked one, and the work order counts them."""

    family = ("line_item", "task")

    def follow(self, scene: Scene, change: Change) -> None:
        if change.after is not None and change.who.role != "server":
            done = bool(change.after.data.get("done"))
            if done != bool(change.before and change.before.data.get("done")):
                scene.set(change.after.id, {"done_by": change.who.person if done else None})
        scene.afterwards(recount, str(_either(change).data.get("work_order")))


class NoteRules(Rules):
    """A note is about one thing."""

    def check(self, scene: Scene, change: Change) -> None:
        about = [n for n in ("work_order", "customer", "equipment") if _either(change).data.get(n)]
        if len(about) != 1:
            raise Refusal("invalid", "A note belongs to one work order, customer or piece of equipment.")


def recount(scene: Scene, work_order: str) -> None:
    """Bring the figures of a work order up to its tasks and line items."""
    tasks = (task.data for task in scene.children(work_order, "task"))
    lines = (line.data for line in scene.children(work_order, "line_item"))
    scene.set(work_order, counts(tasks, lines))


def _either(change: Change) -> Record:
    """The record after the change, or before it when the change deleted it."""
    record = change.after or change.before
    assert record is not None, "a change has a record before it or after it"
    return record
