"""In the PWA screens import from ui, media and sync; media from sync; ui and sync from nothing of ours. The server's arrows are import-linter's."""

import os
import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "pwa" / "src"
MAY_IMPORT = {
    "screens": {"ui", "media", "sync"},
    "media": {"sync"},
    "ui": set[str](),
    "sync": set[str](),
}
SHARED = {"collections.gen"}  # Generated declarations, without a line of code that does anything.
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")
FILES = sorted(path for room in MAY_IMPORT for path in SOURCE.glob(f"{room}/**/*.ts*"))


def _rooms_imported(path: Path) -> set[str]:
    """The rooms, or files beside them, that relative imports of a file lead to."""
    rooms = set()
    for target in IMPORT.findall(path.read_text(encoding="utf-8")):
        place = Path(os.path.normpath(path.parent / target)).relative_to(SOURCE)
        rooms.add(place.parts[0])
    return rooms - {path.relative_to(SOURCE).parts[0]} - SHARED


def test_a_room_imports_only_from_rooms_below_it() -> None:
    for path in FILES:
        place = path.relative_to(SOURCE)
        assert _rooms_imported(path) <= MAY_IMPORT[place.parts[0]], str(place)


def test_there_is_something_to_look_at() -> None:
    assert {path.relative_to(SOURCE).parts[0] for path in FILES} >= {"screens", "ui", "sync"}
