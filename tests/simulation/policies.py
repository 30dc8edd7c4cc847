"""What must stand, by the declared policy of each field, worked out from who had seen what: the rules M4 to M12.

For each unit the accepted writes are gone through in the order of commits. One whose author had seen all that stands
replaces it; otherwise the policy decides. Only sets of writes and true times are used: no vectors, no line of the merge.
Where clocks jumped, which of two is the later is not known here, and nothing is said until somebody has seen both. Nor is it
of units with a write that was made in one history of the shop and came back in another, for that may be under another name
(R16); `lost` holds those to being there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.collections import COLLECTIONS
from sync.collection import Field, Policy
from tests.simulation.promises import WHOLE, BrokenPromise, Key, Ledger, Seen, Wrote
from tests.simulation.views import Shop

JUDGED = (Policy.LATEST, Policy.KEEP_BOTH, Policy.GREATEST, Policy.FIRST)
# What the server ends or fills in by itself is not only the phones'.
LEFT_OUT = ("time_entry", "part_movement", "line_item")


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands: the writes in it, its values, and when it was made; `known` is False after a tie of clocks."""

    keys: Seen
    seen: Seen
    values: Mapping[str, Any]
    at: int
    steady: bool
    known: bool = True


def check(ledger: Ledger, shop: Shop) -> None:
    """Every unit of every living record."""
    unknown = ledger.overruled | ledger.between
    for (record, unit), places in ledger.lineage.of_unit.items():
        row = shop.rows.get(record)
        if row is None or unit == WHOLE or row.collection in LEFT_OUT or (record, unit) in unknown:
            continue
        fields = COLLECTIONS[row.collection].units[unit]
        writes = [ledger.writes[key] for _, key in places]
        writes = [replace(w, steady=False) if w.key[0] in ledger.delayed else w for w in writes]
        if fields[0].policy is Policy.ELEMENTS:
            _check_elements(fields[0], writes, row.data, record)
        elif fields[0].policy in JUDGED:
            _check_unit(fields, writes, row.data, record)


def _check_unit(fields: tuple[Field, ...], writes: list[Wrote], data: Mapping[str, Any], record: str) -> None:
    standing: Standing | None = None
    for wrote in writes:
        standing = after(fields, standing, wrote)
    if standing is None or not standing.known:
        return
    wrong = {
        f.name: data.get(f.name)
        for f in fields
        if not f.measured and f.name in standing.values and data.get(f.name) != standing.values[f.name]
    }
    if wrong:
        ids = [key[0] for key in standing.keys]
        raise BrokenPromise(
            "M",
            f"of {record} there stands {wrong}, and {dict(standing.values)} should ({fields[0].policy})",
            (record, *ids),
        )


def after(fields: tuple[Field, ...], standing: Standing | None, wrote: Wrote) -> Standing:
    """What stands after one more write was accepted."""
    own = Standing(frozenset({wrote.key}), wrote.seen, wrote.values, wrote.at, wrote.steady)
    if standing is None or standing.keys <= wrote.seen:
        return own
    if wrote.key in standing.seen:
        return standing  # it arrives after one that had seen it (R13)
    if _alike(fields, standing.values, wrote.values):
        at = max(standing.at, wrote.at)
        steady = standing.steady and wrote.steady
        return Standing(standing.keys | own.keys, standing.seen, wrote.values, at, steady, standing.known)
    policy, name = fields[0].policy, fields[0].name
    if policy is Policy.GREATEST:
        old, new = standing.values.get(name), wrote.values.get(name)
        return own if new is not None and (old is None or new > old) else standing
    if policy is Policy.LATEST:
        sure = standing.steady and wrote.steady and standing.known and standing.at != wrote.at
        if not sure:
            keys = standing.keys | own.keys
            return Standing(keys, standing.seen, standing.values, standing.at, steady=False, known=False)
        return own if wrote.at > standing.at else standing
    return standing


def _alike(fields: tuple[Field, ...], one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(f.name) == other.get(f.name) for f in fields)


def _check_elements(known: Field, writes: list[Wrote], data: Mapping[str, Any], record: str) -> None:
    """M10: a removal takes the adds its author had seen, and no other."""
    adds: dict[str, set[Key]] = {}
    taken: dict[str, Seen] = {}
    for wrote in writes:
        change = wrote.values[known.name]
        for element in change.get("remove", ()):
            adds[element] = adds.get(element, set()) - wrote.seen
            taken[element] = taken.get(element, Seen()) | wrote.seen
        for element in change.get("add", ()):
            late = wrote.key in taken.get(element, Seen())  # whoever took it away had seen it (R13)
            adds[element] = (adds.get(element, set()) - wrote.seen) | (set() if late else {wrote.key})
    wanted = {element for element, keys in adds.items() if keys}
    made_here = {element for wrote in writes for element in wrote.values[known.name].get("add", ())}
    held = set(data.get(known.name) or ()) & made_here
    if held != wanted:
        about = (record, *(wrote.key[0] for wrote in writes))
        raise BrokenPromise(
            "M", f"{known.name} of {record} has {sorted(held)}, and {sorted(wanted)} should", about
        )
