"""Brings all modules with cases into the book."""

import importlib
from pathlib import Path


def all_cases() -> None:
    for path in sorted(Path(__file__).parent.glob("cases_*.py")):
        importlib.import_module(f"tests.conformance.{path.stem}")
