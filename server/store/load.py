"""What a push needs to know before it can judge: the replica, earlier answers, and every record it may touch.

Rows that may be written are locked in order of id, so that two pushes meet in one order; what only must be there is
read without a lock. References of policy `first` never change, so what is found through them stays true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.store.codec import COLUMNS, Codec
from server.store.judge import written_fields
from server.store.rules import Actor, Rules
from sync.changeset import Changeset, Op, Record
from sync.collection import UUID as UUID_TEXT
from sync.collection import Collection, Type
from sync.lineage import Gap
from sync.schema import Schema
from sync.vector import SERVER
from sync.wire import Request

Tx = AsyncConnection[tuple[Any, ...]]

# The replica first, then the rights of its person (shared), with what else every push wants to know.
LOCK_REPLICA = """
  SELECT r.applied, r.confirmed, r.durable, r.edit_at, r.revoked_at, r.kind, r.person::text, p.data, p.gone, s.data, h.epoch,
    r.epoch = h.epoch,
    (SELECT json_agg(json_build_array(l.cut, l.first, l.certain)) FROM lineage l WHERE l.shop = r.shop),
    EXISTS (
      SELECT FROM change c
      WHERE c.shop = r.shop AND c.outcome = 'accepted' AND (c.result ->> 'seq')::bigint <> c.seq)
  FROM replica r
  JOIN record p ON p.shop = r.shop AND p.id = r.person
  JOIN record s ON s.shop = r.shop AND s.id = r.shop
  JOIN head h ON h.shop = r.shop
  WHERE r.shop = %s AND r.id = %s FOR UPDATE OF r FOR SHARE OF p"""

# Two look-ups by key; one with OR would be planned anew at each push. What matches both comes twice, which is no harm.
ANSWERED = """
  SELECT replica, n, id::text, digest, result, seq FROM change
  WHERE shop = %(shop)s AND replica = %(replica)s AND n = ANY (%(ns)s::bigint[])
  UNION ALL
  SELECT replica, n, id::text, digest, result, seq FROM change
  WHERE shop = %(shop)s AND id = ANY (%(ids)s::uuid[])"""

# The rows that ops name and the rows these hang on, in one order for everybody.
_NAMED = """
  FROM record WHERE shop = %(shop)s AND id = ANY (
    ARRAY (SELECT unnest(%(ids)s::uuid[]) UNION
           SELECT parent FROM record WHERE shop = %(shop)s AND id = ANY (%(ids)s::uuid[])))
  ORDER BY record.id FOR UPDATE"""
LOCK_ROWS = f"SELECT {COLUMNS} {_NAMED}"
LOCK_IDS = f"SELECT id {_NAMED}"

READ_ROWS = f"SELECT {COLUMNS} FROM record WHERE shop = %s AND id = ANY (%s::uuid[])"

# The family of a work order, or all that hangs on what is to be deleted.
LOCK_CHILDREN = f"""
  SELECT {COLUMNS} FROM record
  WHERE shop = %s AND parent = ANY (%s::uuid[]) AND NOT gone AND (collection = ANY (%s) OR parent = ANY (%s::uuid[]))
  ORDER BY record.id FOR UPDATE"""

ALL_CHILDREN = f"SELECT {COLUMNS} FROM record WHERE shop = %s AND parent = ANY (%s::uuid[]) ORDER BY record.id FOR UPDATE"

# Own numbers that are built on and were refused.
REFUSED = """
  SELECT n, schema, ops FROM change
  WHERE shop = %(shop)s AND replica = %(replica)s AND n = ANY (%(own)s::bigint[]) AND outcome = 'rejected'"""

# Refused creations of what is missing.
REFUSED_CREATES = """
  SELECT ops FROM change
  WHERE shop = %(shop)s AND replica = %(replica)s AND outcome = 'rejected'
    AND EXISTS (
      SELECT FROM json_array_elements(CASE json_typeof(ops) WHEN 'array' THEN ops ELSE '[]' END) AS op
      WHERE op ->> 'op' = 'create' AND op ->> 'id' = ANY (%(missing)s))"""

SAID = "SELECT n, schema, ops FROM change WHERE shop = %s AND replica = %s AND n = ANY (%s::bigint[])"

PUSHED = "SELECT id, applied FROM replica WHERE shop = %s AND id = ANY (%s)"
SETTLED = "SELECT id, least(confirmed, durable) FROM replica WHERE shop = %s AND id = ANY (%s)"


@dataclass(frozen=True, slots=True)
class ReplicaRow:
    """Where a replica stands: newest answered, confirmed and durable n, time of its last edit; who writes with it, by
    today's rights; the shop's settings and epoch. current: its name is of this epoch and takes new numbers. gaps: the
    restores of the shop. doubled: the shop has changesets that came again under another dot. borrowed: whoever brings it
    is revoked, its name is not."""

    applied: int
    confirmed: int
    durable: int
    edit_at: int
    revoked: bool
    who: Actor
    settings: dict[str, Any]
    epoch: str
    current: bool = True
    gaps: tuple[Gap, ...] = ()
    doubled: bool = False
    borrowed: bool = False

    @property
    def hands_over(self) -> bool:
        """Whether it is revoked, or its person is: all that it brings is kept and nothing of it is applied."""
        return self.revoked or self.borrowed or not self.who.role


@dataclass(frozen=True, slots=True)
class Answered:
    """An outcome given before, by the commit `seq`."""

    replica: str
    n: int
    id: str
    digest: bytes
    result: dict[str, Any]
    seq: int


@dataclass(frozen=True, slots=True)
class Opening:
    """What a push meets: its replica (None: unknown), earlier answers to what it brings, and the fields that those of its
    own earlier numbers wrote on which it builds and which were refused."""

    replica: ReplicaRow | None
    answers: list[Answered]
    refused: dict[int, frozenset[tuple[str, str]]]


async def openings(tx: Tx, shop: UUID, requests: Sequence[Request], schema: Schema) -> list[Opening]:
    """Lock the replicas, and look up earlier answers to these numbers, or to these changesets under any number."""
    asked = []
    async with tx.pipeline():
        for request in requests:
            values = {"shop": shop, "replica": request.replica, **_looked_up(request)}
            locked = await tx.execute(LOCK_REPLICA, (shop, request.replica))
            found = await tx.execute(ANSWERED, values)
            refused = await tx.execute(REFUSED, values) if values["own"] else None
            asked.append((request.replica, locked, found, refused))
    return [
        Opening(
            _replica(name, await locked.fetchone()),
            [Answered(*row) for row in await found.fetchall()],
            {
                n: written_fields(_named(schema, number, said))
                for n, number, said in (await refused.fetchall() if refused else ())
            },
        )
        for name, locked, found, refused in asked
    ]


def _looked_up(request: Request) -> dict[str, list[Any]]:
    """The numbers and ids that a request brings, and the own numbers before them that it builds on."""
    readable = [c for c in request.changesets if isinstance(c, Changeset)]
    first = request.changesets[0].n if request.changesets else 0
    own = {m for c in readable for op in c.ops if 0 < (m := op.base.get(request.replica, 0)) < first}
    return {"ns": [c.n for c in request.changesets], "ids": [c.id for c in readable], "own": sorted(own)}


def _replica(replica: str, row: tuple[Any, ...] | None) -> ReplicaRow | None:
    if row is None:
        return None
    applied, confirmed, durable, edit_at, revoked_at, kind, person, data, gone, settings, epoch, *restores = (
        row
    )
    current, gaps, doubled = restores
    welcome = not gone and data.get("active") is not False
    role = "customer" if kind == "customer" else data.get("role", "") if welcome else ""
    who = Actor(person, role, data.get("name", "") if kind == "staff" else "", replica)
    revoked, restored = revoked_at is not None, tuple(Gap(*gap) for gap in gaps or ())
    reached = (applied, confirmed, durable, edit_at)
    return ReplicaRow(*reached, revoked, who, settings, epoch, current, restored, doubled)


@dataclass(frozen=True, slots=True)
class Needs:
    """The records that ops write or refer to."""

    written: list[str]
    referred: list[str]
    deleted: list[str]
    parents: list[str]


def needs_of(collections: Mapping[str, Collection], ops: Sequence[Op]) -> Needs:
    """What to load for `ops`: parents of new records are written too, since counters on them follow."""
    written, referred, parents = {op.id for op in ops}, set[str](), set[str]()
    for op in ops:
        declared = collections.get(op.collection)
        if declared is None:
            continue
        for name, value in op.set.items():
            known = declared.by_name.get(name)
            if known is None or known.type is not Type.REF or not isinstance(value, str):
                continue
            if UUID_TEXT.fullmatch(value):  # nothing was judged yet, so anything may stand here
                (parents if name in declared.parents else referred).add(value)
    written |= parents
    deleted = {op.id for op in ops if op.op == "delete"}
    return Needs(sorted(written), sorted(referred - written), sorted(deleted), sorted(parents))


async def lock_together(
    tx: Tx, shop: UUID, collections: Mapping[str, Collection], requests: Sequence[Request]
) -> None:
    """Lock what several pushes name in one order, before each loads its own: two processes must not meet crosswise."""
    readable = (c for request in requests for c in request.changesets if isinstance(c, Changeset))
    ops = [op for changeset in readable for op in changeset.ops]
    await tx.execute(LOCK_IDS, {"shop": shop, "ids": needs_of(collections, ops).written})


async def load_records(
    tx: Tx,
    shop: UUID,
    codec: Codec,
    collections: Mapping[str, Collection],
    rules: Mapping[str, Rules],
    ops: Sequence[Op],
    who: Actor,
) -> list[Record]:
    """Every record that judging `ops` may look at, locked where it may be written."""
    needs = needs_of(collections, ops)
    async with tx.pipeline():
        locked = await tx.execute(LOCK_ROWS, {"shop": shop, "ids": needs.written})
        read = await tx.execute(READ_ROWS, (shop, [*needs.referred, *_owners(collections, ops, who)]))
    rows = [*await read.fetchall(), *await locked.fetchall()]
    found = {record.id: record for record in map(codec.read, rows)}
    further, gathered = set[str](), set[str]()
    for collection, own in _by_collection(ops).items():
        rule = rules.get(collection)
        if rule is not None:
            further |= {id_ for op in own for id_ in rule.also(op, found.get(op.id))}
            gathered |= set(await rule.gather(tx, shop, own, who))
    if gathered:
        # Rules write what they gather, so it is locked, and what was read of it before the lock is read again.
        rows = await (await tx.execute(LOCK_ROWS, {"shop": shop, "ids": sorted(gathered)})).fetchall()
        found |= {record.id: record for record in map(codec.read, rows)}
    if missing := sorted(further - found.keys()):
        rows = await (await tx.execute(READ_ROWS, (shop, missing))).fetchall()
        found |= {record.id: record for record in map(codec.read, rows)}
    for record in await _children(tx, shop, codec, collections, rules, ops, found, needs.deleted):
        found.setdefault(record.id, record)
    if conflicts := sorted(_open_conflicts(found.values()) - found.keys()):
        rows = await (await tx.execute(LOCK_ROWS, {"shop": shop, "ids": conflicts})).fetchall()
        for record in map(codec.read, rows):
            found.setdefault(record.id, record)
    return list(found.values())


def _owners(collections: Mapping[str, Collection], ops: Sequence[Op], who: Actor) -> list[str]:
    """The author, when an op makes something that belongs to its author because it names nobody else."""
    owned = (
        c.own
        for op in ops
        if op.op == "create" and (c := collections.get(op.collection)) and c.own not in op.set
    )
    return [who.person] if who.person and any(owned) else []


def _open_conflicts(records: Iterable[Record]) -> set[str]:
    """The conflict records that show open sides of these: a write that settles one closes it (M18)."""
    return {side.conflict for r in records for sides in r.meta.sides.values() for side in sides.values()}


def _by_collection(ops: Sequence[Op]) -> dict[str, list[Op]]:
    grouped: dict[str, list[Op]] = {}
    for op in ops:
        grouped.setdefault(op.collection, []).append(op)
    return grouped


async def _children(
    tx: Tx,
    shop: UUID,
    codec: Codec,
    collections: Mapping[str, Collection],
    rules: Mapping[str, Rules],
    ops: Sequence[Op],
    found: Mapping[str, Record],
    deleted: Sequence[str],
) -> list[Record]:
    """The families that rules ask for, and all children of what is to be deleted."""
    family: set[str] = set()
    heads: set[str] = set(deleted)
    for op in ops:
        rule, declared = rules.get(op.collection), collections.get(op.collection)
        if rule is None or declared is None or not rule.family:
            continue
        family |= set(rule.family)
        record = found.get(op.id)
        # What hung on nothing may be given a parent by this op.
        above = [declared.parent_of(values) for values in ((record.data, op.set) if record else (op.set,))]
        heads |= found.keys() & {head for head in (*above, op.id) if isinstance(head, str)}
    if not heads:
        return []
    rows = await (
        await tx.execute(LOCK_CHILDREN, (shop, sorted(heads), sorted(family), sorted(deleted)))
    ).fetchall()
    return [codec.read(row) for row in rows]


async def all_children(tx: Tx, shop: UUID, codec: Codec, parents: Iterable[str]) -> list[Record]:
    """Everything that hangs on `parents`, for when they enter or leave a view."""
    rows = await (await tx.execute(ALL_CHILDREN, (shop, sorted(parents)))).fetchall()
    return [codec.read(row) for row in rows]


async def refused_creates(tx: Tx, shop: UUID, replica: str, missing: Sequence[str]) -> frozenset[str]:
    """Those of `missing` whose creation by this replica was refused."""
    if not missing:
        return frozenset()
    asked = {"shop": shop, "replica": replica, "missing": list(missing)}
    rows = await (await tx.execute(REFUSED_CREATES, asked)).fetchall()
    return frozenset(op.id for (said,) in rows for op in _ops(said) if op.op == "create")


def _ops(said: Any) -> tuple[Op, ...]:
    """Ops as the change log keeps them; what could not be read when it came has none."""
    whole = (op for op in said if _whole(op)) if isinstance(said, list) else ()
    return tuple(Op(op["op"], op["collection"], op["id"], {}, op.get("set", {})) for op in whole)


def _named(schema: Schema, number: int, said: Any) -> tuple[Op, ...]:
    """The same by today's names, without the values: they may be sealed."""
    ops = (replace(op, set=dict.fromkeys(op.set)) for op in _ops(said))
    return tuple(now for op in ops for now in schema.logged(op, number))


async def said_before(
    tx: Tx,
    shop: UUID,
    replica: str,
    collections: Mapping[str, Collection],
    schema: Schema,
    changesets: Sequence[Changeset],
) -> dict[tuple[int, str, str], Any]:
    """(n, record, field) → what own earlier changesets said, where these build on them and set measured instants."""
    first = changesets[0].n if changesets else 0
    own = {
        m
        for c in changesets
        for op in c.ops
        if 0 < (m := op.base.get(replica, 0)) < first and _measures(collections, op)
    }
    if not own:
        return {}
    rows = await (await tx.execute(SAID, (shop, replica, sorted(own)))).fetchall()
    ops = [(n, number, op) for n, number, said in rows for op in _ops(said)]
    # An instant is never sealed; what may be is of no use here.
    times = (
        (n, number, replace(op, set={k: v for k, v in op.set.items() if isinstance(v, int)}))
        for n, number, op in ops
    )
    today = ((n, now) for n, number, op in times for now in schema.logged(op, number))
    return {(n, op.id, name): value for n, op in today for name, value in op.set.items()}


def _measures(collections: Mapping[str, Collection], op: Op) -> bool:
    declared = collections.get(op.collection)
    return declared is not None and any(f.measured and f.name in op.set for f in declared.fields)


def _whole(op: Any) -> bool:
    return (
        isinstance(op, dict)
        and {"op", "collection", "id"} <= op.keys()
        and isinstance(op.get("set", {}), dict)
    )


async def settled(tx: Tx, shop: UUID, replicas: Sequence[str]) -> dict[str, int]:
    """replica → newest n that it confirmed and that is durable: entries up to it leave every vector."""
    if not replicas:
        return {}
    return dict(await (await tx.execute(SETTLED, (shop, list(replicas)))).fetchall())


async def pushed(
    tx: Tx, shop: UUID, replica: str, ops: Sequence[Op], records: Sequence[Record]
) -> dict[str, int]:
    """other replica → its newest answered n, for those whom bases name beyond what the records themselves bear out."""
    borne = {record.id: record.vv for record in records}
    named = {
        name
        for op in ops
        for name, n in op.base.items()
        if name not in (SERVER, replica) and n > borne.get(op.id, {}).get(name, 0)
    }
    if not named:
        return {}
    return dict(await (await tx.execute(PUSHED, (shop, sorted(named)))).fetchall())
