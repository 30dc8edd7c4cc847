"""Work orders that are long over leave the phones: the server archives them, and what is archived rests.

`OnWorkOrder` puts the guard around the rules of every collection that hangs on a work order; `archive_due` is the
timer's job.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.db.session import Context
from server.store.commit import Store
from server.store.rules import Actor, Change, Rules
from server.store.scene import Scene
from server.work.rules import OVER
from sync.changeset import Op, Record
from sync.errors import Refusal

ARCHIVED_AFTER_DAYS = 30
AT_ONCE = 200
DAY_MS = 86_400_000

# What has an open conflict, be it in a child, is not due: it stays where people see it (M21), and found here again and
# again it would keep the timer turning.
DUE = """
SELECT o.id::text FROM record o
WHERE o.shop = %s AND o.collection = 'work_order' AND NOT o.gone AND o.inside
  AND o.data ->> 'archived' IS DISTINCT FROM 'true'
  AND o.data ->> 'status' IN ('closed', 'canceled') AND (o.data ->> 'closed_at')::bigint <= %s
  AND NOT EXISTS (
    SELECT FROM record c WHERE c.shop = o.shop AND c.parent = o.id AND c.collection = 'conflict' AND NOT c.gone
      AND c.data ->> 'open' = 'true')
ORDER BY (o.data ->> 'closed_at')::bigint, o.id LIMIT %s
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


async def archive_due(store: Store, shop: UUID, now: int) -> int:
    """Archive what was over 30 days ago at `now` (ms), so many at a time; how many there were comes back.

    The timer calls it until nothing comes back. One commit of the server; what was reopened meanwhile stays.
    """
    before = now - ARCHIVED_AFTER_DAYS * DAY_MS
    async with store.database.transaction(Context(shop=shop, kind="server")) as tx:
        due = [row[0] for row in await (await tx.execute(DUE, (shop, before, AT_ONCE))).fetchall()]
        if due:
            await store.act_in(tx, shop, partial(_archive, due=due, before=before), due)
    return len(due)


def _archive(scene: Scene, due: Iterable[str], before: int) -> None:
    for id_ in due:
        order = scene.get(id_)
        if order is None or order.meta.sides:
            continue  # a conflict was opened since it was found to be due
        if order.data.get("status") in OVER and (order.data.get("closed_at") or before) <= before:
            scene.set(id_, {"archived": True})
