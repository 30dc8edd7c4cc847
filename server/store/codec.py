"""Records as rows and rows as records; personal values are sealed on the way in and opened on the way out.

`meta` is written short (see `short.py`). A personal value is sealed with its shop, record and field as associated data,
so that it cannot be moved to another place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from uuid import UUID

import orjson

from server.errors import WorkbayError
from server.store.short import lengthen, shorten
from sync.changeset import Meta, Record
from sync.collection import Collection

COLUMNS = "id::text, collection, seq, vv, data, meta, gone"


class Vault(Protocol):
    """Where personal values are sealed; the ring of keys behind it is auth's."""

    def seal(self, plaintext: bytes, aad: bytes) -> str: ...
    def open(self, token: str, aad: bytes) -> bytes: ...


class Codec:
    """Writes and reads the records of one shop."""

    def __init__(self, shop: UUID, collections: Mapping[str, Collection], vault: Vault) -> None:
        self.shop = str(shop)
        self.collections = collections
        self.vault = vault

    def read(self, row: tuple[Any, ...]) -> Record:
        """A record from the columns of COLUMNS."""
        id_, collection, seq, vv, data, meta, gone = row
        opened = self.open_data(id_, data, self._personal(collection))
        return Record(collection, id_, seq, vv, opened, self._read_meta(id_, collection, opened, meta), gone)

    def open_data(self, id_: str, data: dict[str, Any], personal: Iterable[str]) -> dict[str, Any]:
        """`data` with its sealed values opened."""
        # The side of a conflict may be that somebody cleared the field.
        sealed = [name for name in personal if data.get(name) is not None]
        return {**data, **{name: self._open(id_, name, data[name]) for name in sealed}} if sealed else data

    def seal_values(self, collection: str, id_: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` with the personal ones sealed; None stays None."""
        personal = self._personal(collection)
        return {
            name: self._seal(id_, name, value) if name in personal and value is not None else value
            for name, value in values.items()
        }

    def seal_said(self, collection: str, id_: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` as a phone said them: sealed but for those of fields that are known and not personal."""
        declared = self.collections.get(collection)
        plain = declared.by_name.keys() - declared.personal if declared else frozenset[str]()
        return {
            name: value if name in plain or value is None else self._seal(id_, name, value)
            for name, value in values.items()
        }

    def open_said(self, id_: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """What `seal_said` wrote, whatever of it was personal or unknown then: nobody can write what opens as a seal."""
        return {name: self._opened(id_, name, value) for name, value in values.items()}

    def _opened(self, id_: str, name: str, value: Any) -> Any:
        try:
            return self._open(id_, name, value) if isinstance(value, str) else value
        except WorkbayError:
            return value

    def seal_text(self, id_: str, text: str) -> str:
        """What could not be read of the changeset `id_`: nobody knows what is in it."""
        return self._seal(id_, "unreadable", text)

    def open_text(self, id_: str, token: str) -> str:
        """What `seal_text` sealed."""
        text: str = self._open(id_, "unreadable", token)
        return text

    def write(self, record: Record) -> dict[str, Any]:
        """The columns that follow from the record alone."""
        personal = self._personal(record.collection)
        return {
            "id": record.id,
            "collection": record.collection,
            "seq": record.seq,
            "gone": record.gone,
            "private": self._is_private(record),
            "vv": record.vv,
            "data": self.seal_values(record.collection, record.id, record.data) if personal else record.data,
            "meta": self._write_meta(record, personal),
        }

    def _is_private(self, record: Record) -> bool:
        """Whether some reader must get less, or other, than what the row holds."""
        declared = self.collections[record.collection]
        return any(f.personal or f.hidden_from for f in map(declared.by_name.__getitem__, record.data))

    def _personal(self, collection: str) -> frozenset[str]:
        return self.collections[collection].personal

    def _aad(self, id_: str, name: str) -> bytes:
        return f"{self.shop}:{id_}:{name}".encode()

    def _seal(self, id_: str, name: str, value: Any) -> str:
        return self.vault.seal(orjson.dumps(value), self._aad(id_, name))

    def _open(self, id_: str, name: str, token: str) -> Any:
        return orjson.loads(self.vault.open(token, self._aad(id_, name)))

    def _write_meta(self, record: Record, personal: frozenset[str]) -> dict[str, Any]:
        short = shorten(self.collections[record.collection], record.data, record.meta)
        for part in ("e", "r"):
            for unit in personal.intersection(short.get(part, ())):
                short[part][unit] = self._seal(record.id, unit, short[part][unit])
        for sides in short.get("s", {}).values():
            for side in sides.values():
                side[0] = self.seal_values(record.collection, record.id, side[0])
        return short

    def _read_meta(
        self, record_id: str, collection: str, data: dict[str, Any], short: dict[str, Any]
    ) -> Meta:
        personal = self._personal(collection)
        for part in ("e", "r"):
            for unit in personal.intersection(short.get(part, ())):
                short[part][unit] = self._open(record_id, unit, short[part][unit])
        for sides in short.get("s", {}).values():
            for side in sides.values():
                side[0] = self.open_data(record_id, side[0], personal)
        return lengthen(self.collections[collection], data, short)
