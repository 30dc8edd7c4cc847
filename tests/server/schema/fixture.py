"""Two shapes that the collections never had, so that apps older than the server can be tested before there are any.

Schema 3 is what the rooms declare today; 1 and 2 are made up here, with a step of every kind between them.
"""

from __future__ import annotations

from typing import Any

from sync.changeset import Data
from sync.schema import Schema
from sync.schema_steps import Added, Moved, Removed, Renamed, RenamedCollection, Split, Words


def _apart(said: Any) -> Data:
    make, _, model = str(said).partition(" ")
    return {"make": make, "model": model or None}


def _together(data: Data) -> Any:
    return " ".join(part for part in (data.get("make"), data.get("model")) if part) or None


FIRST_TO_SECOND = (
    RenamedCollection("remark", "note"),
    Renamed("work_order", "fault", "complaint"),
    Words(
        "work_order",
        "status",
        newer={"waiting": "waiting_parts"},
        older={"waiting_parts": "waiting", "waiting_approval": "waiting"},
    ),
    Removed("work_order", "fax", "Fax numbers are no longer kept."),
    Removed("work_order", "cash", "Cash is counted in the till now, not here.", refused=True),
)
SECOND_TO_THIRD = (
    Split("equipment", "device", ("make", "model"), _apart, _together),
    Added("work_order", "status_reason", beside="status"),
    Moved("work_order", "site", via="customer", to="customer", new="address"),
)
FIXTURE = Schema((FIRST_TO_SECOND, SECOND_TO_THIRD), new_collections={"part_movement": 2})
