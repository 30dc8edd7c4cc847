"""Cursors: where a replica stands in its feed, sealed so that nobody can read or forge one.

A cursor names the view with its epoch and grant, a position and an id in the feed, and, while a bootstrap is under way,
the token of its list and how far it came. One that cannot be opened, or is of another view, counts as none: the replica
starts over. It names too what the server had when it was given, by which a restored server is found (R11); an answer that gives no
cursor to go on from says that alone. All is packed, because it travels with every sync, also with one that changes nothing.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from uuid import UUID

from server.errors import WorkbayError
from server.store.codec import Vault

FIRST_ID = "00000000-0000-0000-0000-000000000000"
LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"

# The view (8 bytes of its hash), position, id; what the server had; then, of a bootstrap only, how many ids were given and
# its token.
_PLACE = struct.Struct(">8sQ16s")
_SEEN = struct.Struct(">Q6s4sIQ")
_LIST = struct.Struct(">I")
_MOST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Seen:
    """What the server had when it gave a cursor: its newest commit with that one's random mark and the epoch (of both some
    bytes of a hash), the newest n it had answered this replica, and the newest commit in a verified backup."""

    seq: int
    mark: bytes
    epoch: bytes
    applied: int = 0
    verified: int = 0

    def seal(self, vault: Vault, shop: UUID) -> str:
        """The text that says this alone; any replica of the shop may bring it, for it is true for all of them."""
        return vault.seal(_SEEN.pack(self.seq, self.mark, self.epoch, 0, self.verified), _aad(shop, "*"))

    @classmethod
    def of(cls, seq: int, mark: str, epoch: str, applied: int = 0, verified: int = 0) -> Seen:
        # Less than it was is no evidence of anything, so a count that does not fit is cut off.
        return cls(seq, of_mark(mark), of_epoch(epoch), min(applied, _MOST), verified)


@dataclass(frozen=True, slots=True)
class Cursor:
    """`pos` and `id`: the last record given. `list`: the token of a bootstrap under way, `done`: ids of it given."""

    view: bytes
    pos: int
    id: str = FIRST_ID
    list: str = ""
    done: int = 0

    def seal(self, vault: Vault, shop: UUID, replica: str, seen: Seen) -> str:
        """The text that travels; only this replica's requests may bring it back."""
        packed = _PLACE.pack(self.view, self.pos, UUID(self.id).bytes)
        packed += _SEEN.pack(seen.seq, seen.mark, seen.epoch, seen.applied, seen.verified)
        if self.list:
            packed += _LIST.pack(self.done) + self.list.encode()
        return vault.seal(packed, _aad(shop, replica))


def view_of(*parts: object) -> bytes:
    """The name of a view: what it hangs on, as 8 bytes of a hash."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).digest()[:8]


def of_mark(mark: str) -> bytes:
    return hashlib.sha256(mark.encode()).digest()[:6]


def of_epoch(epoch: str) -> bytes:
    return hashlib.sha256(epoch.encode()).digest()[:4]


def read_cursor(vault: Vault, shop: UUID, replica: str, text: str | None, view: bytes) -> Cursor | None:
    """The cursor, or None when there is none, or it is of another replica or view."""
    packed, _ = _open(vault, shop, replica, text)
    if packed is None:
        return None
    named, pos, id_ = _PLACE.unpack_from(packed)
    if named != view:
        return None
    rest = packed[_PLACE.size :]
    if not rest:
        return Cursor(view, pos, str(UUID(bytes=id_)))
    return Cursor(view, pos, str(UUID(bytes=id_)), rest[_LIST.size :].decode(), _LIST.unpack_from(rest)[0])


def read_seen(vault: Vault, shop: UUID, replica: str, text: str | None) -> Seen | None:
    """What this server had when it gave this replica the cursor, of whatever view; None for any other text."""
    return _open(vault, shop, replica, text)[1]


def read_seen_alone(vault: Vault, shop: UUID, text: str | None) -> Seen | None:
    """The same out of what `Seen.seal` gave."""
    if text is None:
        return None
    try:
        return Seen(*_SEEN.unpack(vault.open(text, _aad(shop, "*"))))
    except (WorkbayError, ValueError, struct.error):
        return None


def _open(vault: Vault, shop: UUID, replica: str, text: str | None) -> tuple[bytes | None, Seen | None]:
    """The cursor without what the server had, and that. Cursors of before it was named were sealed for the replica alone:
    nobody starts over because the server was updated."""
    if text is None:
        return None, None
    try:
        packed = vault.open(text, _aad(shop, replica))
    except (WorkbayError, ValueError):
        return _open_old(vault, replica, text), None
    end = _PLACE.size + _SEEN.size
    return packed[: _PLACE.size] + packed[end:], Seen(*_SEEN.unpack_from(packed, _PLACE.size))


def _open_old(vault: Vault, replica: str, text: str) -> bytes | None:
    try:
        packed = vault.open(text, replica.encode())
    except (WorkbayError, ValueError):
        return None
    return packed if len(packed) >= _PLACE.size else None


def _aad(shop: UUID, replica: str) -> bytes:
    return f"{shop}|{replica}|cursor".encode()
