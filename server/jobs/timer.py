"""What runs by the calendar: the application hands in what is due each hour, and this keeps doing it.

A turn that fails is logged and tried again at the next; it never takes the server down. Several processes may turn at
once: what they run commits through the store and finds nothing left to do the second time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

from server.background import beside

log = structlog.get_logger()

HOUR_S = 3600.0
Job = Callable[[], Awaitable[object]]


async def turn(jobs: Mapping[str, Job]) -> None:
    """Run each job once, by name, whatever becomes of the others."""
    for name, job in jobs.items():
        try:
            await job()
        except Exception:
            log.exception("job_failed", job=name)


@asynccontextmanager
async def turning(jobs: Mapping[str, Job], every_s: float = HOUR_S) -> AsyncIterator[None]:
    """Run the jobs now and then every `every_s` seconds, until the block ends."""
    async with beside(_keep_turning(jobs, every_s), "timer"):
        yield


async def _keep_turning(jobs: Mapping[str, Job], every_s: float) -> None:
    while True:
        await turn(jobs)
        await asyncio.sleep(every_s)
