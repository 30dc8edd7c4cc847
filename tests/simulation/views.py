"""The shop as its database has it, read by the superuser: the change log as it grows, and every view recomputed.

Rows that changed since the last look are read again, found by their seq; what each person should hold is then worked out
afresh by the oracle, which shares no query and no projection with the server.
"""

from __future__ import annotations

from typing import Any

import psycopg

from server.collections import COLLECTIONS
from server.store.changelog import Entry, hashed
from server.store.codec import Codec
from sync.digest import canonical, chain
from tests.server.oracle import Oracle, Row
from tests.simulation.devices import Device, View
from tests.simulation.promises import BrokenPromise, Logged

ROWS = """
  SELECT id::text, collection, seq, gone, data FROM record WHERE shop = %s AND seq > %s ORDER BY seq"""
LOG = """
  SELECT seq, replica, n, id::text, outcome, result, ops::text = '[]' FROM change
  WHERE shop = %s AND seq > %s ORDER BY seq"""
CHAIN = """
  SELECT seq, mark, replica, n, id::text, digest, coalesce(person::text, ''), role, schema, at, sent, received, edit_at,
    outcome, result, ops, hash FROM change WHERE shop = %s ORDER BY seq"""


class Shop(Oracle):
    """All rows of a shop as of the last look."""

    def __init__(self, url: str, shop: str, codec: Codec) -> None:
        self.url, self.id, self.codec = url, shop, codec
        self.connection = psycopg.connect(url, autocommit=True)
        self.again()

    def again(self) -> None:
        """Forget all: the database is another one now."""
        self.rows: dict[str, Row] = {}
        self.gone: set[str] = set()
        self._views: dict[str, tuple[int, View]] = {}
        self.seq = self.logged = 0

    def reconnect(self, url: str) -> None:
        self.connection.close()
        self.url = url
        self.connection = psycopg.connect(url, autocommit=True)
        self.again()

    def close(self) -> None:
        self.connection.close()

    def anew(self) -> list[Logged]:
        """The whole log of a database that was put back."""
        self.again()
        return self.news()

    def news(self) -> list[Logged]:
        """Entries of the change log since the last look; commits of the server itself are left out."""
        found = self.connection.execute(LOG, (self.id, self.logged)).fetchall()
        if found:
            self.logged = found[-1][0]
        return [Logged(*row) for row in found if row[1] != "@"]

    def look(self) -> None:
        """Take in what changed."""
        for id_, collection, seq, gone, data in self.connection.execute(ROWS, (self.id, self.seq)):
            self.seq = seq
            if gone:
                self.rows.pop(id_, None)
                self.gone.add(id_)
            else:
                opened = self.codec.open_data(id_, data, COLLECTIONS[collection].personal)
                self.rows[id_] = Row(id_, collection, seq, opened)
        self.shop = self.rows[self.id].data

    def view_of(self, device: Device) -> View:
        """What this device's person should hold; a customer's records are counted apart, so without `@`."""
        known = self._views.get(device.person)
        if known is None or known[0] != self.seq:
            if device.customer:
                found = self.customer(device.person).items()
                view: View = {id_: (name, 0, data) for id_, (name, data) in found}
            else:
                view = dict(self.staff(device.person))
            known = self._views[device.person] = (self.seq, view)
        return known[1]

    def diverged(self, device: Device, held: View) -> tuple[int, list[str]]:
        """How many bytes differ between what a device holds and what it should, and in which records."""
        wanted = self.view_of(device)
        if device.customer:
            held = {id_: (name, 0, data) for id_, (name, _, data) in held.items()}
        wrong = [id_ for id_ in held.keys() | wanted.keys() if held.get(id_) != wanted.get(id_)]
        return sum(_bytes(held.get(id_), wanted.get(id_)) for id_ in wrong), sorted(wrong)

    def check_chain(self) -> int:
        """Every entry of the change log bears the hash over itself and the one before (I12); how many there are."""
        count, previous = 0, b""
        for row in self.connection.execute(CHAIN, (self.id,)):
            *values, found = row
            values[5] = bytes(values[5])
            entry = Entry(*values)
            previous = chain(previous, hashed(entry))
            if previous != bytes(found):
                raise BrokenPromise("I12", f"the chain of the change log breaks at seq {entry.seq}")
            count += 1
        return count


def _bytes(held: Any, wanted: Any) -> int:
    texts = [canonical(list(value)) if value else b"" for value in (held, wanted)]
    return max(map(len, texts))
