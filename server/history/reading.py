"""The history of a record or of one of its fields, as one person of the shop may read it.

Whoever may not see the record, or the field, has no history of it, and is answered as if it were not there. The record is
read in the reader's own name first; only then is the log opened, which is the server's alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.auth.principal import Principal
from server.auth.replicas import names_of_devices
from server.auth.secrets import Vault
from server.db.session import Context
from server.errors import Gone
from server.history import log
from server.history.fate import Fate, fates, seen
from server.history.log import DELETED, About, Writing
from server.store.codec import COLUMNS, Codec
from server.store.commit import Store
from server.store.load import Tx
from server.sync_api.pulling import context_of, reader_of
from sync.changeset import Record
from sync.collection import Collection, Policy
from sync.vector import SERVER

OFFLINE_MS = 60_000
"""A change that took longer than this from the tap to the shop is said to have been written off line."""
SEQ_MAX = 2**62
PIECE = 200
PIECES_MAX = 10
AROUND = 50
"""How many entries before and after a page are looked at to say what was seen, and what became of it."""

# Who may read the record: said here, and by row security again.
RECORD = f"""
  SELECT {COLUMNS} FROM record r
  WHERE r.shop = %(shop)s AND r.id = %(id)s::uuid AND r.collection = %(collection)s
    AND r.collection = ANY (%(collections)s)
    AND (r.own IS NULL OR r.own = %(me)s OR %(sees_all)s AND r.collection <> 'notice')"""

PEOPLE = "SELECT id::text, data ->> 'name' FROM record WHERE shop = %s AND id = ANY (%s::uuid[]) AND collection = 'staff'"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: the history of a field, or of all fields, below the entry `before`."""

    collection: str
    id: str
    field: str | None
    before: int
    limit: int


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of the log: the page asked for, newest first; what follows it in time, and what precedes it."""

    page: list[Writing]
    newer: list[Writing]
    older: list[Writing]
    whole: bool
    """Whether `older` goes back to the beginning."""
    next: int | None
    """Where the next page goes on; None when there is none."""


async def history(store: Store, vault: Vault, who: Principal, asked: Asked) -> dict[str, Any]:
    """One page of a history as it goes out. Raises Gone for what this person may not know of."""
    declared = _declared(store, who, asked)
    record = await _record(store, who, asked)
    unit = declared.by_name[asked.field].unit if asked.field else None
    about = About(who.shop, declared, asked.id, unit)
    async with store.database.transaction(Context(shop=who.shop, kind="server")) as tx:
        found = await _found(tx, about, asked, declared.hidden(who.role))
        told = [*found.page, *found.newer, *found.older]
        people = await _people(tx, who, {w.person for w in told if w.person})
        devices = await names_of_devices(tx, vault, who.shop, sorted({w.replica for w in found.page}))
    teller = _Teller(store.codec(who.shop), declared, record, who, people, devices)
    return {"entries": teller.entries(found), "next": found.next}


def _declared(store: Store, who: Principal, asked: Asked) -> Collection:
    """The collection, if this person's role has anything to do with it and with the field."""
    declared = store.collections.get(asked.collection)
    if who.kind != "staff" or declared is None or not declared.may(who.role, "r", owner=True):
        raise Gone
    known = declared.by_name.keys() - declared.hidden(who.role) - log.UNTOLD
    written = any(f.policy is not Policy.SERVER for f in declared.fields)
    if not written or (asked.field is not None and asked.field not in known):
        raise Gone
    return declared


async def _record(store: Store, who: Principal, asked: Asked) -> Record:
    """The record in this person's own name, be it deleted."""
    values = {**reader_of(store, who).values(), "id": asked.id, "collection": asked.collection}
    async with store.database.transaction(context_of(store, who)) as tx:
        row = await (await tx.execute(RECORD.encode(), values)).fetchone()
    if row is None:
        raise Gone
    return store.codec(who.shop).read(row)


async def _found(tx: Tx, about: About, asked: Asked, hidden: frozenset[str]) -> Found:
    """The page, with as much of the log around it as it takes to tell it."""

    def seen_by_reader(writing: Writing) -> bool:
        return writing.unit == DELETED or not writing.values.keys() <= hidden

    newer, page, older = list[Writing](), list[Writing](), list[Writing]()
    if asked.before < SEQ_MAX:
        after = await log.read(tx, about, log.SINCE, asked.before, AROUND)
        newer = [w for _, writings in after for w in writings if seen_by_reader(w)]
    seq, whole = asked.before, False
    for _ in range(PIECES_MAX):
        piece = await log.read(tx, about, log.BEFORE, seq, PIECE)
        for _, writings in piece:
            here = page if len(page) < asked.limit else older
            here += filter(seen_by_reader, reversed(writings))
        whole = len(piece) < PIECE
        if whole or len(older) >= AROUND:
            break
        seq = piece[-1][0]
    return Found(page, newer, older, whole, page[-1].seq if older else None if whole else seq)


async def _people(tx: Tx, who: Principal, ids: Iterable[str]) -> dict[str, str]:
    rows = await (await tx.execute(PEOPLE, (who.shop, sorted(ids)))).fetchall()
    return {id_: name or "" for id_, name in rows}


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells writings to one reader."""

    codec: Codec
    declared: Collection
    record: Record
    who: Principal
    people: Mapping[str, str]
    devices: Mapping[str, str]

    def entries(self, found: Found) -> list[dict[str, Any]]:
        """The page as it goes out, newest first."""
        known = self._opened([*found.page, *found.older])
        ends = fates(self.declared, self.record, known, found.newer)
        return [
            self._entry(w, end, seen(self.declared, w, known[place + 1 :], all_there=found.whole))
            for place, (w, end) in enumerate(zip(known[: len(found.page)], ends, strict=False))
        ]

    def _opened(self, newest_first: list[Writing]) -> list[Writing]:
        """With personal values opened, without those that this reader may not see, and with the instants that a phone
        measured set right as the record's are: moved to the server's clock, unless they only say again what was there."""
        hidden, personal = self.declared.hidden(self.who.role), self.declared.personal
        found, told = list[Writing](), dict[tuple[str, Any], Any]()
        for writing in reversed(newest_first):
            shown = {name: value for name, value in writing.values.items() if name not in hidden}
            values = self.codec.open_data(self.record.id, shown, personal)
            for f in self.declared.units.get(writing.unit, ()):
                value = values.get(f.name)
                if f.measured and isinstance(value, int) and writing.replica != SERVER:
                    right = told.get((f.name, value), value + writing.shift)
                    told[f.name, value] = told[f.name, right] = values[f.name] = right
            found.append(replace(writing, values=values))
        return found[::-1]

    def _entry(self, writing: Writing, fate: Fate, was: Mapping[str, Any] | None) -> dict[str, Any]:
        said: dict[str, Any] = {
            "seq": writing.seq,
            "changeset": writing.changeset,
            "op": writing.op,
            "unit": writing.unit,
            "values": dict(writing.values),
            **self._author(writing),
            "edited_at": writing.edited_at,
            "received_at": writing.received_at,
            "offline": writing.received_at - writing.edited_at > OFFLINE_MS,
            "became": fate.became.value,
        }
        if was is not None:
            said["was"] = dict(was)
        if fate.by is not None:
            said["through"] = {"seq": fate.by.seq, **self._author(fate.by)}
        if writing.code is not None:
            said |= {"code": writing.code, "message": self._message(writing)}
        return said

    def _author(self, writing: Writing) -> dict[str, Any]:
        """Who wrote it and where; the server itself has no name."""
        if writing.replica == SERVER:
            return {"person": None, "name": "", "device": ""}
        name = self.people.get(writing.person or "", "")
        return {"person": writing.person, "name": name, "device": self.devices.get(writing.replica, "")}

    def _message(self, writing: Writing) -> str:
        """Why it was refused; nothing is said of a field that this reader does not know of."""
        hidden = self.declared.hidden(self.who.role)
        return "" if writing.at_field in hidden else writing.message
