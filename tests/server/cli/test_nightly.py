"""The backup of each day: when it is due, and that a failure is heard of (R8)."""

import os
from pathlib import Path

import pytest

from server.cli.nightly import DAY_S, MADE_WITH, is_due, nightly
from server.errors import StartError
from server.settings import Settings
from tests.worlds import CountingWorld

NOW_S = 1_793_606_400


def _touched(path: Path, at_s: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (at_s, at_s))


def test_R8_a_backup_is_due_a_day_after_the_newest_or_after_the_database_was_made(tmp_path: Path) -> None:
    assert not is_due(tmp_path, NOW_S)
    _touched(tmp_path / MADE_WITH, NOW_S - DAY_S + 60)
    assert not is_due(tmp_path, NOW_S)
    assert is_due(tmp_path, NOW_S + 60)
    _touched(tmp_path / "backups" / "workbay-1.dump", NOW_S - 2 * DAY_S)
    assert is_due(tmp_path, NOW_S)
    _touched(tmp_path / "backups" / "workbay-2.dump", NOW_S - 60)
    assert not is_due(tmp_path, NOW_S)


async def test_R8_a_nightly_backup_that_fails_is_heard_of(settings: Settings, world: CountingWorld) -> None:
    _touched(settings.var / MADE_WITH, world.now_ms() // 1000 - DAY_S)
    await nightly(settings, world, ("--help",))()
    with pytest.raises(StartError, match="The nightly backup failed: "):
        await nightly(settings, world, ("no-such-command",))()
