"""Two shops side by side in one database, each full of canaries, and what each person there may read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from server.auth.gate import server_of
from server.auth.principal import Principal
from server.db.session import Context
from server.media.blobs import key_of
from server.store import backups
from server.store.lineage import start_epoch
from server.store.mismatches import Mismatch, keep
from server.sync_api.pulling import context_of
from sync.collection import STAFF_ROLES
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
        await keep_files(premises, shops[slug])
    town = Town(premises, shops, phones)
    for phone in phones.values():
        # A bootstrap that does not end, a change that was answered, a view of a customer: rows in the other tables.
        phone.act()
        await phone.ask(limit=1)
    for (slug, _), phone in phones.items():
        await leave_traces(premises, shops[slug].shop, phone)
    return town


FILE = """
  INSERT INTO file (shop, id, sha256, bytes, type, state, sniffed, served_bytes, made_at, touched_at)
  VALUES (%s, %s, %s, 36, 'image/jpeg', 'ready', 'image/jpeg', 36, 0, 0)"""
ALBUM = """
  INSERT INTO album (shop, id, work_order, title, token_hash, made_by, made_at, expires_at)
  VALUES (%s, %s, %s, %s, %s, %s, 0, 9000000000000)"""
FILES = ("original", "display.jpg", "thumb.jpg")


async def keep_files(premises: Premises, planted: Planted) -> None:
    """A file for each photo, in which its id is written, and an album of a work order."""
    shop, state = planted.shop, premises.app.state
    photos = [id_ for (collection, _), ids in planted.ids.items() if collection == "photo" for id_ in ids]
    for photo in photos:
        for name in FILES:
            await state.blobs.put(key_of(shop.id, UUID(photo), name), photo.encode())
    async with state.database.transaction(server_of(shop.id)) as tx:
        for photo in photos:
            await tx.execute(FILE, (shop.id, photo, hashlib.sha256(photo.encode()).hexdigest()))
        order, id_ = planted.first("work_order", shop.customers[0]), premises.world.new_id()
        token = hashlib.sha256(id_.bytes).digest()
        await tx.execute(ALBUM, (shop.id, id_, order, f"Album of {shop.slug}", token, shop.staff["tech"]))


async def leave_traces(premises: Premises, shop: Shop, phone: Phone) -> None:
    """What a phone leaves in tables that no sync fills: a report that it differed, a wish for older work."""
    state, id_ = premises.app.state, str(premises.world.new_id())
    report = Mismatch(id_, phone.replica.replica, id_, 1, True, {"task": {"missing": 1}})
    await keep(state.database, shop.id, report)
    async with state.database.transaction(server_of(shop.id)) as tx:
        wish = (shop.id, phone.replica.replica, id_)
        await tx.execute("INSERT INTO wanted VALUES (%s, %s, %s, 1, true, 0)", wish)
