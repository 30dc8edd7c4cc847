"""Migrations: from nothing to today's tables, twice without harm, and refusals of what is not ours or not whole."""

import psycopg
import pytest

from server.db import migrate as module
from server.db.embedded import Urls
from server.db.migrate import check_migrated, known_revisions, latest, migrate
from server.errors import StartError
from tests.postgres import TestPostgres


@pytest.fixture
def empty(postgres: TestPostgres) -> Urls:
    """A database without any table."""
    return postgres.new_database(migrated=False)


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_an_empty_database_gets_todays_tables_once(empty: Urls) -> None:
    assert migrate(empty.owner, empty.app) is True
    check_migrated(empty.app)
    assert migrate(empty.owner, empty.app) is False


def test_what_is_not_migrated_is_refused_with_what_to_do(empty: Urls) -> None:
    with pytest.raises(StartError, match="workbay migrate"):
        check_migrated(empty.owner)


def test_tables_of_another_program_are_refused(empty: Urls) -> None:
    _run(empty.owner, "CREATE TABLE theirs (id int)")
    with pytest.raises(StartError, match="no version of Workbay's"):
        migrate(empty.owner, empty.app)


def test_a_database_of_a_newer_program_is_refused(database_urls: Urls) -> None:
    _run(database_urls.owner, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StartError, match="9999, which this program does not know"):
        migrate(database_urls.owner, database_urls.app)
    with pytest.raises(StartError, match="9999"):
        check_migrated(database_urls.app)


def test_a_database_that_names_two_versions_is_half_migrated(database_urls: Urls) -> None:
    _run(database_urls.owner, "INSERT INTO alembic_version VALUES ('0000')")
    with pytest.raises(StartError, match="half migrated"):
        check_migrated(database_urls.app)


def test_a_migration_that_fails_leaves_nothing_behind(empty: Urls) -> None:
    # A function of the first migration's name is in its way, but only after it has begun.
    _run(
        empty.owner,
        "CREATE FUNCTION record_is_stamped() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    )
    with pytest.raises(StartError, match="nothing was changed"):
        migrate(empty.owner, empty.app)
    with psycopg.connect(empty.owner) as connection:
        assert module.revision(connection) == ""


def test_the_app_role_cannot_change_the_version(database_urls: Urls) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _run(database_urls.app, "UPDATE alembic_version SET version_num = '0000'")


def test_revisions_are_numbered_without_gaps() -> None:
    assert known_revisions() == [f"{number:04}" for number in range(1, len(known_revisions()) + 1)]
    assert latest() == known_revisions()[-1]
