"""`workbay serve`: from nothing to a served shop, in the order in which trouble is cheapest to find.

Settings, then the sockets, then the database and its tables, then the first shops, then the application. Each step
that cannot be done says so in one sentence before the next begins.
"""

import asyncio
import signal
import socket
from collections.abc import Mapping
from contextlib import ExitStack

from server import log
from server.cli import lan, words
from server.cli.database import ready_database
from server.cli.first_run import first_run
from server.cli.listen import Place, bound, serve_all
from server.cli.nightly import nightly
from server.cli.words import Started
from server.clock import SystemWorld, World
from server.errors import SettingError
from server.jobs.timer import Job
from server.settings import Settings


def serve(settings: Settings) -> None:
    """Serve until told to stop."""
    log.configure(settings)
    # Until the servers take signals themselves, a SIGTERM too must leave by the door, so that the database is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    world = SystemWorld()
    with ExitStack() as stack:
        here = stack.enter_context(bound(_own_host(settings), settings.port))
        settings = settings.changed(port=here.getsockname()[1])
        network = stack.enter_context(lan.opened(settings, world)) if settings.lan else None
        found = stack.enter_context(ready_database(settings))
        started = asyncio.run(first_run(found, world))
        _check_demo(found, started)
        # A database that Workbay keeps itself is backed up by itself.
        jobs = {"backup": nightly(found, world)} if settings.database_url is None else {}
        places = _places(found, world, here, network, jobs)
        serve_all(places, lambda: words.say_ready(found, started, network))
    print("Stopped.")


def _places(
    settings: Settings,
    world: World,
    here: socket.socket,
    network: lan.Network | None,
    jobs: Mapping[str, Job],
) -> list[Place]:
    from server.app import create_app

    app = create_app(settings, jobs=jobs)
    places = [Place(here, app)]
    if network is not None:
        places.append(Place(network.https, app, network.certificate, lifespan=False))
        places.append(Place(network.http, network.help_page(), lifespan=False))
    return places


def _own_host(settings: Settings) -> str:
    """With `--lan` the plain port stays on the loopback: the network is served over HTTPS beside it."""
    return "127.0.0.1" if settings.lan else settings.host


def _check_demo(settings: Settings, started: Started) -> None:
    """Passwords that everybody knows must not be reachable from everywhere."""
    if started.demo and settings.production:
        raise SettingError(
            "WORKBAY_ENV", settings.env, "this database holds the demo shops: use another database"
        )
    if started.demo and not settings.lan and not settings.loopback_only:
        raise SettingError(
            "WORKBAY_HOST",
            settings.host,
            "the demo shops, whose passwords are known, are served on 127.0.0.1 or with --lan only",
        )
