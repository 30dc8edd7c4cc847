"""The first run of an empty database: makes the demo shops, or one empty shop and a way in for its admin."""

import psycopg

from server.cli import unfinished
from server.cli.words import Started
from server.clock import World
from server.db.session import Database
from server.errors import StartError
from server.settings import Settings

LOCK = "SELECT pg_advisory_lock(hashtext('workbay.first_run'))"
INTERRUPTED = "The demo was being made in this database when it was stopped: empty the database, remove {}, and start again."
EMPTY_SLUG, EMPTY_NAME = "shop", "My shop"


async def first_run(settings: Settings, world: World) -> Started:
    """Fill an empty database; of several processes that start at once one does, and the others wait."""
    from server.shops.service import list_shops

    assert settings.database_url is not None
    database = await Database.open(settings.database_url, size=2, listen_url=settings.listen_database_url)
    try:
        # A lock of a session: behind a pooler it would stay with a connection that others get.
        async with await psycopg.AsyncConnection.connect(
            database.listen_url, autocommit=True
        ) as one_at_a_time:
            await one_at_a_time.execute(LOCK)
            admin_link = None
            known = await list_shops(database)
            if known and unfinished.left_over(settings.var):
                raise StartError(INTERRUPTED.format(unfinished.marker(settings.var)))
            if not known:
                admin_link = await _fill(database, settings, world)
            return Started([shop.slug for shop in await list_shops(database)], admin_link)
    finally:
        await database.close()


async def _fill(database: Database, settings: Settings, world: World) -> str | None:
    if settings.demo and not settings.production:
        from server.demo.make import make_demo

        print("First run: making the demo shops, which takes a few seconds …", flush=True)
        with unfinished.making(settings.var):
            await make_demo(database, settings, world)
        return None
    from server.cli.people import empty_shop

    return await empty_shop(database, settings, world, EMPTY_SLUG, EMPTY_NAME)
