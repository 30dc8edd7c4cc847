"""Dumps of a database with PostgreSQL's own programs, written whole or not at all, and read only if they are what was written.

Beside each dump lies a manifest with its length and hash, so that a file that was cut or changed by a byte is refused before
anything is touched. Reading all rows wants a role that row security does not hold: the embedded database's superuser,
or an owner that is one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from server.db import binaries
from server.errors import StartError

CHUNK = 2**20
TAIL = ".json"
LEAVING_S = 2.0

ALL_SEEING = "SELECT rolsuper OR (rolbypassrls AND rolcreatedb) FROM pg_roles WHERE rolname = current_user"
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'"


OWNER = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s"


class DumpRefused(StartError):
    """This file is not a whole backup."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was written: the file's name, length and hash; when (ms); of which PostgreSQL; shop → newest commit sure to be in it."""

    id: str
    file: str
    at: int
    bytes: int
    sha256: str
    postgres: int
    shops: dict[str, int] = field(default_factory=dict)


def tool(name: str) -> str:
    """A program of PostgreSQL: of the embedded one, else from the path."""
    try:
        beside = binaries.tools() / name
    except StartError:
        beside = Path(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise StartError(f"{name} was not found: install PostgreSQL's client programs.")
    return found


def check_sees_all(url: str) -> int:
    """The server's major version; refused unless this role sees every row and may make databases."""
    with psycopg.connect(url) as connection:
        seeing = connection.execute(ALL_SEEING).fetchone()
        version = connection.info.server_version // 10_000
    if seeing != (True,):
        raise StartError(
            f"The role {conninfo_to_dict(url).get('user')!r} is held by row security, so a backup by it would be empty: "
            "dump the database as a superuser with pg_dump, and run `workbay restored` after you put a dump back."
        )
    said = subprocess.run([tool("pg_dump"), "--version"], capture_output=True, text=True, check=True).stdout
    own = int("".join(re.findall(r"\d+", said)[:1]) or 0)
    if own < version:
        raise StartError(
            f"pg_dump is of version {own} and the database of {version}: install PostgreSQL {version}'s programs."
        )
    return version


def dump(url: str, to: Path) -> None:
    """Write the whole database as of one moment, in the custom format, on the disk before this returns."""
    draft = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        _run(url, "pg_dump", "--format=custom", "--no-password", f"--file={draft}")
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(to)
    finally:
        draft.unlink(missing_ok=True)


def load(url: str, dumped: Path, database: str) -> None:
    """Put a dump into a new database of that name; at the first complaint the database is gone again."""
    on_cluster(url, sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database)))
    try:
        _run(
            named(url, database),
            "pg_restore",
            "--exit-on-error",
            "--no-password",
            f"--dbname={database}",
            str(dumped),
        )
    except BaseException:
        drop(url, database)
        raise


def drop(url: str, database: str) -> None:
    on_cluster(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def swap(url: str, database: str, new: str, old: str) -> None:
    """Let `new` be `database` from now on, with its owner, and what was there be `old`. Nobody may be connected to it."""
    with psycopg.connect(named(url, "postgres")) as connection:
        row = connection.execute(OWNER, (database,)).fetchone()
    if row is not None:
        owner = sql.SQL("ALTER DATABASE {} OWNER TO {}")
        on_cluster(url, owner.format(sql.Identifier(new), sql.Identifier(row[0])))
    for name, other in ((database, old), (new, database)):
        on_cluster(
            url, sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(other))
        )
    on_cluster(url, sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))


def grant_connect(url: str, database: str, app: str) -> None:
    right = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
    on_cluster(url, right.format(sql.Identifier(database), sql.Identifier(app)))


def others(url: str, database: str) -> int:
    """How many are connected to a database, and stay: PostgreSQL takes a moment to see that a server has stopped."""
    until = time.monotonic() + LEAVING_S
    with psycopg.connect(named(url, "postgres"), autocommit=True) as connection:
        while True:
            row = connection.execute(OTHERS, (database,)).fetchone()
            count = int(row[0]) if row else 0
            if not count or time.monotonic() > until:
                return count
            time.sleep(0.05)


def on_cluster(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(named(url, "postgres"), autocommit=True) as connection:
        connection.execute(statement)


def named(url: str, database: str) -> str:
    """The same connection to another database."""
    return make_conninfo(url, dbname=database)


def database_of(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])


def role_of(url: str) -> str:
    return urlsplit(url).username or str(conninfo_to_dict(url).get("user", ""))


def write_manifest(dumped: Path, manifest: Manifest) -> None:
    path = dumped.with_name(dumped.name + TAIL)
    path.write_bytes(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2) + b"\n")


def read_manifest(dumped: Path) -> Manifest:
    """The manifest of a dump, if the dump is byte for byte what was written; else DumpRefused, and nothing is touched."""
    try:
        manifest = Manifest(**orjson.loads(dumped.with_name(dumped.name + TAIL).read_bytes()))
        length = dumped.stat().st_size
    except FileNotFoundError as error:
        raise DumpRefused(
            f"{error.filename} is not there: a backup is a dump and its manifest beside it."
        ) from error
    except (ValueError, TypeError) as error:
        raise DumpRefused(f"The manifest of {dumped.name} cannot be read.") from error
    if length != manifest.bytes:
        raise DumpRefused(
            f"{dumped.name} has {length} bytes and was written with {manifest.bytes}: it is not whole."
        )
    if hash_of(dumped) != manifest.sha256:
        raise DumpRefused(f"{dumped.name} is not what was written: its hash is another.")
    return manifest


def hash_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _run(url: str, name: str, *words: str) -> None:
    """Run a program of PostgreSQL on a database; the password goes by the environment, for arguments can be read by others."""
    known = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    plain = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    settings = {
        "dbname": "PGDATABASE",
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
    }
    given = {settings[key]: value for key, value in known.items() if key in settings}
    done = subprocess.run(
        [tool(name), *words], env=plain | given, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise StartError(f"{name} failed, and nothing was changed: {said[-1]}")
