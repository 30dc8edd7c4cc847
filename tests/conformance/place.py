"""What a server must have for the cases to be put to it: the set-up file, and the room in which one case works.

The set-up (docs/conformance.md) names shops, people and customers, and where the model has a field of each policy. A `Room`
leases phones to one case, makes the records it needs, and keeps what was said.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance.client import Answer, Door, Exchange, Lacking, Phone, Unexpected, create, new_id
from tests.conformance.model import MODEL


@dataclass
class Place:
    """The shops of a set-up, its model, and phones that are between two cases."""

    setup: dict[str, Any]
    url: str | None = None
    idle: dict[tuple[str, str], list[Phone]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def read(cls, path: Path, url: str | None = None) -> Place:
        return cls(json.loads(path.read_text(encoding="utf-8")), url)

    @property
    def model(self) -> dict[str, Any]:
        """The model of docs/model.md, with what the set-up says otherwise."""
        return {**MODEL, **self.setup.get("model", {})}

    def shop(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] | None = self.setup["shops"].get(name)
        if found is None:
            raise Lacking(f"a shop {name!r} in the set-up")
        return found

    def door(self, shop: str, log: list[Exchange]) -> Door:
        said = self.shop(shop)
        return Door(self.url or said["url"], said.get("host"), log)

    def link(self, shop: str, kind: str, name: str) -> str:
        """A one-time link that no case has spent yet."""
        with self.lock:
            left = self.shop(shop).get(kind, {}).get(name, {}).get("links", [])
            if not left:
                raise Lacking(f"one more link for {name} under {kind} in the set-up")
            return str(left.pop(0))


@dataclass
class Room:
    """One case's own corner: phones that nobody else uses meanwhile, and a log of what was said."""

    place: Place
    log: list[Exchange] = field(default_factory=list)
    leased: list[tuple[tuple[str, str], Phone]] = field(default_factory=list)

    def door(self, shop: str = "first") -> Door:
        return self.place.door(shop, self.log)

    def person(self, name: str, shop: str = "first") -> dict[str, Any]:
        found: dict[str, Any] | None = self.place.shop(shop)["people"].get(name)
        if found is None:
            raise Lacking(f"a person {name!r} in the shop {shop!r}")
        return found

    def sign_in(self, name: str, shop: str = "first", **device: str) -> Answer:
        """A sign-in by address and password, or for customers by a link; as a script does it, with a token."""
        given = {"device": {"name": "Conformance", **device}, "token": True}
        if name in self.place.shop(shop).get("customers", {}):
            body = {"kind": "customer", "link": self.place.link(shop, "customers", name), **given}
        else:
            body = {k: self.person(name, shop)[k] for k in ("email", "password")} | given
        return self.door(shop).send("POST", "/api/session", body)

    def fresh(self, name: str, shop: str = "first", **device: str) -> Phone:
        """A phone signed in just now, that no other case will use."""
        answer = self.sign_in(name, shop, **device)
        if answer.status != 201:
            raise Unexpected(f"{name} signed in with 201 (S1)", answer)
        return Phone(self.door(shop), name, answer.body)

    def phone(self, name: str, shop: str = "first") -> Phone:
        """A phone of that person that holds all of its view: one that another case is through with, or a new one."""
        with self.place.lock:
            waiting = self.place.idle.setdefault((shop, name), [])
            phone = waiting.pop() if waiting else None
        if phone is None:
            phone = self.fresh(name, shop)
        phone.door = self.door(shop)
        self.leased.append(((shop, name), phone))
        phone.pull()
        return phone

    def phones(self, *names: str) -> list[Phone]:
        return [self.phone(name) for name in names]

    def give_back(self, *, anew: bool = False) -> None:
        """Leave the phones to other cases; `anew`: with nothing in them, for what they hold may be wrong."""
        with self.place.lock:
            for key, phone in self.leased:
                phone.skew = 0
                if anew:
                    phone.cursor, phone.held = None, {}
                self.place.idle.setdefault(key, []).append(phone)

    def values(self, kind: str, **more: Any) -> dict[str, Any]:
        """What a record of that kind is created with; `$customer` stands for the customer of the set-up."""
        said = {**self.place.model["kinds"][kind]["set"], **more}
        return {name: self.filled(value) for name, value in said.items()}

    def filled(self, value: Any) -> Any:
        if value == "$customer":
            return self.place.shop("first")["customers"]["ada"]["id"]
        return value

    def op(self, kind: str, parent: str | None = None, id_: str | None = None, **more: Any) -> dict[str, Any]:
        """The op that creates a record of that kind."""
        said = self.place.model["kinds"][kind]
        over = {said["parent"]: parent} if parent else {}
        return create(said["collection"], id_ or new_id(), self.values(kind, **over, **more))

    def make(self, phone: Phone, kind: str = "top", parent: str | None = None, **more: Any) -> dict[str, Any]:
        """A record of that kind as its maker sees it afterwards."""
        op = self.op(kind, parent, **more)
        result = phone.push(op)
        if result["outcome"] != "accepted":
            raise Unexpected(f"a new {kind} accepted", Answer(200, {}, json.dumps(result)))
        return phone.look(op["id"])

    def field(self, policy: str) -> dict[str, Any]:
        """Where the model has a field of that policy, and three values for it."""
        found: dict[str, Any] = self.place.model["fields"][policy]
        return found
