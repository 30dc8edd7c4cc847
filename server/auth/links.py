"""One-time links: a customer's way in, and a staff user's way to set a first or a new password.

The token is in nobody's hands but the reader's: here only its hash is kept. Opening a link spends nothing (scanners of
mails open them all); what spends it is the button, in one statement that only one of many can win.
"""

import hashlib
from uuid import UUID

import psycopg

from server.auth.accounts import normal_address
from server.auth.errors import LinkRefused, NobodyThere
from server.auth.gate import Gate, server_of
from server.auth.principal import Kind
from server.auth.sessions import is_let_in
from server.store.codec import Codec

MINUTE_MS = 60_000
LASTS_MS: dict[Kind, int] = {"customer": 10 * MINUTE_MS, "staff": 60 * MINUTE_MS}

MAKE = """
INSERT INTO link (shop, id, kind, person, token_hash, expires_at)
VALUES (%(shop)s, %(id)s, %(kind)s, %(person)s, %(hash)s, %(expires)s)
"""

# Of many that race, the first holds the row and the others find it spent when their turn comes.
SPEND = """
UPDATE link SET spent_at = %(now)s
WHERE shop = %(shop)s AND kind = %(kind)s AND token_hash = %(hash)s AND spent_at IS NULL AND expires_at > %(now)s
RETURNING person
"""

FORGET = "DELETE FROM link WHERE shop = %(shop)s AND expires_at < %(now)s"


# Addresses are sealed and no index of them is kept, so the shop's customers are opened one by one: some microseconds
# each, for what somebody asks a few times a day.
CUSTOMERS = """
SELECT id::text, data FROM record
WHERE shop = %s AND collection = 'customer' AND NOT gone AND data ->> 'emails' IS NOT NULL ORDER BY seq
"""


async def make_customer_link(gate: Gate, shop: UUID, email: str) -> str:
    """The token of a link for the customer with this address, or `NobodyThere`."""
    address = normal_address(email)
    async with gate.database.transaction(server_of(shop)) as tx:
        customer = await find_customer(tx, gate, shop, address)
        if customer is None:
            raise NobodyThere
        return await _make(tx, gate, shop, "customer", customer)


async def find_customer(tx: psycopg.AsyncConnection, gate: Gate, shop: UUID, address: str) -> UUID | None:
    """The customer with this address who may use the portal."""
    codec = Codec(shop, {}, gate.vault)
    async for id_, data in await tx.execute(CUSTOMERS, (shop,)):
        emails = codec.open_data(id_, data, ("emails",))["emails"]
        if address in (email.strip().casefold() for email in emails) and is_let_in("customer", data):
            return UUID(id_)
    return None


async def make_staff_link(gate: Gate, shop: UUID, staff_id: UUID) -> str:
    """The token of a link with which an account sets its password."""
    async with gate.database.transaction(server_of(shop)) as tx:
        row = await tx.execute("SELECT id FROM account WHERE shop = %s AND id = %s", (shop, staff_id))
        if await row.fetchone() is None:
            raise NobodyThere
        return await _make(tx, gate, shop, "staff", staff_id)


async def spend_link(tx: psycopg.AsyncConnection, gate: Gate, shop: UUID, kind: Kind, token: str) -> UUID:
    """Whom the link is for, once; a used, an old and an unknown one are the same `LinkRefused`."""
    values = {"shop": shop, "kind": kind, "hash": _hash(token), "now": gate.world.now_ms()}
    row = await (await tx.execute(SPEND, values)).fetchone()
    if row is None:
        raise LinkRefused
    return UUID(str(row[0]))


async def _make(tx: psycopg.AsyncConnection, gate: Gate, shop: UUID, kind: Kind, person: UUID) -> str:
    token, now = gate.world.token(32), gate.world.now_ms()
    values = {
        "shop": shop, "id": gate.world.new_id(), "kind": kind, "person": person,
        "hash": _hash(token), "now": now, "expires": now + LASTS_MS[kind],
    }  # fmt: skip
    await tx.execute(FORGET, values)
    await tx.execute(MAKE, values)
    return token


def _hash(token: str) -> bytes:
    """A token has 256 random bits, so that a plain hash is all it needs."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
