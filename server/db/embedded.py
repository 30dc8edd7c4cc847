"""The supervisor of the embedded PostgreSQL: made on first use under `var/postgres`, shared, stopped by its last user.

`EmbeddedPostgres(var).start()` gives the URLs of the owner and of the app role; `stop()` goes with it. Several server
processes may do so over the same `var` at once (see `locks`). It listens on a private socket only, with passwords that
are kept beside the data, and writes no statement to its log, for statements hold personal data.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg

from server.clock import SystemWorld, World
from server.db import roles
from server.db.binaries import Programs, programs
from server.db.locks import InUse, held_alone
from server.db.postmaster import disown, runs
from server.errors import StartError

SUPERUSER = "postgres"
SOCKET_PATH_BYTES_MAX = 90  # The system allows 107 for the whole name, of which the file takes up to 17.
READY_TRIES, READY_WAIT_S = 300, 0.1
LAUNCH_TRIES = 10  # Orphans of a killed postmaster leave within a second.

SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
log_min_error_statement = panic
log_error_verbosity = terse
jit = off
"""
WITHOUT_FSYNC = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_wal_size = 256MB\n"


@dataclass(frozen=True, slots=True)
class Urls:
    """How to connect: as the owner of the tables, as the app, and as the superuser (tests and set-up only)."""

    owner: str
    app: str
    superuser: str


class EmbeddedPostgres:
    """One process's use of the PostgreSQL under `var/postgres`."""

    def __init__(self, var: Path, *, fsync: bool = True, world: World | None = None) -> None:
        self._home = var.absolute() / "postgres"
        self._fsync = fsync
        self._world = world or SystemWorld()
        self._programs: Programs | None = None
        self._in_use: InUse | None = None

    def __enter__(self) -> Urls:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Urls:
        """Make it if need be, start it unless it runs, and say how to connect. Takes 0.1 s when it is made."""
        self.join()
        with held_alone(self._home / "start.lock"):
            try:
                passwords = self._passwords()
                if not (self._data / "PG_VERSION").exists():
                    self._create(passwords[SUPERUSER])
                urls = self._urls(passwords)
                self._make_ready(urls)
                roles.create(urls.superuser, passwords)
            except BaseException:
                self._leave()
                raise
        return urls

    def join(self) -> None:
        """Count as a user without starting it; `stop()` then stops what a killed process left running."""
        self._make_home()
        self._programs = programs(self._home)
        with held_alone(self._home / "start.lock"):
            self._in_use = InUse(self._home / "in_use.lock")

    def _leave(self) -> None:
        if self._in_use is not None:
            self._in_use.give_up()
            self._in_use = None

    def stop(self) -> bool:
        """Give up this process's use; the last user stops PostgreSQL, cleanly. True for that last one."""
        if self._in_use is None or self._programs is None:
            return False
        with held_alone(self._home / "start.lock"):
            last = self._in_use.only_user()
            if last and runs(self._data):
                self._programs.run("pg_ctl", "stop", "-D", self._data, "-m", "fast", "-w", "-s")
            if last and self._socket_folder.exists() and not any(self._socket_folder.iterdir()):
                self._socket_folder.rmdir()
            self._leave()
        return last

    @property
    def _data(self) -> Path:
        return self._home / "data"

    def _make_home(self) -> None:
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            (self._home / "start.lock").touch(mode=0o600)
        except OSError as error:
            raise StartError(
                f"The folder {self._home} cannot be written ({error.strerror}): make it writable, "
                "or set WORKBAY_VAR to a folder that is."
            ) from error

    def _passwords(self) -> dict[str, str]:
        path = self._home / "passwords.json"
        if not path.exists():
            made = {name: self._world.token(24) for name in (SUPERUSER, roles.OWNER, roles.APP)}
            _write_private(path, json.dumps(made))
        known: dict[str, str] = json.loads(path.read_text())
        return known

    def _create(self, password: str) -> None:
        """Make the cluster beside its place and move it there, so that a kill half-way leaves nothing half-made."""
        assert self._programs is not None
        draft, secret = self._home / "data.new", self._home / "initdb.password"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        _write_private(secret, password)
        for path in (draft, secret):
            self._give_to_account(path)
        try:
            self._programs.run(
                "initdb", "-D", draft, "-U", SUPERUSER, f"--pwfile={secret}", *self._initdb_options()
            )
        finally:
            secret.unlink()
        draft.rename(self._data)

    def _initdb_options(self) -> list[str]:
        return [
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ]

    def _make_ready(self, urls: Urls) -> None:
        """Start it, and wait where a killed process left one that is still starting or stopping."""
        for left in reversed(range(READY_TRIES)):
            try:
                if not runs(self._data):
                    self._launch()
                psycopg.connect(urls.superuser).close()
                return
            except (StartError, psycopg.OperationalError) as error:
                if left == 0 or (isinstance(error, StartError) and left < READY_TRIES - LAUNCH_TRIES):
                    raise StartError(
                        f"The embedded PostgreSQL did not start: {self._last_words()}"
                    ) from error
            time.sleep(READY_WAIT_S)

    def _launch(self) -> None:
        assert self._programs is not None
        self._socket_folder.mkdir(mode=0o700, exist_ok=True)
        log = self._home / "log"
        log.touch(mode=0o600)
        settings = self._data / "postgresql.auto.conf"
        settings.write_text(SETTINGS + ("" if self._fsync else WITHOUT_FSYNC))
        for path in (self._socket_folder, log, settings):
            self._give_to_account(path)
        disown(self._data)
        options = f"-k '{self._socket_folder}'"
        self._programs.run(
            "pg_ctl", "start", "-D", self._data, "-l", log, "-o", options, "-w", "-s", "-t", "30"
        )

    def _last_words(self) -> str:
        log = self._home / "log"
        lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        return f"{lines[-1] if lines else 'it said nothing'} (its log is {log})"

    @property
    def _socket_folder(self) -> Path:
        """Beside the data, unless that path is too long for a socket."""
        beside = self._home / "run"
        if len(os.fsencode(beside)) <= SOCKET_PATH_BYTES_MAX:
            return beside
        digest = hashlib.sha256(os.fsencode(self._home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"workbay-{digest}"

    def _urls(self, passwords: dict[str, str]) -> Urls:
        def url(role: str, database: str) -> str:
            return f"postgresql://{role}:{passwords[role]}@/{database}?host={quote(str(self._socket_folder), safe='')}"

        return Urls(
            owner=url(roles.OWNER, roles.DATABASE),
            app=url(roles.APP, roles.DATABASE),
            superuser=url(SUPERUSER, "postgres"),
        )

    def _give_to_account(self, path: Path) -> None:
        assert self._programs is not None
        if self._programs.account is not None:
            os.chown(path, self._programs.account.uid, self._programs.account.gid)


def _write_private(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
