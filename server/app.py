"""Where the parts meet: settings become a running application, with plain tables of what goes where."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from server.auth.gate import Gate
from server.auth.passwords import Passwords
from server.auth.routes import ROUTES as AUTH_ROUTES
from server.auth.secrets import Vault
from server.clock import SystemWorld, World
from server.collections import COLLECTIONS, RULES, SCHEMA
from server.db.session import Database
from server.history.routes import ROUTES as HISTORY_ROUTES
from server.jobs.timer import Job, turning
from server.media import upkeep
from server.media.open import open_blobs, origin_of
from server.media.pipeline import pipeline_of
from server.media.receiving import Depot
from server.media.routes import ROUTES as UPLOAD_ROUTES
from server.media.serving import ROUTES as PHOTO_ROUTES
from server.media.uploads import Uploads
from server.recovery.routes import ROUTES as RECOVERY_ROUTES
from server.settings import Settings
from server.shops.routes import ROUTES as SHOP_ROUTES
from server.shops.routes import branding
from server.shops.service import Shops, list_shops
from server.store.commit import Store
from server.store.found import look
from server.store.horizon import move_horizon
from server.store.wanting import let_go_due
from server.store.witness import Witness
from server.sync_api.live import Pokes
from server.sync_api.routes import ROUTES as SYNC_ROUTES
from server.web.errors import EXCEPTION_HANDLERS
from server.web.health import ROUTES as HEALTH_ROUTES
from server.web.manifest import manifest_routes
from server.web.middleware import around
from server.web.pages import Pages
from server.work.archive import archive_due


def create_app(
    settings: Settings,
    world: World | None = None,
    passwords: Passwords | None = None,
    jobs: Mapping[str, Job] | None = None,
) -> Starlette:
    """The whole application over the database that `settings` name; it connects when it starts. jobs: what else is looked
    at each hour, by name."""
    world = world or SystemWorld()
    blobs = open_blobs(settings, world)
    routes: list[BaseRoute] = [
        *AUTH_ROUTES,
        *SYNC_ROUTES,
        *HISTORY_ROUTES,
        *RECOVERY_ROUTES,
        *SHOP_ROUTES,
        *UPLOAD_ROUTES,
        *PHOTO_ROUTES,
        *HEALTH_ROUTES,
        *manifest_routes(branding),
        *Pages().routes(),
    ]

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        database = await Database.open(settings.database_url or "", listen_url=settings.listen_database_url)
        vault = Vault.of(settings.secret_keys, world)
        app.state.database = database
        app.state.vault = vault
        app.state.gate = Gate(database, vault, world, passwords or Passwords())
        app.state.shops = Shops(database, world, settings.public_url)
        app.state.store = Store(database, world, vault, COLLECTIONS, RULES, SCHEMA)
        depot = Depot(app.state.store, blobs)
        app.state.blobs, app.state.depot = blobs, depot
        app.state.uploads = Uploads(depot, settings.shop_bytes_max)
        pipeline = pipeline_of(settings, app.state.store, depot.blobs)
        await look(database, world, settings.var)
        witness = Witness(database, world, settings.var)
        app.state.pokes = Pokes(witness.hear)
        hourly = turning({**_hourly(app.state.store), **upkeep.jobs(depot), **(jobs or {})})
        try:
            async with witness.running(), app.state.pokes.running(database), pipeline.running(), hourly:
                yield
        finally:
            await database.close()

    app = Starlette(
        routes=routes,
        middleware=around(settings, world, origin_of(settings)),
        exception_handlers=dict(EXCEPTION_HANDLERS),
        lifespan=lifespan,
    )
    app.state.settings, app.state.world = settings, world
    return app


def _hourly(store: Store) -> dict[str, Job]:
    """What the calendar does: what is long over leaves the phones, by a commit of the server."""

    async def archive() -> None:
        for shop in await list_shops(store.database):
            while await archive_due(store, shop.id, store.world.now_ms()):
                pass

    async def let_go() -> None:
        for shop in await list_shops(store.database):
            await let_go_due(store, shop.id, store.world.now_ms())

    async def horizon() -> None:
        for shop in await list_shops(store.database):
            while await move_horizon(store.database, shop.id, store.world.now_ms()):
                pass

    return {"archive": archive, "let_go": let_go, "horizon": horizon}
