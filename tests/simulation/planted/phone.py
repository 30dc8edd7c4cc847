"""Bugs in the app's own core."""

from __future__ import annotations

from tests.simulation.planted.plant import Plant, plant

PHONE: tuple[Plant, ...] = (
    plant(
        "outbox_cleared_at_start",
        "What waited is gone after the app was opened again.",
        (
            "pwa/src/sync/replica.ts",
            "    meta.identity = { ...identity, replica, epoch };",
            '    meta.identity = { ...identity, replica, epoch };\n    tx.clear("outbox");',
        ),
    ),
)
