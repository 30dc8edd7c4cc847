"""The pipe to the Node process that hosts the TypeScript phones: commands go out, one line comes back.

The bundle is made once and shared by all seeds. A reading blocks the event loop on purpose: one thing happens at a time.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import orjson

from tests.simulation.planting import Patch

HERE = Path(__file__).resolve().parent
# A page holds a thousand records, which no simulated shop has: with less a pull has several, and may break off between them.
SMALL_PAGES = Patch("pwa/src/sync/wire.ts", "RECORDS_A_PAGE = 1000;", "RECORDS_A_PAGE = 60;")


class HostFailed(AssertionError):
    """The process that hosts the phones came to an error of its own."""


def bundle(patches: Sequence[Patch] = ()) -> Path:
    """The host, bundled with the app's core and, for a planted bug, with its text changed. Pages are small."""
    out = Path(tempfile.mkdtemp(prefix="workbay-simulation-")) / "host.mjs"
    plants = json.dumps([asdict(patch) for patch in (SMALL_PAGES, *patches)])
    subprocess.run(["node", str(HERE / "node" / "build.mjs"), str(out), plants], check=True)
    return out


class Bridge:
    """One Node process, for one seed after the other."""

    def __init__(self, host: Path) -> None:
        self._process = subprocess.Popen(
            ["node", "--enable-source-maps", str(host)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._now: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe
            pipe.close()

    def forget(self) -> None:
        """All phones of the seed before are no more."""
        self.tell(0, do="forget")

    def tell(self, now: int, **command: Any) -> dict[str, Any]:
        """Run one command at the time `now` and say what came of it."""
        commands = [command] if now == self._now else [{"do": "time", "now": now}, command]
        self._now = now
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(orjson.dumps(commands) + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            assert self._process.stderr
            raise HostFailed(self._process.stderr.read().decode())
        said = orjson.loads(line)
        if isinstance(said, dict):
            raise HostFailed(said["failed"])
        last: dict[str, Any] = said[-1]
        return last
