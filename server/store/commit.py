"""The only way to change synced rows: a push of changesets, or a commit of the server itself.

Pushes stand in line by shop and are served together; when a push fails as a whole, each of its changesets is tried
alone, and one that still fails is answered `internal`. Whoever commits ends in `save`: one bulk write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

import psycopg
import structlog

from server.clock import World
from server.db.session import Context, Database
from server.errors import Unavailable, WorkbayError
from server.events import CHANNEL, EVERYBODY, Announced
from server.store import changelog, load, save
from server.store.changelog import Entry
from server.store.codec import Codec, Vault
from server.store.line import Lines
from server.store.load import Tx
from server.store.pushing import Pushed, push_all
from server.store.rules import Rules
from server.store.save import Head, Reached
from server.store.scene import Scene
from sync.changeset import Record
from sync.collection import Collection
from sync.schema import Schema
from sync.vector import prune
from sync.wire import Request

log = structlog.get_logger()
TRIES = 3


class Store:
    """The synced records of every shop of one database."""

    def __init__(
        self,
        database: Database,
        world: World,
        vault: Vault,
        collections: Mapping[str, Collection],
        rules: Mapping[str, Rules],
        schema: Schema | None = None,
    ) -> None:
        self.database, self.world, self.vault = database, world, vault
        self.collections, self.rules, self.schema = collections, rules, schema or Schema()
        self.lines = Lines(self._serve)

    def codec(self, shop: UUID) -> Codec:
        return Codec(shop, self.collections, self.vault)

    async def push(self, shop: UUID, request: Request) -> Pushed:
        """Judge and store the changesets of `request`; raise Gap, Forked, EpochChanged, or Unavailable to try again."""
        return await self.lines.push(shop, request)

    async def _serve(self, shop: UUID, requests: Sequence[Request]) -> Sequence[Pushed | BaseException]:
        """Push them together; when that fails, each alone, unless nobody can be served now."""
        if len(requests) > 1:
            try:
                return await push_all(self, shop, requests)
            except Exception as error:
                if is_away(error):
                    return [error] * len(requests)
                log.info("pushes_part", shop=str(shop), count=len(requests), error=type(error).__name__)
        return [await self._alone(shop, request) for request in requests]

    async def _alone(self, shop: UUID, request: Request) -> Pushed | BaseException:
        try:
            return await self._steadily(shop, request)
        except WorkbayError as error:
            return error
        except Exception:
            log.exception("push_failed_as_a_whole", shop=str(shop), replica=request.replica)
        try:
            return await self._one_by_one(shop, request)
        except Exception as error:
            return error

    async def _steadily(self, shop: UUID, request: Request, *, broken: bool = False) -> Pushed:
        for left in reversed(range(TRIES)):
            try:
                (answer,) = await push_all(self, shop, [request], broken=broken)
            except Unavailable as error:
                passing = isinstance(
                    error.__cause__, (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
                )
                if not left or not passing:
                    raise
            else:
                if isinstance(answer, WorkbayError):
                    raise answer
                return answer
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
        head = await self.take_head(tx, shop, 1)
        scene = self.scene(records, settings, head)
        scene.begin(head.prior + 1, scene.now)
        what(scene)
        scene.keep()
        entry = changelog.own_entry(codec, scene, self.new_id(), self.world.token(6), self.schema.number)
        await self.save(tx, shop, codec, scene, [entry], head.chain)
        return head.prior + 1

    async def take_head(self, tx: Tx, shop: UUID, count: int) -> Head:
        """Hold the shop's head row and take the next `count` seqs."""
        row = await (await tx.execute(save.TAKE, {"count": count, "shop": shop})).fetchone()
        if row is None:
            raise WorkbayError(f"The shop {shop} has no head row; it was not created whole.")
        return Head(row[0], bytes(row[1]), row[2])

    def scene(self, records: Iterable[Record], settings: Mapping[str, Any], head: Head) -> Scene:
        """The records in memory, as of now."""
        now, numbers = self.world.now_ms(), head.numbers
        return Scene(self.collections, records, shop=settings, numbers=numbers, now=now, new_id=self.new_id)

    async def save(
        self,
        tx: Tx,
        shop: UUID,
        codec: Codec,
        scene: Scene,
        entries: Sequence[Entry],
        chain: bytes,
        settled: Mapping[str, int] | None = None,
        reached: Sequence[Reached] = (),
    ) -> None:
        """One bulk write of all that the scene changed, the change log, the head, and the announcement."""
        moved, customers = await self._moved(tx, shop, codec, scene)
        changed = await self._pruned(tx, shop, scene.changed.values(), settled or {})
        rows = save.rows_of(codec, self.collections, scene, [(r, r.seq) for r in changed] + moved)
        customers |= {row["customer"] for row in rows if row["customer"]}
        logged, chain = changelog.rows(entries, chain)
        concerned = changelog.concerned(entries)
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
            "concerned": [record for record, _ in concerned],
            "concerned_by": [seq for _, seq in concerned],
            "chain": chain,
            "mark": entries[-1].mark,
            "numbers": save.dumps(scene.numbers),
            "now": scene.now,
            "channel": CHANNEL,
            "fact": fact.text(),
            "reached": save.dumps([asdict(one) for one in reached]),
        }
        await tx.execute(save.SAVE, values)

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


def is_away(error: Exception) -> bool:
    """Whether the database cannot be reached, or is starting or stopping: to try one after the other would only make all
    of them wait. What PostgreSQL itself refused for a lock or a deadlock has a state of another class."""
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, Unavailable) and (state is None or state.startswith(("08", "53", "57P")))
