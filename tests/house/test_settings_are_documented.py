"""Every setting stands in `docs/operating.md` with its default, and nothing stands there that is no setting."""

import re
from pathlib import Path

from server.settings import PREFIX, Settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(WORKBAY_[A-Z_]+)` \| ([^|]+) \|", re.MULTILINE)


def test_every_setting_has_a_row_and_every_row_is_a_setting() -> None:
    assert {name for name, _ in ROW.findall(PAGE)} == {
        PREFIX + name.upper() for name in Settings.model_fields
    }


def test_defaults_are_the_true_ones() -> None:
    rows = dict(ROW.findall(PAGE))
    for name, field in Settings.model_fields.items():
        if field.default is not None:
            default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
            assert f"`{default}`" in rows[PREFIX + name.upper()]
