"""Sessions: opened by sign-in, looked up at every request, moved forward while a device keeps in touch.

A token is a JWT that carries nothing but the session's id and its shop. Whether it still counts is decided by rows, in
one query: the session, its replica, and the synced record of the person, so that who is signed out, revoked or made
inactive is refused by the very next request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

import psycopg

from server.auth.errors import Revoked
from server.auth.gate import Gate, server_of
from server.auth.principal import Kind, Principal
from server.auth.replicas import find_again
from server.auth.secrets import Vault
from server.errors import Forbidden, Unauthenticated
from server.events import Announced, announce
from server.store.codec import Codec
from server.store.short import newest_seq
from server.store.shown import Stands

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
LEASE_MS: Mapping[Kind, int] = {"staff": 7 * DAY_MS, "customer": DAY_MS}
LONGEST_MS: Mapping[Kind, int] = {"staff": 30 * DAY_MS, "customer": DAY_MS}

OPEN = """
INSERT INTO session (shop, id, replica, kind, person, created_at, expires_at)
VALUES (%(shop)s, %(id)s, %(replica)s, %(kind)s, %(person)s, %(now)s, %(expires)s)
"""

# The record of a person is of the collection that is named like the kind of person.
WHO = """
SELECT s.kind, s.person, s.replica, s.created_at, s.expires_at, r.revoked_at, p.gone, p.data, p.meta,
       r.applied, r.confirmed, r.durable, h.seq, h.mark, h.epoch,
       coalesce((SELECT max(b.seq) FROM backup b WHERE b.shop = s.shop AND b.verified_at IS NOT NULL), 0)
FROM session s
JOIN head h ON h.shop = s.shop
JOIN replica r ON r.shop = s.shop AND r.id = s.replica
LEFT JOIN record p ON p.shop = s.shop AND p.id = s.person AND p.collection = s.kind
WHERE s.shop = %(shop)s AND s.id = %(id)s AND s.ended_at IS NULL AND s.expires_at > %(now)s
"""

RENEW = """
WITH renewed AS (
  UPDATE session SET expires_at = %(expires)s
  WHERE shop = %(shop)s AND id = %(id)s AND ended_at IS NULL AND expires_at < %(expires)s RETURNING replica)
UPDATE replica SET seen_at = %(now)s FROM renewed WHERE shop = %(shop)s AND replica.id = renewed.replica
"""

# A session goes on under another replica of the same person and no other: a fork gave it out.
GO_ON_AS = """
UPDATE session s SET replica = r.id FROM replica r
WHERE s.shop = %(shop)s AND s.id = %(id)s AND r.shop = s.shop AND r.id = %(replica)s AND r.kind = s.kind AND r.person = s.person
  AND (NOT %(revoked)s OR r.revoked_at IS NOT NULL)
"""

SAME_PERSONS = """
SELECT 1 FROM replica WHERE shop = %(shop)s AND id = %(replica)s AND kind = %(kind)s AND person = %(person)s
"""

END = "UPDATE session SET ended_at = %(now)s WHERE shop = %(shop)s AND id = %(id)s AND ended_at IS NULL"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A principal as the rows of this moment know it.

    `welcome` says that the person's record still lets them in, `device_revoked` that this device was signed out for
    good. `expires` is when the lease ends. applied, confirmed, durable: the replica's newest n answered, heard of, and
    safe in a backup. `stands`: where the shop and the replica stand; verified: the newest commit in a verified backup.
    """

    principal: Principal
    welcome: bool
    device_revoked: bool
    created: int
    expires: int
    stands: Stands
    verified: int = 0
    applied: int = 0
    confirmed: int = 0
    durable: int = 0

    @property
    def revoked(self) -> bool:
        """Whether the device is to be heard once more, to hand over what waits, and then wiped."""
        return self.device_revoked or not self.welcome


async def open_session(
    tx: psycopg.AsyncConnection, gate: Gate, shop: UUID, kind: Kind, person: UUID, replica: str
) -> tuple[UUID, str]:
    """A new session and the token for it."""
    session, now = gate.world.new_id(), gate.world.now_ms()
    values = {
        "shop": shop, "id": session, "replica": replica, "kind": kind, "person": person,
        "now": now, "expires": now + LEASE_MS[kind],
    }  # fmt: skip
    await tx.execute(OPEN, values)
    return session, session_token(gate.vault, shop, session, kind, now)


def session_token(vault: Vault, shop: UUID, session: UUID, kind: Kind, now_ms: int) -> str:
    """The signed name of a session."""
    issued = now_ms // 1000
    claims = {"jti": str(session), "shop": str(shop), "iat": issued, "exp": issued + LONGEST_MS[kind] // 1000}
    return vault.sign(claims)


def session_of_token(vault: Vault, shop: UUID, token: str, now_ms: int) -> UUID:
    """The session that a token names; one of another shop is as good as none."""
    claims = vault.verify(token, require=("jti", "shop", "exp"), now_ms=now_ms)
    if claims["shop"] != str(shop):
        raise Unauthenticated
    return UUID(claims["jti"])


async def who_is(gate: Gate, shop: UUID, token: str) -> Visitor:
    """Who presents this token, or `Unauthenticated`."""
    now = gate.world.now_ms()
    session = session_of_token(gate.vault, shop, token, now)
    values = {"shop": shop, "id": session, "now": now}
    return _visitor(gate, shop, session, await gate.database.ask(server_of(shop), WHO, values))


async def visitor_of_session(tx: psycopg.AsyncConnection, gate: Gate, shop: UUID, session: UUID) -> Visitor:
    """The same within a transaction that speaks for the server."""
    values = {"shop": shop, "id": session, "now": gate.world.now_ms()}
    return _visitor(gate, shop, session, await (await tx.execute(WHO, values)).fetchall())


def _visitor(gate: Gate, shop: UUID, session: UUID, rows: Sequence[tuple[Any, ...]]) -> Visitor:
    """The visitor out of what WHO found."""
    if not rows:
        raise Unauthenticated
    kind, person, replica, created, expires, revoked_at, gone, data, meta, *reached = rows[0]
    *reached, seq, mark, epoch, verified = reached
    known = data or {}
    principal = Principal(
        shop=shop,
        kind=cast(Kind, kind),
        person=person,
        role="customer" if kind == "customer" else known.get("role") or "",
        name=_name(gate.vault, shop, person, cast(Kind, kind), known),
        replica=replica,
        session=session,
        grant=0 if kind == "customer" else grant_of(meta or {}),
    )
    welcome = gone is False and is_let_in(kind, known)
    stands = Stands(seq, mark, epoch, reached[0])
    return Visitor(principal, welcome, revoked_at is not None, created, expires, stands, verified, *reached)


def _name(vault: Vault, shop: UUID, person: UUID, kind: Kind, data: Mapping[str, Any]) -> str:
    """What the person is called; a customer's name is sealed, a colleague's is not."""
    if kind == "customer":
        data = Codec(shop, {}, vault).open_data(str(person), dict(data), ("name",))
    return data.get("name") or ""


def is_let_in(kind: Kind, data: Mapping[str, Any]) -> bool:
    """Whether the record of a person says that they may come in. What nobody ever switched off is on."""
    if data.get("active") is False:
        return False
    if kind == "staff":
        return bool(data.get("role"))
    return data.get("portal_enabled") is not False


def grant_of(meta: Mapping[str, Any]) -> int:
    """The seq at which the right of a staff user last changed: the newest write of role or active in its record."""
    return newest_seq(meta, ("role", "active")) if meta else 0


async def renew(gate: Gate, visitor: Visitor) -> Visitor:
    """Move the lease forward and note that the device was here, at most once an hour and never past the longest; the
    visitor with the lease as it now is comes back."""
    principal, now = visitor.principal, gate.world.now_ms()
    wanted = min(now + LEASE_MS[principal.kind], visitor.created + LONGEST_MS[principal.kind])
    if visitor.revoked or wanted - visitor.expires < HOUR_MS:
        return visitor
    values = {"shop": principal.shop, "id": principal.session, "now": now, "expires": wanted}
    async with gate.database.transaction(server_of(principal.shop)) as tx:
        await tx.execute(RENEW, values)
    return replace(visitor, expires=wanted)


async def go_on_as(gate: Gate, visitor: Visitor, replica: str) -> Visitor:
    """The visitor under the replica that a request names; `Forbidden` unless that is the same person's.

    A phone that was copied shares its session with the copy, and the session follows whichever speaks. It does not
    follow away from a revoked replica but to another that is, for then a lost phone could hide behind another of its
    owner's: what it brings under such a name it hands over as the revoked one it is. A name that a restore forgot is known
    again, and is as revoked as the one it comes with.
    """
    who = visitor.principal
    values = {
        "shop": who.shop, "id": who.session, "replica": replica, "revoked": visitor.device_revoked,
        "kind": who.kind, "person": who.person,
    }  # fmt: skip
    async with gate.database.transaction(server_of(who.shop)) as tx:
        found = await tx.execute(GO_ON_AS, values)
        if found.rowcount == 0 and visitor.device_revoked and await _is_same_persons(tx, values):
            return visitor
        if found.rowcount == 0 and await find_again(tx, gate, who, replica):
            found = await tx.execute(GO_ON_AS, values)
        if found.rowcount == 0:
            other = Forbidden("This session belongs to another device.", at={"field": "replica"})
            raise Revoked(who) if visitor.device_revoked else other
        return await visitor_of_session(tx, gate, who.shop, who.session)


async def _is_same_persons(tx: psycopg.AsyncConnection, values: Mapping[str, Any]) -> bool:
    return await (await tx.execute(SAME_PERSONS, values)).fetchone() is not None


async def end_session(gate: Gate, shop: UUID, session: UUID) -> None:
    """Sign out: the token is worth nothing from now on."""
    async with gate.database.transaction(server_of(shop)) as tx:
        await tx.execute(END, {"shop": shop, "id": session, "now": gate.world.now_ms()})
        await announce(tx, Announced(shop, rights=True))
