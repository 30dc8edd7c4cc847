"""Accounts of the staff: the address and the password of a synced `staff` record.

The command line and the demo make them, sign-in finds them. The address is only kept as a blind index.
"""

from dataclasses import dataclass
from uuid import UUID

import psycopg

from server.auth.gate import Gate, server_of
from server.auth.secrets import Vault
from server.errors import Conflict, Invalid

EMAIL_LONGEST = 254

# `active` is missing where nobody ever set it, and then the person works here.
FIND = """
SELECT a.id, a.password_hash, a.email_index
FROM account a
JOIN record p ON p.shop = a.shop AND p.id = a.id AND p.collection = 'staff' AND NOT p.gone
WHERE a.shop = %s AND a.email_index = ANY (%s)
  AND p.data ->> 'role' IS NOT NULL AND coalesce(p.data ->> 'active', 'true') = 'true'
"""

CREATE = """
INSERT INTO account (shop, id, email_index, password_hash, created_at)
SELECT %(shop)s, %(id)s, %(index)s, %(hash)s, %(now)s
WHERE NOT EXISTS (SELECT FROM account WHERE shop = %(shop)s AND email_index = ANY (%(indexes)s))
ON CONFLICT DO NOTHING RETURNING id
"""


class AddressTaken(Conflict):
    """Somebody of this shop signs in with this address already."""


@dataclass(frozen=True, slots=True)
class Account:
    """What sign-in needs of an account."""

    id: UUID
    password_hash: str | None
    email_index: bytes


def normal_address(email: str) -> str:
    """One spelling for an e-mail address, or `Invalid`."""
    address = email.strip().casefold()
    name, at, host = address.rpartition("@")
    if (
        not (name and at and host)
        or len(address) > EMAIL_LONGEST
        or not address.isprintable()
        or " " in address
    ):
        raise Invalid("This is not an e-mail address.", at={"field": "email"})
    return address


async def create_account(
    gate: Gate, shop: UUID, staff_id: UUID, email: str, password: str | None = None
) -> None:
    """Let a staff record sign in; without a password only by a link that sets one."""
    indexes = address_indexes(gate.vault, shop, normal_address(email))
    hashed = None if password is None else await gate.passwords.hash(password)
    values = {
        "shop": shop, "id": staff_id, "index": indexes[0], "indexes": indexes,
        "hash": hashed, "now": gate.world.now_ms(),
    }  # fmt: skip
    async with gate.database.transaction(server_of(shop)) as tx:
        if await (await tx.execute(CREATE, values)).fetchone() is None:
            raise AddressTaken


async def set_password(
    tx: psycopg.AsyncConnection, shop: UUID, staff_id: UUID, hashed: str, now_ms: int
) -> None:
    """Keep a new password; whoever was signed in with the old one no longer is."""
    await tx.execute(
        "UPDATE account SET password_hash = %s WHERE shop = %s AND id = %s", (hashed, shop, staff_id)
    )
    await tx.execute(
        "UPDATE session SET ended_at = %s WHERE shop = %s AND person = %s AND ended_at IS NULL",
        (now_ms, shop, staff_id),
    )


async def find_account(tx: psycopg.AsyncConnection, vault: Vault, shop: UUID, address: str) -> Account | None:
    """The account of an active staff user by address, under whichever key of the ring it was indexed."""
    row = await (await tx.execute(FIND, (shop, address_indexes(vault, shop, address)))).fetchone()
    return None if row is None else Account(row[0], row[1], bytes(row[2]))


async def still_has(tx: psycopg.AsyncConnection, shop: UUID, account: Account) -> bool:
    """Whether the password that was just verified is still the one; holds it until the transaction ends."""
    query = "SELECT password_hash FROM account WHERE shop = %s AND id = %s FOR UPDATE"
    row = await (await tx.execute(query, (shop, account.id))).fetchone()
    return row is not None and row[0] == account.password_hash


async def refresh(
    tx: psycopg.AsyncConnection, shop: UUID, account: Account, index: bytes, hashed: str | None
) -> None:
    """Bring an account up to the newest key and the settings of today, now that the password is known."""
    if account.email_index == index and hashed is None:
        return
    await tx.execute(
        "UPDATE account SET email_index = %s, password_hash = coalesce(%s, password_hash) WHERE shop = %s AND id = %s",
        (index, hashed, shop, account.id),
    )


def address_indexes(vault: Vault, shop: UUID, address: str) -> list[bytes]:
    """The blind indexes of an address in one shop, newest key first."""
    return vault.blind_indexes(address, f"{shop}|email")
