"""Reads the numbered rules of docs/protocol.md, and which tests carry their numbers."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "protocol.md"

# A rule goes on until the next one or the next heading.
RULE = re.compile(r"^\*\*([A-Z]\d+)\.\*\*(.*?)(?=^\*\*[A-Z]\d+\.\*\*|^#|\Z)", re.MULTILINE | re.DOTALL)
NOT_BUILT = re.compile(r"\*planned\*\W*\Z")

NUMBER = re.compile(r"[A-Z]\d+")
IN_PYTHON = re.compile(r"def test_((?:[A-Z]\d+_)+)")
IN_TYPESCRIPT = re.compile(r"\b(?:test|it)\(\s*[\"'`]((?:[A-Z]\d+ )+)")
# Promises that shared tests carry by number beside the rules.
PROMISE = re.compile(r"I\d+")


@dataclass(frozen=True, slots=True)
class Rule:
    """`planned`: nothing of it is built. A rule of which only a part is planned is built, and needs its test."""

    number: str
    planned: bool


def rules() -> list[Rule]:
    """Every rule, in the order of the page."""
    page = PAGE.read_text(encoding="utf-8")
    return [Rule(number, bool(NOT_BUILT.search(text))) for number, text in RULE.findall(page)]


def cited() -> dict[str, set[str]]:
    """number → files whose tests carry it."""
    found: dict[str, set[str]] = {}
    for folder, pattern in ((ROOT / "tests", IN_PYTHON), (ROOT / "tests" / "pwa", IN_TYPESCRIPT)):
        for path in sorted(folder.rglob("*.py" if pattern is IN_PYTHON else "*.ts")):
            for named in pattern.findall(path.read_text(encoding="utf-8")):
                for number in NUMBER.findall(named):
                    found.setdefault(number, set()).add(str(path.relative_to(ROOT)))
    return found
