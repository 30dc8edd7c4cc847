"""Whether a work order may take a step: who takes it, and whether what it needs holds.

The merge has judged the arrow already; here the roles and needs of `steps.py` are judged, with the shop's settings
and the work order's tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from server.work.steps import (
    NO_QC,
    QC_BY_OTHER,
    REASON,
    TASKS_DONE,
    TECH_MAY_CLOSE,
    Steps,
    steps_between,
)
from sync.errors import Refusal, forbidden

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One step about to be taken: by whom, with which reason, on a work order with these tasks, in this shop."""

    origin: str
    target: str
    person: str
    role: str
    reason: str | None
    order: Data
    tasks: tuple[Data, ...]
    shop: Data


def check_step(step: Step) -> None:
    """Raise Refusal `bad_step`, `forbidden` or `rule:…` when the step may not be taken."""
    rows = steps_between(step.origin, step.target)
    if not rows:
        raise Refusal(
            "bad_step", f"A work order does not go from {step.origin} to {step.target}.", field="status"
        )
    mine = next((row for row in rows if step.role in row.who), None)
    if mine is None:
        raise forbidden(
            f"In your role you cannot set a work order from {step.origin} to {step.target}.", "status"
        )
    _check_needs(mine, step)


def _check_needs(row: Steps, step: Step) -> None:
    for need in row.needs:
        _NEEDS[need](step)


def _reason(step: Step) -> None:
    if not (step.reason or "").strip():
        raise Refusal("rule:reason_missing", "This step needs a reason.", field="status_reason")


def _tasks_done(step: Step) -> None:
    left = sum(not task.get("done") for task in step.tasks)
    if left and step.shop.get("ready_needs_tasks"):
        what = "One task is" if left == 1 else f"{left} tasks are"
        raise Refusal("rule:tasks_open", f"{what} not done yet.", field="status")


def _no_qc(step: Step) -> None:
    if step.shop.get("qc_required"):
        raise Refusal(
            "rule:qc_required", "The work must pass the quality check before it is ready.", field="status"
        )


def _qc_by_other(step: Step) -> None:
    if step.shop.get("qc_by_other") and step.person in _workers(step):
        raise Refusal("rule:qc_by_other", "Somebody else must check the work you did.", field="status")


def _workers(step: Step) -> set[str]:
    """Who had a hand in the work."""
    done_by = {task.get("done_by") for task in step.tasks}
    return {id_ for id_ in {step.order.get("assignee"), *(step.order.get("helpers") or ()), *done_by} if id_}


def _tech_may_close(step: Step) -> None:
    if not step.shop.get("tech_may_close"):
        raise forbidden("In this shop the office closes work orders.", "status")


_NEEDS: Mapping[str, Callable[[Step], None]] = {
    REASON: _reason,
    TASKS_DONE: _tasks_done,
    NO_QC: _no_qc,
    QC_BY_OTHER: _qc_by_other,
    TECH_MAY_CLOSE: _tech_may_close,
}
