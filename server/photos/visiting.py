"""Albums as somebody sees them who was sent the link: without a session, and with nothing but the token.

A link that is unknown, too old or revoked is answered alike, in words and in work. What is shown is decided anew at
every request: what the customer of the work order may see at that moment, and of that what was chosen. A password opens
an album for a while, by a mark that the browser keeps for this album alone.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from server.auth import limits
from server.auth.gate import Gate, server_of
from server.auth.limits import Attempt
from server.auth.secrets import Vault
from server.errors import Gone, Unauthenticated
from server.photos import album_rows as rows
from server.photos.album_rows import Album
from server.photos.reading import Photo, eyes_of_customer, shown

UNLOCKED_MS = 24 * 3_600_000
"""As long as a customer's sign-in lasts."""


class AlbumOver(Gone):
    """This link does not work any more. Please ask the shop for a new one."""


class PasswordWanted(Unauthenticated):
    """These photos have a password. The shop can tell you what it is."""

    code: ClassVar[str] = "password"


class PasswordWrong(PasswordWanted):
    """The password is wrong."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request brings: the shop by its host, the token of the link, who asks, and the mark, if there is one."""

    shop: UUID
    token: str
    remote: str
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """An album that stands open for this visit."""

    shop: UUID
    album: Album
    customer: UUID


async def open_album(gate: Gate, visit: Visit) -> Opened:
    """Raises AlbumOver, or PasswordWanted while it is locked, or RateLimited after too many wrong links."""
    opened = await _find(gate, visit)
    if opened.album.password is not None and not _is_unlocked(gate, opened, visit.mark):
        raise PasswordWanted
    return opened


async def unlock(gate: Gate, visit: Visit, password: str) -> tuple[str, int] | None:
    """The mark that opens the album and until when, ms; None for an album without a password. Or PasswordWrong."""
    opened = await _find(gate, visit)
    album, now = opened.album, gate.world.now_ms()
    if album.password is None:
        return None
    attempt = limits.attempt_of(gate.vault, visit.shop, now, remote=visit.remote, address=f"album {album.id}")
    await _count(gate, attempt)
    if not await gate.passwords.verify(album.password, password):
        raise PasswordWrong
    async with gate.database.transaction(server_of(visit.shop)) as tx:
        await limits.give_back(tx, attempt)
    until = min(now + UNLOCKED_MS, album.expires_at)
    return _mark(gate.vault, opened, until), until


async def photos_of(gate: Gate, opened: Opened, photo: UUID | None = None) -> list[Photo]:
    """What the album shows at this moment, or the one photo asked for, if it shows that."""
    eyes, album = eyes_of_customer(opened.shop, opened.customer), opened.album
    try:
        found = await shown(gate.database, eyes, album.work_order, photo)
    except Gone as cause:
        raise AlbumOver from cause
    return [one for one in found.photos if album.photos is None or one.id in album.photos]


async def note_view(gate: Gate, opened: Opened) -> None:
    """Count that it was opened."""
    async with gate.database.transaction(server_of(opened.shop)) as tx:
        await rows.seen(tx, opened.shop, opened.album.id, gate.world.now_ms())


async def _find(gate: Gate, visit: Visit) -> Opened:
    """The album of a link that is good. A link that is not counts as a wrong guess of whoever is at that address."""
    now = gate.world.now_ms()
    attempt = limits.attempt_of(gate.vault, visit.shop, now, remote=visit.remote)
    async with gate.database.transaction(server_of(visit.shop)) as tx:
        within = await limits.is_open(tx, attempt)
        found = await rows.by_token(tx, visit.shop, visit.token)
    if not within:
        raise limits.too_many(attempt, now)
    album, customer = found or (None, None)
    if album is None or customer is None or album.is_over(now):
        await _count(gate, attempt)
        raise AlbumOver
    return Opened(visit.shop, album, customer)


async def _count(gate: Gate, attempt: Attempt) -> None:
    async with gate.database.transaction(server_of(attempt.shop)) as tx:
        within = await limits.count(tx, attempt)
    if not within:
        raise limits.too_many(attempt, gate.world.now_ms())


def _mark(vault: Vault, opened: Opened, until: int) -> str:
    """It names the album and its password, so that it opens no other one, and none with another password."""
    said = f"{opened.shop}|{opened.album.id}|{opened.album.password}|{until}"
    return f"{until}.{hmac.new(vault.derive('album'), said.encode(), hashlib.sha256).hexdigest()}"


def _is_unlocked(gate: Gate, opened: Opened, mark: str | None) -> bool:
    until = (mark or "").partition(".")[0]
    if mark is None or not until.isascii() or not until.isdecimal() or len(until) > 15:
        return False
    right = _mark(gate.vault, opened, int(until))
    return hmac.compare_digest(mark.encode(), right.encode()) and int(until) > gate.world.now_ms()
