"""Albums as the shop's staff make and end them: a link that shows photos of one work order to whoever holds it.

Whoever may change photos may share them, of work orders that they see. The token is told once, in the answer that makes
the album, and its hash alone is kept.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.auth.gate import Gate, server_of
from server.auth.passwords import check_password
from server.auth.principal import Principal
from server.errors import Forbidden, Gone, Invalid
from server.photos import album_rows as rows
from server.photos.album_rows import Album
from server.photos.reading import eyes_of, shown
from server.store.commit import Store
from sync.collection import UUID as UUID_TEXT

TOKEN_BYTES = 24
DAY_MS = 86_400_000
DAYS, DAYS_MAX = 30, 365
TITLE_MAX = 120
PHOTOS_MAX = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What album is wanted. `photos`: those chosen, None for all that may be seen; an empty title for one of ours."""

    work_order: UUID
    title: str
    days: int
    password: str | None
    photos: list[str] | None


def wish_of(body: Mapping[str, Any]) -> Wish:
    """The wish that a request's body says. Raises Invalid."""
    return Wish(
        id_of(body.get("work_order"), "work_order"),
        _title(body.get("title") or ""),
        _days(body.get("days", DAYS)),
        _password(body.get("password")),
        _photos(body.get("photos")),
    )


async def make(store: Store, gate: Gate, who: Principal, wish: Wish) -> tuple[Album, str]:
    """A new album and the token that opens it, which nobody is told again."""
    _check(store, who)
    seen = await shown(store.database, eyes_of(store, who), wish.work_order)
    if wish.photos is not None and not set(wish.photos) <= {photo.id for photo in seen.photos}:
        raise Gone("One of these photos is not there, or no longer.", at={"field": "photos"})
    hashed = await gate.passwords.hash(wish.password) if wish.password else None
    now, token = gate.world.now_ms(), gate.world.token(TOKEN_BYTES)
    title = wish.title or f"Photos of {seen.number}".removesuffix(" of ")
    album = Album(
        gate.world.new_id(), wish.work_order, title, wish.photos, hashed, who.person,
        made_at=now, expires_at=now + wish.days * DAY_MS, revoked_at=None, views=0, seen_at=None,
    )  # fmt: skip
    async with gate.database.transaction(server_of(who.shop)) as tx:
        await rows.make(tx, who.shop, album, token)
    return album, token


async def listed(store: Store, who: Principal, order: UUID) -> list[Album]:
    """The albums of a work order that this person sees, newest first."""
    _check(store, who)
    await shown(store.database, eyes_of(store, who), order)
    async with store.database.transaction(server_of(who.shop)) as tx:
        return await rows.of_order(tx, who.shop, order)


async def revoke(store: Store, who: Principal, id_: UUID) -> None:
    """End an album at once. Doing it again changes nothing."""
    _check(store, who)
    async with store.database.transaction(server_of(who.shop)) as tx:
        album = await rows.by_id(tx, who.shop, id_)
    if album is None:
        raise Gone
    await shown(store.database, eyes_of(store, who), album.work_order)
    async with store.database.transaction(server_of(who.shop)) as tx:
        await rows.revoke(tx, who.shop, id_, store.world.now_ms())


def _check(store: Store, who: Principal) -> None:
    """Albums are for those who may change photos, if only their own."""
    if who.kind != "staff" or not store.collections["photo"].may(who.role, "u", owner=True):
        raise Forbidden


def id_of(value: object, field: str) -> UUID:
    """The id that stands in `field`."""
    if not isinstance(value, str) or not UUID_TEXT.fullmatch(value):
        raise Invalid(f"{field} must be an id.", at={"field": field})
    return UUID(value)


def _title(value: object) -> str:
    if not isinstance(value, str) or len(value) > TITLE_MAX:
        raise Invalid(f"title must be a text of at most {TITLE_MAX} characters.", at={"field": "title"})
    plain = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in value)
    return " ".join(plain.split())


def _days(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= DAYS_MAX:
        raise Invalid(f"days must be a whole number from 1 to {DAYS_MAX}.", at={"field": "days"})
    return value


def _password(value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Invalid("password must be a text.", at={"field": "password"})
    return check_password(value)


def _photos(value: object) -> list[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not 1 <= len(value) <= PHOTOS_MAX:
        raise Invalid(f"photos must be a list of 1 to {PHOTOS_MAX} ids.", at={"field": "photos"})
    return sorted({str(id_of(one, "photos")) for one in value})
