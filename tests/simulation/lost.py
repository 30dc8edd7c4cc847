"""I1: every edit that a phone called saved is in one of the places where it may be; and I5, whole or absent.

The places: the record; a side of a conflict; behind a write whose author had seen it; overtaken, and its author told;
parked on the phone with the reason. A changeset that nobody answered must still wait somewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from server.collections import COLLECTIONS
from sync.collection import Policy
from tests.server.oracle import Row
from tests.simulation.devices import Device, Dump
from tests.simulation.promises import WHOLE, BrokenPromise, Ledger, Wrote
from tests.simulation.views import Shop


def check(ledger: Ledger, shop: Shop, dumps: Mapping[Device, Dump]) -> None:
    """Every changeset that was ever saved."""
    holders = {id_ for dump in dumps.values() for id_ in dump.waiting}
    parked = {ledger.alias.get(id_, id_) for dump in dumps.values() for id_ in dump.parked}
    for id_ in ledger.of:
        entry = ledger.log.get(id_)
        if entry is None:
            if id_ not in holders | ledger.excused and id_ not in parked:
                raise BrokenPromise("I1", f"{_told(ledger, id_)} is nowhere", (id_,))
        elif entry.outcome == "accepted" and not entry.empty:
            _check_whole(ledger, shop, id_)
        else:
            _check_absent(ledger, shop, id_)
    _check_parked(ledger, dumps)
    _check_told(ledger, dumps)
    _check_standing(ledger, shop)


def _told(ledger: Ledger, id_: str) -> str:
    keys = ledger.of[id_]
    return f"{ledger.writes[keys[0]].who}'s changeset {id_} ({ledger.writes[keys[0]].story})" if keys else id_


def _check_whole(ledger: Ledger, shop: Shop, id_: str) -> None:
    made = [key[1] for key in ledger.of[id_] if ledger.writes[key].op == "create"]
    missing = [record for record in made if record not in shop.rows and record not in shop.gone]
    if missing:
        raise BrokenPromise("I5", f"{_told(ledger, id_)} was accepted, but not all of it is there", (id_,))


def _check_absent(ledger: Ledger, shop: Shop, id_: str) -> None:
    made = [key[1] for key in ledger.of[id_] if ledger.writes[key].op == "create"]
    others = {
        k[1] for i in ledger.of if i != id_ and _stands(ledger, i) for k in ledger.of[i] if k[1] in set(made)
    }
    if any(record in shop.rows for record in made if record not in others):
        raise BrokenPromise("I5", f"{_told(ledger, id_)} was refused, but a part of it is there", (id_,))


def _stands(ledger: Ledger, id_: str) -> bool:
    entry = ledger.log.get(id_)
    return entry is not None and entry.outcome == "accepted" and not entry.empty


def _check_parked(ledger: Ledger, dumps: Mapping[Device, Dump]) -> None:
    """What was refused needs its author: it is parked on each phone that saved it, until somebody lets it go. That a copy of
    the phone sent it anew (R14), and it was accepted, the phone cannot know."""
    for device, dump in dumps.items():
        parked = {ledger.alias.get(id_, id_) for id_ in dump.parked}
        for id_ in device.memory.saved:
            entry = ledger.log.get(id_)
            refused = entry is not None and (entry.outcome == "rejected" or entry.empty)
            if refused and ledger.of[id_] and id_ not in parked and id_ not in device.memory.let_go:
                raise BrokenPromise(
                    "I1",
                    f"{_told(ledger, id_)} was refused ({entry and entry.result.get('code')}) "
                    f"and is not parked on {device.name}",
                    (id_,),
                )
            if entry is not None and not refused and id_ in parked and entry.id in dump.holds:
                raise BrokenPromise(
                    "I1", f"{_told(ledger, id_)} was accepted, and is parked on {device.name}", (id_,)
                )


def _check_told(ledger: Ledger, dumps: Mapping[Device, Dump]) -> None:
    """M5: whose write was overtaken on arrival hears of it on the phone that made it, also of what it sent anew (R14)."""
    for device, dump in dumps.items():
        told = {ledger.alias.get(id_, id_) for id_ in dump.told}
        for id_ in device.memory.saved:
            entry = ledger.log.get(id_)
            overtaken = device.kind == "app" and entry is not None and entry.result.get("overtaken")
            if overtaken and id_ not in told and id_ not in device.memory.let_go:
                raise BrokenPromise(
                    "I1",
                    f"{_told(ledger, id_)} was overtaken and {device.name} does not say so",
                    (id_,),
                )


def _check_standing(ledger: Ledger, shop: Shop) -> None:
    """Every accepted write."""
    sides: dict[tuple[str, str], list[Any]] = {}
    told: dict[tuple[str, str], list[Row]] = {}
    for row in shop.rows.values():
        if row.collection == "conflict" and row.data.get("open"):
            of = (row.data["record"], row.data["field"])
            sides.setdefault(of, []).extend(side["value"] for side in row.data["sides"])
        elif row.collection == "notice":
            told.setdefault((row.data["record"], row.data["field"]), []).append(row)
    lineage = ledger.lineage
    for key in lineage.order:
        wrote = ledger.writes[key]
        if wrote.op == "delete" or key[1:] in ledger.overruled:
            continue
        _, record, unit = key
        later = [ledger.writes[k] for _, k in lineage.of_unit[record, unit]]
        later += [ledger.writes[k] for _, k in lineage.of_unit.get((record, WHOLE), ())]
        here = [shop.rows[record].data] if record in shop.rows else []
        places = [*here, *sides.get((record, unit), ())]
        if any(has(wrote, data) or _words_in(ledger, wrote, data) for data in places):
            continue
        if any(key in other.seen and _replaces(other, wrote) for other in later):
            continue
        if _was_told(ledger, wrote, told.get((record, unit), ())):
            continue
        raise BrokenPromise(
            "I1",
            f"{wrote.who}'s {unit} of {wrote.collection} {record} = {dict(wrote.values)} ({key[0]}) is lost",
            (record, key[0]),
        )


def _was_told(ledger: Ledger, wrote: Wrote, notices: Iterable[Row]) -> bool:
    """In the outcome, or by a notice to its author that says what gave way."""
    changeset, record, unit = wrote.key
    overtaken = ledger.log[changeset].result.get("overtaken") or ()
    if any((one["id"], one["field"]) == (record, unit) for one in overtaken):
        return True
    return any(row.data["staff"] == wrote.person and has(wrote, row.data["value"]) for row in notices)


def _words_in(ledger: Ledger, wrote: Wrote, data: Mapping[str, Any]) -> bool:
    """M9: texts that were merged hold the words that this author put in."""
    fields = COLLECTIONS[wrote.collection].units.get(wrote.key[2], ())
    if not fields or fields[0].policy is not Policy.TEXT:
        return False
    (name,) = (f.name for f in fields)
    seen = {word for key in wrote.seen for word in _words(ledger.writes[key].values.get(name))}
    return _words(wrote.values.get(name)) - seen <= _words(data.get(name))


def _words(text: Any) -> set[str]:
    return set(str(text or "").split())


def _replaces(other: Wrote, wrote: Wrote) -> bool:
    """Of elements only a removal takes something away; whoever deletes had to have seen all there was."""
    if other.op == "delete" or not is_elements(wrote):
        return True
    (change,), (theirs,) = wrote.values.values(), other.values.values()
    return set(change.get("add", ())) <= set(theirs.get("remove", ()))


def is_elements(wrote: Wrote) -> bool:
    unit = COLLECTIONS[wrote.collection].units.get(wrote.key[2])
    return unit is not None and unit[0].policy is Policy.ELEMENTS


def has(wrote: Wrote, data: Mapping[str, Any]) -> bool:
    """Whether the values stand there; instants that a phone measured were moved to the server's clock."""
    fields = COLLECTIONS[wrote.collection].by_name
    if is_elements(wrote):
        ((name, change),) = wrote.values.items()
        return set(change.get("add", ())) <= set(data.get(name) or ())
    return all(fields[name].measured or data.get(name) == value for name, value in wrote.values.items())
