"""One embedded PostgreSQL for a whole run of pytest, and a database per test copied from a migrated template.

The workers of pytest-xdist share it through the supervisor's own lock files. Data lies in memory where the machine has a
file system for that (a database is copied there in a tenth of the time), else in the temporary directory, without fsync;
the last worker stops the server and removes the folder, and a run that was killed is cleaned up by the next one.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from server.db import roles
from server.db.embedded import EmbeddedPostgres, Urls
from server.db.locks import held_alone
from server.db.migrate import migrate

PREFIX = "workbay-test-"
MEMORY = Path("/dev/shm")
ROOM_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class TestPostgres:
    """The running server of this run; `new_database` makes a migrated database."""

    __test__ = False
    urls: Urls

    def new_database(self, *, migrated: bool = True) -> Urls:
        """A database of its own, as the template has it, or an empty one. Takes about a tenth of a second."""
        name = f"t_{uuid4().hex[:16]}"
        template = roles.DATABASE if migrated else "template1"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY")
        names = map(sql.Identifier, (name, template, roles.OWNER))
        with psycopg.connect(self.urls.superuser, autocommit=True) as connection:
            connection.execute(statement.format(*names))
        return Urls(
            owner=_renamed(self.urls.owner, name),
            app=_renamed(self.urls.app, name),
            superuser=_renamed(self.urls.superuser, name),
        )

    def drop(self, database: Urls) -> None:
        """Remove a database, whoever is still connected."""
        name = psycopg.conninfo.conninfo_to_dict(database.app)["dbname"]
        with psycopg.connect(self.urls.superuser, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(str(name)))
            )


@contextmanager
def running(run_id: str) -> Iterator[TestPostgres]:
    """The server of the run `run_id`, started by whichever worker comes first."""
    place = _place()
    _clean_up_after_killed_runs(place, run_id)
    var = place / f"{PREFIX}{run_id}"
    var.mkdir(mode=0o755, exist_ok=True)
    postgres = EmbeddedPostgres(var, fsync=False)
    urls = postgres.start()
    try:
        _make_template(var, urls)
        yield TestPostgres(urls)
    finally:
        if postgres.stop():
            shutil.rmtree(var, ignore_errors=True)


def _make_template(var: Path, urls: Urls) -> None:
    """Migrate once. Nobody connects to the template afterwards, for then it could not be copied."""
    done = var / "template.done"
    with held_alone(var / "template.lock"):
        if not done.exists():
            migrate(urls.owner, urls.app)
            done.touch()


def _place() -> Path:
    """Where the data lies. Containers often have a few megabytes of memory for files, or none."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free >= ROOM_BYTES else Path(tempfile.gettempdir())
    except OSError:
        return Path(tempfile.gettempdir())


def _clean_up_after_killed_runs(place: Path, run_id: str) -> None:
    for left in place.glob(f"{PREFIX}*"):
        if left.name != f"{PREFIX}{run_id}" and _is_mine(left) and _is_old(left):
            left_over = EmbeddedPostgres(left, fsync=False)
            left_over.join()
            if left_over.stop():
                shutil.rmtree(left, ignore_errors=True)


def _is_mine(folder: Path) -> bool:
    """A run that ends just now takes its folder with it."""
    try:
        return folder.stat().st_uid == os.geteuid()
    except FileNotFoundError:
        return False


def _is_old(folder: Path) -> bool:
    """A run that has made its template has its lock files too; one that is just starting is left alone."""
    return (folder / "template.done").exists()


def _renamed(url: str, database: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{database}?{query}"
