"""Every view recomputed from scratch, out of all records as a superuser reads them and the declarations alone.

It shares no query and no projection with the server: it walks from each record up to what it hangs on, and asks whether
this person may read it, and which of its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from server.collections import COLLECTIONS
from server.store.codec import Codec
from sync.collection import Collection, Shown
from tests.server.premises import Phone

ROWS = "SELECT id::text, collection, seq, gone, data FROM record WHERE shop = %s"
Seen = dict[str, tuple[str, int, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it is stored, opened."""

    id: str
    collection: str
    seq: int
    data: Mapping[str, Any]

    @property
    def declared(self) -> Collection:
        return COLLECTIONS[self.collection]


class Oracle:
    """All living records of a shop at this moment."""

    def __init__(self, url: str, phone: Phone) -> None:
        codec: Codec = phone.premises.app.state.store.codec(phone.shop.id)
        with psycopg.connect(url) as connection:
            rows = connection.execute(ROWS, (phone.shop.id,)).fetchall()
        opened = (
            Row(id_, collection, seq, codec.open_data(id_, data, COLLECTIONS[collection].personal))
            for id_, collection, seq, gone, data in rows
            if not gone
        )
        self.rows = {row.id: row for row in opened}
        self.shop = self.rows[str(phone.shop.id)].data

    def staff(self, person: str) -> Seen:
        """id → collection, `@` and fields of all that somebody of the staff holds."""
        role = self.rows[person].data["role"]
        return {
            row.id: (row.collection, row.seq, self._for_staff(row, role))
            for row in self.rows.values()
            if self._reads(row, role, person) and self._is_open(row)
        }

    def customer(self, person: str) -> dict[str, tuple[str, dict[str, Any]]]:
        """id → collection and fields of all that a customer sees; how they are counted is for the feed to say."""
        return {
            row.id: (row.collection, self._for_customer(row))
            for row in self.rows.values()
            if self._whose(row) == person or row.collection == "shop"
        }

    def _above(self, row: Row) -> Row | None:
        names = [name for name in row.declared.parents if row.data.get(name)]
        return self.rows.get(row.data[names[0]]) if names else None

    def _is_open(self, row: Row) -> bool:
        """Neither it nor what it hangs on is archived."""
        above = self._above(row)
        return not row.data.get("archived") and (above is None or self._is_open(above))

    def _reads(self, row: Row, role: str, person: str) -> bool:
        owner = row.data.get("staff") if row.collection in ("time_entry", "notice", "conflict") else None
        if row.collection == "conflict" and owner and owner != person:
            return COLLECTIONS["time_entry"].may(role, "r")
        return row.declared.may(role, "r", owner=owner == person)

    def _for_staff(self, row: Row, role: str) -> dict[str, Any]:
        return {k: v for k, v in row.data.items() if role not in row.declared.by_name[k].hidden_from}

    def _whose(self, row: Row) -> str | None:
        """The customer who sees a record; None for nobody."""
        declared = row.declared
        if any(row.data.get(name) != value for name, value in declared.shared_if.items()):
            return None
        if declared.customer_from == "parent":
            above = self._above(row)
            return self._whose(above) if above else None
        found = row.id if declared.customer_from == "id" else row.data.get(declared.customer_from or "")
        return found if isinstance(found, str) else None

    def _for_customer(self, row: Row) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, value in row.data.items():
            match row.declared.by_name[name].customer:
                case Shown.ALWAYS:
                    shown[name] = value
                case Shown.PRICES if self.shop.get("show_prices"):
                    shown[name] = value
                case Shown.NAMES if self.shop.get("show_names"):
                    shown[name] = self.rows[value].data["name"]
        return shown
