"""Named points at which a server process stops itself, to be killed there.

A point is a function of the server and a side of it: `before` it runs or `after` it returned. Nothing in the product knows of
them: `set_trap` wraps the function in the process that was started for the test (see `launch`), and the rest of the
process is what everybody runs. A process that reaches its point says so on its output and stops all its threads; the
SIGKILL that follows comes from outside.
"""

import functools
import importlib
import inspect
import os
import signal
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

AT, ARMED = "chaos: at ", "chaos: armed"


@dataclass(frozen=True, slots=True)
class Point:
    """Where: a function by module and path, and a side. `within`: only while that other function runs."""

    module: str
    name: str
    side: str
    within: tuple[str, str] | None = None


_PUSH = ("server.store.commit", "push_all")
PUSH = {
    "before the locks": Point("server.store.load", "openings", "before"),
    "replica locked": Point("server.store.load", "openings", "after"),
    "records loaded": Point("server.store.pushing", "_bring", "after"),
    "head held": Point("server.store.commit", "Store.take_head", "after"),
    "judged": Point("server.store.pushing", "tell", "before"),
    "before the save": Point("server.store.commit", "Store.save", "before"),
    "saved, not committed": Point("server.store.commit", "Store.save", "after"),
    "before the commit": Point("server.db.session", "_commit", "before", _PUSH),
    "committed": Point("server.db.session", "_commit", "after", _PUSH),
    "committed, not answered": Point("server.store.commit", "push_all", "after"),
    "before the pull": Point("server.sync_api.routes", "pulled", "before"),
    "answer made": Point("server.sync_api.routes", "_page", "after"),
}
PULL = {
    "bootstrap listed": Point("server.store.pull", "start", "after"),
    "bootstrap page": Point("server.store.pull", "go_on", "after"),
    "feed read": Point("server.store.pull", "feed", "after"),
}
SIGN_IN = {
    "attempt counted": Point("server.auth.limits", "count", "after"),
    "replica settled": Point("server.auth.service", "settle", "after"),
    "session opened": Point("server.auth.service", "open_session", "after"),
    "signed in, not answered": Point("server.auth.routes", "sign_in_staff", "after"),
}
STOPPING = {
    "told to stop": Point("server.cli.listen", "_stop", "after"),
    "closing the database": Point("server.db.session", "Database.close", "before"),
}
STARTING = {
    "before the migration": Point("server.db.migrate", "_upgrade", "before"),
    "migrated, not committed": Point("alembic.command", "upgrade", "after"),
    "migrated": Point("server.cli.database", "migrate", "after"),
    "before the first shop": Point("server.cli.first_run", "_fill", "before"),
    "first shop made": Point("server.cli.people", "empty_shop", "after"),
}
POINTS = {**PUSH, **PULL, **SIGN_IN, **STOPPING, **STARTING}


def set_trap(name: str, passes: int, armed: bool) -> None:
    """Stop this process when it comes to the point for the `passes`th time after it was armed, by SIGUSR2 or at once."""
    point, left = POINTS[name], [passes if armed else 0]

    def arm(*_: object) -> None:
        left[0] = passes
        os.write(1, f"{ARMED}\n".encode())

    def reached() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.write(1, f"{AT}{name}\n".encode())
            os.kill(os.getpid(), signal.SIGSTOP)

    signal.signal(signal.SIGUSR2, arm)

    if point.within is None:
        _wrap(point.module, point.name, _around(reached, point.side))
        return
    inside: ContextVar[bool] = ContextVar("inside", default=False)
    _wrap(*point.within, _marking(inside))
    _wrap(point.module, point.name, _around(lambda: reached() if inside.get() else None, point.side))


def _wrap(module: str, path: str, around: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Put the wrapped function where it is looked up."""
    holder: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        holder = getattr(holder, parent)
    setattr(holder, name, around(getattr(holder, name)))


def _around(reached: Callable[[], None], side: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that calls `reached` on one side of a function, be it a coroutine function or a plain one."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def later(*args: Any, **kwargs: Any) -> Any:
            if side == "before":
                reached()
            result = await function(*args, **kwargs)
            if side == "after":
                reached()
            return result

        @functools.wraps(function)
        def now(*args: Any, **kwargs: Any) -> Any:
            if side == "before":
                reached()
            result = function(*args, **kwargs)
            if side == "after":
                reached()
            return result

        return later if inspect.iscoroutinefunction(function) else now

    return decorate


def _marking(inside: ContextVar[bool]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that lets what runs within a coroutine function know of it."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def marked(*args: Any, **kwargs: Any) -> Any:
            token = inside.set(True)
            try:
                return await function(*args, **kwargs)
            finally:
                inside.reset(token)

        return marked

    return decorate
