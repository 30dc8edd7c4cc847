"""Records as rows and rows as records; personal values are sealed on the way in and opened on the way out.

`meta` is written short (arrays instead of objects), because every record carries it. A personal value is sealed
with its shop, record and field as associated data, so that it cannot be moved to another place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from uuid import UUID

import orjson

from sync.changeset import Meta, Past, Record, Side, Write
from sync.collection import Collection
from sync.vector import Dot

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
        personal = self._personal(collection)
        return Record(
            collection,
            id_,
            seq,
            vv,
            self.open_data(id_, data, personal),
            self._read_meta(id_, meta, personal),
            gone,
        )

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

    def seal_text(self, id_: str, text: str) -> str:
        """What could not be read of the changeset `id_`: nobody knows what is in it."""
        return self._seal(id_, "unreadable", text)

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
        meta = record.meta
        short: dict[str, Any] = {"f": _write(meta.first)}
        if meta.writes:
            short["w"] = {unit: _write(write) for unit, write in meta.writes.items()}
        if meta.elements:
            short["e"] = {
                unit: self._seal(record.id, unit, _adds(adds)) if unit in personal else _adds(adds)
                for unit, adds in meta.elements.items()
            }
        if meta.sides:
            short["s"] = {
                unit: {r: self._side(record, unit, s) for r, s in sides.items()}
                for unit, sides in meta.sides.items()
            }
        if meta.trail:
            short["t"] = {unit: list(map(_past, past)) for unit, past in meta.trail.items()}
        return short

    def _side(self, record: Record, unit: str, side: Side) -> list[Any]:
        return [self.seal_values(record.collection, record.id, side.value), _write(side.write), side.conflict]

    def _read_meta(self, id_: str, short: dict[str, Any], personal: frozenset[str]) -> Meta:
        return Meta(
            first=_read_write(short["f"]),
            writes={unit: _read_write(write) for unit, write in short.get("w", {}).items()},
            elements={
                unit: _read_adds(self._open(id_, unit, adds) if unit in personal else adds)
                for unit, adds in short.get("e", {}).items()
            },
            sides={
                unit: {
                    replica: Side(self.open_data(id_, value, personal), _read_write(write), conflict)
                    for replica, (value, write, conflict) in sides.items()
                }
                for unit, sides in short.get("s", {}).items()
            },
            trail={
                unit: tuple(Past(Dot(r, n, seq), value, bool(hidden)) for r, n, seq, value, *hidden in past)
                for unit, past in short.get("t", {}).items()
            },
        )


def _write(write: Write) -> list[Any]:
    return [[list(dot) for dot in write.dots], write.at, write.base]


def _past(past: Past) -> list[Any]:
    return [*past.dot, past.value, True] if past.hidden else [*past.dot, past.value]


def _read_write(short: list[Any]) -> Write:
    dots, at, base = short
    return Write(tuple(Dot(*dot) for dot in dots), at, base)


def _adds(adds: Mapping[str, tuple[Dot, ...]]) -> dict[str, list[list[Any]]]:
    return {element: [list(dot) for dot in dots] for element, dots in adds.items()}


def _read_adds(short: Mapping[str, Any]) -> dict[str, tuple[Dot, ...]]:
    return {element: tuple(Dot(*dot) for dot in dots) for element, dots in short.items()}
