"""A file that passes 400 lines is two things: this test asks which two."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINES_MAX = 400
SOURCES = sorted(
    path
    for pattern in ("server/**/*.py", "sync/**/*.py", "pwa/src/**/*.ts", "pwa/src/**/*.tsx", "scripts/*.py")
    for path in ROOT.glob(pattern)
    if ".gen." not in path.name
)


def test_files_stay_small() -> None:
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES
    }
    assert {path: count for path, count in lines.items() if count > LINES_MAX} == {}


def test_modules_say_what_they_are_for() -> None:
    texts = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").strip()
        for path in SOURCES
        if path.suffix == ".py"
    }
    assert [path for path, text in texts.items() if text and not text.startswith('"""')] == []
