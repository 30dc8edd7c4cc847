"""The steps of a work order: from which status to which, who may take the step, and what it needs.

One table, read by three: the merge takes the graph, the rules take roles and needs, the app takes all of it to
offer only what can be done. What a need means is told in `rules.py`.

Words: `WORKING` are the statuses between which anybody on the floor moves freely, so that work done off line is
seldom parked; a *need* is a condition that must hold when the step arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WORKING = ("diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts", "on_hold")
STATUSES = ("new", *WORKING, "qc", "ready", "closed", "canceled")
OPEN = tuple(status for status in STATUSES if status not in ("closed", "canceled"))

OFFICE = ("admin", "manager", "service_writer")
FLOOR = (*OFFICE, "tech")

REASON = "reason"
TASKS_DONE = "tasks_done"
NO_QC = "no_qc"
QC_BY_OTHER = "qc_by_other"
TECH_MAY_CLOSE = "tech_may_close"


@dataclass(frozen=True, slots=True)
class Steps:
    """Every step from one of `origins` to one of `targets`; a status never steps to itself."""

    origins: tuple[str, ...]
    targets: tuple[str, ...]
    who: tuple[str, ...]
    needs: tuple[str, ...] = ()

    def has(self, origin: str, target: str) -> bool:
        return origin != target and origin in self.origins and target in self.targets


TABLE = (
    Steps(("new",), WORKING, FLOOR),
    Steps(WORKING, ("diagnosing", "waiting_approval", "approved", "in_progress", "waiting_parts"), FLOOR),
    Steps(WORKING, ("on_hold",), FLOOR, (REASON,)),
    Steps(("waiting_parts",), ("in_progress",), ("parts",)),
    Steps(("in_progress",), ("waiting_parts",), ("parts",)),
    Steps(WORKING, ("qc",), FLOOR, (TASKS_DONE,)),
    Steps(WORKING, ("ready",), FLOOR, (NO_QC, TASKS_DONE)),
    Steps(("qc",), ("ready",), OFFICE, (QC_BY_OTHER,)),
    Steps(("qc", "ready"), ("in_progress",), FLOOR, (REASON,)),
    Steps(("ready",), ("closed",), OFFICE),
    Steps(("ready",), ("closed",), ("tech",), (TECH_MAY_CLOSE,)),
    Steps(("closed",), ("in_progress",), OFFICE, (REASON,)),
    Steps(OPEN, ("canceled",), OFFICE, (REASON,)),
    Steps(("canceled",), ("new",), OFFICE, (REASON,)),
)


def steps_between(origin: str, target: str) -> tuple[Steps, ...]:
    """The rows of the table that hold the step, one for each group of people who may take it."""
    return tuple(row for row in TABLE if row.has(origin, target))


def graph() -> Mapping[str, frozenset[str]]:
    """status → the statuses that may follow it, whoever takes the step."""
    return {
        origin: frozenset(target for target in STATUSES if steps_between(origin, target))
        for origin in STATUSES
    }


GRAPH = graph()
