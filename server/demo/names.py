"""Ids for what the content names by key, and the ops that write with them.

The same content at the same time gives the same ids: they are UUIDv7 counted up in the order in which keys are first
named, with a tail drawn from the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

from sync.changeset import Op


class Names:
    """The ids of one shop, `slug`, made from `start` (ms) on."""

    def __init__(self, slug: str, start: int) -> None:
        self._slug, self._start = slug, start
        self._ids: dict[str, str] = {}

    def id(self, key: str) -> str:
        """The id of what the content calls `key`."""
        if key not in self._ids:
            drawn = hashlib.sha256(f"{self._slug}/{key}".encode()).digest()
            time = self._start + len(self._ids)
            tail = int.from_bytes(drawn[:10]) & ((1 << 74) - 1)
            number = (time << 80) | (7 << 76) | ((tail >> 62) << 64) | (2 << 62) | (tail & ((1 << 62) - 1))
            self._ids[key] = str(UUID(int=number))
        return self._ids[key]

    def person(self, key: str) -> str:
        """The id of somebody who works here."""
        return self.id(f"person/{key}")

    def create(self, collection: str, key: str, values: Mapping[str, object]) -> Op:
        """An op that makes what the content calls `key`; what is None is left out."""
        given = {name: value for name, value in values.items() if value is not None}
        return Op("create", collection, self.id(key), {}, given)

    def patch(self, collection: str, key: str, values: Mapping[str, object]) -> Op:
        """An op that changes it; its base is filled in when it is pushed, since its author has seen all there is."""
        return Op("patch", collection, self.id(key), {}, dict(values))
