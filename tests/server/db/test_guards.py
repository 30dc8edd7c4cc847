"""Row security as it stands in the migrated database: on every table, forced, and with an app role that it holds for."""

from uuid import uuid4

import psycopg
import pytest

from server.db.embedded import Urls
from server.db.roles import APP, check_app_role
from server.errors import StartError

UNGUARDED = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'alembic_version'
  AND NOT (relrowsecurity AND relforcerowsecurity)
"""
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'"
LAX_POLICIES = """
SELECT tablename || '.' || policyname FROM pg_policies
WHERE schemaname = 'public' AND cmd IN ('ALL', 'INSERT', 'UPDATE') AND with_check IS NULL
"""


def _all(url: str, query: str) -> list[object]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute(query.encode())]


def test_every_table_forces_row_security(owner_url: str) -> None:
    assert _all(owner_url, UNGUARDED) == []


def test_every_policy_that_lets_write_checks_what_is_written(owner_url: str) -> None:
    assert _all(owner_url, LAX_POLICIES) == []


def test_without_a_context_no_table_shows_a_row(database_url: str, owner_url: str) -> None:
    for table in _all(owner_url, TABLES):
        assert _all(database_url, f'SELECT count(*) FROM "{table}"') == [0]


def test_the_change_log_can_only_grow(owner_url: str) -> None:
    query = f"SELECT privilege_type FROM information_schema.role_table_grants WHERE table_name = 'change' AND grantee = '{APP}'"
    assert set(_all(owner_url, query)) == {"SELECT", "INSERT"}


def test_the_app_role_is_accepted(database_url: str) -> None:
    check_app_role(database_url)


def test_an_owner_of_tables_is_refused_as_app_role(owner_url: str) -> None:
    with pytest.raises(StartError, match="owns tables"):
        check_app_role(owner_url)


def test_a_superuser_is_refused_as_app_role(database_urls: Urls) -> None:
    with pytest.raises(StartError, match="is a superuser"):
        check_app_role(database_urls.superuser)


@pytest.mark.parametrize(
    ("grant", "complaint"),
    [
        ("ALTER ROLE {role} BYPASSRLS", "has BYPASSRLS"),
        ("GRANT postgres TO {role}", "may become a superuser"),
    ],
)
def test_a_role_that_could_go_round_row_security_is_refused(
    database_urls: Urls, grant: str, complaint: str
) -> None:
    role = (
        f"lax_{uuid4().hex[:8]}"  # Roles belong to the whole server, which other tests use at the same time.
    )
    with psycopg.connect(database_urls.superuser, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{role}'".encode())
        try:
            connection.execute(grant.format(role=role).encode())
            with pytest.raises(StartError, match=complaint):
                check_app_role(_as(role, database_urls.app))
        finally:
            connection.execute(f"DROP ROLE {role}".encode())


def _as(role: str, url: str) -> str:
    return f"postgresql://{role}:{role}@{url.rpartition('@')[2]}"


def test_a_database_that_does_not_answer_is_one_sentence() -> None:
    with pytest.raises(StartError, match=r"127\.0\.0\.1:1 does not answer"):
        check_app_role("postgresql://nobody:secret@127.0.0.1:1/none")
