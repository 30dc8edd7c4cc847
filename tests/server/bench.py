"""A bench for the rules of the rooms: changesets of people are judged over a scene in memory, as a push judges them.

No database: the scene holds what the test put there and what earlier changesets made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from server.collections import COLLECTIONS, RULES
from server.store.judge import Bench, judge
from server.store.rules import Actor
from server.store.scene import Scene
from sync.changeset import Changeset, Op, Outcome

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = 1_793_606_400_000

ROLES = ("admin", "manager", "service_writer", "parts", "tech", "tech2", "server")


def uid(name: str) -> str:
    """An id that a test can name."""
    return f"00000000-0000-7000-8000-{name.encode().hex()[:12]:0>12}"


def person(role: str) -> str:
    return "" if role == "server" else uid(f"p{role[:4]}{role[-1]}")


class Shop:
    """A shop in memory, with one person in each role (and a second tech)."""

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.ids = (uid(f"n{n}") for n in count(1))
        self.scene = Scene(COLLECTIONS, (), shop=settings, numbers={}, now=NOW, new_id=lambda: next(self.ids))
        self.seq = 0
        self.numbers: dict[str, int] = {}
        self._staff()

    def push(self, role: str, *ops: Op, at: int = NOW) -> Outcome:
        """Judge one changeset of that person, edited at `at`."""
        self.seq += 1
        n = self.seq if role == "server" else self.numbers.get(role, 0) + 1
        self.numbers[role] = n
        actor = Actor(person(role), role.removesuffix("2"), role, "@" if role == "server" else f"r{role}")
        bench = Bench(COLLECTIONS, RULES, actor, self.seq - 1, 0)
        return judge(self.scene, bench, Changeset(n, next(self.ids), 1, at, ops), self.seq, at)

    def done(self, role: str, *ops: Op, at: int = NOW) -> None:
        """The same, and it is accepted."""
        outcome = self.push(role, *ops, at=at)
        assert outcome.accepted, (outcome.code, outcome.message)

    def refused(self, role: str, *ops: Op, at: int = NOW) -> str:
        """The same, and it is refused: the code comes back."""
        outcome = self.push(role, *ops, at=at)
        assert not outcome.accepted
        assert outcome.message
        return outcome.code

    def data(self, name: str) -> Mapping[str, Any]:
        record = self.scene.get(uid(name))
        assert record is not None, f"{name} is not there"
        return record.data

    def patch(self, collection: str, name: str, /, **values: Any) -> Op:
        """A patch that has seen all that stands."""
        return Op("patch", collection, uid(name), {"@": self.seq}, values)

    def delete(self, collection: str, name: str) -> Op:
        return Op("delete", collection, uid(name), {"@": self.seq}, {})

    def step(self, name: str, status: str, reason: str | None = None) -> Op:
        return self.patch("work_order", name, status=status, status_reason=reason, status_at=NOW)

    def order(self, name: str = "wo", /, **values: Any) -> None:
        """A work order of the customer "ada", made at the desk."""
        self.done("service_writer", create("work_order", name, customer=uid("ada"), **values))

    def at_status(self, status: str, name: str = "wo") -> None:
        """Bring a work order to a status as the server, who needs no right and no reason."""
        route = {"qc": ("in_progress", "qc"), "ready": ("in_progress", "ready")}
        route |= {"closed": ("in_progress", "ready", "closed"), "new": ()}
        for step in route.get(status, (status,)):
            self.done("server", self.step(name, step))

    def _staff(self) -> None:
        roles = [role for role in ROLES if role != "server"]
        self.done(
            "server",
            *(
                Op("create", "staff", person(role), {}, {"name": role, "role": role.removesuffix("2")})
                for role in roles
            ),
            create("customer", "ada", name="Ada"),
        )


def create(collection: str, name: str, /, **values: Any) -> Op:
    return Op("create", collection, uid(name), {}, values)
