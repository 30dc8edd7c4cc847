"""Work beside the requests: it begins with a block and ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

ASKED_AGAIN_S = 1.0


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Run `work` until the block ends; an error that ended it earlier is raised then.

    It is asked to end until it has: a query that is broken off may say so with an error of the database, and whoever goes
    on after errors would go on after that one too, and hold up the stop of the server for as long as it likes.
    """
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=ASKED_AGAIN_S)
        if not task.cancelled() and (error := task.exception()):
            raise error
