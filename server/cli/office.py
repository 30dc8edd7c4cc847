"""What the commands that change a shop work with: database, store and sign-in of a ready database, for one block."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from server.auth.accounts import create_account, find_account, normal_address
from server.auth.gate import Gate, server_of
from server.auth.keys import KeyRing
from server.auth.links import make_staff_link
from server.auth.secrets import Vault
from server.cli.database import ready_database
from server.clock import SystemWorld, World
from server.collections import COLLECTIONS, RULES
from server.db.session import Database
from server.settings import Settings, load_settings
from server.shops.service import create_shop
from server.store.commit import Store


@dataclass(frozen=True, slots=True)
class Office:
    """The rooms a command needs, put together as the application does."""

    settings: Settings
    database: Database
    world: World
    gate: Gate
    store: Store

    @classmethod
    def over(cls, database: Database, settings: Settings, world: World) -> "Office":
        assert settings.secret_keys is not None, "load_settings sees to it"
        vault = Vault(KeyRing.parse(settings.secret_keys), world)
        gate = Gate(database, vault, world)
        return cls(settings, database, world, gate, Store(database, world, vault, COLLECTIONS, RULES))

    async def make_shop(self, slug: str, name: str) -> UUID:
        """A shop with its head and its record, and nobody in it yet."""
        shop = self.world.new_id()
        async with self.database.transaction(server_of(shop)) as tx:
            await create_shop(tx, shop, slug, self.world)
            await self.store.act_in(
                tx, shop, lambda scene: _made(scene.create("shop", {"name": name}, str(shop)))
            )
        return shop

    async def staff_link(self, shop: UUID, email: str, name: str, role: str) -> str:
        """The token with which a staff user sets a password; who is not there yet is made."""
        address = normal_address(email)
        async with self.database.transaction(server_of(shop)) as tx:
            account = await find_account(tx, self.gate.vault, shop, address)
        staff = account.id if account else await self._make_staff(shop, address, name, role)
        return await make_staff_link(self.gate, shop, staff)

    async def _make_staff(self, shop: UUID, address: str, name: str, role: str) -> UUID:
        staff = self.world.new_id()
        values = {"name": name, "role": role, "email": address, "active": True}
        await self.store.act(shop, lambda scene: _made(scene.create("staff", values, str(staff))))
        await create_account(self.gate, shop, staff, address)
        return staff


@asynccontextmanager
async def office() -> AsyncIterator[Office]:
    """An office over the database that the settings name; an embedded one runs for the length of the block."""
    world = SystemWorld()
    with ready_database(load_settings(world)) as settings:
        assert settings.database_url is not None
        database = await Database.open(settings.database_url, size=2, listen_url=settings.listen_database_url)
        try:
            yield Office.over(database, settings, world)
        finally:
            await database.close()


def _made(_id: str) -> None:
    """The store's `act` wants nothing back."""
