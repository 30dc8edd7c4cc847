"""Signing in: staff by address and password, customers by a link, staff by a link that sets a password.

Each reads alike: count the attempt, judge what was shown, then in one transaction settle the device's replica and open
a session. The answers to an unknown address and to a wrong password are the same in words and in work.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from server.auth import limits
from server.auth.accounts import (
    Account,
    address_indexes,
    find_account,
    normal_address,
    refresh,
    set_password,
    still_has,
)
from server.auth.errors import LinkRefused, SignInRefused
from server.auth.gate import Gate, server_of
from server.auth.limits import Attempt
from server.auth.links import spend_link
from server.auth.principal import Kind, Principal
from server.auth.replicas import Device, settle
from server.auth.sessions import open_session, visitor_of_session

ABOUT_SHOP = """
SELECT h.epoch, coalesce(p.data ->> 'name', s.slug)
FROM shop s JOIN head h ON h.shop = s.id LEFT JOIN record p ON p.shop = s.id AND p.id = s.id AND p.collection = 'shop'
WHERE s.id = %s
"""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a device learns when it is let in. The token goes into the cookie."""

    principal: Principal
    token: str
    epoch: str
    shop_name: str

    def as_json(self) -> dict[str, Any]:
        return describe(self.principal, self.epoch, self.shop_name)


async def sign_in_staff(
    gate: Gate, shop: UUID, email: str, password: str, device: Device, *, remote: str
) -> SignedIn:
    """Let a staff user in, or `SignInRefused`, or `RateLimited` after too many guesses."""
    address = normal_address(email)
    attempt = limits.attempt_of(gate.vault, shop, gate.world.now_ms(), remote=remote, address=address)
    async with gate.database.transaction(server_of(shop)) as tx:
        within = await limits.count(tx, attempt)
        account = await find_account(tx, gate.vault, shop, address) if within else None
    if not within:
        raise limits.too_many(attempt, gate.world.now_ms())
    matches = await gate.passwords.verify(account.password_hash if account else None, password)
    if account is None or not matches:
        raise SignInRefused
    hashed = await _rehashed(gate, account, password)
    async with gate.database.transaction(server_of(shop)) as tx:
        if not await still_has(tx, shop, account):
            raise SignInRefused
        await refresh(tx, shop, account, address_indexes(gate.vault, shop, address)[0], hashed)
        return await _let_in(tx, gate, shop, "staff", account.id, device, attempt)


async def sign_in_customer(gate: Gate, shop: UUID, token: str, device: Device, *, remote: str) -> SignedIn:
    """Let a customer in by a link and spend it, or `LinkRefused`."""
    attempt = await _count_link(gate, shop, remote)
    async with gate.database.transaction(server_of(shop)) as tx:
        person = await spend_link(tx, gate, shop, "customer", token)
        return await _let_in(tx, gate, shop, "customer", person, device, attempt)


async def sign_in_by_staff_link(
    gate: Gate, shop: UUID, token: str, password: str, device: Device, *, remote: str
) -> SignedIn:
    """Set the password that the link allows to set, and let its owner in."""
    attempt = await _count_link(gate, shop, remote)
    hashed = await gate.passwords.hash(password)
    async with gate.database.transaction(server_of(shop)) as tx:
        person = await spend_link(tx, gate, shop, "staff", token)
        await set_password(tx, shop, person, hashed, gate.world.now_ms())
        return await _let_in(tx, gate, shop, "staff", person, device, attempt)


async def about(gate: Gate, principal: Principal) -> dict[str, Any]:
    """Who is signed in, as `GET /api/session` says it."""
    async with gate.database.transaction(server_of(principal.shop)) as tx:
        epoch, name = await _about_shop(tx, principal.shop)
    return describe(principal, epoch, name)


def describe(principal: Principal, epoch: str, shop_name: str) -> dict[str, Any]:
    """The body that every answer about a session has."""
    return {
        "replica": principal.replica,
        "epoch": epoch,
        "principal": {
            "kind": principal.kind,
            "role": principal.role,
            "name": principal.name,
            "id": str(principal.person),
        },
        "shop": {"id": str(principal.shop), "name": shop_name},
    }


async def _count_link(gate: Gate, shop: UUID, remote: str) -> Attempt:
    attempt = limits.attempt_of(gate.vault, shop, gate.world.now_ms(), remote=remote)
    async with gate.database.transaction(server_of(shop)) as tx:
        within = await limits.count(tx, attempt)
    if not within:
        raise limits.too_many(attempt, gate.world.now_ms())
    return attempt


async def _let_in(
    tx: psycopg.AsyncConnection,
    gate: Gate,
    shop: UUID,
    kind: Kind,
    person: UUID,
    device: Device,
    attempt: Attempt,
) -> SignedIn:
    replica = await settle(tx, gate, shop, kind, person, device)
    session, token = await open_session(tx, gate, shop, kind, person, replica)
    visitor = await visitor_of_session(tx, gate, shop, session)
    if not visitor.welcome:
        # The account or the link was good, but the person's record no longer lets them in: as if it were not there.
        raise LinkRefused if attempt.address is None else SignInRefused
    await limits.give_back(tx, attempt)
    epoch, shop_name = await _about_shop(tx, shop)
    return SignedIn(visitor.principal, token, epoch, shop_name)


async def _about_shop(tx: psycopg.AsyncConnection, shop: UUID) -> tuple[str, str]:
    row = await (await tx.execute(ABOUT_SHOP, (shop,))).fetchone()
    assert row is not None, "a session belongs to a shop"
    return row[0], row[1]


async def _rehashed(gate: Gate, account: Account, password: str) -> str | None:
    """A stronger hash, when the kept one was made with weaker settings than today's."""
    if account.password_hash is None or not gate.passwords.is_outdated(account.password_hash):
        return None
    return await gate.passwords.hash(password)
