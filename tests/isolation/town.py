"""Two shops side by side in one database, each full of canaries, and what each person there may read."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.auth.gate import server_of
from server.auth.principal import Principal
from server.db.session import Context
from server.photos import album_rows
from server.photos.album_rows import Album
from server.store import backups
from server.store.lineage import start_epoch
from server.store.mismatches import Mismatch, keep
from server.sync_api.pulling import context_of
from sync.collection import STAFF_ROLES
from tests.server import shots
from tests.server.canaries import Canary, Planted, plant
from tests.server.premises import Phone, Premises, Shop

STAFF = (*STAFF_ROLES, "tech2")
NOBODY = "nobody"
"""Everybody in a shop, by the name of their phone."""
PEOPLE = (*STAFF, "customer0", "customer1")


@dataclass
class Town:
    """The application, both shops with all that is in them, and a phone for each person of each shop."""

    premises: Premises
    shops: dict[str, Planted]
    phones: dict[tuple[str, str], Phone]

    @property
    def canaries(self) -> list[Canary]:
        return [canary for planted in self.shops.values() for canary in planted.canaries]

    def shop(self, slug: str) -> Shop:
        return self.shops[slug].shop

    def context(self, slug: str, who: str) -> Context:
        """The context in which the application reads for somebody."""
        if who == NOBODY:
            return Context()
        store = self.premises.app.state.store
        shop, person = self.shop(slug), self.person(slug, who)
        kind = "customer" if who.startswith("customer") else "staff"
        role = "customer" if kind == "customer" else who.removesuffix("2")
        return context_of(store, Principal(shop.id, kind, person, role, "", "", person, 0))  # type: ignore[arg-type]

    def person(self, slug: str, who: str) -> UUID:
        shop = self.shop(slug)
        return UUID(shop.customers[int(who[-1])]) if who.startswith("customer") else shop.staff[who]

    def may(self, slug: str, who: str, canary: Canary) -> bool:
        """Whether somebody of a shop may read a value, as the declarations have it."""
        if who == NOBODY or canary.shop != slug:
            return False
        person = str(self.person(slug, who))
        if who.startswith("customer"):
            return canary.for_customer(person, prices=True, names=False)
        return canary.for_staff(who.removesuffix("2"), person)

    def forbidden(self, slug: str, who: str) -> list[Canary]:
        return [canary for canary in self.canaries if not self.may(slug, who, canary)]

    def allowed(self, slug: str, who: str) -> list[Canary]:
        return [canary for canary in self.canaries if self.may(slug, who, canary)]


async def build(premises: Premises) -> Town:
    """Both shops, with rows in every table."""
    shops: dict[str, Planted] = {}
    phones: dict[tuple[str, str], Phone] = {}
    for number, slug in enumerate(("repair", "remote"), 1):
        shop = await premises.open_shop(slug)
        async with premises.app.state.database.transaction(server_of(shop.id)) as tx:
            await start_epoch(tx, shop.id, premises.world)
            await backups.note(tx, shop.id, premises.world.new_id(), premises.world.now_ms())
        for who in STAFF:
            phones[slug, who] = await premises.sign_in(shop, who)
        for customer in (0, 1):
            phones[slug, f"customer{customer}"] = await premises.sign_in_customer(shop, customer)
        shops[slug] = await plant(premises, shop, number)
        await fill(premises, shops[slug])
    town = Town(premises, shops, phones)
    for phone in phones.values():
        # A bootstrap that does not end, a change that was answered, a view of a customer: rows in the other tables.
        phone.act()
        await phone.ask(limit=1)
    for (slug, _), phone in phones.items():
        await leave_traces(premises, shops[slug].shop, phone)
    return town


async def fill(premises: Premises, planted: Planted) -> None:
    """What no sync fills: the file of each photo, in which its own id stands, and an album of each work order."""
    state, shop, now = premises.app.state, planted.shop.id, premises.world.now_ms()
    for photo in _ids(planted, "photo"):
        await shots.keep(premises, planted.shop, shots.Shot(photo, *[photo.encode()] * 3), "image/jpeg")
    async with state.database.transaction(server_of(shop)) as tx:
        for order in map(UUID, _ids(planted, "work_order")):
            made_by = planted.shop.staff["admin"]
            album = Album(
                premises.world.new_id(), order, str(order), None, None, made_by, now, now + 1, None, 0, None
            )
            await album_rows.make(tx, shop, album, str(order))


def _ids(planted: Planted, collection: str) -> list[str]:
    return [id_ for (name, _), ids in planted.ids.items() if name == collection for id_ in ids]


async def leave_traces(premises: Premises, shop: Shop, phone: Phone) -> None:
    """What a phone leaves in tables that no sync fills: a report that it differed, a wish for older work."""
    state, id_ = premises.app.state, str(premises.world.new_id())
    report = Mismatch(id_, phone.replica.replica, id_, 1, True, {"task": {"missing": 1}})
    await keep(state.database, shop.id, report)
    async with state.database.transaction(server_of(shop.id)) as tx:
        wish = (shop.id, phone.replica.replica, id_)
        await tx.execute("INSERT INTO wanted VALUES (%s, %s, %s, 1, true, 0)", wish)
