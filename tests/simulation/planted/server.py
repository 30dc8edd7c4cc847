"""Bugs in the server and in its core."""

from __future__ import annotations

from tests.simulation.planted.plant import Plant, plant

SERVER: tuple[Plant, ...] = (
    plant(
        "conflict_side_dropped",
        "Of two texts that did not see each other one is gone.",
        (
            "sync/merge.py",
            "        if verdict.aside:\n            self._set_aside(unit, incoming)",
            "        if verdict.aside:\n            pass",
        ),
    ),
)
