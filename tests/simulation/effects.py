"""I3 and I7: everything has exactly one effect, and no value is anywhere that nobody wrote.

Sums are where a doubled effect would show: stock is the sum of movements, tasks are counted on their work order.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from server.collections import COLLECTIONS
from sync.collection import Field, Policy, Type
from tests.server.oracle import Row
from tests.simulation.promises import BrokenPromise, Ledger
from tests.simulation.views import Shop

WRITTEN = (Policy.LATEST, Policy.KEEP_BOTH, Policy.GREATEST, Policy.FIRST, Policy.STEPS)


def check(ledger: Ledger, shop: Shop) -> None:
    note_numbers(ledger, shop)
    _check_sums(shop)
    _check_values(ledger, shop)


def note_numbers(ledger: Ledger, shop: Shop) -> None:
    """A number may stand on paper, so it is never given again, also not after a restore (R15)."""
    for row in shop.rows.values():
        number = row.data.get("number") if row.collection == "work_order" else None
        if number and ledger.numbers.setdefault(number, row.id) != row.id:
            raise BrokenPromise(
                "I3", f"the number {number} was given again", (row.id, ledger.numbers[number])
            )


def _check_sums(shop: Shop) -> None:
    numbers = Counter(r.data.get("number") for r in shop.rows.values() if r.collection == "work_order")
    if any(count > 1 for number, count in numbers.items() if number):
        raise BrokenPromise("I3", f"a number was given twice: {numbers.most_common(1)}")
    stock: Counter[str] = Counter()
    tasks: Counter[str] = Counter()
    for row in shop.rows.values():
        if row.collection == "part_movement" and row.data["kind"] != "count":
            stock[row.data["part"]] += row.data["quantity_milli"]
        elif row.collection == "task":
            tasks[row.data["work_order"]] += 1
    for row in shop.rows.values():
        if row.collection == "part" and (row.data.get("on_hand_milli") or 0) != stock[row.id]:
            raise BrokenPromise(
                "I3",
                f"part {row.id}: {row.data.get('on_hand_milli')} on hand, {stock[row.id]} moved",
                (row.id,),
            )
        if row.collection == "work_order" and (row.data.get("tasks_total") or 0) != tasks[row.id]:
            raise BrokenPromise(
                "I3", f"work order {row.id} counts its {tasks[row.id]} tasks wrong", (row.id,)
            )


def _check_values(ledger: Ledger, shop: Shop) -> None:
    """I7, for all that phones write; what the server makes of other values is not looked at."""
    for row in shop.rows.values():
        if row.id not in ledger.born:
            continue
        for name, value in row.data.items():
            known = COLLECTIONS[row.collection].by_name[name]
            if not _is_written(ledger, row, known, value):
                raise BrokenPromise("I7", f"{name} of {row.collection} {row.id} is {value!r}", (row.id,))


def _is_written(ledger: Ledger, row: Row, known: Field, value: Any) -> bool:
    written = ledger.values.get((row.id, known.name), [])
    if known.measured or known.type is Type.REF:
        return True
    if known.policy is Policy.ELEMENTS:
        return set(value) <= {element for change in written for element in change.get("add", ())}
    if known.policy is Policy.TEXT:
        return set(value.split()) <= {word for text in written for word in str(text).split()}
    if known.policy not in WRITTEN or value in written or value == known.default:
        return True
    return row.collection in (
        "line_item",
        "part_movement",
        "time_entry",
    )  # what the server fills in from a part
