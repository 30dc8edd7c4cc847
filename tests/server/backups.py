"""Backups and restores of a test's database, quick enough to be done in the middle of a history.

A backup is a copy of every table in a schema of its own; a restore puts them back, whatever the application did
meanwhile, and starts the new epoch that a restored server starts. No connection is closed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import psycopg

from server.auth.gate import server_of
from server.db.embedded import Urls
from server.store.backups import durable_prefix
from server.store.lineage import Restored, start_epoch
from tests.server.premises import Phone, Premises, Shop, new_order, sync_all

TABLES = """
  SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  AND c.relname <> 'alembic_version' ORDER BY c.relname"""

TRIES = 5


@dataclass
class Backups:
    """The backups of one database, by number."""

    urls: Urls
    premises: Premises
    made: int = 0
    applied: dict[int, dict[str, int]] = field(default_factory=dict)

    def take(self) -> int:
        """Copy everything as it is now."""
        self.made += 1
        with self._superuser() as connection:
            connection.execute(f"CREATE SCHEMA b{self.made}")
            for table in _tables(connection):
                connection.execute(f"CREATE TABLE b{self.made}.{table} AS TABLE public.{table}")
            found: dict[str, set[int]] = {}
            for replica, n in connection.execute(
                "SELECT replica, n FROM change WHERE replica <> '@'"
            ).fetchall():
                found.setdefault(replica, set()).add(n)
        self.applied[self.made] = {replica: durable_prefix(ns) for replica, ns in found.items()}
        return self.made

    def verified(self, number: int) -> None:
        """Say that a backup can be trusted: what it has is durable from now on (R8)."""
        with self._superuser() as connection:
            for replica, applied in self.applied[number].items():
                connection.execute(
                    "UPDATE replica SET durable = greatest(durable, %s) WHERE id = %s", (applied, replica)
                )

    def put_back(self, number: int) -> None:
        """Make the database what it was, and tell nobody; again where the running application was in its way."""
        for left in reversed(range(TRIES)):
            try:
                return self._put_back(number)
            except psycopg.errors.DeadlockDetected:
                if not left:
                    raise

    def _put_back(self, number: int) -> None:
        with self._superuser() as connection:
            connection.execute("SET session_replication_role = replica")
            tables = _tables(connection)
            connection.execute(f"TRUNCATE {', '.join(f'public.{table}' for table in tables)}")
            for table in tables:
                connection.execute(
                    f"INSERT INTO public.{table} OVERRIDING SYSTEM VALUE SELECT * FROM b{number}.{table}"
                )

    async def restore(self, number: int, shop: Shop, **how: Any) -> Restored:
        """Put it back and start the new epoch, as `workbay restore` does. In a thread, for it waits for what the
        application has under way."""
        await asyncio.to_thread(self.put_back, number)
        state = self.premises.app.state
        async with state.database.transaction(server_of(shop.id)) as tx:
            return await start_epoch(tx, shop.id, state.world, **how)

    def _superuser(self) -> psycopg.Connection:
        name = psycopg.conninfo.conninfo_to_dict(self.urls.app)["dbname"]
        return psycopg.connect(self.urls.superuser, dbname=str(name))


def _tables(connection: psycopg.Connection) -> list[str]:
    return [name for (name,) in connection.execute(TABLES).fetchall()]


async def before_and_after(backups: Backups, maker: Phone, *others: Phone) -> tuple[int, str]:
    """A backup, and a work order that it lacks and that all these phones know."""
    backup = backups.take()
    order = await new_order(maker)
    await sync_all(*others)
    return backup, order


async def known_then_backed_up(backups: Backups, maker: Phone, *others: Phone) -> tuple[str, int]:
    """A work order that all these phones know, and a backup that has it."""
    order = await new_order(maker)
    await sync_all(*others)
    return order, backups.take()
