"""The database of a test as a superuser sees it: its tables, its rows, and row security taken away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'alembic_version' ORDER BY relname"""


def tables(url: str) -> list[str]:
    """Every table, whoever made it."""
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute(TABLES).fetchall()]


def rows_of_shop(url: str, table: str, shop: Any) -> list[str]:
    """Rows of one shop as JSON texts, whatever row security says."""
    query = sql.SQL("SELECT to_json(t)::text FROM {} t WHERE {} = %s ORDER BY 1")
    with psycopg.connect(url) as connection:
        statement = query.format(sql.Identifier(table), sql.Identifier(shop_column(table)))
        return [row[0] for row in connection.execute(statement, (shop,)).fetchall()]


def shop_column(table: str) -> str:
    """The column that says whose a row is."""
    return "id" if table == "shop" else "shop"


def fingerprint(url: str, shop: Any) -> dict[str, str]:
    """table → a hash of all its rows of a shop, to see whether anything was written."""
    return {
        table: hashlib.sha256("\n".join(rows_of_shop(url, table, shop)).encode()).hexdigest()
        for table in tables(url)
    }


@contextmanager
def without_row_security(url: str) -> Iterator[None]:
    """Every row of every table is there for everybody; only the application's own filters are left."""
    _alter(url, "DISABLE", "NO FORCE")
    try:
        yield
    finally:
        _alter(url, "ENABLE", "FORCE")


# What the application does by the clock may be in the midst of a transaction, and as long as this waits, its loop stands.
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"""


def _alter(url: str, able: str, force: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for table in tables(url):
            connection.execute(END_OTHERS).fetchall()
            statement = f'ALTER TABLE "{table}" {able} ROW LEVEL SECURITY, {force} ROW LEVEL SECURITY'
            connection.execute(statement.encode())
