"""Devices by the thousand: replicas and sessions written as rows, tokens signed with the world's own keys.

To sign in costs a tenth of a second of hashing each, which is right for people and would take minutes here. What such a
device then does goes through the same routes as any other's.
"""

import time
from uuid import UUID

import psycopg

from server.auth.keys import KeyRing
from server.auth.replicas import new_replica_id
from server.auth.secrets import Vault
from server.auth.sessions import LEASE_MS, session_token
from server.clock import SystemWorld
from server.db import roles
from tests.bench.client import Connection, Device, Place
from tests.bench.limits import with_database
from tests.bench.world import World

REPLICAS = """
INSERT INTO replica (shop, id, kind, person, device, epoch, created_at, seen_at)
SELECT %(shop)s, made.id, 'staff', %(person)s, '', h.epoch, %(now)s, %(now)s
FROM unnest(%(replicas)s::text[]) AS made (id) JOIN head h ON h.shop = %(shop)s"""
SESSIONS = """
INSERT INTO session (shop, id, replica, kind, person, created_at, expires_at)
SELECT %(shop)s, made.id, made.replica, 'staff', %(person)s, %(now)s, %(expires)s
FROM unnest(%(sessions)s::uuid[], %(replicas)s::text[]) AS made (id, replica)"""


async def devices(world: World, shop: str, like: Device, count: int) -> list[Device]:
    """So many further devices of the person who signed in on `like`; each connects when it first asks."""
    chance, found, now = SystemWorld(), world.shops[shop], time.time_ns() // 1_000_000
    sessions = [chance.new_id() for _ in range(count)]
    replicas = [new_replica_id(chance) for _ in range(count)]
    values = {
        "shop": found.id, "person": UUID(like.person), "now": now, "expires": now + LEASE_MS["staff"],
        "replicas": replicas, "sessions": sessions,
    }  # fmt: skip
    async with await psycopg.AsyncConnection.connect(database_url(world)) as connection:
        for statement in (REPLICAS, SESSIONS):
            await connection.execute(statement, values)
    vault, place = Vault(KeyRing.parse(world.keys), chance), Place(world.place.port, found.host)
    tokens = [session_token(vault, found.id, session, "staff", now) for session in sessions]
    return [
        Device(Connection(place), token, replica, like.epoch, like.person)
        for token, replica in zip(tokens, replicas, strict=True)
    ]


def database_url(world: World) -> str:
    """The database of the world, as its superuser."""
    return with_database(world.urls.superuser, roles.DATABASE)
