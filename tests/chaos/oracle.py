"""What must hold whatever was cut or killed, read from the database itself and from what phones made and heard.

`check_log` may be asked at any moment: what a phone was told is in the change log, as it was told; the log is whole; a
changeset left all of its records or none. `check_all` is asked when everybody has drained: each edit is there once,
visible where the protocol says, and each view is what a new phone gets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from server.collections import COLLECTIONS
from server.store import changelog
from sync.changeset import Changeset, Op
from sync.digest import chain
from sync.vector import SERVER
from tests.chaos.phone import Handset
from tests.chaos.place import Place
from tests.server.ledger import same

VIEWS = 10  # So many of the newest phones have their view compared: what a view is does not depend on whose it is.
LOG = """
  SELECT seq, mark, replica, n, id::text, digest, coalesce(person::text, ''), role, schema, at, sent, received, edit_at,
    outcome, result, ops, hash
  FROM change WHERE shop = %s ORDER BY seq"""
HEAD = "SELECT seq, chain FROM head WHERE shop = %s"
ANSWERS = "SELECT id::text, result FROM change WHERE shop = %s AND id = ANY (%s::uuid[])"
RECORDS = "SELECT id::text FROM record WHERE shop = %s AND NOT gone"


@dataclass(frozen=True, slots=True)
class Done:
    """An accepted changeset with its place: whose it is, and when it came."""

    replica: str
    changeset: Changeset
    seq: int


def check_phone(place: Place, phone: Handset) -> None:
    """The same for one phone, without looking at the rest of the log."""
    rows = place.cluster.ask(ANSWERS, (place.shop.id, list(phone.made)))
    assert dict(rows) == phone.heard, "told one thing, kept another"


def check_log(place: Place) -> dict[str, int]:
    """Nothing that was answered is lost, and nothing is half there; how many answers and records were looked at."""
    log, ((head, head_hash),), records = place.cluster.snapshot(LOG, HEAD, RECORDS, shop=place.shop.id)
    entries = [changelog.Entry(*row[:-1]) for row in log]
    by_id = {(e.replica, e.n): e for e in entries}
    answered = 0
    for phone in place.phones:
        for id_, result in phone.heard.items():
            entry = by_id.get((phone.replica.replica, result["n"]))
            assert entry is not None, f"lost after it was answered: {id_} of {phone.who}"
            assert (entry.id, entry.result) == (id_, result), f"told {result}, kept {entry.result}"
            answered += 1
    _check_chain(log, head, head_hash)
    once = Counter(e.id for e in entries if e.outcome == "accepted")
    assert [id_ for id_, times in once.items() if times > 1] == [], "done twice"
    return {"answers": answered, "records": _check_whole(place, {id_ for (id_,) in records}, set(once))}


def _check_chain(log: list[tuple[Any, ...]], head: int, head_hash: bytes) -> None:
    """Numbers without a gap up to the head, each entry bound to the one before (C6, C18)."""
    assert [row[0] for row in log] == list(range(log[0][0], head + 1)), "the log has a gap"
    previous = b""
    for *values, hash_ in log:
        previous = chain(previous, changelog.hashed(changelog.Entry(*values)))
        assert previous == bytes(hash_), f"the chain breaks at {values[0]}"
    assert previous == bytes(head_hash)


def _check_whole(place: Place, there: set[str], accepted: set[str]) -> int:
    """All that an accepted changeset created is there, nothing of any other is (C1)."""
    created = 0
    for phone in place.phones:
        for id_, changeset in phone.made.items():
            ids = {op.id for op in changeset.ops if op.op == "create"}
            found = ids & there
            assert found == (ids if id_ in accepted else set()), f"half of a changeset: {len(found)} of {ids}"
            created += len(found)
    return created


async def check_all(place: Place) -> dict[str, int]:
    """Everybody has drained: each edit once and where it belongs, and all views as a new phone has them."""
    counted = check_log(place)
    for phone in place.phones:
        assert phone.codes() == [], f"refused: {phone.replica.parked[0].outcome}"
        assert set(phone.heard) == set(phone.made), "made and never answered"
    done = [d for phone in place.phones for d in done_by(phone)]
    views = {who: await _fresh(place, who) for who in {"admin", *(phone.who for phone in place.phones)}}
    _check_edits(place, done, views)
    for phone in place.phones[-VIEWS:]:
        await phone.drain()
        assert same(phone.replica, views[phone.who].replica) == []
    return {**counted, "edits": len(done)}


async def _fresh(place: Place, who: str) -> Handset:
    phone = await place.sign_in(who, watched=False)
    await phone.drain()
    return phone


def done_by(phone: Handset) -> Iterable[Done]:
    """What a phone keeps of its accepted changesets."""
    for waiting in phone.replica.kept:
        if waiting.seq is not None:
            yield Done(waiting.replica, waiting.changeset, waiting.seq)


def _check_edits(place: Place, done: list[Done], views: dict[str, Handset]) -> None:
    """No edit is lost, none counts twice (I1, I3); `views` by who has them, an admin's among them."""
    held = views["admin"].replica.confirmed
    moved = [op for d in done for op in d.changeset.ops if op.collection == "part_movement"]
    stock = held[place.mould.part].data.get("on_hand_milli", 0)
    assert stock == sum(op.set["quantity_milli"] for op in moved), "stock is not the sum of its movements"
    tags = set(held[place.mould.order].data.get("tags", ()))
    added = {tag for d in done for op in d.changeset.ops for tag in (op.set.get("tags") or {}).get("add", ())}
    assert tags == added
    told = {
        (n.data["record"], n.data["field"])
        for phone in views.values()
        for n in phone.replica.confirmed.values()
        if n.collection == "notice"
    }
    sides = [h.data for h in held.values() if h.collection == "conflict" and h.data["open"]]
    for d in done:
        for op in d.changeset.ops:
            for name in op.set if op.op == "patch" and op.collection != "part_movement" else ():
                unit = COLLECTIONS[op.collection].by_name[name].unit
                if name == "tags" or _stands(op, name, held[op.id].data, sides):
                    continue
                lost = {(o["id"], o["field"]) for o in _outcome(place, d).get("overtaken", ())}
                assert (op.id, unit) in told | lost or _replaced(d, op, name, done), f"lost: {d} {name}"


def _stands(op: Op, name: str, data: Any, sides: list[Any]) -> bool:
    """Whether the value is in the record, or in a side of an open conflict."""
    value = op.set[name]
    if data.get(name) == value or (name == "meter" and data.get(name, 0) >= value):
        return True
    mine = (s for c in sides if (c["record"], c["field"]) == (op.id, name) for s in c["sides"])
    return any(side["value"].get(name) == value for side in mine)


def _outcome(place: Place, done: Done) -> dict[str, Any]:
    return next(phone.heard[done.changeset.id] for phone in place.phones if done.changeset.id in phone.made)


def _replaced(early: Done, op: Op, name: str, done: list[Done]) -> bool:
    """Whether somebody who had seen it wrote something newer (V3)."""
    for late in done:
        if late.seq <= early.seq:
            continue
        for other in late.changeset.ops:
            if (other.id, other.op) != (op.id, "patch") or name not in other.set:
                continue
            seen = other.base.get(SERVER, 0) >= early.seq
            own = late.replica == early.replica or other.base.get(early.replica, 0) >= early.changeset.n
            if seen or own:
                return True
    return False
