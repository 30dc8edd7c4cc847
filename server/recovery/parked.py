"""The refused changes of a shop's staff, whole, for those who look after them (C16).

The log keeps every refused changeset; here they are read, newest first, with what was tried and why it was refused. One
that is settled (see `collections`) is listed only when asked for. Customers' are left out: the portal takes none yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.auth.principal import Principal
from server.auth.replicas import names_of_devices, revoked_devices
from server.auth.secrets import SealBroken, Vault
from server.db.session import Context
from server.errors import Gone
from server.recovery.rules import OFFICE
from server.store.codec import Codec
from server.store.commit import Store
from server.store.load import Tx
from server.sync_api.pulling import context_of, reader_of
from sync.collection import Collection

# What settles an entry bears the id of its changeset. Only the first entry of an id can be meant by that; of what came
# under the same id with other content, or under an id that was made up because none could be read, the seq makes one.
_KEYED = """
  SELECT c.seq, c.replica, c.n, c.id, c.digest, c.person, c.role, c.edit_at, c.received, c.result, c.ops,
    CASE WHEN EXISTS (SELECT FROM change f WHERE f.shop = c.shop AND f.id = c.id AND f.seq < c.seq)
         THEN ('00000000-' || substr(lpad(to_hex(c.seq), 16, '0'), 1, 4) || '-7001-8000-'
               || substr(lpad(to_hex(c.seq), 16, '0'), 5))::uuid
         ELSE c.id END AS key
  FROM change c
  WHERE c.shop = %(shop)s AND c.outcome = 'rejected' AND c.role <> 'customer' AND c.person IS NOT NULL AND c.seq < %(before)s
    AND NOT EXISTS (SELECT FROM change f WHERE f.shop = c.shop AND f.id = c.id AND f.seq < c.seq AND f.digest = c.digest
                      AND json_typeof(c.ops) = 'array')
  ORDER BY c.seq DESC"""

# A recovery counts only when it belongs to the author of what it settles: nobody settles a colleague's change as their own.
PARKED = f"""
  SELECT k.seq, k.replica, k.n, k.id::text, k.key::text, k.person::text, k.edit_at, k.received, k.result, k.ops,
    r.data, r.seq
  FROM ({_KEYED}) AS k
  LEFT JOIN LATERAL (
    SELECT data, seq FROM record r
    WHERE r.shop = %(shop)s AND r.id = k.key AND r.collection = 'recovery' AND r.own = k.person OFFSET 0) r ON true
  WHERE %(settled)s OR r.seq IS NULL
  ORDER BY k.seq DESC LIMIT %(limit)s"""

READABLE = """
  SELECT r.id::text FROM record r
  WHERE r.shop = %(shop)s AND r.id = ANY (%(ids)s::uuid[]) AND NOT r.gone AND r.collection = ANY (%(collections)s)
    AND (r.own IS NULL OR r.own = %(me)s OR %(sees_all)s AND r.collection <> 'notice')"""

NAMES = "SELECT id::text, data ->> 'name' FROM record WHERE shop = %s AND id = ANY (%s::uuid[]) AND collection = 'staff'"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which refused changes are asked for: below the entry `before`, those that are settled too or not."""

    before: int
    limit: int
    settled: bool


async def parked(store: Store, vault: Vault, who: Principal, asked: Asked) -> dict[str, Any]:
    """One page of refused changes as it goes out. Raises Gone for whoever does not look after them."""
    if who.kind != "staff" or who.role not in OFFICE:
        raise Gone
    values = {"shop": who.shop, "before": asked.before, "limit": asked.limit + 1, "settled": asked.settled}
    async with store.database.transaction(Context(shop=who.shop, kind="server")) as tx:
        rows = await (await tx.execute(PARKED.encode(), values)).fetchall()
        people = await _names(tx, who, rows)
        replicas = sorted({row[1] for row in rows})
        devices = await names_of_devices(tx, vault, who.shop, replicas)
        revoked = await revoked_devices(tx, who.shop, replicas)
    page = rows[: asked.limit]
    here = await _readable(store, who, page)
    teller = _Teller(store.codec(who.shop), who.role, people, devices, revoked, here)
    more = page[-1][0] if len(rows) > asked.limit else None
    return {"changes": [teller.change(row) for row in page], "next": more}


async def _readable(store: Store, who: Principal, rows: Iterable[tuple[Any, ...]]) -> frozenset[str]:
    """Those of the records that were to be changed which the reader may read, asked in the reader's own name."""
    ids = {op["id"] for row in rows if isinstance(row[9], list) for op in row[9]}
    values = {**reader_of(store, who).values(), "ids": sorted(ids)}
    found = await store.database.ask(context_of(store, who), READABLE, values)
    return frozenset(row[0] for row in found)


async def _names(tx: Tx, who: Principal, rows: Iterable[tuple[Any, ...]]) -> dict[str, str]:
    ids = {row[5] for row in rows} | {
        row[10]["created_by"] for row in rows if row[10] and "created_by" in row[10]
    }
    found = await (await tx.execute(NAMES, (who.shop, sorted(ids)))).fetchall()
    return {id_: name or "" for id_, name in found}


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells refused changes to a reader of this role."""

    codec: Codec
    role: str
    people: Mapping[str, str]
    devices: Mapping[str, str]
    revoked: frozenset[str]
    here: frozenset[str]

    def change(self, row: tuple[Any, ...]) -> dict[str, Any]:
        seq, replica, n, id_, key, person, edited_at, received_at, result, ops, recovery, _ = row
        said: dict[str, Any] = {
            "seq": seq,
            "n": n,
            "changeset": id_,
            "key": key,
            "person": person,
            "name": self.people.get(person, ""),
            "device": self.devices.get(replica, ""),
            "revoked": replica in self.revoked,
            "edited_at": edited_at,
            "received_at": received_at,
            "code": result["code"],
            "message": result["message"],
            "at": result.get("at"),
        }
        said |= self._content(id_, ops)
        if recovery is not None:
            by = recovery.get("created_by", "")
            said["settled"] = {
                "how": recovery["how"],
                "reason": recovery.get("reason"),
                "person": by,
                "name": self.people.get(by, ""),
                "at": recovery["created_at"],
            }
        return said

    def _content(self, id_: str, ops: Any) -> dict[str, Any]:
        """What was tried: ops with their values; or the text of what could not be read, for who may see all there is."""
        if isinstance(ops, list):
            return {"ops": [self._op(op) for op in ops]}
        sees_all = not any(c.hidden(self.role) for c in self.codec.collections.values())
        text = self.codec.open_text(id_, ops["unreadable"]) if sees_all else ""
        return {"ops": [], "unreadable": text}

    def _op(self, op: Mapping[str, Any]) -> dict[str, Any]:
        declared = self.codec.collections.get(op["collection"])
        id_ = op["id"]
        shown = {
            "op": op["op"],
            "collection": op["collection"],
            "set": self._values(declared, id_, op.get("set", {})),
        }
        # Of a record that is gone, or not for this reader, the author's words are told and not which one it is.
        return {**shown, "id": id_} if op["op"] == "create" or id_ in self.here else shown

    def _values(self, declared: Collection | None, id_: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Opened, without what this role may not see. What no declaration knows stays sealed and is left out."""
        if declared is None:
            return {}
        shown = {
            n: v for n, v in values.items() if n in declared.by_name and n not in declared.hidden(self.role)
        }
        try:
            return self.codec.open_data(id_, shown, declared.personal)
        except SealBroken:
            # A key that has left the ring must not hide that there is something.
            return {name: value for name, value in shown.items() if name not in declared.personal}
