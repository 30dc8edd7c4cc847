"""The port through which files are kept: a folder of this machine, or a bucket (`folder.py`, `s3.py`).

A *blob* is some bytes under a *key*. It is written once and whole: whoever reads a key finds all of it or nothing, and what
`put` returned from is durable. All that belongs to a photo lies below `{shop}/{id}/`: the file as it came (`original`), what is
shown of it, and, while it is on its way, its parts. The upload, the pipeline and the routes that serve photos call this.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from server.errors import Gone

CHUNK_BYTES = 256 * 1024
"""How much of a blob is in memory at a time."""

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_OF_PHOTO = re.compile(r"([0-9a-f-]{36})/([0-9a-f-]{36})/(.+)")

ORIGINAL, DISPLAY, THUMB, DOCUMENT = "original", "display.jpg", "thumb.jpg", "document.pdf"
WHOLE = frozenset({ORIGINAL, DISPLAY, THUMB, DOCUMENT})
PARTS = "parts/"


class Missing(Gone):
    """The file is not in the store."""


class Blobs(Protocol):
    """Where files are kept. Raises Unavailable when the place does not answer, StorageFull when it has no room."""

    async def put(self, key: str, source: AsyncIterator[bytes] | bytes) -> None:
        """Keep the bytes, in place of what was there; durable when it returns. An error of `source` passes through, and
        nothing is changed."""

    async def get(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, in chunks; Missing when there is no such blob."""

    async def size(self, key: str) -> int | None:
        """How many bytes it has, None when it is not there."""

    async def delete(self, key: str) -> None:
        """Remove it; nothing happens when it is not there."""

    def list(self, prefix: str = "") -> AsyncIterator[tuple[str, int, int]]:
        """Key, bytes and time of the last change (ms) of all whose key begins with `prefix`, which ends at a slash."""

    async def signed(self, key: str, seconds: int) -> str | None:
        """An address that hands it out for so long to whoever has it; None where the server does that itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a key says: whose photo, and which of its blobs."""

    shop: UUID
    photo: UUID
    name: str


def key_of(shop: UUID, photo: UUID, name: str) -> str:
    """The key of one of a photo's blobs: `ORIGINAL`, `DISPLAY`, `THUMB` or `DOCUMENT`."""
    return f"{shop}/{photo}/{name}"


def part_of(shop: UUID, photo: UUID, offset: int, token: str) -> str:
    """The key of a part that begins at `offset`. The token keeps two writers apart."""
    return f"{shop}/{photo}/{PARTS}{offset}-{token}"


def place_of(key: str) -> Place | None:
    """What a key says, None for one that is not of a photo."""
    found = _OF_PHOTO.fullmatch(key)
    try:
        return Place(UUID(found[1]), UUID(found[2]), found[3]) if found else None
    except ValueError:
        return None


async def remove_photo(blobs: Blobs, shop: UUID, photo: UUID) -> None:
    """Remove all blobs of a photo."""
    found = [key async for key, _, _ in blobs.list(f"{shop}/{photo}/")]
    for key in found:
        await blobs.delete(key)


def checked(key: str) -> str:
    """The key, if it names a place below the store's own and no other."""
    if not KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of a blob")
    return key
