"""The whole application over a fresh database, shops with a person in each role, and phones that sync with it.

A phone is a `sync.replica.Replica` with a session: its requests go through the real routes, with the network faults
that a test asks for. Nothing here knows how the server keeps what it is given.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

import httpx
from starlette.applications import Starlette

from server.app import create_app
from server.auth.accounts import create_account
from server.auth.gate import server_of
from server.auth.links import make_customer_link
from server.auth.passwords import Passwords
from server.collections import COLLECTIONS
from server.settings import Settings
from server.shops.service import create_shop
from server.store.scene import Scene
from sync.collection import STAFF_ROLES
from sync.overlay import Draft
from sync.replica import Replica
from tests.worlds import CountingWorld

PASSWORD = "workbay-demo"
LIGHT = Passwords(time_cost=1, memory_kib=8)
PEOPLE = (*STAFF_ROLES, "tech2")
Fault = Literal["none", "unsent", "answer_lost", "doubled"]


@dataclass
class Shop:
    """A shop under test: who works there, and its customers."""

    id: UUID
    slug: str
    staff: dict[str, UUID] = field(default_factory=dict)
    customers: list[str] = field(default_factory=list)


@dataclass
class Phone:
    """A replica with its session. Its clock may be wrong by `skew_ms`; `late` are answers that are still on their way."""

    premises: Premises
    shop: Shop
    who: str
    token: str
    replica: Replica
    skew_ms: int = 0
    late: list[tuple[dict[str, Any], httpx.Response]] = field(default_factory=list)

    def copy(self) -> Phone:
        """Another phone with what this one has, its session included, as somebody makes who restores a phone's backup."""
        return replace(self, late=[])

    def act(self, *drafts: Draft) -> str:
        """One action; the changeset's id comes back."""
        id_ = str(self.premises.world.new_id())
        self.replica = self.replica.act(drafts, id=id_, at=self.now())
        return id_

    def create(self, collection: str, **values: Any) -> str:
        """Create a record in an action of its own; its id comes back."""
        id_ = str(self.premises.world.new_id())
        self.act(Draft("create", collection, id_, values))
        return id_

    def patch(self, collection: str, id_: str, **values: Any) -> str:
        return self.act(Draft("patch", collection, id_, values))

    def now(self) -> int:
        return self.premises.world.now_ms() + self.skew_ms

    def data(self, id_: str) -> dict[str, Any] | None:
        shown = self.replica.shown(id_)
        return None if shown is None else dict(shown.data)

    def records(self, collection: str) -> list[str]:
        """Ids of the confirmed records of a collection."""
        return sorted(id_ for id_, held in self.replica.confirmed.items() if held.collection == collection)

    async def post(self, body: Any) -> httpx.Response:
        """Any body to `/api/sync`, as this phone."""
        return await self.premises.post("/api/sync", body, self.token, self.shop)

    async def ask(self, *, limit: int = 1000, fault: Fault = "none") -> httpx.Response | None:
        """One round trip. With a fault the replica learns nothing, and the server perhaps more than once."""
        asked = self.replica.request(self.now(), limit)
        if fault == "unsent":
            return None
        answer = await self.post(asked)
        if fault == "doubled":
            self.late.append((asked, answer))
            answer = await self.post(asked)
        if fault == "answer_lost":
            self.late.append((asked, answer))
            return None
        self.hear(asked, answer)
        return answer

    def hear(self, asked: dict[str, Any], answer: httpx.Response) -> None:
        self.replica = self.replica.answer(asked, answer.status_code, answer.json())

    def hear_late(self) -> None:
        """Answers arrive that were thought lost, newest first."""
        while self.late:
            self.hear(*self.late.pop())

    async def sync(self, *, limit: int = 1000, rounds: int = 60) -> Phone:
        """Round trips until nothing waits and the view is whole."""
        for _ in range(rounds):
            answer = await self.ask(limit=limit)
            assert answer is not None
            assert answer.status_code in (200, 409, 413), answer.text
            if answer.status_code == 200 and not self.replica.outbox and self.replica.staged is None:
                return self
        raise AssertionError(f"{self.who} does not come to rest: {self.replica.request(0)}")

    def codes(self) -> list[str]:
        """Why changesets are parked, in order."""
        return [w.outcome["code"] for w in self.replica.parked]


@dataclass
class Premises:
    """A running application, its world, and a client that needs no network."""

    app: Starlette
    client: httpx.AsyncClient
    world: CountingWorld

    async def post(
        self, path: str, body: Any, token: str | None = None, shop: Shop | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"http://{shop.slug}.localhost{path}" if shop else path
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
            return await self.client.post(url, content=body, headers=headers)
        return await self.client.post(url, json=body, headers=headers)

    async def open_shop(self, slug: str = "repair", customers: int = 2, id: UUID | None = None) -> Shop:
        """A shop with a person in each role and some customers, made by the store."""
        shop = Shop(id or self.world.new_id(), slug)
        shop.staff = {name: self.world.new_id() for name in PEOPLE}
        async with self.app.state.database.transaction(server_of(shop.id)) as tx:
            await create_shop(tx, shop.id, slug, self.world)

        def people(scene: Scene) -> None:
            scene.create("shop", {"name": slug}, str(shop.id))
            for name, id_ in shop.staff.items():
                scene.create("staff", {"name": name, "role": name.removesuffix("2")}, str(id_))
            for number in range(customers):
                values = {"name": f"Customer {number}", "emails": [f"c{number}@{slug}.test"]}
                shop.customers.append(scene.create("customer", values))

        await self.app.state.store.act(shop.id, people)
        for name, id_ in shop.staff.items():
            await create_account(self.app.state.gate, shop.id, id_, f"{name}@{slug}.test", PASSWORD)
        return shop

    async def sign_in(self, shop: Shop, who: str, replica: str | None = None) -> Phone:
        """A phone of one of the staff; a new device unless it names the replica it had."""
        device = {"name": f"{who}'s phone", **({"replica": replica} if replica else {})}
        body = {"email": f"{who}@{shop.slug}.test", "password": PASSWORD, "device": device, "token": True}
        return await self._signed_in(shop, who, body)

    async def sign_in_customer(self, shop: Shop, number: int = 0) -> Phone:
        """A phone of one of the shop's customers, by a one-time link."""
        link = await make_customer_link(self.app.state.gate, shop.id, f"c{number}@{shop.slug}.test")
        body = {"kind": "customer", "link": link, "device": {"name": "phone"}, "token": True}
        return await self._signed_in(shop, f"customer{number}", body)

    async def _signed_in(self, shop: Shop, who: str, body: dict[str, Any]) -> Phone:
        answer = await self.post("/api/session", body, shop=shop)
        assert answer.status_code == 201, answer.text
        self.client.cookies.clear()
        said = answer.json()
        return Phone(self, shop, who, said["token"], Replica(said["replica"], said["epoch"], COLLECTIONS))

    async def phones(self, shop: Shop, names: Sequence[str]) -> list[Phone]:
        return [await self.sign_in(shop, name) for name in names]


@asynccontextmanager
async def running(settings: Settings, world: CountingWorld) -> AsyncIterator[Premises]:
    """The application of `settings`, started as a server starts it."""
    app = create_app(settings, world, LIGHT)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://repair.localhost") as client:
            yield Premises(app, client, world)


async def new_order(phone: Phone, **values: Any) -> str:
    """A work order that this phone made and the shop has."""
    order = phone.create(
        "work_order", **{"customer": phone.shop.customers[0], "complaint": "noise", **values}
    )
    await phone.sync()
    return order


async def sync_all(*phones: Phone) -> None:
    """One after the other, in this order; a phone may come more than once."""
    for phone in phones:
        await phone.sync()
