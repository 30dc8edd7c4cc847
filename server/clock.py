"""Time, new ids and randomness: everything that differs from run to run comes in through a `World`.

Whoever needs the time or an id takes a `World` as an argument, so that a test or a simulation can hand in one that
counts from a seed. `SystemWorld` is the real one, and this module the only one that may ask the machine
(`tests/house` holds that).
"""

import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

import uuid_utils.compat


@runtime_checkable
class World(Protocol):
    """What a run needs of the outside; replaceable."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""

    def new_id(self) -> uuid.UUID:
        """A fresh UUIDv7: sorted by time, so that neighbours lie together in an index."""

    def token(self, nbytes: int) -> str:
        """`nbytes` of strong randomness as URL-safe base64 without padding."""


class SystemWorld:
    """The machine's own clock and randomness."""

    __slots__ = ()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def new_id(self) -> uuid.UUID:
        return uuid_utils.compat.uuid7()

    def token(self, nbytes: int) -> str:
        return secrets.token_urlsafe(nbytes)


def as_datetime(ms: int) -> datetime:
    """Milliseconds since 1970 as an aware datetime, for PostgreSQL and for calendars."""
    return datetime.fromtimestamp(ms / 1000, tz=UTC)
