"""What the editor of a text saw, for merging by words (rules M9 and V17 of docs/protocol.md).

A record keeps of a text which writes changed it, not what they said: that is in the change log, and is looked up there
only for a write that did not see all that stands. Most pushes ask nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.store.codec import Codec
from sync.changeset import Changeset, Op, Record
from sync.collection import Collection, Policy
from sync.merge import Merged, shown_at
from sync.schema import Schema
from sync.vector import SERVER, Dot, covers_all

Tx = AsyncConnection[tuple[Any, ...]]
Place = tuple[str, str]  # record, field

# By number where an own changeset is named, by commit where the history is.
WRITTEN = """
  SELECT replica, n, seq, schema, ops FROM change
  WHERE shop = %(shop)s AND replica = %(replica)s AND n = ANY (%(ns)s::bigint[]) AND outcome = 'accepted'
  UNION ALL
  SELECT replica, n, seq, schema, ops FROM change
  WHERE shop = %(shop)s AND seq = ANY (%(seqs)s::bigint[]) AND outcome = 'accepted'"""


@dataclass(slots=True)
class Texts:
    """The texts that one replica's push may need, and what became of those it wrote.

    stood: (seq, record, field) → what a commit let stand. sent: (own n, record, field) → what an own changeset said.
    seqs: own n → its commit. made: (own n, op) → field → what the merge made, where it is not what was sent.
    """

    stood: dict[tuple[int, str, str], str] = field(default_factory=dict)
    sent: dict[tuple[int, str, str], str] = field(default_factory=dict)
    seqs: dict[int, int] = field(default_factory=dict)
    made: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)

    def shown(self, declared: Collection, before: Record | None, op: Op, replica: str) -> dict[str, str]:
        """Field → what the editor saw, for the texts that a patch sets; without those of which it is not known."""
        names = _texts(declared, op) if before is not None and op.op == "patch" else ()
        found = ((name, self._shown(before, op, name, replica)) for name in names if before is not None)
        return {name: text for name, text in found if text is not None}

    def _shown(self, before: Record, op: Op, name: str, replica: str) -> str | None:
        """The value sent in the own changeset that the base names: one that lay over what the server had said, so that
        it was accepted after what the base's `@` has. Else what stood at that `@`."""
        own = op.base.get(replica, 0)
        if self.seqs.get(own, -1) > op.base.get(SERVER, -1):
            return self.sent.get((own, op.id, name))
        dot = shown_at(before, name, op.base.get(SERVER, -1))
        return None if dot is None else self.stood.get((dot.seq, op.id, name))

    def wrote(self, declared: Collection, op: Op, n: int, seq: int) -> None:
        """Remember what an op of this push said, for those that were made over it."""
        self.seqs[n] = seq
        for name in _texts(declared, op):
            self.sent[n, op.id, name] = op.set.get(name) or ""

    def keep(self, n: int, place: int, merged: Iterable[Merged]) -> None:
        """Remember what a merge made of an op, for the change log."""
        made = {one.unit: one.text for one in merged if one.mine}
        if made:
            self.made[n, place] = made


def _texts(declared: Collection | None, op: Op) -> list[str]:
    """The fields of text that an op writes; a create writes all of them."""
    fields = declared.fields if declared is not None and op.op != "delete" else ()
    texts = (f.name for f in fields if f.policy is Policy.TEXT and f.group is None)
    return [name for name in texts if op.op == "create" or name in op.set]


@dataclass(frozen=True, slots=True)
class Writer:
    """Whose texts are asked for: a replica, and the changesets it brings."""

    replica: str
    changesets: Sequence[Changeset]

    def ops(self) -> Iterable[tuple[int, Op]]:
        return ((c.n, op) for c in self.changesets for op in c.ops)


async def load_texts(
    tx: Tx,
    shop: UUID,
    codec: Codec,
    collections: Mapping[str, Collection],
    schema: Schema,
    writers: Sequence[Writer],
    records: Mapping[str, Record],
) -> list[Texts]:
    """For each of `writers`, whose pushes are judged together over `records`, what is needed of the change log."""
    touched = [
        {(op.id, name) for _, op in w.ops() for name in _texts(collections.get(op.collection), op)}
        for w in writers
    ]
    found = []
    for place, writer in enumerate(writers):
        others = {one for i, theirs in enumerate(touched) if i != place for one in theirs}
        wanted = _wanted(collections, writer, records, others) if touched[place] else []
        found.append(
            await _looked_up(tx, shop, codec, collections, schema, writer, wanted) if wanted else Texts()
        )
    return found


def _wanted(
    collections: Mapping[str, Collection], writer: Writer, records: Mapping[str, Record], others: set[Place]
) -> list[tuple[int, Dot | None]]:
    """(own number named by the base, write that stood at its `@`) for each text that will not simply be taken."""
    wanted = []
    for n, op in writer.ops():
        record = records.get(op.id)
        if op.op != "patch" or record is None or record.gone:
            continue
        for name in _texts(collections.get(op.collection), op):
            dots = record.meta.standing(name).dots
            if (op.id, name) in others or not covers_all(op.base, dots, writer.replica, n):
                stood = shown_at(record, name, op.base.get(SERVER, -1))
                wanted.append((op.base.get(writer.replica, 0), stood))
    return wanted


async def _looked_up(
    tx: Tx,
    shop: UUID,
    codec: Codec,
    collections: Mapping[str, Collection],
    schema: Schema,
    writer: Writer,
    wanted: Sequence[tuple[int, Dot | None]],
) -> Texts:
    ns = {n for n, _ in wanted if 0 < n < writer.changesets[0].n}
    dots = {(dot.seq, dot.replica, dot.n) for _, dot in wanted if dot is not None}
    asked = {
        "shop": shop,
        "replica": writer.replica,
        "ns": sorted(ns),
        "seqs": sorted(dot[0] for dot in dots),
    }
    texts = Texts()
    for replica, n, seq, number, ops in await (await tx.execute(WRITTEN, asked)).fetchall():
        own = replica == writer.replica and n in ns
        if own:
            texts.seqs[n] = seq
        for id_, name, said, stands in _told(codec, collections, schema, number, ops):
            if own:
                texts.sent[n, id_, name] = said
            if (seq, replica, n) in dots:
                texts.stood[seq, id_, name] = stands
    return texts


def _told(
    codec: Codec,
    collections: Mapping[str, Collection],
    schema: Schema,
    number: int,
    ops: Sequence[Mapping[str, Any]],
) -> Iterable[tuple[str, str, str, str]]:
    """(record, field, what was sent, what stood then) for each text in an entry of the change log."""
    for said in ops:
        sent = _logged(codec, schema, number, said, said["set"])
        made = {op.collection: op.set for op in _logged(codec, schema, number, said, said.get("made", {}))}
        for op in sent:
            for name in _texts(collections.get(op.collection), op):
                stands = {**op.set, **made.get(op.collection, {})}
                yield op.id, name, op.set.get(name) or "", stands.get(name) or ""


def _logged(
    codec: Codec, schema: Schema, number: int, said: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[Op, ...]:
    opened = codec.open_said(said["id"], values)
    return schema.logged(Op(said["op"], said["collection"], said["id"], {}, opened), number)
