"""A backup each night, where Workbay keeps the database itself: the hourly job looks whether a day has gone by, and starts
`workbay backup` as a process of its own, so that a big dump holds nobody up.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from server.cli.backup import FOLDER
from server.clock import World
from server.errors import StartError
from server.jobs.timer import Job
from server.settings import Settings

DAY_S = 24 * 3600
MADE_WITH = Path("postgres") / "passwords.json"  # written when the embedded database was made


def nightly(settings: Settings, world: World, words: tuple[str, ...] = ("backup",)) -> Job:
    """The job for the database under the settings' `var`; `words` are those of the command."""

    async def back_up() -> None:
        if is_due(settings.var, world.now_ms() // 1000):
            await _run(settings.var, words)

    return back_up


def is_due(var: Path, now_s: int) -> bool:
    """Whether the newest backup, or the database if there is none, is a day old."""
    made = [path.stat().st_mtime for path in (var / FOLDER).glob("workbay-*.dump")]
    first = var / MADE_WITH
    newest = max(made, default=first.stat().st_mtime if first.exists() else now_s)
    return now_s - newest >= DAY_S


async def _run(var: Path, words: tuple[str, ...]) -> None:
    environment = os.environ | {"WORKBAY_VAR": str(var)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", *words,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = said.decode(errors="replace").strip().splitlines()[-1:] or ["no word of why"]
        raise StartError(f"The nightly backup failed: {last[0]}")
