"""Hours: one timer runs per person, corrections give a reason, and minutes add up where the work was done.

Two phones may start a timer without knowing of each other; nothing is refused then, the later start ends the
earlier entry. `stop_on` is what closing a work order asks of this room.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.store.rules import Actor, Change, Rules
from server.store.scene import Scene
from server.timesheet.collections import ENTRY_KINDS
from sync.changeset import Op, Record
from sync.collection import UUID as UUID_TEXT
from sync.errors import Refusal, forbidden, invalid

MINUTE_MS = 60_000
# Nobody works longer than this without having forgotten the clock.
LONGEST_MS = 12 * 60 * MINUTE_MS
OFFICE = ("admin", "manager", "server")

# Held before one looks what runs: else two devices that start a timer at once do not see each other's. It is no lock of
# the person's record, which every push of theirs shares, so that to take it whole would be a deadlock.
LOCK_PEOPLE = """
SELECT pg_advisory_xact_lock(hashtextextended(concat(%(shop)s::text, id), 0)) FROM (
  SELECT unnest(%(people)s::uuid[]) AS id
  UNION SELECT own FROM record WHERE shop = %(shop)s AND id = ANY (%(ids)s::uuid[]) AND own IS NOT NULL
  ORDER BY id) AS person
"""

# What runs for the people concerned, and what is needed to add up the work orders on which it runs.
RUNNING = """
WITH person AS (
  SELECT unnest(%(people)s::uuid[]) AS id
  UNION SELECT own FROM record WHERE shop = %(shop)s AND id = ANY (%(ids)s::uuid[])
), running AS (
  SELECT id, parent FROM record
  WHERE shop = %(shop)s AND collection = 'time_entry' AND NOT gone AND data ->> 'ended_at' IS NULL
    AND own IN (SELECT id FROM person)
)
SELECT id::text FROM running
UNION SELECT parent::text FROM running WHERE parent IS NOT NULL
UNION SELECT child.id::text FROM record child JOIN running ON child.parent = running.parent
  WHERE child.shop = %(shop)s AND child.collection IN ('time_entry', 'task') AND NOT child.gone
"""


class TimeEntryRules(Rules):
    """Entries for work and for shifts."""

    family = ("time_entry", "task")

    async def gather(self, tx: AsyncConnection, shop: UUID, ops: Sequence[Op], who: Actor) -> Iterable[str]:
        named = [op.set.get("staff") or who.person for op in ops if op.op == "create"]
        # Nothing was judged yet, so what is no id may still stand here.
        people = [id_ for id_ in named if isinstance(id_, str) and UUID_TEXT.fullmatch(id_)]
        asked = {"shop": shop, "people": people, "ids": [op.id for op in ops if op.op != "create"]}
        await tx.execute(LOCK_PEOPLE, asked)
        return [row[0] for row in await (await tx.execute(RUNNING, asked)).fetchall()]

    def check(self, scene: Scene, change: Change) -> None:
        if change.after is None:
            return
        _check_interval(change.after.data)
        _check_work(scene, change.after.data)
        if change.before is not None:
            _check_correction(change.before.data, change.after.data, change)

    def follow(self, scene: Scene, change: Change) -> None:
        record = change.after or change.before
        if record is None:
            return
        scene.afterwards(end_earlier, str(record.data.get("staff")))
        scene.afterwards(_end_if_over, record.id)
        if change.after is not None and is_forgotten(change.after.data):
            scene.set(record.id, {"needs_review": True})
        scene.afterwards(add_up, str(record.data.get("work_order")))


def minutes(entry: Mapping[str, Any]) -> int:
    """Whole minutes of an entry that has ended, rounded; what still runs counts when it ends."""
    started, ended = entry.get("started_at"), entry.get("ended_at")
    if started is None or ended is None:
        return 0
    return int((max(0, ended - started) + MINUTE_MS // 2) // MINUTE_MS)


def is_running(entry: Mapping[str, Any]) -> bool:
    return entry.get("started_at") is not None and entry.get("ended_at") is None


def is_forgotten(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is so long that somebody should look at it."""
    return entry.get("ended_at") is not None and entry["ended_at"] - entry["started_at"] > LONGEST_MS


def end_earlier(scene: Scene, staff: str) -> None:
    """End every running entry of that person but the one of each kind started last, each when the next began."""
    entries = (e for e in scene.all("time_entry") if e.data.get("staff") == staff)
    running = sorted((e for e in entries if is_running(e.data)), key=lambda e: (e.data["started_at"], e.id))
    for kind in ENTRY_KINDS:
        for earlier, later in pairwise(e for e in running if e.data.get("kind") == kind):
            _end(scene, earlier, later.data["started_at"])


def stop_on(scene: Scene, work_order: str, at: int) -> None:
    """End what still runs on a work order that is over, for somebody to look at."""
    for entry in scene.children(work_order, "time_entry"):
        if is_running(entry.data):
            scene.set(entry.id, {"needs_review": True})
            _end(scene, entry, max(at, entry.data["started_at"]))


def _end_if_over(scene: Scene, id_: str) -> None:
    """What was started off line on a work order that is over by now ends with it, too."""
    entry = scene.get(id_)
    order = scene.get(entry.data.get("work_order")) if entry else None
    closed_at = order.data.get("closed_at") if order else None
    if entry and is_running(entry.data) and closed_at is not None:
        scene.set(entry.id, {"needs_review": True})
        _end(scene, entry, max(closed_at, entry.data["started_at"]))


def _end(scene: Scene, entry: Record, at: int) -> None:
    scene.set(entry.id, {"ended_at": at})
    if at - entry.data["started_at"] > LONGEST_MS:
        scene.set(entry.id, {"needs_review": True})
    scene.afterwards(add_up, str(entry.data.get("work_order")))


def add_up(scene: Scene, work_order: str) -> None:
    """Bring the minutes of a work order and of its tasks up to the entries for work on it."""
    entries = [e.data for e in scene.children(work_order, "time_entry") if e.data.get("kind") == "work"]
    scene.set(work_order, {"actual_minutes": sum(map(minutes, entries))})
    spent = Counter[str]()
    for entry in entries:
        spent[entry.get("task") or ""] += minutes(entry)
    for task in scene.children(work_order, "task"):
        if spent[task.id] or task.data.get("spent_minutes"):
            scene.set(task.id, {"spent_minutes": spent[task.id]})


def _check_interval(entry: Mapping[str, Any]) -> None:
    started, ended = entry.get("started_at"), entry.get("ended_at")
    if started is None:
        raise invalid("An entry has a start.", "started_at")
    if ended is not None and ended < started:
        raise invalid("An entry cannot end before it starts.", "ended_at")


def _check_work(scene: Scene, entry: Mapping[str, Any]) -> None:
    if entry.get("kind") == "shift" and (entry.get("work_order") or entry.get("task")):
        raise invalid("A shift is not on a work order.", "kind")
    task = scene.get(entry.get("task"))
    if task is not None and task.data.get("work_order") != entry.get("work_order"):
        raise invalid("The task is of another work order.", "task")


def _check_correction(before: Mapping[str, Any], after: Mapping[str, Any], change: Change) -> None:
    """Ending a timer needs no reason; moving a start or an end does, and what is approved is the office's."""
    moved = before.get("started_at") != after.get("started_at") or (
        before.get("ended_at") is not None and before.get("ended_at") != after.get("ended_at")
    )
    if moved and before.get("approved_at") is not None and change.who.role not in OFFICE:
        raise forbidden("These hours were approved; ask the office to change them.", "started_at")
    if moved and not (after.get("correction_reason") or "").strip() and change.who.role != "server":
        raise Refusal("rule:reason_missing", "Say why the time is corrected.", field="correction_reason")
