"""Changesets of older apps on their way through a push (rule C21): what they say today, for loading and for judging.

The change log keeps them as they were sent, under the schema they were made under, and so do digests and outcomes: a
retry is recognised, and answered the same, whatever the server has become meanwhile. Who reads the log translates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.store.codec import COLUMNS, Codec
from server.store.judge import Bench, judge, written_fields
from server.store.scene import Scene
from sync.changeset import Changeset, Data, Outcome, Record
from sync.errors import Refusal
from sync.schema import Schema, Translated

Tx = AsyncConnection[tuple[Any, ...]]
STANDING = f"SELECT {COLUMNS} FROM record WHERE shop = %s AND id = ANY (%s::uuid[]) AND NOT gone"


async def as_of_today(
    tx: Tx, shop: UUID, codec: Codec, schema: Schema, own: str, changesets: Sequence[Changeset]
) -> tuple[list[Changeset], list[Record]]:
    """The changesets in today's shape, as far as what must be loaded depends on it, and the records that this took: they
    are looked at again when the changesets are judged."""
    old = [c for c in changesets if schema.is_older(c.schema)]
    if not old:
        return list(changesets), []
    ids = sorted({op.id for c in old for op in c.ops})
    rows = await (await tx.execute(STANDING, (shop, ids))).fetchall()
    standing = list(map(codec.read, rows))
    stands: dict[str, Data] = {record.id: record.data for record in standing}
    for changeset in old:
        stands |= {op.id: op.set for op in changeset.ops if op.op == "create" and op.id not in stands}
    return [_or_nothing(schema, changeset, stands, own) for changeset in changesets], standing


def _or_nothing(schema: Schema, changeset: Changeset, stands: Mapping[str, Data], own: str) -> Changeset:
    try:
        return schema.up(changeset, stands.get, own).changeset
    except Refusal:
        return replace(changeset, ops=())  # judging it will say why


def judge_other(
    schema: Schema, scene: Scene, bench: Bench, changeset: Changeset, seq: int, at: int
) -> Outcome:
    """Judge a changeset of an older app, or of one that is newer than this server: that is taken as far as it is known."""
    if schema.is_older(changeset.schema):
        return _judge_old(schema, scene, bench, changeset, seq, at)
    outcome = judge(scene, bench, changeset, seq, at)
    newer = f"{outcome.message} This app is newer than the shop's server; send it again when that is updated."
    return replace(outcome, message=newer) if outcome.code == "invalid" else outcome


def _judge_old(
    schema: Schema, scene: Scene, bench: Bench, changeset: Changeset, seq: int, at: int
) -> Outcome:
    """What became of it is told in the words in which it was said."""
    try:
        now = schema.up(changeset, lambda id_: _stands(scene, id_), bench.who.replica)
    except Refusal as refusal:
        bench.refused[changeset.n] = written_fields(changeset.ops)
        scene.refused.update(op.id for op in changeset.ops if op.op == "create")
        return Outcome(
            changeset.n, False, code=refusal.code, message=refusal.message, op=refusal.op, field=refusal.field
        )
    outcome = judge(scene, bench, now.changeset, seq, at)
    bench.texts.made = {
        (n, now.places[place]) if n == changeset.n else (n, place): made
        for (n, place), made in bench.texts.made.items()
    }
    return _told(schema, now, outcome, changeset.schema)


def _stands(scene: Scene, id_: str) -> Data | None:
    record = scene.get(id_)
    return None if record is None else record.data


def _told(schema: Schema, now: Translated, outcome: Outcome, number: int) -> Outcome:
    if outcome.op is not None:
        op = now.changeset.ops[outcome.op]
        name = schema.named(op.collection, outcome.field, number)[1] if outcome.field else outcome.field
        return replace(outcome, op=now.places[outcome.op], field=name)
    if not outcome.accepted:
        return outcome
    left = [
        {"collection": gone.collection, "id": gone.id, "field": gone.field, "reason": gone.reason}
        for gone in now.left
    ]
    overtaken = (*(_named(schema, one, number) for one in outcome.overtaken), *left)
    return replace(
        outcome, overtaken=overtaken, merged=tuple(_named(schema, one, number) for one in outcome.merged)
    )


def _named(schema: Schema, told: Mapping[str, Any], number: int) -> dict[str, Any]:
    collection, name = schema.named(told["collection"], told["field"], number)
    return {**told, "collection": collection, "field": name}
