"""Hidden clocks, hidden randomness and hidden outside: what only `server/clock.py` may ask, and what `sync/` may not import."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLOCK = ROOT / "server" / "clock.py"
MODULES = sorted([*ROOT.glob("server/**/*.py"), *ROOT.glob("sync/**/*.py")])

BANNED_CALLS = {
    "time": {"time", "time_ns"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "uuid": {"uuid1", "uuid4", "uuid6", "uuid7"},
    "os": {"urandom"},
}
BANNED_MODULES = {"random", "secrets", "uuid_utils"}

# What the core may use of the standard library: values and functions, nothing that reads, waits or draws.
CORE_MODULES = {
    "__future__", "base64", "bisect", "collections", "copy", "dataclasses", "datetime", "decimal", "enum", "functools", "hashlib", "heapq", "itertools",
    "json", "math", "operator", "re", "string", "types", "typing", "unicodedata", "uuid",
}  # fmt: skip


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _calls(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """Owner, name and line of every `owner.name(…)` and `….owner.name(…)`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        name = (
            owner.attr
            if isinstance(owner, ast.Attribute)
            else owner.id
            if isinstance(owner, ast.Name)
            else ""
        )
        yield name, node.func.attr, node.lineno


def _borrowed(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Module and name of every `from module import name`, by which a call could lose its owner."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def _troubles(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        f"line {line}: {owner}.{name}()"
        for owner, name, line in _calls(tree)
        if name in BANNED_CALLS.get(owner, ())
    ]
    found += [
        f"from {module} import {name}"
        for module, name in _borrowed(tree)
        if name in BANNED_CALLS.get(module, ())
    ]
    return found + [f"import {name}" for name in _imports(tree) if name.split(".")[0] in BANNED_MODULES]


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_time_and_randomness_come_in_as_a_world() -> None:
    found = {_named(path): _troubles(path) for path in MODULES if path != CLOCK}
    assert {path: troubles for path, troubles in found.items() if troubles} == {}


def test_the_test_sees_what_it_looks_for() -> None:
    assert _troubles(CLOCK), "the clock itself asks the machine, so something must be found there"


def test_the_core_imports_only_what_has_no_outside() -> None:
    for path in ROOT.glob("sync/**/*.py"):
        imported = {name.split(".")[0] for name in _imports(ast.parse(path.read_text(encoding="utf-8")))}
        assert imported <= CORE_MODULES | {"sync"}, _named(path)
