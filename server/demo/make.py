"""Makes the demo shops: Harbour Repair at the bare address and Clearline IT beside it.

Shop, people and accounts are made by the server; everything else is what these people then did, pushed by their
devices (play.py). Apart from the time now, the same content comes out of every run.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from server.auth.accounts import create_account
from server.auth.gate import Gate, server_of
from server.auth.replicas import Device, settle
from server.auth.secrets import Vault
from server.clock import World
from server.collections import COLLECTIONS, RULES
from server.db.session import Database
from server.demo.calendar import Calendar
from server.demo.content.clearline import CLEARLINE
from server.demo.content.harbour import HARBOUR
from server.demo.content.shapes import Person, ShopContent
from server.demo.files import keep_files
from server.demo.names import Names
from server.demo.opening import beside, opening
from server.demo.play import Player
from server.demo.stories import photo_key, tell
from server.media.blobs import Blobs
from server.media.open import open_blobs
from server.settings import Settings
from server.shops.service import create_shop
from server.store.commit import Store
from server.store.scene import Scene
from server.work.archive import archive_due

PASSWORD = "workbay-demo"
SHOPS = (HARBOUR, CLEARLINE)


async def make_demo(database: Database, settings: Settings, world: World) -> None:
    """Make both shops in a database that has none; the first one answers at the bare address."""
    vault = Vault.of(settings.secret_keys, world)
    gate, store = Gate(database, vault, world), Store(database, world, vault, COLLECTIONS, RULES)
    blobs = open_blobs(settings, world)
    for content in SHOPS:
        await make_shop(gate, store, blobs, content)


async def make_shop(gate: Gate, store: Store, blobs: Blobs, content: ShopContent) -> UUID:
    """Make one shop out of its content."""
    names, calendar = Names(content.slug, gate.world.now_ms()), Calendar(gate.world.now_ms())
    shop = UUID(names.id("shop"))
    head = await _open(gate, store, shop, content, names)
    replicas = await _let_in(gate, shop, content, names)
    player = Player(store, gate.world, shop, await _epoch(gate, shop), replicas, head)
    await player.play(opening(content, names, calendar))
    stories = [action for job in content.jobs for action in tell(content, names, calendar, job)]
    await player.play([*stories, *beside(content, names, calendar)])
    taken = {op.id for action in stories for op in action.ops if op.collection == "photo"}
    shown = {
        names.id(photo_key(job, place)): photo.shows
        for job in content.jobs
        for place, photo in enumerate(job.photos)
    }
    await keep_files(store, blobs, shop, {id_: shows for id_, shows in shown.items() if id_ in taken})
    while await archive_due(store, shop, gate.world.now_ms()):
        pass
    return shop


async def _open(gate: Gate, store: Store, shop: UUID, content: ShopContent, names: Names) -> int:
    """The shop with its settings and its people; the seq of that commit comes back."""

    def write(scene: Scene) -> None:
        scene.create("shop", content.settings, str(shop))
        for person in content.people:
            scene.create("staff", _staff(content, person), names.person(person.key))

    async with gate.database.transaction(server_of(shop)) as tx:
        await create_shop(tx, shop, content.slug, gate.world)
        return await store.act_in(tx, shop, write)


def _staff(content: ShopContent, person: Person) -> dict[str, object]:
    return {
        "name": person.name,
        "role": person.role,
        "initials": "".join(word[0] for word in person.name.split() if word[0].isupper()),
        "skills": list(person.skills),
        "email": address(content, person),
    }


def address(content: ShopContent, person: Person) -> str:
    """What somebody signs in with."""
    return f"{person.key}@{content.slug}.test"


async def _let_in(gate: Gate, shop: UUID, content: ShopContent, names: Names) -> dict[str, str]:
    """An account and a device for everybody; person → replica comes back."""
    ids = {person.key: UUID(names.person(person.key)) for person in content.people}
    await asyncio.gather(
        *(create_account(gate, shop, ids[p.key], address(content, p), PASSWORD) for p in content.people)
    )
    async with gate.database.transaction(server_of(shop)) as tx:
        return {
            p.key: await settle(tx, gate, shop, "staff", ids[p.key], Device(p.device)) for p in content.people
        }


async def _epoch(gate: Gate, shop: UUID) -> str:
    async with gate.database.transaction(server_of(shop)) as tx:
        row = await (await tx.execute("SELECT epoch FROM head WHERE shop = %s", (shop,))).fetchone()
    assert row is not None, "a shop has a head"
    return str(row[0])
