"""Counts and sums that let two sides compare, and the canonical text they are made of.

Canonical text is RFC 8785 for the values that travel here: no floats, keys of plain ASCII. Rules C7 and D1 of
docs/protocol.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from sync.changeset import Changeset

_MODULUS = 2**64


def canonical(value: Any) -> bytes:
    """RFC 8785 text of `value` as UTF-8: sorted keys, no white space, the shortest escapes.

    Half characters, which no canonical text may hold, pass as they are: a malformed changeset has a digest too.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def changeset_digest(changeset: Changeset) -> bytes:
    """SHA-256 (32 bytes) of what a changeset says, without its number, `was` and bases, which may be rewritten."""
    return hashlib.sha256(canonical(said(changeset))).digest()


def said(changeset: Changeset) -> dict[str, Any]:
    """What a changeset says, as it travels."""
    ops: list[dict[str, Any]] = []
    for op in changeset.ops:
        named = {"op": op.op, "collection": op.collection, "id": op.id}
        ops.append(named if op.op == "delete" else {**named, "set": op.set})
    return {"id": changeset.id, "schema": changeset.schema, "at": changeset.at, "ops": ops}


def record_digest(collection: str, id_: str, at: int, data: Any) -> int:
    """The first 8 bytes, big-endian, of SHA-256 over the canonical `[collection, id, @, data]`."""
    return int.from_bytes(hashlib.sha256(canonical([collection, id_, at, data])).digest()[:8], "big")


def sum_digests(digests: Iterable[int]) -> int:
    """The sum mod 2^64: the same in any order, changed by any one record."""
    return sum(digests) % _MODULUS


def chain(previous: bytes, entry: Any) -> bytes:
    """SHA-256 over the hash before and the canonical entry: a change log that cannot be edited unseen."""
    return hashlib.sha256(previous + canonical(entry)).digest()
