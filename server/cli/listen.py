"""Sockets and servers: listens before anything else starts, and stops without cutting anybody off.

One process may listen in several places with the same application (see `serve`). uvicorn's own handling of signals
knows one server only, so it is done here for all of them.
"""

import asyncio
import contextlib
import errno
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from server.errors import StartError

GRACE_S = 5
BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen, with what application, and with which certificate for HTTPS."""

    socket: socket.socket
    app: ASGIApp
    certificate: tuple[Path, Path] | None = None
    lifespan: bool = True
    """Only one of the places that share an application starts and stops it."""

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])


def bound(host: str, port: int) -> socket.socket:
    """A bound socket, or one sentence on why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        # Listening now makes a second process fail here, and not when it has already started its database.
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise StartError(_why_not(host, port, error)) from error
    return made


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken: stop what listens there, or choose another with --port (or WORKBAY_PORT)."
        )
    if error.errno == errno.EACCES:
        return (
            f"Port {port} may not be used by this user: choose one above 1023 with --port (or WORKBAY_PORT)."
        )
    return f"This machine cannot listen on {host} ({error.strerror}): correct WORKBAY_HOST."


def serve_all(places: list[Place], when_ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `when_ready` is called once all places answer."""
    _calm_the_collector()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(places, when_ready))


def _calm_the_collector() -> None:
    """Look for garbage in circles less often, and never among the modules: a push makes thousands of values that their
    counts free by themselves, and looking through them took a tenth of its time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None  # Where uvloop cannot be had, the standard loop serves as well, only slower.
    return uvloop.new_event_loop


async def _serve(places: list[Place], when_ready: Callable[[], None]) -> None:
    ready = _Countdown(len(places), when_ready)
    servers = [_Server(place, ready) for place in places]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, servers, number)
    await asyncio.gather(*(server.serve([server.place.socket]) for server in servers))


def _stop(servers: "list[_Server]", number: int) -> None:
    for server in servers:
        server.handle_exit(number, None)


@dataclass(slots=True)
class _Countdown:
    left: int
    then: Callable[[], None] = field(repr=False)

    def one(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.then()


class _Server(uvicorn.Server):
    """uvicorn's server, with signals left to us and a word when it answers."""

    def __init__(self, place: Place, ready: _Countdown) -> None:
        self.place, self._ready = place, ready
        certificate, key = place.certificate or (None, None)
        super().__init__(
            uvicorn.Config(
                place.app,
                loop="none",
                http="httptools",
                ws="none",
                lifespan="on" if place.lifespan else "off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
                ssl_certfile=certificate,
                ssl_keyfile=key,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.one()
