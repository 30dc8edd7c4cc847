"""The two roles of Workbay's database: the owner, who migrates, and the app, which does everything else.

Row security holds only for a role that is neither superuser, nor BYPASSRLS, nor owner of the tables. So the app role is
none of these, and the server refuses to start as one that is, on any database.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from server.errors import StartError

OWNER = "workbay_owner"
APP = "workbay_app"
DATABASE = "workbay"
VERSION_MIN = 150_000

APP_ROLE_FAULTS = """
SELECT role.rolsuper AS is_superuser, role.rolbypassrls AS bypasses,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                  AND n.nspname NOT LIKE 'pg_t%' AND pg_has_role(role.oid, c.relowner, 'MEMBER')) AS owns_tables,
       EXISTS (SELECT FROM pg_roles other WHERE (other.rolsuper OR other.rolbypassrls)
                AND other.oid <> role.oid AND pg_has_role(role.oid, other.oid, 'MEMBER')) AS may_become_one
  FROM pg_roles role WHERE role.rolname = current_user
"""


def create(superuser_url: str, passwords: Mapping[str, str]) -> None:
    """Make both roles and the database on a cluster of ours, unless they are there."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for role in (OWNER, APP):
            make_role(connection, role, passwords[role])
        _make_database(connection)


def start_over(superuser_url: str) -> None:
    """Put an empty database in the place of the one on a cluster of ours."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", DATABASE))
        _make_database(connection)


def _make_database(connection: psycopg.Connection) -> None:
    if not connection.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).rowcount:
        connection.execute(_sql("CREATE DATABASE {} OWNER {}", DATABASE, OWNER))
    connection.execute(_sql("REVOKE ALL ON DATABASE {} FROM PUBLIC", DATABASE))
    connection.execute(_sql("GRANT CONNECT ON DATABASE {} TO {}", DATABASE, APP))


def make_role(connection: psycopg.Connection, role: str, password: str) -> None:
    """Make a plain login role unless there is one of that name."""
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).rowcount:
        return
    rights = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}")
    connection.execute(rights.format(sql.Identifier(role), sql.Literal(password)))


def make_app_role(owner_url: str, app_url: str) -> None:
    """On a given database: make the app role that `app_url` names, where it is missing and the owner may make roles."""
    app = conninfo_to_dict(app_url)
    role, password = str(app.get("user") or ""), str(app.get("password") or "")
    with psycopg.connect(owner_url, autocommit=True) as connection:
        may = connection.execute(
            "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        if role and password and may is not None and may[0]:
            make_role(connection, role, password)


def check_app_role(app_url: str) -> None:
    """Refuse, in one sentence, a database that is too old and an app role that row security does not hold for."""
    with _connected(app_url) as connection:
        if connection.info.server_version < VERSION_MIN:
            found = connection.info.parameter_status("server_version")
            raise StartError(f"The database is PostgreSQL {found}: Workbay wants version 15 or later.")
        fault = _fault(connection)
        if fault is not None:
            raise StartError(
                f"The app's database role {connection.info.user!r} {fault}, so row security would not hold: "
                "let WORKBAY_DATABASE_URL name a plain role, and WORKBAY_OWNER_DATABASE_URL the owner of the tables."
            )


def role_of(url: str) -> str:
    """The role a URL names."""
    return str(conninfo_to_dict(url).get("user") or "")


def _fault(connection: psycopg.Connection) -> str | None:
    row = connection.execute(APP_ROLE_FAULTS).fetchone()
    faults = (
        "is a superuser",
        "has BYPASSRLS",
        "owns tables",
        "may become a superuser or a role with BYPASSRLS",
    )
    return next((fault for fault, found in zip(faults, row or (), strict=False) if found), None)


def _connected(url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(url, connect_timeout=5)
    except psycopg.OperationalError as error:
        place = urlsplit(url)
        where = f"{place.hostname or 'the local socket'}{f':{place.port}' if place.port else ''}"
        said = str(error).strip().splitlines()[-1]
        raise StartError(
            f"The database at {where} does not answer ({said}): start it, or correct its URL."
        ) from error


def _sql(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))
