"""How often something may be tried, counted in the database so that all processes count together.

An attempt is counted before it is judged and given back when it was honest, so that a hundred guesses sent at once
are a hundred guesses, and a shop that signs in every morning behind one address never meets the limit. Keys are blind
indexes: the table says nothing about who tried.
"""

import ipaddress
from dataclasses import dataclass
from uuid import UUID

import psycopg

from server.auth.gate import Gate, server_of
from server.auth.secrets import Vault
from server.errors import RateLimited

WINDOW_MS = 10 * 60_000
PER_ADDRESS_AND_REMOTE = 10
# Counted apart, so that somebody far away cannot lock a person out of their own desk with ten wrong guesses.
PER_ADDRESS = 50
PER_REMOTE = 50

# Keys come sorted, so that two attempts never wait for each other crosswise.
COUNT = """
INSERT INTO attempt (shop, key, since, count)
SELECT %(shop)s, key, %(since)s, 1 FROM unnest(%(keys)s::bytea[]) WITH ORDINALITY AS k (key, place) ORDER BY place
ON CONFLICT (shop, key, since) DO UPDATE SET count = attempt.count + 1
RETURNING key, count
"""

SO_FAR = "SELECT key, count FROM attempt WHERE shop = %(shop)s AND since = %(since)s AND key = ANY (%(keys)s)"

GIVE_BACK = """
UPDATE attempt SET count = greatest(count - 1, 0)
WHERE shop = %(shop)s AND since = %(since)s AND key = ANY (%(keys)s)
"""

FORGET = """
DELETE FROM attempt WHERE (shop, key, since) IN (
  SELECT shop, key, since FROM attempt WHERE shop = %(shop)s AND since < %(since)s
  LIMIT 100 FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, by address or by link, under the keys it counts for: each with how many there may be in a window."""

    shop: UUID
    address: str | None
    keys: dict[bytes, int]
    since: int

    def values(self) -> dict[str, object]:
        return {"shop": self.shop, "since": self.since, "keys": sorted(self.keys)}


def attempt_of(vault: Vault, shop: UUID, now_ms: int, *, remote: str, address: str | None = None) -> Attempt:
    """The attempt of somebody at `remote` to get in, with an address or (a link) without one."""
    near = _network(remote)
    limits = {f"remote|{near}": PER_REMOTE}
    if address is not None:
        limits |= {f"both|{near}|{address}": PER_ADDRESS_AND_REMOTE, f"address|{address}": PER_ADDRESS}
    keys = {vault.blind_index(name, f"{shop}|attempt"): most for name, most in limits.items()}
    return Attempt(shop, address, keys, now_ms - now_ms % WINDOW_MS)


async def count(tx: psycopg.AsyncConnection, attempt: Attempt) -> bool:
    """Count it, and say whether it is within all its limits."""
    await tx.execute(FORGET, attempt.values())
    rows = await (await tx.execute(COUNT, attempt.values())).fetchall()
    return all(number <= attempt.keys[bytes(key)] for key, number in rows)


async def is_open(tx: psycopg.AsyncConnection, attempt: Attempt) -> bool:
    """Whether there may be one more of it; nothing is counted. For what is asked often and is mostly honest."""
    rows = await (await tx.execute(SO_FAR, attempt.values())).fetchall()
    return all(number < attempt.keys[bytes(key)] for key, number in rows)


async def allow(gate: Gate, shop: UUID, name: str, most: int) -> None:
    """Count one more of what `name` says; RateLimited when there were `most` in this window already."""
    now = gate.world.now_ms()
    key = gate.vault.blind_index(name, f"{shop}|attempt")
    attempt = Attempt(shop, None, {key: most}, now - now % WINDOW_MS)
    async with gate.database.transaction(server_of(shop)) as tx:
        within = await count(tx, attempt)
    if not within:
        raise too_many(attempt, now)


async def give_back(tx: psycopg.AsyncConnection, attempt: Attempt) -> None:
    """An honest attempt does not count."""
    await tx.execute(GIVE_BACK, attempt.values())


def too_many(attempt: Attempt, now_ms: int) -> RateLimited:
    """The refusal, with the time until the window ends."""
    wait_s = max(1, -(-(attempt.since + WINDOW_MS - now_ms) // 1000))
    minutes = -(-wait_s // 60)
    return RateLimited(f"Too many attempts. Please try again in {minutes} min.", retry_after_s=wait_s)


def _network(remote: str) -> str:
    """The address as it is, or the network of an IPv6 address: one household has as many of those as it likes."""
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return remote
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
