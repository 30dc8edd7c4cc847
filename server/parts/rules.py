"""What may be moved, by whom, and what becomes of the stock.

A movement's quantity is what it adds to the shelf. Whoever undoes a movement writes the same kind with the opposite
quantity and names it. Stock may become negative: the part was on the bench before the books knew of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

from psycopg import AsyncConnection

from server.parts.stock import adjusted_for_count, adjusted_for_move, effect, moment
from server.store.rules import Actor, Change, Rules
from server.store.scene import Scene
from sync.changeset import Op, Record
from sync.collection import UUID as UUID_TEXT
from sync.errors import Refusal, forbidden, invalid

# kind → what its quantity must be, and how to say so.
SIGNS: Mapping[str, tuple[Callable[[int], bool], str]] = {
    "issue": (lambda q: q < 0, "An issue takes from the shelf: its quantity is below zero."),
    "return": (lambda q: q > 0, "A return puts back on the shelf: its quantity is above zero."),
    "receive": (lambda q: q > 0, "A receipt adds to the shelf: its quantity is above zero."),
    "count": (lambda q: q >= 0, "A count is what lies there: zero or more."),
    "adjust": (lambda q: q != 0, "A correction adds or takes something."),
}
KINDS_OF: Mapping[str, tuple[str, ...]] = {
    "service_writer": ("issue", "return"),
    "tech": ("issue", "return", "count"),
}

# Held before its movements are looked for: whoever moves the same part waits, so no movement is missed.
LOCK_PARTS = """
SELECT id::text FROM record WHERE shop = %(shop)s AND id = ANY (%(parts)s::uuid[]) ORDER BY id FOR UPDATE
"""

# A count looks at all that moved; every other movement at the counts, and at who undid the same before.
MOVEMENTS = """
SELECT id::text FROM record
WHERE shop = %(shop)s AND collection = 'part_movement' AND NOT gone AND data ->> 'part' = ANY (%(parts)s)
  AND (data ->> 'kind' = 'count' OR data ->> 'part' = ANY (%(counted)s)
       OR data ->> 'undoes' = ANY (%(undone)s))
"""


class PartRules(Rules):
    """A new part has no stock until something is received or counted."""

    def follow(self, scene: Scene, change: Change) -> None:
        if change.op.op == "create" and change.after and change.after.data.get("on_hand_milli") is None:
            scene.set(change.after.id, {"on_hand_milli": 0})


class MovementRules(Rules):
    """Movements are only added; each changes its part's stock in the same commit."""

    async def gather(self, tx: AsyncConnection, shop: UUID, ops: Sequence[Op], who: Actor) -> Iterable[str]:
        made = [op.set for op in ops if op.op == "create"]
        asked = {
            "shop": shop,
            "parts": _ids(m.get("part") for m in made),
            "counted": _ids(m.get("part") for m in made if m.get("kind") == "count"),
            "undone": _ids(m.get("undoes") for m in made),
        }
        if not asked["parts"]:
            return ()
        parts = await (await tx.execute(LOCK_PARTS, asked)).fetchall()
        movements = await (await tx.execute(MOVEMENTS, asked)).fetchall()
        return [row[0] for row in (*parts, *movements)]

    def check(self, scene: Scene, change: Change) -> None:
        if change.op.op != "create" or change.after is None:
            return
        movement = change.after
        kinds = KINDS_OF.get(change.who.role)
        if kinds is not None and movement.data.get("kind") not in kinds:
            raise forbidden("In your role you do not move parts this way.", "kind")
        if movement.data.get("undoes"):
            _check_undo(scene, movement)
        else:
            _check_sign(movement)
        _check_line(scene, movement)

    def follow(self, scene: Scene, change: Change) -> None:
        if change.op.op == "create" and change.after is not None:
            _note_cost(scene, change.after)
            _move(scene, change.after)


def _ids(values: Iterable[object]) -> list[str]:
    """What is an id among values that nobody has judged yet."""
    return [value for value in values if isinstance(value, str) and UUID_TEXT.fullmatch(value)]


def _check_sign(movement: Record) -> None:
    kind, quantity = str(movement.data.get("kind")), movement.data.get("quantity_milli")
    fits, wanted = SIGNS[kind]
    if not isinstance(quantity, int) or not fits(quantity):
        raise invalid(wanted, "quantity_milli")
    if kind == "adjust" and not (movement.data.get("reason") or "").strip():
        raise Refusal("rule:reason_missing", "Say why the stock is corrected.", field="reason")


def _check_undo(scene: Scene, movement: Record) -> None:
    undone = scene.get(movement.data.get("undoes"))
    if undone is None or undone.data.get("kind") == "count":
        raise Refusal("rule:not_undone", "A count is not undone; count again.", field="undoes")
    same = all(
        movement.data.get(n) == undone.data.get(n) for n in ("part", "kind", "work_order", "line_item")
    )
    if not same or effect(movement.data) != -effect(undone.data):
        raise invalid("What undoes a movement is the same the other way round.", "undoes")
    others = (m for m in scene.all("part_movement") if m.id != movement.id)
    if undone.data.get("undoes") or any(m.data.get("undoes") == undone.id for m in others):
        raise Refusal("rule:already_undone", "This movement was undone before.", field="undoes")


def _check_line(scene: Scene, movement: Record) -> None:
    line = scene.get(movement.data.get("line_item"))
    if line is None:
        return
    if any(line.data.get(name) != movement.data.get(name) for name in ("work_order", "part")):
        raise invalid("The line item is for another part or another work order.", "line_item")


def _note_cost(scene: Scene, movement: Record) -> None:
    part = scene.get(movement.data.get("part"))
    if part is not None and movement.data.get("unit_cost_cents") is None:
        scene.set(movement.id, {"unit_cost_cents": part.data.get("cost_cents")})


def _move(scene: Scene, movement: Record) -> None:
    """Bring the part's stock up to a new movement, with the adjustments that counts ask for."""
    part = scene.get(movement.data.get("part"))
    if part is None:
        return
    on_hand = int(part.data.get("on_hand_milli") or 0)
    others = [m for m in scene.all("part_movement") if m.id != movement.id and m.data.get("part") == part.id]
    counts = [m.data for m in others if m.data.get("kind") == "count"]
    at = _moment(scene, movement)
    if movement.data.get("kind") == "count":
        moved = [(_moment(scene, m), effect(m.data)) for m in others]
        counted = int(movement.data.get("quantity_milli") or 0)
        adjustments = adjusted_for_count(counted, at, on_hand, moved, counts)
    else:
        adjustments = adjusted_for_move(effect(movement.data), at, counts)
    for adjustment in adjustments:
        scene.create("part_movement", _as_movement(part, adjustment.quantity_milli, adjustment.at))
    total = on_hand + effect(movement.data) + sum(a.quantity_milli for a in adjustments)
    scene.set(part.id, {"on_hand_milli": total})


def _moment(scene: Scene, movement: Record) -> int:
    return moment(movement.data, _undone(scene, movement))


def _undone(scene: Scene, movement: Record) -> Mapping[str, object] | None:
    record = scene.get(movement.data.get("undoes"))
    return record.data if record else None


def _as_movement(part: Record, quantity_milli: int, at: int) -> dict[str, object]:
    return {
        "part": part.id,
        "kind": "adjust",
        "quantity_milli": quantity_milli,
        "reason": "Difference found by counting",
        "at": at,
        "unit_cost_cents": part.data.get("cost_cents"),
    }
