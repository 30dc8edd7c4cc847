"""Work orders that are long over leave the phones: the server archives them, and what is archived rests.

`OnWorkOrder` puts the guard around the rules of every collection that hangs on a work order; `archive_due` is the
timer's job.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.store.rules import Actor, Change, Rules
from server.store.scene import Scene
from server.work.rules import OVER
from sync.changeset import Op, Record
from sync.errors import Refusal

ARCHIVED_AFTER_DAYS = 30
DAY_MS = 86_400_000

DUE = """
SELECT id::text FROM record
WHERE shop = %s AND collection = 'work_order' AND NOT gone AND inside
  AND data ->> 'archived' IS DISTINCT FROM 'true'
  AND data ->> 'status' IN ('closed', 'canceled') AND (data ->> 'closed_at')::bigint <= %s
ORDER BY id LIMIT %s
"""


class OnWorkOrder(Rules):
    """The rules of a collection, and before them: nothing is written to an archived work order but its reopening."""

    def __init__(self, inner: Rules) -> None:
        self.inner = inner
        self.family = inner.family

    def also(self, op: Op, record: Record | None) -> Iterable[str]:
        return self.inner.also(op, record)

    async def gather(self, tx: AsyncConnection, shop: UUID, ops: Sequence[Op], who: Actor) -> Iterable[str]:
        return await self.inner.gather(tx, shop, ops, who)

    def check(self, scene: Scene, change: Change) -> None:
        if change.who.role != "server":
            refuse_if_archived(work_order_of(scene, change))
        self.inner.check(scene, change)

    def follow(self, scene: Scene, change: Change) -> None:
        self.inner.follow(scene, change)


def work_order_of(scene: Scene, change: Change) -> Record | None:
    """The work order that a change concerns: the record itself, or what it hangs on."""
    record = change.after or change.before
    if record is None or record.collection == "work_order":
        return record
    return scene.get(record.data.get("work_order"))


def refuse_if_archived(order: Record | None) -> None:
    """Raise Refusal `closed` for an archived work order that this changeset does not take up again."""
    if order is not None and is_at_rest(order.data):
        number = order.data.get("number") or "This work order"
        raise Refusal("closed", f"{number} is archived. Reopen it to change it.")


def is_at_rest(order: Mapping[str, Any]) -> bool:
    """Archived and not just being reopened; the mark itself goes when the step has been accepted."""
    return bool(order.get("archived")) and order.get("status") in OVER


async def due(tx: AsyncConnection, shop: UUID, now: int, most: int = 200) -> list[str]:
    """Ids of work orders that were over 30 days ago at `now`, oldest first, so many at a time."""
    before = now - ARCHIVED_AFTER_DAYS * DAY_MS
    return [row[0] for row in await (await tx.execute(DUE, (shop, before, most))).fetchall()]
