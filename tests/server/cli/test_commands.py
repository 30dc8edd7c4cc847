"""The commands as a person runs them: their words, their exit codes, and never a traceback."""

import asyncio
import json
import os
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from server.cli import unfinished
from server.cli.main import run
from server.cli.office import office
from server.db.embedded import Urls
from server.errors import StartError
from server.settings import load_settings
from server.shops.service import find_shop
from server.store import heads
from server.store.mismatches import Mismatch, keep
from tests.conftest import SECRET_KEYS
from tests.postgres import TestPostgres


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("WORKBAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WORKBAY_VAR", str(tmp_path))
    monkeypatch.setenv("WORKBAY_SECRET_KEYS", SECRET_KEYS)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, database_urls: Urls) -> Urls:
    """The commands work on a given, migrated database."""
    monkeypatch.setenv("WORKBAY_DATABASE_URL", database_urls.app)
    monkeypatch.setenv("WORKBAY_OWNER_DATABASE_URL", database_urls.owner)
    return database_urls


def test_shops_people_and_links(given: Urls, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["shop", "harbour", "--name", "Harbour Repair"]) == 0
    assert "http://localhost:8000/login#" in capsys.readouterr().out
    assert run(["shop", "second"]) == 0
    assert "http://second.localhost:8000/login#" in capsys.readouterr().out
    assert run(["shop"]) == 0
    listed = capsys.readouterr().out.split()
    assert listed == ["harbour", "http://localhost:8000", "second", "http://second.localhost:8000"]
    for _ in range(2):
        assert run(["user", "anna@harbour.test", "--role", "manager"]) == 0
        assert "/login#" in capsys.readouterr().out
    assert run(["link", "nobody@example.test"]) == 2
    assert "No shop has a customer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shop", "Not A Slug"], "short name"),
        (["user", "anna@harbour.test", "--role", "boss"], "choose one of"),
        (["user", "no-address"], "not an e-mail address"),
    ],
)
def test_wrong_words_are_refused(
    given: Urls, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(["shop", "harbour"]) == 0
    assert run(words) == 2
    assert said in capsys.readouterr().err


def test_the_same_shop_twice_is_refused(given: Urls, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["shop", "harbour"]) == 0
    assert run(["shop", "harbour"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_check_goes_through_everything(given: Urls, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check"]) == 0
    assert "All is well." in capsys.readouterr().out


def test_check_makes_keys(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["check", "--new-key"]) == 0
    monkeypatch.setenv("WORKBAY_SECRET_KEYS", capsys.readouterr().out.strip())
    assert load_settings().secret_keys


def test_migrate_makes_the_app_role_where_it_is_missing(
    postgres: TestPostgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = postgres.new_database(migrated=False)
    role = f"app_{os.urandom(4).hex()}"
    app = f"postgresql://{role}:secret@{empty.app.rpartition('@')[2]}"
    monkeypatch.setenv("WORKBAY_DATABASE_URL", app)
    monkeypatch.setenv("WORKBAY_OWNER_DATABASE_URL", empty.superuser)
    assert run(["migrate"]) == 0
    assert "up to date" in capsys.readouterr().out
    with psycopg.connect(app) as connection:
        assert connection.execute("SELECT count(*) FROM record").fetchone() == (0,)


def test_an_app_role_that_owns_the_tables_is_refused(
    given: Urls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBAY_DATABASE_URL", given.owner)
    assert run(["serve", "--port", "0"]) == 2
    assert "owns tables" in capsys.readouterr().err


def test_a_database_without_its_owner_must_be_migrated(
    postgres: TestPostgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = postgres.new_database(migrated=False)
    with psycopg.connect(empty.superuser, autocommit=True) as connection:
        connection.execute(f"GRANT CONNECT ON DATABASE {connection.info.dbname} TO workbay_app".encode())
    monkeypatch.setenv("WORKBAY_DATABASE_URL", empty.app)
    assert run(["migrate"]) == 2
    assert "WORKBAY_OWNER_DATABASE_URL" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("WORKBAY_PORT", "many", "WORKBAY_PORT"),
        ("WORKBAY_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none", "does not answer"),
        ("WORKBAY_OWNER_DATABASE_URL", "postgresql://owner@127.0.0.1:1/none", "set both or neither"),
    ],
)
def test_what_stops_a_command_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], setting: str, value: str, said: str
) -> None:
    monkeypatch.setenv(setting, value)
    assert run(["migrate"]) == 2
    complaint = capsys.readouterr().err
    assert said in complaint
    assert complaint.count("\n") == 1


def test_unknown_words_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serv"]) == 2
    assert run(["serve", "--prot", "1"]) == 2


def test_the_demo_is_for_empty_databases_only(given: Urls, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["shop", "harbour"]) == 0
    assert run(["demo"]) == 2
    assert "empty one only" in capsys.readouterr().err


def test_the_first_run_without_a_demo_makes_one_shop(given: Urls) -> None:
    from server.cli.first_run import first_run
    from server.clock import SystemWorld

    settings = load_settings(demo=False)
    first = asyncio.run(first_run(settings, SystemWorld()))
    again = asyncio.run(first_run(settings, SystemWorld()))
    assert first.slugs == again.slugs == ["shop"]
    assert first.admin_link is not None
    assert again.admin_link is None


def test_a_demo_that_was_stopped_half_way_is_not_served(given: Urls, tmp_path: Path) -> None:
    from server.cli.first_run import first_run
    from server.clock import SystemWorld

    assert run(["shop", "demo"]) == 0
    with pytest.raises(ValueError, match="planned"), unfinished.making(tmp_path):
        assert not unfinished.left_over(tmp_path)
        raise ValueError("planned")
    assert unfinished.left_over(tmp_path)
    with pytest.raises(StartError, match="empty the database"):
        asyncio.run(first_run(load_settings(), SystemWorld()))
    unfinished.forget(tmp_path)
    assert asyncio.run(first_run(load_settings(), SystemWorld())).slugs == ["demo"]


@pytest.mark.parametrize("change", [{"host": "0.0.0.0"}, {"env": "production"}])
def test_the_demos_known_passwords_are_not_served_to_everybody(change: dict[str, str]) -> None:
    from server.cli.serve import _check_demo
    from server.cli.words import Started

    settings = load_settings().changed(**change)
    with pytest.raises(StartError, match="demo shops"):
        _check_demo(settings, Started(["demo", "it"]))
    _check_demo(settings, Started(["harbour"]))


def test_C18_audit_says_whether_every_log_is_whole(
    given: Urls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for slug in ("harbour", "second"):
        assert run(["shop", slug]) == 0
    capsys.readouterr()
    assert run(["audit"]) == 0
    assert capsys.readouterr().out.count("the log is whole") == 2
    assert run(["audit", "--shop", "nowhere"]) == 2
    with psycopg.connect(given.superuser, autocommit=True) as connection:
        (shop,) = connection.execute("SELECT id FROM shop WHERE slug = 'second'").fetchone() or ("",)
        connection.execute("UPDATE change SET at = at + 1 WHERE shop = %s AND seq = 1", (shop,))
    capsys.readouterr()
    assert run(["audit"]) == 1
    said = capsys.readouterr().out
    assert "harbour: the log is whole" in said
    assert "second: the log is broken" in said
    assert "at 1: 1 does not fit" in said
    assert run(["audit", "--shop", "harbour"]) == 0
    capsys.readouterr()
    assert run(["audit", "--shop", "second", "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["shop"], found["whole"], found["breaks"][0]["kind"]) == ("second", False, "content")


def test_C18_audit_compares_with_what_was_noted_outside(
    given: Urls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["shop", "harbour"]) == 0
    with psycopg.connect(given.superuser) as connection:
        (shop,) = connection.execute("SELECT id FROM shop").fetchone() or (None,)
    assert isinstance(shop, UUID)
    heads.write(tmp_path, shop, heads.OutsideHead(99, "ab", "e1", 1))
    capsys.readouterr()
    assert run(["audit"]) == 1
    assert "come to 99, and it ends at" in capsys.readouterr().out
    heads.path_of(tmp_path, shop).write_text("{")
    assert run(["audit"]) == 1
    assert "cannot be read" in capsys.readouterr().out


def test_D3_reports_of_differences_are_listed(given: Urls, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["shop", "harbour"]) == 0
    capsys.readouterr()
    assert run(["mismatches"]) == 0
    assert capsys.readouterr().out == "No device has reported a difference.\n"
    asyncio.run(_report_two())
    assert run(["mismatches", "--shop", "harbour"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1970-01-01 00:00:02 UTC  rbbbbbbbbbbbb  NOT MENDED  note: 1 missing",
        "1970-01-01 00:00:01 UTC  raaaaaaaaaaaa  mended  note: 1 extra; task: 2 changed, 1 missing",
    ]


async def _report_two() -> None:
    one = {"task": {"missing": 1, "changed": 2, "extra": 0}, "note": {"extra": 1}}
    other = {"note": {"missing": 1}}
    async with office() as here:
        shop, person = (await find_shop(here.database, "")).id, str(here.world.new_id())
        for replica, at, mended, found in (
            ("r" + 12 * "a", 1000, True, one),
            ("r" + 12 * "b", 2000, False, other),
        ):
            report = Mismatch(str(here.world.new_id()), replica, person, at, mended, found)
            await keep(here.database, shop, report)
