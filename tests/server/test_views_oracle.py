"""Histories of a shop drawn from a seed; after each sync the phone's view is the one recomputed from scratch (P19, I2, X3).

The oracle shares no query and no projection with the server. Two planted bugs show that it would see them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from server.db.embedded import Urls
from server.store import pull, save
from server.work.archive import archive_due
from sync.overlay import Draft
from tests.server.oracle import Oracle
from tests.server.premises import Phone, Premises, Shop

STAFF = ("admin", "service_writer", "parts", "tech", "tech2")
STEPS = 80


@dataclass
class History:
    """A shop whose people do what the seed says. `counts`: how a customer's records were counted when last seen."""

    premises: Premises
    shop: Shop
    url: str
    draw: random.Random
    phones: list[Phone] = field(default_factory=list)
    counts: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)

    async def open(self) -> None:
        self.phones = [await self.premises.sign_in(self.shop, who) for who in STAFF]
        self.phones += [await self.premises.sign_in_customer(self.shop, number) for number in (0, 1)]
        admin = self.phones[0]
        for number in range(4):
            paid = {"goodwill_cents": 5 * number, "goodwill_reason": "late"} if number else {}
            customer = self.shop.customers[number % 2]
            order = admin.create("work_order", customer=customer, complaint=f"noise {number}", **paid)
            admin.create("note", work_order=order, text="internal")
        admin.create("equipment", customer=self.shop.customers[0], kind="Lift", meter=3)
        await self.check(admin)

    async def step(self) -> None:
        phone = self.draw.choice(self.phones)
        if phone.who.startswith("customer"):
            await self.check(phone)
            return
        often = (self.add, self.add, self.edit, self.edit, self.step_on, self.step_on, self.calendar)
        what = self.draw.choice((*often, self.take, self.hand_over, self.setting, self.role))
        await what(phone)
        if self.draw.random() < 0.6:
            await self.check(phone)

    def pick(self, phone: Phone, collection: str) -> str | None:
        ids = [id_ for id_ in phone.records(collection) if phone.data(id_)]
        return self.draw.choice(ids) if ids else None

    async def add(self, phone: Phone) -> None:
        order = self.pick(phone, "work_order")
        if order is None:
            return
        collection, values = self.draw.choice(
            (
                ("note", {"text": "said"}),
                ("task", {"title": "look"}),
                ("line_item", {"kind": "part", "description": "belt", "quantity_milli": 1000}),
                ("photo", {"kind": "before"}),
                ("time_entry", {"kind": "work", "started_at": phone.now()}),
            )
        )
        phone.create(collection, work_order=order, **values)

    async def edit(self, phone: Phone) -> None:
        collection, values = self.draw.choice(
            (
                ("work_order", {"diagnosis": f"by {phone.who}"}),
                ("work_order", {"correction": f"by {phone.who} {self.draw.random()}"}),
                ("work_order", {"goodwill_cents": 5, "goodwill_reason": "late"}),
                ("task", {"title": f"by {phone.who}"}),
                ("line_item", {"price_cents": self.draw.randrange(900), "cost_cents": None}),
                ("photo", {"visible_to_customer": self.draw.random() < 0.5}),
                ("equipment", {"meter": self.draw.randrange(99)}),
                ("customer", {"company": f"C{self.draw.randrange(9)}"}),
            )
        )
        id_ = self.pick(phone, collection)
        if id_ is not None:
            values = {k: v for k, v in values.items() if v is not None}
            phone.patch(collection, id_, **values)

    async def take(self, phone: Phone) -> None:
        collection = self.draw.choice(("note", "task", "photo"))
        id_ = self.pick(phone, collection)
        if id_ is not None:
            phone.act(Draft("delete", collection, id_))

    async def step_on(self, phone: Phone) -> None:
        """The desk, which may close work, takes some on to its end, or up again."""
        desk = self.phones[1]
        order = self.pick(desk, "work_order")
        if order is None:
            return
        over = (desk.data(order) or {}).get("status") == "closed"
        for status in ("in_progress",) if over else ("in_progress", "ready", "closed"):
            values = {"status": status, "status_reason": "so", "status_at": desk.now()}
            desk.patch("work_order", order, **values)
        await self.check(desk)

    async def hand_over(self, phone: Phone) -> None:
        collection = self.draw.choice(("work_order", "equipment"))
        id_ = self.pick(phone, collection)
        if id_ is not None:
            phone.patch(collection, id_, customer=self.draw.choice(self.shop.customers))

    async def calendar(self, phone: Phone) -> None:
        """What is closed is archived as if it were long ago; media of all photos are ready."""
        store = self.premises.app.state.store
        await archive_due(store, self.shop.id, self.premises.world.now_ms() + 40 * 86_400_000)
        for photo in phone.records("photo"):
            await store.act(
                self.shop.id, lambda scene, id_=photo: scene.set(id_, {"media": "ready"}), [photo]
            )

    async def setting(self, phone: Phone) -> None:
        values = {"show_prices": self.draw.random() < 0.5, "show_names": self.draw.random() < 0.5}
        phone.patch("shop", str(self.shop.id), **values)

    async def role(self, phone: Phone) -> None:
        admin = self.phones[0]
        admin.patch(
            "staff", str(self.shop.staff["tech2"]), role=self.draw.choice(("tech", "parts", "manager"))
        )

    async def check(self, phone: Phone) -> None:
        """Sync, in pages of some size, and compare."""
        await phone.sync(limit=self.draw.choice((1000, 3, 1)), rounds=400)
        assert "internal" not in phone.codes()
        oracle = Oracle(self.url, phone)
        held = phone.replica.confirmed
        if not phone.who.startswith("customer"):
            view = {id_: (h.collection, h.vv["@"], dict(h.data)) for id_, h in held.items()}
            assert view == oracle.staff(str(self.shop.staff[phone.who])), phone.who
            return
        me = self.shop.customers[int(phone.who[-1])]
        assert {id_: (h.collection, dict(h.data)) for id_, h in held.items()} == oracle.customer(me), (
            phone.who
        )
        for id_, h in held.items():
            self.counted(phone.who, id_, h.vv["@"], dict(h.data))

    def counted(self, who: str, id_: str, at: int, data: dict[str, Any]) -> None:
        """Another projection has a larger `@`; the same one has the same, unless it had left and come back."""
        before, known = self.counts.get((who, id_), (0, None))
        assert at >= before
        assert at > before or known == data
        self.counts[who, id_] = (at, data)


async def play(premises: Premises, shop: Shop, urls: Urls, seed: int, steps: int = STEPS) -> History:
    history = History(premises, shop, urls.superuser, random.Random(seed))
    await history.open()
    for _ in range(steps):
        await history.step()
    for phone in history.phones:
        await history.check(phone)
    return history


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_P19_every_view_is_the_one_recomputed_from_scratch(
    premises: Premises, repair: Shop, database_urls: Urls, seed: int
) -> None:
    history = await play(premises, repair, database_urls, seed)
    sizes = [len(phone.replica.confirmed) for phone in history.phones]
    assert min(sizes) > 2, sizes
    parked = [code for phone in history.phones for code in phone.codes()]
    assert len(parked) < STEPS, parked


async def test_a_planted_child_that_stays_behind_turns_it_red(
    premises: Premises, repair: Shop, database_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What hangs on archived work is then still there."""

    async def none(*args: Any) -> tuple[list[Any], set[str]]:
        return [], set()

    monkeypatch.setattr(type(premises.app.state.store), "_moved", none)
    with pytest.raises(AssertionError):
        await play(premises, repair, database_urls, 1)


async def test_a_planted_projection_that_shows_a_hidden_field_turns_it_red(
    premises: Premises, repair: Shop, database_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "_without", lambda values, hidden: dict(values))
    with pytest.raises(AssertionError):
        await play(premises, repair, database_urls, 1)


async def test_a_planted_place_that_forgets_the_customer_turns_it_red(
    premises: Premises, repair: Shop, database_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line item that does not follow its work order to another customer stays with the first."""
    monkeypatch.setattr(save, "_customer", lambda declared, id_, data, above: data.get("customer") or id_)
    with pytest.raises(AssertionError):
        await play(premises, repair, database_urls, 1)
