"""The change log: every answered changeset with who, where, when and what became of it, each bound to the one before.

It is audit trail, history and the store of outcomes in one. Personal values stand in it sealed. An entry's hash goes
over its own content and the hash before, so a log that was edited afterwards no longer verifies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from server.store.codec import Codec
from server.store.rules import SERVER, Actor
from server.store.scene import Scene
from sync.changeset import Changeset, Record
from sync.digest import canonical, chain, changeset_digest
from sync.wire import Request, Unreadable

SCHEMA_MAX = 2**31 - 1  # as much as its column holds

INSERT = """
  INSERT INTO change (shop, seq, mark, replica, n, id, digest, person, role, schema, at, sent, received, edit_at,
    outcome, result, ops, hash)
  SELECT %(shop)s::uuid, x.* FROM json_to_recordset(%(log)s::json) AS x (
    seq bigint, mark text, replica text, n bigint, id uuid, digest bytea, person uuid, role text, schema integer,
    at bigint, sent bigint, received bigint, edit_at bigint, outcome text, result json, ops json, hash bytea)"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One answered changeset. Times are in ms: `at` and `sent` by the phone's clock, the others by the server's."""

    seq: int
    mark: str
    replica: str
    n: int
    id: str
    digest: bytes
    person: str
    role: str
    schema: int
    at: int
    sent: int
    received: int
    edit_at: int
    outcome: str
    result: dict[str, Any]
    ops: Any


_COLUMNS = tuple(f.name for f in fields(Entry))


@dataclass(frozen=True, slots=True)
class Received:
    """A changeset as it came: in which request, as which commit, when, edited when (ms), with which random mark."""

    request: Request
    changeset: Changeset | Unreadable
    seq: int
    received: int
    edit_at: int
    mark: str


def entry_of(
    codec: Codec, who: Actor, came: Received, result: dict[str, Any], made: Mapping[tuple[int, int], Any]
) -> Entry:
    """The entry of a phone's changeset. made: (n, op) → field → the text that a merge made of what was sent."""
    changeset, request = came.changeset, came.request
    return Entry(
        seq=came.seq,
        mark=came.mark,
        replica=request.replica,
        n=changeset.n,
        id=changeset.id,
        digest=digest_of(changeset),
        person=who.person,
        role=who.role,
        schema=min(changeset.schema if isinstance(changeset, Changeset) else request.schema, SCHEMA_MAX),
        at=changeset.at if isinstance(changeset, Changeset) else request.sent,
        sent=request.sent,
        received=came.received,
        edit_at=came.edit_at or came.received,
        outcome=result["outcome"],
        result=result,
        ops=sealed_ops(codec, changeset, made if result["outcome"] == "accepted" else {}),
    )


def own_entry(codec: Codec, scene: Scene, id_: str, mark: str, schema: int) -> Entry:
    """The entry of a commit of the server itself: what it wrote, as patches."""
    ops = [
        {
            "op": "patch",
            "collection": r.collection,
            "id": r.id,
            "set": codec.seal_values(r.collection, r.id, news(scene, r)),
        }
        for r in scene.changed.values()
    ]
    seq, now = scene.seq, scene.now
    return Entry(
        seq=seq,
        mark=mark,
        replica=SERVER.replica,
        n=seq,
        id=id_,
        digest=changeset_digest(Changeset(seq, id_, schema, now, ())),
        person="",
        role=SERVER.role,
        schema=schema,
        at=now,
        sent=now,
        received=now,
        edit_at=now,
        outcome="accepted",
        result={"n": seq, "outcome": "accepted", "seq": seq},
        ops=ops,
    )


def rows(entries: Iterable[Entry], previous: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """Rows of the change log, each bearing its hash; and the last hash."""
    found = []
    for entry in entries:
        previous = chain(previous, hashed(entry))
        row = {name: getattr(entry, name) for name in _COLUMNS if name not in ("digest", "person")}
        row |= {
            "digest": "\\x" + entry.digest.hex(),
            "person": entry.person or None,
            "hash": "\\x" + previous.hex(),
        }
        found.append(row)
    return found, previous


def concerned(entries: Iterable[Entry]) -> list[tuple[str, int]]:
    """The records that entries speak of, each with the seq of the entry, once."""
    ops = ((op["id"], entry.seq) for entry in entries if isinstance(entry.ops, list) for op in entry.ops)
    return list(dict.fromkeys(ops))


def hashed(entry: Entry) -> list[Any]:
    """What the hash of an entry goes over: all of it."""
    return [entry.digest.hex(), *(getattr(entry, name) for name in _COLUMNS if name != "digest")]


def chained(previous: bytes, columns: Sequence[Any], result: str, ops: str) -> bytes:
    """The hash of an entry as it is stored: `columns` are those of `hashed` up to the outcome, the JSON is text."""
    text = b",".join((canonical(columns)[:-1], result.encode(), ops.encode()))
    return hashlib.sha256(previous + text + b"]").digest()


def digest_of(changeset: Changeset | Unreadable) -> bytes:
    """What tells a retry from another changeset under the same number."""
    if isinstance(changeset, Changeset):
        return changeset_digest(changeset)
    said = changeset.said if isinstance(changeset.said, Mapping) else {}
    text = repr([item for item in sorted(said.items()) if item[0] != "n"])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def sealed_ops(
    codec: Codec,
    changeset: Changeset | Unreadable,
    made: Mapping[tuple[int, int], Any] = MappingProxyType({}),
) -> Any:
    """Ops as the log keeps them: personal values sealed; what could not be read, whole, as text and sealed."""
    if isinstance(changeset, Unreadable):
        return {"unreadable": codec.seal_text(changeset.id, json.dumps(changeset.said, sort_keys=True))}
    ops = []
    for place, op in enumerate(changeset.ops):
        values = codec.seal_said(op.collection, op.id, op.set)
        base = dict(op.base)
        said = {"op": op.op, "collection": op.collection, "id": op.id, "base": base, "set": values}
        merged = made.get((changeset.n, place))
        ops.append({**said, "made": codec.seal_said(op.collection, op.id, merged)} if merged else said)
    return ops


def news(scene: Scene, record: Record) -> dict[str, Any]:
    """The values that differ from what stood; None for what was emptied."""
    before = scene.loaded.get(record.id)
    old = before.data if before else {}
    names = dict.fromkeys((*record.data, *old))
    return {name: record.data.get(name) for name in names if old.get(name) != record.data.get(name)}
