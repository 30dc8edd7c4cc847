"""Every rule of docs/protocol.md that is built is carried by a test with its number, and no test carries one that is not there."""

from pathlib import Path

import pytest

from tests.house import rules as page
from tests.house.rules import IN_PYTHON, IN_TYPESCRIPT, PROMISE, Rule, cited, rules


def test_every_rule_that_is_built_has_a_test() -> None:
    carried = cited()
    missing = [rule.number for rule in rules() if not rule.planned and rule.number not in carried]
    assert not missing, f"{len(missing)} rules without a test: {' '.join(missing)}"


def test_every_number_that_a_test_carries_is_a_rule() -> None:
    known = {rule.number for rule in rules()}
    unknown = {n: sorted(files) for n, files in cited().items() if n not in known and not PROMISE.match(n)}
    assert unknown == {}


def test_numbers_are_given_once_and_in_order() -> None:
    numbers = [(rule.number[0], int(rule.number[1:])) for rule in rules()]
    assert len(numbers) > 100
    assert len(set(numbers)) == len(numbers)
    by_letter = {letter: [n for found, n in numbers if found == letter] for letter, _ in numbers}
    assert all(found == sorted(found) for found in by_letter.values())


def test_this_test_sees_what_it_looks_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "## M. Merging\n\n**M1.** Built.\n\n**M2.** A part is *planned*, the rest\nis built.\n\n**M3.** Not yet. *planned*\n\n## N\n"
    monkeypatch.setattr(page, "PAGE", tmp_path / "protocol.md")
    page.PAGE.write_text(text, encoding="utf-8")
    assert rules() == [Rule("M1", False), Rule("M2", False), Rule("M3", True)]
    assert IN_PYTHON.findall("async def test_M4_V7_later_stands() -> None:\ndef test_plain():") == ["M4_V7_"]
    assert IN_TYPESCRIPT.findall("test(\"C9 T11 lost\", f); test(\n  'P6 first', f); test('plain', f)") == [
        "C9 T11 ",
        "P6 ",
    ]
