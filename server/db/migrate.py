"""Bring the tables to the version this program is made for, or refuse in one sentence.

Migrations lie in `migrations/versions`, named `NNNN_word.py` after their revision. They run as the owner, all in one
transaction; an advisory lock lets one process at a time. The usual start only compares two numbers and does not load
Alembic, which takes half a second.
"""

import re
from pathlib import Path

import psycopg

from server.db.roles import APP, role_of
from server.errors import StartError

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x776F726B626179  # "workbay" in ASCII; any number will do that nobody else takes.

TABLES_WITHOUT_VERSION = """
SELECT to_regclass('public.alembic_version') IS NULL AND EXISTS (
  SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')
"""


def migrate(owner_url: str, app_url: str | None = None) -> bool:
    """Run what is missing; True when there was something. `app_url` names the role that is given its rights."""
    app_role = role_of(app_url) if app_url else APP
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        found = revision(connection)
        if found == latest():
            return False
        _check(found)
        _upgrade(owner_url, app_role)
    return True


def check_migrated(url: str) -> None:
    """Refuse a database whose tables are older or newer than this program, or half-made."""
    with psycopg.connect(url) as connection:
        found = revision(connection)
    _check(found)
    if found != latest():
        raise StartError(
            f"The database's tables are of version {found or 'none'}, and this program wants {latest()}: "
            "run `workbay migrate`, with WORKBAY_OWNER_DATABASE_URL set to the owner of the tables."
        )


def latest() -> str:
    """The newest revision this program knows."""
    known = known_revisions()
    return known[-1] if known else ""


def known_revisions() -> list[str]:
    """All revisions in their order; a file's name begins with its revision."""
    names = (re.match(r"(\d{4})_\w+\.py$", path.name) for path in (FOLDER / "versions").iterdir())
    return sorted(name[1] for name in names if name)


def revision(connection: psycopg.Connection) -> str:
    """The database's revision; '' for an empty one. Tables without a revision are refused."""
    unversioned = connection.execute(TABLES_WITHOUT_VERSION).fetchone()
    if unversioned and unversioned[0]:
        raise StartError(
            "The database holds tables but no version of Workbay's (half migrated, or another program's): "
            "give Workbay an empty database, or restore this one from its backup."
        )
    versioned = connection.execute("SELECT to_regclass('public.alembic_version') IS NOT NULL").fetchone()
    if versioned != (True,):
        return ""
    rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    if len(rows) > 1:
        raise StartError(
            "The database is half migrated: it names several versions. Restore it from its backup."
        )
    return str(rows[0][0]) if rows else ""


def _check(found: str) -> None:
    if found and found not in known_revisions():
        raise StartError(
            f"The database's tables are of version {found}, which this program does not know: "
            "start the newer Workbay that made them."
        )


def _upgrade(owner_url: str, app_role: str) -> None:
    # Imported here, because it takes half a second that only a migration is worth.
    import sqlalchemy
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["app_role"] = app_role
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(owner_url))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.exec_driver_sql(f'GRANT SELECT ON alembic_version TO "{app_role}"')
    except (sqlalchemy.exc.DBAPIError, psycopg.Error) as error:
        raise StartError(
            f"A migration failed and nothing was changed: {str(error).splitlines()[0]}"
        ) from error
    finally:
        engine.dispose()
