"""What a work order's figures are, computed from its tasks and line items. Pure.

The figures stand in the work order itself, so that a list shows them without its children and customers get
them without the tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Data = Mapping[str, Any]


def counts(tasks: Iterable[Data], lines: Iterable[Data]) -> dict[str, int]:
    """The figures of a work order that follow from its tasks and line items."""
    tasks, lines = list(tasks), list(lines)
    return {
        "tasks_done": sum(bool(task.get("done")) for task in tasks),
        "tasks_total": len(tasks),
        "estimated_minutes": estimated_minutes(tasks, lines),
        "total_cents": sum(map(line_cents, lines)),
    }


def line_cents(line: Data) -> int:
    """What a line item comes to before tax, half a cent rounded away from nothing; a declined one comes to nothing."""
    if line.get("declined"):
        return 0
    thousandths: int = (line.get("price_cents") or 0) * (line.get("quantity_milli") or 0)
    rounded = (abs(thousandths) + 500) // 1000
    return rounded if thousandths >= 0 else -rounded


def estimated_minutes(tasks: Iterable[Data], lines: Iterable[Data]) -> int:
    """The tasks' estimates; where no task has one, the minutes sold as labour. Both would count the work twice."""
    by_tasks: int = sum(task.get("estimated_minutes") or 0 for task in tasks)
    return by_tasks or sum(line.get("minutes") or 0 for line in lines if not line.get("declined"))
