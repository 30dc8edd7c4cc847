"""The only way to change synced rows: a push of changesets, or a commit of the server itself.

A push is one transaction: the replica's row and its person's rights are locked, then the records in order of id, then
the shop's head row gives the next seqs, the pure judge runs in memory, and one bulk write follows. The head is held
from there to the commit, so the order of seqs is the order of commits and no reader can skip one. When a push
fails as a whole, each changeset is tried alone, and one that still fails is answered `internal`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

import psycopg
import structlog

from server.clock import World
from server.db.session import Context, Database
from server.errors import Unauthenticated, Unavailable, WorkbayError
from server.events import CHANNEL, EVERYBODY, Announced
from server.store import changelog, load, save
from server.store.changelog import Entry, Received, digest_of
from server.store.codec import Codec, Vault
from server.store.errors import EpochChanged, Forked, Gap
from server.store.judge import Bench, judge
from server.store.load import Answered, ReplicaRow, Tx
from server.store.rules import Rules
from server.store.save import Reached
from server.store.scene import Scene
from server.store.telling import tell
from sync.changeset import Changeset, Outcome, Record
from sync.collection import Collection
from sync.vector import prune
from sync.wire import Request, Unreadable, dump_outcome

log = structlog.get_logger()
TRIES = 3

NOBODY = Reached()


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push answers: outcomes in order, and where the replica stands. `revoked`: all was kept as forbidden."""

    results: list[dict[str, Any]]
    applied: int
    durable: int
    revoked: bool = False


@dataclass(slots=True)
class _Sorted:
    """The changesets of a push: answered before, and new."""

    results: list[dict[str, Any]] = field(default_factory=list)
    new: list[Changeset | Unreadable] = field(default_factory=list)
    again: dict[str, Answered] = field(default_factory=dict)


class Store:
    """The synced records of every shop of one database."""

    def __init__(
        self,
        database: Database,
        world: World,
        vault: Vault,
        collections: Mapping[str, Collection],
        rules: Mapping[str, Rules],
    ) -> None:
        self.database, self.world, self.vault = database, world, vault
        self.collections, self.rules = collections, rules

    def codec(self, shop: UUID) -> Codec:
        return Codec(shop, self.collections, self.vault)

    async def push(self, shop: UUID, request: Request) -> Pushed:
        """Judge and store the changesets of `request`; raise Gap, Forked, EpochChanged, or Unavailable to try again."""
        try:
            return await self._steadily(shop, request)
        except WorkbayError:
            raise
        except Exception:
            log.exception("push_failed_as_a_whole", shop=str(shop), replica=request.replica)
        return await self._one_by_one(shop, request)

    async def _steadily(self, shop: UUID, request: Request, *, broken: bool = False) -> Pushed:
        for left in reversed(range(TRIES)):
            try:
                return await self._push(shop, request, broken=broken)
            except Unavailable as error:
                passing = isinstance(
                    error.__cause__, (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
                )
                if not left or not passing:
                    raise
        raise AssertionError("unreachable")

    async def _one_by_one(self, shop: UUID, request: Request) -> Pushed:
        results: list[dict[str, Any]] = []
        pushed = Pushed([], 0, 0)
        for changeset in request.changesets:
            alone = replace(request, changesets=(changeset,))
            try:
                pushed = await self._steadily(shop, alone)
            except WorkbayError:
                raise
            except Exception:
                log.exception("changeset_broke_the_server", replica=request.replica, n=changeset.n)
                pushed = await self._steadily(shop, alone, broken=True)
            results += pushed.results
        return replace(pushed, results=results)

    async def _push(self, shop: UUID, request: Request, *, broken: bool) -> Pushed:
        async with self.database.transaction(Context(shop=shop, kind="server")) as tx:
            replica, answers = await load.opening(tx, shop, request)
            if replica is None:
                raise Unauthenticated
            if request.epoch != replica.epoch:
                raise EpochChanged(replica.epoch)
            found = sort(request, replica, answers)
            applied = replica.applied
            if found.new:
                results = await self._commit(tx, shop, request, replica, found, broken=broken)
                applied = found.new[-1].n
                found.results += results
            elif request.confirmed > replica.confirmed:
                await tx.execute(
                    "UPDATE replica SET confirmed = %s WHERE shop = %s AND id = %s",
                    (min(request.confirmed, applied), shop, request.replica),
                )
        return Pushed(found.results, applied, replica.durable, replica.revoked)

    async def _commit(
        self, tx: Tx, shop: UUID, request: Request, replica: ReplicaRow, found: _Sorted, *, broken: bool
    ) -> list[dict[str, Any]]:
        codec, who = self.codec(shop), replica.who
        # What broke the server is not looked at again: it may have been the look that broke it.
        judged = () if broken else found.new
        readable = [c for c in judged if isinstance(c, Changeset) and c.id not in found.again]
        ops = [op for c in readable for op in c.ops]
        records = (
            await load.load_records(tx, shop, codec, self.collections, self.rules, ops, who) if ops else []
        )
        here = {r.id for r in records} | {op.id for op in ops if op.op == "create"}
        needs = load.needs_of(self.collections, ops)
        missing = [id_ for id_ in (*needs.parents, *needs.referred) if id_ not in here]
        refused, created = (
            await load.refused_before(tx, shop, request.replica, readable, missing)
            if readable
            else ({}, set())
        )
        pushed = await load.pushed(tx, shop, request.replica, ops, records)
        said = await load.said_before(tx, shop, request.replica, self.collections, readable)
        prior, chain, numbers, _ = await take_head(tx, shop, len(found.new))
        received = self.world.now_ms()
        scene = Scene(
            self.collections,
            records,
            shop=replica.settings,
            numbers=numbers,
            now=received,
            new_id=self.new_id,
        )
        scene.refused |= created
        shift = received - request.sent
        bench = Bench(self.collections, self.rules, who, prior, shift, refused, pushed, said)
        entries, edit_at = [], replica.edit_at
        for place, changeset in enumerate(found.new):
            seq = prior + 1 + place
            if isinstance(changeset, Changeset):
                edit_at = reckon(received, request.sent, changeset.at, edit_at)
            result = self._outcome(scene, bench, found, changeset, seq, edit_at, replica, broken=broken)
            came = Received(request, changeset, seq, received, edit_at, self.world.token(6))
            entry = changelog.entry_of(codec, who, came, result)
            entries.append(entry)
            if isinstance(changeset, Changeset):  # the same one may come again in this very request
                told = Answered(entry.replica, entry.n, entry.id, entry.digest, result)
                found.again.setdefault(entry.id, told)
        await tell(tx, shop, scene)
        reached = Reached(request.replica, found.new[-1].n, request.confirmed, edit_at)
        known = {request.replica: min(replica.confirmed, replica.durable)}
        await self.save(tx, shop, codec, scene, entries, chain, known, reached)
        return [e.result for e in entries]

    def _outcome(
        self,
        scene: Scene,
        bench: Bench,
        found: _Sorted,
        changeset: Changeset | Unreadable,
        seq: int,
        at: int,
        replica: ReplicaRow,
        *,
        broken: bool,
    ) -> dict[str, Any]:
        known = found.again.get(changeset.id) if isinstance(changeset, Changeset) else None
        if known is not None and known.digest == digest_of(changeset):
            return {**known.result, "n": changeset.n}
        if known is not None:
            return refusal(
                changeset.n, "invalid", "A change with this id was sent before, with other content."
            )
        if replica.revoked or not replica.who.role:
            return refusal(
                changeset.n,
                "forbidden",
                "This device may no longer write here; the change is kept for a manager.",
            )
        if broken:
            return refusal(
                changeset.n, "internal", "The shop's server stumbled over this change; it is kept."
            )
        return dump_outcome(judge(scene, bench, changeset, seq, at))

    async def act(self, shop: UUID, what: Callable[[Scene], None], ids: Iterable[str] = ()) -> int:
        """A commit of the server itself: `what` writes through a scene that holds `ids`; the new seq comes back."""
        async with self.database.transaction(Context(shop=shop, kind="server")) as tx:
            return await self.act_in(tx, shop, what, ids)

    async def act_in(self, tx: Tx, shop: UUID, what: Callable[[Scene], None], ids: Iterable[str] = ()) -> int:
        """The same within a transaction that speaks for the server."""
        codec = self.codec(shop)
        rows = await (
            await tx.execute(load.LOCK_ROWS, {"shop": shop, "ids": sorted({*ids, str(shop)})})
        ).fetchall()
        records = list(map(codec.read, rows))
        settings = next((r.data for r in records if r.id == str(shop)), {})
        prior, chain, numbers, _ = await take_head(tx, shop, 1)
        now = self.world.now_ms()
        scene = Scene(self.collections, records, shop=settings, numbers=numbers, now=now, new_id=self.new_id)
        scene.begin(prior + 1, now)
        what(scene)
        scene.keep()
        entry = changelog.own_entry(codec, scene, self.new_id(), self.world.token(6))
        await self.save(tx, shop, codec, scene, [entry], chain)
        return prior + 1

    async def save(
        self,
        tx: Tx,
        shop: UUID,
        codec: Codec,
        scene: Scene,
        entries: Sequence[Entry],
        chain: bytes,
        settled: Mapping[str, int] | None = None,
        reached: Reached = NOBODY,
    ) -> None:
        """One bulk write of all that the scene changed, the change log, the head, and the announcement."""
        moved, customers = await self._moved(tx, shop, codec, scene)
        changed = await self._pruned(tx, shop, scene.changed.values(), settled or {})
        rows = save.rows_of(codec, self.collections, scene, [(r, r.seq) for r in changed] + moved)
        customers |= {row["customer"] for row in rows if row["customer"]}
        logged, chain = changelog.rows(entries, chain)
        new = [row for row in rows if row["id"] not in scene.loaded]
        old = [row for row in rows if row["id"] in scene.loaded]
        if any(r.collection == "shop" for r in changed):
            customers = {EVERYBODY}
        rights = any(r.collection in ("staff", "customer") for r in changed)
        fact = Announced(shop, entries[-1].seq, frozenset(customers), rights)
        values = {
            "shop": shop,
            "new": save.dumps(new),
            "old": save.dumps(old),
            "old_ids": [row["id"] for row in old],
            "log": save.dumps(logged),
            "chain": chain,
            "mark": entries[-1].mark,
            "numbers": save.dumps(scene.numbers),
            "now": scene.now,
            "channel": CHANNEL,
            "fact": fact.text(),
        }
        await tx.execute(save.SAVE, {**values, **asdict(reached)})

    async def _moved(
        self, tx: Tx, shop: UUID, codec: Codec, scene: Scene
    ) -> tuple[list[tuple[Record, int]], set[str]]:
        """Children of what entered or left a view, or changed its customer: they move with it, at its commit."""
        heads: dict[str, int] = {}
        customers: set[str] = set()
        for record in scene.changed.values():
            before = scene.loaded.get(record.id)
            if before is None or self.collections[record.collection].parents:
                continue
            was, is_ = (save.place(self.collections, scene, r) for r in (before, record))
            if (was.inside, was.customer) != (is_.inside, is_.customer):
                heads[record.id] = record.seq
                customers |= {c for c in (was.customer,) if c}
        if not heads:
            return [], customers
        children = await load.all_children(tx, shop, codec, heads)
        scene.load(children)
        own = ((r, scene.parent(r)) for r in children if r.id not in scene.changed)
        return [(r, heads[parent]) for r, parent in own if parent in heads], customers

    async def _pruned(
        self, tx: Tx, shop: UUID, records: Iterable[Record], settled: Mapping[str, int]
    ) -> list[Record]:
        """Records without the entries that their `@` alone stands for. settled: what is known already of replicas."""
        records = list(records)
        others = {r for record in records for r in record.vv} - settled.keys()
        known = {**await load.settled(tx, shop, sorted(others)), **settled}
        if not any(known.values()):
            return records
        return [replace(record, vv=prune(record.vv, known)) for record in records]

    def new_id(self) -> str:
        return str(self.world.new_id())


def sort(request: Request, replica: ReplicaRow, answers: Sequence[Answered]) -> _Sorted:
    """Tell retries from news; a number answered with other content is a fork, a missing one a gap."""
    if request.changesets and request.changesets[0].n > replica.applied + 1:
        raise Gap(replica.applied + 1)
    by_n = {a.n: a for a in answers if a.replica == request.replica}
    # Somebody else may have taken the same id for something else, and been refused: the one accepted is what it names.
    found = _Sorted(again={a.id: a for a in sorted(answers, key=lambda a: a.result["outcome"] == "accepted")})
    for changeset in request.changesets:
        known = by_n.get(changeset.n)
        if known is None:
            found.new.append(changeset)
        elif known.digest != digest_of(changeset):
            raise Forked(changeset.n, found.results)
        else:
            found.results.append(known.result)
    return found


async def take_head(tx: Tx, shop: UUID, count: int) -> tuple[int, bytes, dict[str, int], str]:
    """Hold the shop's head row and take the next `count` seqs: the seq before them, the chain, the numbers, the epoch."""
    row = await (await tx.execute(save.TAKE, {"count": count, "shop": shop})).fetchone()
    if row is None:
        raise WorkbayError(f"The shop {shop} has no head row; it was not created whole.")
    prior, chain, numbers, epoch = row
    return prior, bytes(chain), numbers, epoch


def reckon(received: int, sent: int, at: int, floor: int) -> int:
    """When an edit was made, by the server's clock: a steady error of the phone's clock cancels out; never later than
    now, never earlier than the same replica's edit before it (`floor`). All in ms."""
    return min(received, max(floor, received - (sent - at)))


def refusal(n: int, code: str, message: str) -> dict[str, Any]:
    return dump_outcome(Outcome(n, False, code=code, message=message))
