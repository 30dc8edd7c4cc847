"""Cursors: where a replica stands in its feed, sealed so that nobody can read or forge one.

A cursor names the view with its epoch and grant, a position and an id in the feed, and, while a bootstrap is under way,
the token of its list and how far it came. One that cannot be opened, or is of another view, counts as none: the replica
starts over. It is packed, because it travels with every sync, also with one that changes nothing.
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

# The view (8 bytes of its hash), position, id; then, of a bootstrap only, how many ids were given and its token.
_PLACE = struct.Struct(">8sQ16s")
_LIST = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Cursor:
    """`pos` and `id`: the last record given. `list`: the token of a bootstrap under way, `done`: ids of it given."""

    view: bytes
    pos: int
    id: str = FIRST_ID
    list: str = ""
    done: int = 0

    def seal(self, vault: Vault, replica: str) -> str:
        """The text that travels; only this replica's requests may bring it back."""
        packed = _PLACE.pack(self.view, self.pos, UUID(self.id).bytes)
        if self.list:
            packed += _LIST.pack(self.done) + self.list.encode()
        return vault.seal(packed, replica.encode())


def view_of(*parts: object) -> bytes:
    """The name of a view: what it hangs on, as 8 bytes of a hash."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).digest()[:8]


def read_cursor(vault: Vault, replica: str, text: str | None, view: bytes) -> Cursor | None:
    """The cursor, or None when there is none, or it is of another replica or view."""
    if text is None:
        return None
    try:
        packed = vault.open(text, replica.encode())
        named, pos, id_ = _PLACE.unpack_from(packed)
    except (WorkbayError, ValueError, struct.error):
        return None
    if named != view:
        return None
    rest = packed[_PLACE.size :]
    if not rest:
        return Cursor(view, pos, str(UUID(bytes=id_)))
    return Cursor(view, pos, str(UUID(bytes=id_)), rest[_LIST.size :].decode(), _LIST.unpack_from(rest)[0])
