"""Cursors: where a replica stands in its feed, sealed so that nobody can read or forge one.

A cursor names the epoch, the view with its grant, a position and an id in the feed, and, while a bootstrap is under
way, its token and how far it came. One that cannot be opened counts as none: the replica starts over.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import orjson

from server.errors import WorkbayError
from server.store.codec import Vault

FIRST_ID = "00000000-0000-0000-0000-000000000000"
LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"


@dataclass(frozen=True, slots=True)
class Cursor:
    """`pos` and `id`: the last record given. `list`: the token of a bootstrap under way, `done`: ids of it given."""

    epoch: str
    view: str
    pos: int
    id: str = FIRST_ID
    list: str = ""
    done: int = 0

    def seal(self, vault: Vault, replica: str) -> str:
        return vault.seal(orjson.dumps(list_of(self)), replica.encode())


def list_of(cursor: Cursor) -> list[Any]:
    return list(asdict(cursor).values())


def read_cursor(vault: Vault, replica: str, text: str | None, epoch: str, view: str) -> Cursor | None:
    """The cursor, or None when there is none, or it is of another replica, epoch or view."""
    if text is None:
        return None
    try:
        cursor = Cursor(*orjson.loads(vault.open(text, replica.encode())))
    except (WorkbayError, ValueError, TypeError):
        return None
    return cursor if (cursor.epoch, cursor.view) == (epoch, view) else None
