"""Bugs planted on purpose: they test the tests. Each must be found by a check within a minute.

To add one: a `Plant` with a name, what a person would see of it, its patches (a text of the product, which is there once,
and what it becomes), and, where the situation is rare, a profile that makes it frequent.
"""

from __future__ import annotations

from tests.simulation.planted.phone import PHONE
from tests.simulation.planted.plant import Plant
from tests.simulation.planted.server import SERVER

PLANTS: tuple[Plant, ...] = (*SERVER, *PHONE)

__all__ = ["PLANTS", "Plant"]
