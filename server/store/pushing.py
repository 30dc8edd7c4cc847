"""Pushes: what phones bring is told apart, loaded, judged, and written, in one transaction.

Several pushes of one shop may share a transaction. For each the replica's row and its person's rights are locked, then
the records in order of id; then the shop's head row gives the next seqs to all, the pure judge runs in memory, and one
bulk write follows. The head is held from there to the commit, so the order of seqs is the order of commits and no
reader can skip one. What is wrong with one push (a gap, a fork) is its own answer and touches no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from server.db.session import Context
from server.errors import Unauthenticated, WorkbayError
from server.store import changelog, load, translating
from server.store.changelog import Entry, Received, digest_of
from server.store.codec import Codec
from server.store.errors import EpochChanged, Forked, Gap
from server.store.judge import Bench, judge
from server.store.lineage import lineage_of
from server.store.load import Answered, Opening, ReplicaRow, Tx
from server.store.save import Reached
from server.store.scene import Scene
from server.store.telling import tell
from server.store.texts import Texts, Writer, load_texts
from server.store.translating import judge_other
from sync.changeset import Changeset, Outcome, Record
from sync.lineage import Lineage, Second, placed
from sync.schema import Schema
from sync.wire import Request, Unreadable, dump_outcome

if TYPE_CHECKING:
    from server.store.commit import Store

CONFIRM = "UPDATE replica SET confirmed = %s WHERE shop = %s AND id = %s"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push answers: outcomes in order, and where the replica stands. `revoked`: all was kept as forbidden."""

    results: list[dict[str, Any]]
    applied: int
    durable: int
    revoked: bool = False


@dataclass(slots=True)
class Sorted:
    """The changesets of a push: answered before, and new. `again`: id → what was answered to it, by whomever it came."""

    results: list[dict[str, Any]] = field(default_factory=list)
    new: list[Changeset | Unreadable] = field(default_factory=list)
    again: dict[str, Answered] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Brought:
    """One push with everything that judging it needs. broken: it broke the server before and is not judged. readable: what
    will be judged, in today's shape."""

    request: Request
    replica: ReplicaRow
    found: Sorted
    broken: bool
    readable: Sequence[Changeset] = ()
    records: Sequence[Record] = ()
    created: frozenset[str] = frozenset()
    refused: Mapping[int, frozenset[tuple[str, str]]] = field(default_factory=dict)
    pushed: Mapping[str, int] = field(default_factory=dict)
    said: Mapping[tuple[int, str, str], Any] = field(default_factory=dict)
    lineage: Lineage = field(default_factory=Lineage)

    @property
    def placed(self) -> list[Changeset]:
        """What will be judged, with bases as they count here."""
        return [placed(c, self.request.replica, self.lineage) for c in self.readable]


async def push_all(
    store: Store, shop: UUID, requests: Sequence[Request], *, broken: bool = False
) -> list[Pushed | WorkbayError]:
    """Push each of `requests`, of different replicas, in one transaction: an answer for each, or what is wrong with it."""
    async with store.database.transaction(Context(shop=shop, kind="server")) as tx:
        opened = zip(requests, await load.openings(tx, shop, requests, store.schema), strict=True)
        if len(requests) > 1:
            await load.lock_together(tx, shop, store.collections, requests)
        found = [
            await _bring(store, tx, shop, request, opening, broken=broken) for request, opening in opened
        ]
        brought = [b for b in found if isinstance(b, Brought)]
        if any(b.found.new for b in brought):
            await _commit(store, tx, shop, [b for b in brought if b.found.new])
        for b in brought:
            if not b.found.new and b.request.confirmed > b.replica.confirmed:
                confirmed = min(b.request.confirmed, b.replica.applied)
                await tx.execute(CONFIRM, (confirmed, shop, b.request.replica))
    return [_pushed(b) if isinstance(b, Brought) else b for b in found]


def _pushed(brought: Brought) -> Pushed:
    replica, new = brought.replica, brought.found.new
    applied = max(replica.applied, new[-1].n if new else 0)
    return Pushed(brought.found.results, applied, replica.durable, replica.hands_over)


async def _bring(
    store: Store, tx: Tx, shop: UUID, request: Request, opening: Opening, *, broken: bool
) -> Brought | WorkbayError:
    """Load what one push needs; what is wrong with it as a whole comes back instead."""
    replica = opening.replica
    if replica is None:
        return Unauthenticated()
    if request.revoked:
        replica = replace(replica, borrowed=not replica.revoked)
    if request.epoch != replica.epoch or (
        resends(replica) and not all(map(was_answered, request.changesets))
    ):
        return EpochChanged(replica.epoch)
    try:
        found = sort(request, replica, opening.answers)
    except (Gap, Forked) as error:
        return error
    # What broke the server is not looked at again: it may have been the look that broke it.
    readable = [c for c in found.new if isinstance(c, Changeset) and c.id not in found.again]
    if broken or not readable:
        return Brought(request, replica, found, broken)
    codec, name = store.codec(shop), request.replica
    readable, standing = await translating.as_of_today(tx, shop, codec, store.schema, name, readable)
    ops = [op for c in readable for op in c.ops]
    loaded = await load.load_records(tx, shop, codec, store.collections, store.rules, ops, replica.who)
    records = [*standing, *loaded]  # of what is in both, what was locked is the newer
    here = {r.id for r in records} | {op.id for op in ops if op.op == "create"}
    needs = load.needs_of(store.collections, ops)
    missing = [id_ for id_ in (*needs.parents, *needs.referred) if id_ not in here]
    created = await load.refused_creates(tx, shop, name, missing)
    pushed = await load.pushed(tx, shop, name, ops, records)
    said = await load.said_before(tx, shop, name, store.collections, store.schema, readable)
    line = await lineage_of(tx, shop, name, replica.gaps, replica.doubled, readable)
    known = opening.refused, pushed, said, line
    return Brought(request, replica, found, broken, readable, records, created, *known)


def resends(replica: ReplicaRow) -> bool:
    """Whether its name is a former one, under which only what was answered before a restore comes again (R12)."""
    return not replica.current and not replica.hands_over


def was_answered(changeset: Changeset | Unreadable) -> bool:
    """Whether it says that it had an outcome in a lineage that was lost."""
    if isinstance(changeset, Changeset):
        return changeset.was is not None
    return isinstance(changeset.said, Mapping) and changeset.said.get("was") in ("accepted", "rejected")


def sort(request: Request, replica: ReplicaRow, answers: Sequence[Answered]) -> Sorted:
    """Tell retries from news; a number answered with other content is a fork, a missing one a gap. A name that takes no
    new numbers may have holes: another phone may still hold what belongs there."""
    holes = resends(replica) or replica.hands_over
    if request.changesets and request.changesets[0].n > replica.applied + 1 and not holes:
        raise Gap(replica.applied + 1)
    by_n = {a.n: a for a in answers if a.replica == request.replica}
    # Somebody else may have taken the same id for something else, and been refused: the one accepted is what it names.
    found = Sorted(again={a.id: a for a in sorted(answers, key=_told_first)})
    for changeset in request.changesets:
        known = by_n.get(changeset.n)
        if known is None:
            found.new.append(changeset)
        elif known.digest != digest_of(changeset):
            raise Forked(changeset.n, found.results)
        else:
            found.results.append(known.result)
    return found


def _told_first(answered: Answered) -> tuple[bool, bool]:
    """Later in order what an id names: what was accepted, and of that the entry that was the first."""
    result = answered.result
    return result["outcome"] == "accepted", result.get("seq") == answered.seq


async def _commit(store: Store, tx: Tx, shop: UUID, brought: Sequence[Brought]) -> None:
    """Judge all that is new, one changeset after the other, and write what came of it."""
    codec = store.codec(shop)
    # What was loaded last was read last: it is the newest, and under the lock of whoever writes it.
    records = {record.id: record for b in brought for record in b.records}
    writers = [Writer(b.request.replica, b.placed) for b in brought]
    texts = await load_texts(tx, shop, codec, store.collections, store.schema, writers, records)
    head = await store.take_head(tx, shop, sum(len(b.found.new) for b in brought))
    scene = store.scene(records.values(), brought[0].replica.settings, head)
    again = {id_: known for b in brought for id_, known in b.found.again.items()}
    seq, entries, reached = head.prior, list[Entry](), list[Reached]()
    for b, shown in zip(brought, texts, strict=True):
        judged = _judged(store, codec, scene, b, shown, again, head.prior, seq)
        b.found.results += [entry.result for entry in judged]
        entries += judged
        seq += len(judged)
        reached.append(Reached(b.request.replica, b.found.new[-1].n, b.request.confirmed, judged[-1].edit_at))
    await tell(tx, shop, scene)
    settled = {b.request.replica: min(b.replica.confirmed, b.replica.durable) for b in brought}
    await store.save(tx, shop, codec, scene, entries, head.chain, settled, reached)


def _judged(
    store: Store,
    codec: Codec,
    scene: Scene,
    b: Brought,
    texts: Texts,
    again: dict[str, Answered],
    prior: int,
    seq: int,
) -> list[Entry]:
    """The entries of one push, whose commits follow `seq`; `prior` is the seq that anybody may have seen."""
    scene.refused = set(b.created)
    shift = scene.now - b.request.sent
    who, refused = b.replica.who, dict(b.refused)
    seconds = list(b.lineage.seconds)
    pushed = _reached(b.pushed, seconds)
    bench = Bench(store.collections, store.rules, who, prior, shift, refused, pushed, dict(b.said), texts)
    entries, edit_at, name = list[Entry](), b.replica.edit_at, b.request.replica
    line = replace(b.lineage, seconds=seconds)
    for changeset in b.found.new:
        seq += 1
        based = changeset
        if isinstance(changeset, Changeset):
            edit_at = reckon(scene.now, b.request.sent, changeset.at, edit_at)
            based = placed(changeset, name, line)
            known = again.get(changeset.id)
            same = known is not None and known.digest == digest_of(changeset)
            if known is not None and same and known.result["outcome"] == "accepted":
                seconds.append(Second(name, changeset.n, known.replica, known.n))
                pushed.update(_reached(pushed, seconds[-1:]))
        result = _outcome(store.schema, scene, bench, b, again, based, seq, edit_at)
        came = Received(b.request, changeset, seq, scene.now, edit_at, store.world.token(6))
        entry = changelog.entry_of(codec, who, came, result, texts.made)
        entries.append(entry)
        if isinstance(changeset, Changeset):  # the same one may come again in this very transaction
            answered = Answered(entry.replica, entry.n, entry.id, entry.digest, result, entry.seq)
            again.setdefault(entry.id, answered)
    return entries


def _reached(pushed: Mapping[str, int], seconds: Sequence[Second]) -> dict[str, int]:
    """`pushed` with the first dots of what came again: bases are placed over them, so the judge must know them (V18)."""
    after = dict(pushed)
    for second in seconds:
        after[second.of] = max(after.get(second.of, 0), second.at)
    return after


def _outcome(
    schema: Schema,
    scene: Scene,
    bench: Bench,
    b: Brought,
    again: Mapping[str, Answered],
    changeset: Changeset | Unreadable,
    seq: int,
    at: int,
) -> dict[str, Any]:
    known = again.get(changeset.id) if isinstance(changeset, Changeset) else None
    if known is not None and known.digest == digest_of(changeset):
        return {**known.result, "n": changeset.n}
    if known is not None:
        return _refusal(changeset.n, "invalid", "A change with this id was sent before, with other content.")
    if b.replica.hands_over:
        # Under a name that is not revoked another device may have the same, to which it is no refusal (R14).
        code = "handed_over" if b.replica.borrowed and b.replica.who.role else "forbidden"
        return _refusal(
            changeset.n, code, "This device may no longer write here; the change is kept for a manager."
        )
    if b.broken:
        return _refusal(changeset.n, "internal", "The shop's server stumbled over this change; it is kept.")
    if isinstance(changeset, Changeset) and changeset.schema != schema.number:
        return dump_outcome(judge_other(schema, scene, bench, changeset, seq, at))
    return dump_outcome(judge(scene, bench, changeset, seq, at))


def _refusal(n: int, code: str, message: str) -> dict[str, Any]:
    return dump_outcome(Outcome(n, False, code=code, message=message))


def reckon(received: int, sent: int, at: int, floor: int) -> int:
    """When an edit was made, by the server's clock: a steady error of the phone's clock cancels out; never later than
    now, never earlier than the same replica's edit before it (`floor`). All in ms."""
    return min(received, max(floor, received - (sent - at)))
