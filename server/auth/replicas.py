"""Replicas: one device's copy of one person's view. Sign-in gives them out, the devices screen lists and revokes them.

A revoked replica keeps its session: it has to be recognised once more, to hand over what waits and to be wiped.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from server.auth.gate import Gate, server_of
from server.auth.principal import Kind, Principal
from server.auth.secrets import SealBroken, Vault
from server.clock import World
from server.errors import Gone
from server.events import Announced, announce

REPLICA_ID = re.compile(r"r[a-z2-7]{12}")
NAME_LONGEST = 60
SEES_ALL_DEVICES = frozenset({"admin", "manager"})

MAKE = """
INSERT INTO replica (shop, id, kind, person, device, epoch, created_at, seen_at)
SELECT %(shop)s, %(id)s, %(kind)s, %(person)s, %(device)s, h.epoch, %(now)s, %(now)s FROM head h WHERE h.shop = %(shop)s
ON CONFLICT DO NOTHING RETURNING id
"""

# A name that the shop never knew is one that a restore forgot, where there was one: it takes no new numbers (R12).
FIND_AGAIN = """
INSERT INTO replica (shop, id, kind, person, device, epoch, created_at, seen_at)
SELECT %(shop)s, %(id)s, %(kind)s, %(person)s, %(device)s, '', %(now)s, %(now)s
WHERE EXISTS (SELECT FROM lineage l WHERE l.shop = %(shop)s)
ON CONFLICT DO NOTHING RETURNING id
"""

# A device that is signed out for good is so under every name it is given.
AS_REVOKED = """
UPDATE replica r SET revoked_at = o.revoked_at FROM replica o
WHERE r.shop = %s AND r.id = %s AND o.shop = r.shop AND o.id = %s AND o.revoked_at IS NOT NULL
"""

# What a phone names as former, it has every outcome of. How much of each is in a verified backup comes back.
FORMER = """
UPDATE replica SET confirmed = greatest(confirmed, applied)
WHERE shop = %(shop)s AND kind = %(kind)s AND person = %(person)s AND id = ANY (%(names)s) RETURNING id, durable
"""

# Only the same person's device keeps its replica; somebody else's looks the same as one that does not exist.
KEEP = """
UPDATE replica SET seen_at = %(now)s, device = %(device)s
WHERE shop = %(shop)s AND id = %(id)s AND kind = %(kind)s AND person = %(person)s RETURNING id
"""

LIST = """
SELECT id, device, person, kind, seen_at, created_at, revoked_at FROM replica
WHERE shop = %(shop)s AND (%(all)s OR kind = %(kind)s AND person = %(person)s)
ORDER BY seen_at DESC, id
"""

REVOKE = """
UPDATE replica SET revoked_at = coalesce(revoked_at, %(now)s)
WHERE shop = %(shop)s AND id = %(id)s AND (%(all)s OR kind = %(kind)s AND person = %(person)s) RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Device:
    """What a device says of itself when it signs in; `replica` when it was here before."""

    name: str
    replica: str | None = None


def new_replica_id(world: World) -> str:
    """`r` and twelve characters of base32: sixty bits nobody guesses and anybody can read out."""
    raw = world.token(8)
    drawn = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    return "r" + base64.b32encode(drawn).decode()[:12].lower()


async def settle(
    tx: psycopg.AsyncConnection, gate: Gate, shop: UUID, kind: Kind, person: UUID, device: Device
) -> str:
    """The replica this device goes on with: its own, one that a restore forgot, or a new one."""
    values: dict[str, Any] = {"shop": shop, "kind": kind, "person": person, "now": gate.world.now_ms()}
    if device.replica is not None and REPLICA_ID.fullmatch(device.replica):
        named = {
            **values,
            "id": device.replica,
            "device": _seal_name(gate.vault, shop, device.replica, device.name),
        }
        for statement in (KEEP, FIND_AGAIN, MAKE):
            if await (await tx.execute(statement, named)).fetchone() is not None:
                return device.replica
    return await make_replica(tx, gate, shop, kind, person, device.name)


async def make_replica(
    tx: psycopg.AsyncConnection, gate: Gate, shop: UUID, kind: Kind, person: UUID, name: str
) -> str:
    """A new replica; also for a phone whose copy has forked."""
    replica = new_replica_id(gate.world)
    values = {
        "shop": shop, "id": replica, "kind": kind, "person": person, "now": gate.world.now_ms(),
        "device": _seal_name(gate.vault, shop, replica, name),
    }  # fmt: skip
    await tx.execute(MAKE, values)
    return replica


async def fork_replica(gate: Gate, principal: Principal) -> str:
    """A new replica for a device that was copied or rolled back; it is used from its first sync on."""
    async with gate.database.transaction(server_of(principal.shop)) as tx:
        name = await _name_of(tx, gate, principal)
        made = await make_replica(tx, gate, principal.shop, principal.kind, principal.person, name)
        await tx.execute(AS_REVOKED, (principal.shop, made, principal.replica))
        return made


async def find_again(tx: psycopg.AsyncConnection, gate: Gate, principal: Principal, replica: str) -> bool:
    """Know a name again that a restore forgot: True when it is this person's from now on."""
    if not REPLICA_ID.fullmatch(replica):
        return False
    values = {
        "shop": principal.shop, "id": replica, "kind": principal.kind, "person": principal.person,
        "now": gate.world.now_ms(),
        "device": _seal_name(gate.vault, principal.shop, replica, await _name_of(tx, gate, principal)),
    }  # fmt: skip
    found = await (await tx.execute(FIND_AGAIN, values)).fetchone() is not None
    if found:
        await tx.execute(AS_REVOKED, (principal.shop, replica, principal.replica))
    return found


async def former_durable(gate: Gate, principal: Principal, names: Sequence[str]) -> dict[str, int]:
    """Former names of this person's devices, in the order asked → the newest n of each that is in a verified backup."""
    values = {
        "shop": principal.shop, "kind": principal.kind, "person": principal.person, "names": list(names),
    }  # fmt: skip
    async with gate.database.transaction(server_of(principal.shop)) as tx:
        durable = dict(await (await tx.execute(FORMER, values)).fetchall())
    return {name: durable[name] for name in names if name in durable}


async def _name_of(tx: psycopg.AsyncConnection, gate: Gate, principal: Principal) -> str:
    found = await tx.execute(
        "SELECT device FROM replica WHERE shop = %s AND id = %s", (principal.shop, principal.replica)
    )
    row = await found.fetchone()
    return _open_name(gate.vault, principal.shop, principal.replica, row[0]) if row else ""


async def list_devices(gate: Gate, principal: Principal) -> list[dict[str, Any]]:
    """The devices one may know of: one's own, all of the shop for those who run it."""
    async with gate.database.transaction(server_of(principal.shop)) as tx:
        rows = await (await tx.execute(LIST, _scope(principal))).fetchall()
    return [_describe(gate.vault, principal, row) for row in rows]


async def names_of_devices(
    tx: psycopg.AsyncConnection, vault: Vault, shop: UUID, replicas: list[str]
) -> dict[str, str]:
    """replica → what its device is called, within a transaction that speaks for the server."""
    found = await tx.execute(
        "SELECT id, device FROM replica WHERE shop = %s AND id = ANY (%s)", (shop, replicas)
    )
    return {id_: _open_name(vault, shop, id_, device) for id_, device in await found.fetchall()}


async def revoked_devices(tx: psycopg.AsyncConnection, shop: UUID, replicas: list[str]) -> frozenset[str]:
    """Those of `replicas` that were revoked, within a transaction that speaks for the server."""
    found = await tx.execute(
        "SELECT id FROM replica WHERE shop = %s AND id = ANY (%s) AND revoked_at IS NOT NULL",
        (shop, replicas),
    )
    return frozenset(row[0] for row in await found.fetchall())


async def revoke_device(gate: Gate, principal: Principal, replica: str) -> None:
    """Sign a device out for good. One that is not there and one that is not yours are the same answer."""
    values = {**_scope(principal), "id": replica, "now": gate.world.now_ms()}
    async with gate.database.transaction(server_of(principal.shop)) as tx:
        if await (await tx.execute(REVOKE, values)).fetchone() is None:
            raise Gone
        await announce(tx, Announced(principal.shop, rights=True))


def _scope(principal: Principal) -> dict[str, Any]:
    return {
        "shop": principal.shop, "kind": principal.kind, "person": principal.person,
        "all": principal.role in SEES_ALL_DEVICES,
    }  # fmt: skip


def _describe(vault: Vault, principal: Principal, row: tuple[Any, ...]) -> dict[str, Any]:
    replica, device, person, kind, seen_at, created_at, revoked_at = row
    return {
        "replica": replica,
        "name": _open_name(vault, principal.shop, replica, device),
        "person": str(person),
        "kind": kind,
        "seen_at": seen_at,
        "created_at": created_at,
        "revoked": revoked_at is not None,
        "this": replica == principal.replica,
    }


def _seal_name(vault: Vault, shop: UUID, replica: str, name: str) -> str:
    """Device names tend to hold the names of people."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in name).split())[:NAME_LONGEST]
    return vault.seal(shown.encode(), _aad(shop, replica))


def _open_name(vault: Vault, shop: UUID, replica: str, device: str) -> str:
    try:
        return vault.open(device, _aad(shop, replica)).decode()
    except SealBroken:
        # A name sealed with a key that has left the ring must not hide the device that one wants to revoke.
        return ""


def _aad(shop: UUID, replica: str) -> bytes:
    return f"{shop}|replica|{replica}|device".encode()
