"""Search over older work: the archived work orders that phones no longer hold (P18).

Rows are read newest first, in bounded batches, as the reader: row security and the projection apply as in a pull. Words are
compared here and not by the database, because names and telephone numbers of customers are sealed there; they are opened
for one batch at a time, and only for readers who may see customers. The rule is the app's own for what is on the phone:
every word must begin some word, or, two digits and more, lie anywhere.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.db.session import Database
from server.store.codec import Codec
from server.store.cursor import LAST_ID
from server.store.pull import Reader, project

BATCH = 500
FOUND_MAX = 50
LOOKED_MAX = 20_000
POS_MAX = 2**63 - 1

ORDER = ("number", "complaint", "diagnosis", "correction", "service_type", "area", "bay", "tags")
EQUIPMENT = ("kind", "make", "model", "serial", "tag")
CUSTOMER = ("name", "company", "phones")
SHOWN = ("number", "status", "closed_at", "complaint", "customer", "equipment")

# The work order, what it is about, and whom it is for, as far as the reader may read these collections.
OLDER = """
  SELECT o.id::text, o.pos, o.data, e.id::text, e.data, c.id::text, c.data
  FROM record o
  LEFT JOIN record e ON e.shop = o.shop AND e.id = (o.data ->> 'equipment')::uuid AND e.collection = 'equipment'
    AND NOT e.gone AND 'equipment' = ANY (%(collections)s)
  LEFT JOIN record c ON c.shop = o.shop AND c.id = o.customer AND c.collection = 'customer'
    AND NOT c.gone AND 'customer' = ANY (%(collections)s)
  WHERE o.shop = %(shop)s AND o.collection = 'work_order' AND o.collection = ANY (%(collections)s)
    AND NOT o.inside AND NOT o.gone AND (o.pos, o.id) < (%(pos)s, %(id)s::uuid)
  ORDER BY o.pos DESC, o.id DESC LIMIT %(batch)s"""


@dataclass(slots=True)
class Results:
    """What was found, newest first; how many work orders were looked at, and whether there may be more."""

    found: list[dict[str, Any]] = field(default_factory=list)
    looked: int = 0
    more: bool = False


def fold(text: str) -> str:
    """Lower case, without accents, words separated by one space, as the app folds."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).lower()
    return " ".join(re.findall(r"[^\W_]+", plain))


def matches(hay: str, words: Iterable[str]) -> bool:
    """Whether every word begins a word of `hay` (folded), or is of digits and lies anywhere in it."""
    spaced = f" {hay}"
    return all(f" {w}" in spaced or (len(w) > 1 and w.isdigit() and w in spaced) for w in words)


async def search(database: Database, codec: Codec, reader: Reader, words: Sequence[str]) -> Results:
    """Archived work orders that have all the words (folded), at most FOUND_MAX."""
    results = Results()
    values = {**reader.values(), "pos": POS_MAX, "id": LAST_ID, "batch": BATCH}
    while True:
        rows = await database.ask(reader.context(), OLDER, values)
        results.found += _found(codec, reader.role, rows, words)
        results.looked += len(rows)
        whole = len(rows) < BATCH
        if whole or len(results.found) > FOUND_MAX or results.looked >= LOOKED_MAX:
            break
        values |= {"pos": rows[-1][1], "id": rows[-1][0]}
        await asyncio.sleep(0)
    results.more = len(results.found) > FOUND_MAX or not whole
    del results.found[FOUND_MAX:]
    return results


def _found(
    codec: Codec, role: str, rows: Iterable[Sequence[Any]], words: Sequence[str]
) -> list[dict[str, Any]]:
    """Those of a batch that match, as they are shown; the values of one customer are opened once."""
    customers: dict[str, str] = {}
    found = []
    for id_, _, data, equipment_id, equipment, customer_id, customer in rows:
        order = project(codec, role, "work_order", id_, data)
        hay = [_texts(order, ORDER)]
        if equipment_id is not None:
            hay.append(_texts(project(codec, role, "equipment", equipment_id, equipment), EQUIPMENT))
        if customer_id is not None:
            if customer_id not in customers:
                customers[customer_id] = _texts(
                    project(codec, role, "customer", customer_id, customer), CUSTOMER
                )
            hay.append(customers[customer_id])
        if matches(" ".join(hay), words):
            found.append({"id": id_, **{name: order[name] for name in SHOWN if name in order}})
    return found


def _texts(data: Mapping[str, Any], names: Iterable[str]) -> str:
    parts = (data.get(name) for name in names)
    return fold(" ".join(" ".join(p) if isinstance(p, list) else str(p) for p in parts if p is not None))
