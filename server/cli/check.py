"""`workbay check`: everything a start would refuse, without starting; and fresh keys."""

from server.cli.database import ready_database
from server.clock import SystemWorld
from server.db.migrate import latest
from server.settings import Settings, new_secret_key


def check(settings: Settings) -> None:
    """Go through what `serve` goes through before it listens; the first trouble stops it with its sentence."""
    print(f"settings   {settings.env}, var {settings.var}")
    with ready_database(settings) as found:
        kind = "given" if settings.database_url else "embedded"
        print(f"database   {kind}, tables of version {latest()}, the app's role is a plain one")
        _check_app(found)
    print("All is well.")


def print_new_key() -> None:
    """A key to put before the others in `WORKBAY_SECRET_KEYS`. Needs no other setting to be right."""
    print(new_secret_key(SystemWorld()))


def _check_app(settings: Settings) -> None:
    from server.app import create_app

    create_app(settings)
    print("application is put together")
