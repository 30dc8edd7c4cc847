"""Time and chance of a simulated shop: both follow from the seed, whatever order the event loop takes.

Ids and tokens are counted for each *label*, which names the request that is being served, so that two requests under way
at once draw the same ones in every run. Nothing here asks the machine.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from contextvars import ContextVar
from uuid import UUID

from tests.worlds import CountingWorld

LABEL: ContextVar[str] = ContextVar("label", default="")
START_MS = 1_793_606_400_000


class SimWorld(CountingWorld):
    """The server's world. Time moves only when the simulation lets it."""

    def __init__(self, seed: int = 0, now_ms: int = START_MS) -> None:
        super().__init__(seed, now_ms)
        self._drawn: Counter[str] = Counter()

    def new_id(self) -> UUID:
        tail = int.from_bytes(self._bytes(9)) & ((1 << 74) - 1)
        high, low = tail >> 62, tail & ((1 << 62) - 1)
        return UUID(int=(self._now_ms << 80) | (7 << 76) | (high << 64) | (2 << 62) | low)

    def _bytes(self, length: int) -> bytes:
        label = LABEL.get()
        self._drawn[label] += 1
        return hashlib.shake_128(f"{self._seed}:{label}:{self._drawn[label]}".encode()).digest(length)
