"""Gets a database ready for a command: started, with both roles, up to date, and safe to serve from.

Without `WORKBAY_DATABASE_URL` it is the embedded PostgreSQL under `var/`. A given one is brought up to date when its
owner is given too, else it must be so already.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from server.cli import unfinished
from server.db import roles
from server.db.embedded import EmbeddedPostgres
from server.db.migrate import check_migrated, migrate
from server.errors import SettingError, StartError
from server.settings import Settings


@contextmanager
def ready_database(settings: Settings) -> Iterator[Settings]:
    """The settings with both URLs filled in; an embedded PostgreSQL runs for the length of the block."""
    if settings.database_url is not None:
        _prepare_given(settings)
        yield settings
        return
    if settings.owner_database_url is not None:
        raise SettingError("WORKBAY_DATABASE_URL", None, "WORKBAY_OWNER_DATABASE_URL is: set both or neither")
    with EmbeddedPostgres(settings.var) as urls:
        if unfinished.left_over(settings.var):
            # Nobody was ever served from it, so nothing but the demo can be in it.
            roles.start_over(urls.superuser)
            unfinished.forget(settings.var)
        found = settings.changed(database_url=urls.app, owner_database_url=urls.owner)
        _prepare(urls.app, urls.owner)
        yield found


def _prepare_given(settings: Settings) -> None:
    assert settings.database_url is not None
    if settings.owner_database_url is not None:
        with _clear_refusals(settings.owner_database_url):
            roles.make_app_role(settings.owner_database_url, settings.database_url)
    _prepare(settings.database_url, settings.owner_database_url)


def _prepare(app_url: str, owner_url: str | None) -> None:
    roles.check_app_role(app_url)
    if owner_url is not None:
        with _clear_refusals(owner_url):
            migrate(owner_url, app_url)
        # Again, for a migration that made the app role the owner of something would make row security void.
        roles.check_app_role(app_url)
    check_migrated(app_url)


@contextmanager
def _clear_refusals(owner_url: str) -> Iterator[None]:
    try:
        yield
    except psycopg.OperationalError as error:
        said = str(error).strip().splitlines()[-1]
        role = roles.role_of(owner_url)
        raise StartError(
            f"The owner {role!r} of WORKBAY_OWNER_DATABASE_URL cannot connect ({said}): correct the URL."
        ) from error
