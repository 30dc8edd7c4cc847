"""The embedded PostgreSQL: made once, shared by processes, stopped by the last, and found again after a kill."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from server.db import binaries
from server.db.embedded import EmbeddedPostgres, Urls
from server.db.locks import InUse
from server.errors import StartError

USE_AND_WAIT = """
import sys
from pathlib import Path
from server.db.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]), fsync=False) as urls:
    print(urls.app, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def var() -> Iterator[Path]:
    """A folder whose path is short and open to all, as a clone's usually is."""
    with tempfile.TemporaryDirectory(prefix="workbay-var-") as name:
        os.chmod(name, 0o755)
        yield Path(name)
        _stop(Path(name))


def _stop(var: Path) -> None:
    left = EmbeddedPostgres(var, fsync=False)
    left.join()
    left.stop()


def _answers(urls: Urls) -> bool:
    try:
        psycopg.connect(urls.app).close()
    except psycopg.OperationalError:
        return False
    return True


def _postmaster(var: Path) -> int:
    return int((var / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def test_data_outlives_a_restart_and_nothing_runs_in_between(var: Path) -> None:
    with EmbeddedPostgres(var, fsync=False) as urls:
        with psycopg.connect(urls.owner) as connection:
            connection.execute("CREATE TABLE kept (id int)")
        assert _answers(urls)
    assert not _answers(urls)
    with EmbeddedPostgres(var, fsync=False) as again, psycopg.connect(again.owner) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert again == urls


def test_the_last_of_several_users_stops_it(var: Path) -> None:
    first, second = EmbeddedPostgres(var, fsync=False), EmbeddedPostgres(var, fsync=False)
    urls = first.start()
    assert second.start() == urls
    assert first.stop() is False
    assert _answers(urls)
    assert second.stop() is True
    assert not _answers(urls)


def test_a_killed_process_counts_no_longer(var: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", USE_AND_WAIT, str(var)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdin is not None
    with other.stdout, other.stdin:
        assert other.stdout.readline().startswith(b"postgresql://workbay_app")
        other.kill()
        other.wait()
    ours = EmbeddedPostgres(var, fsync=False)
    assert _answers(ours.start())
    assert ours.stop() is True


def test_a_killed_postmaster_is_started_again(var: Path) -> None:
    ours = EmbeddedPostgres(var, fsync=False)
    ours.start()
    os.kill(_postmaster(var), signal.SIGKILL)
    again = EmbeddedPostgres(var, fsync=False)
    assert _answers(again.start())
    ours.stop()
    again.stop()


def test_a_cluster_that_was_half_made_is_made_anew(var: Path) -> None:
    (var / "postgres" / "data.new" / "base").mkdir(parents=True)
    with EmbeddedPostgres(var, fsync=False) as urls:
        assert _answers(urls)
    assert not (var / "postgres" / "data.new").exists()


def test_nothing_of_it_can_be_read_by_others(var: Path) -> None:
    with EmbeddedPostgres(var, fsync=False):
        home = var / "postgres"
        for name in ("data", "run", "passwords.json"):
            assert (home / name).stat().st_mode & 0o077 == 0, name
        passwords = json.loads((home / "passwords.json").read_text())
        assert len(set(passwords.values())) == 3
        assert not (home / "initdb.password").exists()


def test_it_wants_a_password_and_listens_on_no_network(var: Path) -> None:
    with EmbeddedPostgres(var, fsync=False) as urls:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(urls.app.replace(urls.app.split(":")[2].split("@")[0], "wrong"))
        with psycopg.connect(urls.owner) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_long_path_gets_its_socket_elsewhere(var: Path) -> None:
    deep = var / ("deep" * 25)
    deep.mkdir()
    with EmbeddedPostgres(deep, fsync=False) as urls:
        assert _answers(urls)
        socket = Path(unquote(urls.app.partition("host=")[2]))
        assert deep not in socket.parents
    assert not socket.exists()


def test_a_folder_that_cannot_be_written_is_one_sentence() -> None:
    with pytest.raises(StartError, match=r"cannot be written.*WORKBAY_VAR"):
        EmbeddedPostgres(Path("/proc/none")).start()


def test_no_postgresql_at_all_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "DEBIAN_FOLDERS", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StartError, match="WORKBAY_DATABASE_URL"):
        binaries._folder()


def test_a_lock_is_held_alone_only_by_the_last(tmp_path: Path) -> None:
    one, two = InUse(tmp_path / "lock"), InUse(tmp_path / "lock")
    assert not one.only_user()
    one.give_up()
    assert two.only_user()
    two.give_up()


def test_a_folder_closed_to_others_holds_the_data_as_well(var: Path) -> None:
    closed = var / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres(closed, fsync=False) as urls:
        assert _answers(urls)


def test_programs_in_a_closed_folder_run_from_a_copy(tmp_path: Path) -> None:
    folder = binaries._folder()
    copied = binaries._copied(folder, tmp_path / "programs")
    said = subprocess.run([copied / "initdb", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("initdb (PostgreSQL)")
    assert binaries._copied(folder, tmp_path / "programs") == copied
