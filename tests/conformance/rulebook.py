"""The cases by rule: `@case` takes a function into the book, the page docs/protocol.md says which rules there are.

A case's function is named by the rules it shows (`V3_V4_covered_by_seq`) and its docstring is the sentence the report
prints. What no case can show is named in `elsewhere.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conformance.client import Failed
from tests.conformance.place import Room

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "protocol.md"
RULE = re.compile(r"^\*\*([A-Z]\d+)\.\*\*(.*?)(?=^\*\*[A-Z]\d+\.\*\*|^#|\Z)", re.MULTILINE | re.DOTALL)
PLANNED = re.compile(r"\*planned\*\W*\Z")
NAME = re.compile(r"((?:[A-Z]\d+_)+)(.*)")

Run = Callable[[Room], None]


@dataclass(frozen=True)
class Case:
    """One thing that a server is asked to do. `slow`: it mostly waits, so it runs beside the others."""

    name: str
    rules: tuple[str, ...]
    sentence: str
    run: Run
    slow: bool = False


BOOK: dict[str, Case] = {}


def case(run: Run) -> Run:
    """Take a case into the book."""
    return _taken(run, slow=False)


def slow_case(run: Run) -> Run:
    """Take in a case that mostly waits."""
    return _taken(run, slow=True)


def _taken(run: Run, *, slow: bool) -> Run:
    name = run.__name__
    named = NAME.fullmatch(name)
    assert named, f"{name} does not begin with the rules it shows"
    assert run.__doc__, f"{name} has no sentence"
    assert name not in BOOK, f"{name} is the name of two cases"
    rules = tuple(named[1].strip("_").split("_"))
    BOOK[name] = Case(name, rules, " ".join(run.__doc__.split()), run, slow)
    return run


def rules_of_the_page() -> dict[str, bool]:
    """Every rule in the order of the page, and whether it is only planned."""
    page = PAGE.read_text(encoding="utf-8")
    return {number: bool(PLANNED.search(text)) for number, text in RULE.findall(page)}


def cases_of(rules: Iterable[str]) -> list[Case]:
    """The cases that show any of these rules; an unknown word may also be the name of a case."""
    wanted = set(rules)
    return [case for case in BOOK.values() if wanted & {case.name, *case.rules}]


def same(came: object, wanted: object, what: str) -> None:
    """Ask that what came is what was wanted."""
    if came != wanted:
        raise Failed(f"{what}: {wanted!r}", came)


def holds(truth: object, wanted: str, came: object = None) -> None:
    """Ask that something holds; `came` is shown when it does not."""
    if not truth:
        raise Failed(wanted, came)


def accepted(result: dict[str, Any], *, clean: bool = True) -> dict[str, Any]:
    """A result that is accepted; `clean`: without a conflict and without anything overtaken."""
    same(result.get("outcome"), "accepted", "the outcome (" + str(result.get("message", "")) + ")")
    if clean:
        same(result.get("conflicts"), [], "conflicts that the write opened")
        same(result.get("overtaken"), [], "what was overtaken")
    return result


def rejected(result: dict[str, Any], code: str) -> dict[str, Any]:
    same(result.get("outcome"), "rejected", f"the outcome, for {code} was wanted")
    same(result.get("code"), code, "the code")
    message = result.get("message")
    holds(isinstance(message, str) and len(str(message)) > 5, "a message for a person (W9)", message)
    return result
