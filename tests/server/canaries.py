"""A shop in which each field of each record holds a value that stands nowhere else, made from the declarations alone.

Whoever reads a byte that is not for them thereby shows from which record and field it came. `Canary.for_customer` and
`for_staff` say who may read one; they follow the declarations, not the code that filters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.collections import COLLECTIONS
from server.store.scene import Scene
from sync.collection import Collection, Field, Shown, Type
from tests.server.premises import Premises, Shop

# Dates that the store itself writes into every record, and values too short to be told from others.
KEPT = frozenset({"created_at", "updated_at"})
SHORT = {"currency": "XCU", "initials": "XI"}
ABOUT_OTHERS = frozenset({"conflict", "notice"})
OFFICE = frozenset({"admin", "manager", "service_writer"})


@dataclass(frozen=True, slots=True)
class Canary:
    """A value as it stands in an answer, and where it was put. `field` is empty for a record's own id."""

    text: bytes
    shop: str
    collection: str
    field: str
    customer: str | None = None
    owner: str | None = None

    def for_customer(self, customer: str, *, prices: bool, names: bool) -> bool:
        """Whether this customer may read it, in a shop that shows prices and names or not."""
        if self.collection == "staff":
            return names and self.field == "name"
        if self.collection != "shop" and self.customer != customer:
            return False
        if not self.field:
            return True
        shown = COLLECTIONS[self.collection].by_name[self.field].customer
        return shown is Shown.ALWAYS or (shown is Shown.PRICES and prices)

    def for_staff(self, role: str, person: str) -> bool:
        """Whether somebody of the shop's staff may read it."""
        declared = COLLECTIONS[self.collection]
        mine = self.owner == person
        private = self.owner is not None and self.collection in (
            "conflict",
            "notice",
            "time_entry",
            "recovery",
        )
        if private and not mine and (self.collection == "notice" or role not in OFFICE):
            return False
        return declared.may(role, "r", owner=mine) and self.field not in declared.hidden(role)


@dataclass
class Planted:
    """All canaries of a shop, and the ids of the records that hold them."""

    shop: Shop
    canaries: list[Canary] = field(default_factory=list)
    ids: dict[tuple[str, str | None], list[str]] = field(default_factory=dict)

    def first(self, collection: str, customer: str | None = None) -> str:
        return self.ids[collection, customer][0]


def found(canaries: Iterable[Canary], said: bytes) -> list[Canary]:
    """The canaries that stand somewhere in `said`."""
    return [canary for canary in canaries if canary.text in said]


async def plant(premises: Premises, shop: Shop, number: int) -> Planted:
    """Fill a shop, as one commit of the server. `number` keeps the values of two shops apart."""
    planter = _Planter(shop, number)
    people = [*shop.customers, *map(str, shop.staff.values()), str(shop.id)]
    await premises.app.state.store.act(shop.id, planter.plant, people)
    return planter.planted


class _Planter:
    def __init__(self, shop: Shop, number: int) -> None:
        self.planted = Planted(shop)
        self.count = number * 10_000

    def plant(self, scene: Scene) -> None:
        shop = self.planted.shop
        self._note(COLLECTIONS["shop"], str(shop.id), None, None)
        scene.set(str(shop.id), self._values(COLLECTIONS["shop"], None, None))
        for id_ in map(str, shop.staff.values()):
            self._note(COLLECTIONS["staff"], id_, None, id_)
        for person in shop.customers:
            values = self._values(COLLECTIONS["customer"], person, None)
            known = scene.get(person)
            assert known is not None
            scene.set(person, {**values, "emails": [*known.data["emails"], *values["emails"]]})
            self._note(COLLECTIONS["customer"], person, person, None)
        for declared in _in_order():
            for customer in shop.customers if declared.customer_from else [None]:
                for variant in _variants(declared):
                    self._record(scene, declared, customer, variant)

    def _record(
        self, scene: Scene, declared: Collection, customer: str | None, variant: Mapping[str, Any]
    ) -> None:
        """One record of each kind, and for each place it may hang on; what belongs to somebody once for each of two."""
        for owner in _owners(declared):
            person = str(self.planted.shop.staff[owner]) if owner else None
            seen_by = customer if _reaches_a_customer(declared, variant) else None
            id_ = scene.new_id()
            values = self._values(declared, seen_by, person)
            values |= self._references(declared, customer, variant)
            values |= {
                f.name: f.choices[0] for f in declared.fields if f.choices and f.name in declared.required
            }
            values |= {k: v for k, v in variant.items() if k not in declared.parents}
            if _owner_field(declared):
                values[str(_owner_field(declared))] = person
            if declared.name in ABOUT_OTHERS:
                values |= {"collection": "work_order", "record": self._wanted("work_order", None)}
            scene.create(declared.name, values, id_)
            self._note(declared, id_, seen_by, person)
            self.planted.ids.setdefault((declared.name, customer), []).append(id_)

    def _references(
        self, declared: Collection, customer: str | None, variant: Mapping[str, Any]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for f in declared.fields:
            if f.name in declared.parents:
                if f.name in variant:
                    values[f.name] = self._wanted(f.ref or "work_order", customer)
            elif f.ref and f.ref != declared.name:
                values[f.name] = self._wanted(f.ref, customer)
        return values

    def _wanted(self, collection: str, customer: str | None) -> str:
        if collection == "customer":
            return customer or self.planted.shop.customers[0]
        known = self.planted.ids
        return (
            known.get((collection, customer)) or known.get((collection, None)) or self._anybodys(collection)
        )[0]

    def _anybodys(self, collection: str) -> list[str]:
        return self.planted.ids[collection, self.planted.shop.customers[0]]

    def _values(self, declared: Collection, customer: str | None, owner: str | None) -> dict[str, Any]:
        """A canary in each field that can hold one."""
        values: dict[str, Any] = {}
        for f in declared.fields:
            if f.name in SHORT:
                values[f.name] = SHORT[f.name]
            elif f.name not in (*KEPT, *declared.parents, "collection", "record") and f.type in _MADE:
                self.count += 1
                values[f.name], text = _MADE[f.type](f, self.count)
                self._add(text, declared, f.name, customer, owner)
        return values

    def _note(self, declared: Collection, id_: str, customer: str | None, owner: str | None) -> None:
        self._add(id_, declared, "", customer, owner)

    def _add(
        self, text: str, declared: Collection, name: str, customer: str | None, owner: str | None
    ) -> None:
        shop = self.planted.shop.slug
        self.planted.canaries.append(Canary(text.encode(), shop, declared.name, name, customer, owner))


def _text(f: Field, count: int) -> tuple[Any, str]:
    return (text := f"canary{count}y"), text


def _number(f: Field, count: int) -> tuple[Any, str]:
    return (number := 880_000_000 + count), str(number)


def _set(f: Field, count: int) -> tuple[Any, str]:
    return [f"canary{count}y"], f"canary{count}y"


def _json(f: Field, count: int) -> tuple[Any, str]:
    """Where sides of a conflict stand, one that looks like them."""
    value = {"value": {"complaint": f"canary{count}y"}, "person": "", "device": "", "time": 0}
    if f.name == "sides":
        return [value], f"canary{count}y"
    return {"complaint": f"canary{count}y"}, f"canary{count}y"


_MADE = {Type.TEXT: _text, Type.INTEGER: _number, Type.INSTANT: _number, Type.SET: _set, Type.JSON: _json}


def _in_order() -> Iterator[Collection]:
    """Collections after those they refer to; people, customers and the shop are there already, other staff is not."""
    left = {name: c for name, c in COLLECTIONS.items() if name not in ("shop", "customer")}
    while left:
        for name, declared in list(left.items()):
            wants = {f.ref for f in declared.fields if f.ref} | (
                {"work_order"} if name in ABOUT_OTHERS else set()
            )
            if not (wants - {name}) & left.keys():
                yield left.pop(name)


def _variants(declared: Collection) -> Iterator[dict[str, Any]]:
    """On what a record may hang, and each once as customers see it and once as they do not."""
    places: list[tuple[str, ...]] = [(parent,) for parent in declared.parents]
    if not set(declared.parents) & set(declared.required) and declared.name != "conflict":
        places.append(())
    for place in places:
        hung = dict.fromkeys(place, True)
        yield {**hung, **declared.shared_if}
        for name, value in declared.shared_if.items():
            yield {**hung, **declared.shared_if, name: False if value is True else "waiting"}


def _reaches_a_customer(declared: Collection, variant: Mapping[str, Any]) -> bool:
    hangs = declared.customer_from != "parent" or any(p in variant for p in declared.parents)
    return (
        bool(declared.customer_from) and hangs and all(variant[k] == v for k, v in declared.shared_if.items())
    )


def _owners(declared: Collection) -> tuple[str | None, ...]:
    """Whose there is one: of each tech, and a conflict about what is nobody's own."""
    if _owner_field(declared) is None:
        return (None,)
    return ("tech", "tech2", None) if declared.name == "conflict" else ("tech", "tech2")


def _owner_field(declared: Collection) -> str | None:
    if declared.name == "conflict":
        return "staff"
    return declared.own if declared.own != "id" else None
