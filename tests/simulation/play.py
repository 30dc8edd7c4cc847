"""Plays seeds: one after the other in this process, with one PostgreSQL and one Node process for all of them."""

from __future__ import annotations

import asyncio
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from tests.postgres import TestPostgres
from tests.simulation.bridge import Bridge
from tests.simulation.ground import ground, quiet
from tests.simulation.played import Played
from tests.simulation.profile import Profile
from tests.simulation.promises import BrokenPromise
from tests.simulation.simulation import Simulation
from tests.simulation.world import SimWorld


@contextmanager
def silence() -> Iterator[None]:
    """The server's log is no part of the story: what it says is dropped."""
    kept = structlog.get_config()
    structlog.configure(processors=[_drop])
    try:
        yield
    finally:
        structlog.configure(**kept)


def _drop(*_: object) -> str:
    raise structlog.DropEvent


def play(postgres: TestPostgres, bridge: Bridge, seed: int, profile: Profile) -> Played:
    """One seed from its first step to its last, or to the first promise that does not hold."""
    played = Played(seed)
    started = time.monotonic()
    with silence(), tempfile.TemporaryDirectory(prefix="workbay-var-") as var, asyncio.Runner() as runner:
        quiet(runner.get_loop())
        runner.run(_play(postgres, bridge, Path(var), profile, played))
    played.seconds = time.monotonic() - started
    return played


async def _play(postgres: TestPostgres, bridge: Bridge, var: Path, profile: Profile, played: Played) -> None:
    world = SimWorld(played.seed)
    async with ground(postgres, world, var) as below:
        bridge.forget()
        sim = Simulation(played.seed, profile, below, bridge, world)
        try:
            await sim.run()
        except BrokenPromise as broken:
            played.broken, played.what = broken.check, str(broken)
            played.story = sim.story.of(broken.about)
        except Exception as error:
            played.broken, played.what = type(error).__name__, f"{type(error).__name__}: {error}"
            played.story = [*sim.story.of(()), *_where(error)]
        played.edits, played.trace = sim.edits, sim.net.trace.hexdigest()[:16]
        played.counts = sim.counts + sim.net.counts
        played.counts["faults"] = sim.faults()
        played.points = below.hits


def _where(error: Exception) -> list[str]:
    return traceback.format_exception(error)[-12:]
