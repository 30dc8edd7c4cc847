"""No rule of docs/protocol.md is silently missing from the book, and the book is written from documents alone."""

import ast
import json
from pathlib import Path

import pytest

from tests.conformance import load
from tests.conformance.elsewhere import ELSEWHERE
from tests.conformance.rulebook import BOOK, ROOT, rules_of_the_page

load.all_cases()
FILES = sorted(Path(__file__).parent.glob("*.py"))


def test_every_rule_has_a_case_or_a_reason() -> None:
    shown = {rule for case in BOOK.values() for rule in case.rules} | ELSEWHERE.keys()
    missing = [rule for rule, planned in rules_of_the_page().items() if not planned and rule not in shown]
    assert missing == []


def test_every_rule_named_is_on_the_page() -> None:
    named = {rule for case in BOOK.values() for rule in case.rules} | ELSEWHERE.keys()
    assert named <= rules_of_the_page().keys()


@pytest.mark.parametrize("rule", ELSEWHERE)
def test_what_is_shown_elsewhere_is_there(rule: str) -> None:
    place = ROOT / ELSEWHERE[rule].where
    assert place.exists()
    if place.suffix == ".json":
        cases = json.loads(place.read_text(encoding="utf-8"))["cases"]
        assert any(rule in case["rules"] for case in cases)


@pytest.mark.parametrize("path", [*FILES, ROOT / "scripts" / "conformance"], ids=lambda path: path.name)
def test_nothing_of_ours_is_imported(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    assert not {name.split(".")[0] for name in names} & {"server", "sync"}
