"""Shops are made, found by host, remembered for a while, and say of themselves what everybody may know."""

import asyncio
from uuid import UUID

import httpx
import orjson
import psycopg
import pytest
from starlette.applications import Starlette

from server.db.session import Context, Database
from server.errors import Invalid
from server.shops.routes import ROUTES
from server.shops.service import NoShopHere, Shops, SlugTaken, create_shop, find_shop, list_shops
from tests.worlds import CountingWorld


async def make(database: Database, world: CountingWorld, slug: str) -> UUID:
    shop = world.new_id()
    async with database.transaction(Context(shop=shop, kind="server")) as tx:
        await create_shop(tx, shop, slug, world)
    return shop


@pytest.fixture
def shops(database: Database, world: CountingWorld) -> Shops:
    return Shops(database, world)


async def test_first_shop_is_bare_and_others_by_name(
    database: Database, world: CountingWorld, shops: Shops
) -> None:
    with pytest.raises(NoShopHere):
        await shops.of_host("localhost")
    first, second = await make(database, world, "repair"), await make(database, world, "it")
    assert await shops.id_of_host("localhost:8000") == first
    assert await shops.id_of_host("repair.localhost:8000") == first
    assert await shops.id_of_host("it.localhost:8000") == second
    for host in ("nowhere.localhost", "it.x.localhost", "-.localhost"):
        with pytest.raises(NoShopHere):
            await shops.of_host(host)
    assert [shop.slug for shop in await list_shops(database)] == ["repair", "it"]


async def test_first_shop_is_first_even_after_a_failed_one(database: Database, world: CountingWorld) -> None:
    class Stopped(Exception):
        pass

    with pytest.raises(Stopped):
        async with database.transaction(Context(shop=(shop := world.new_id()), kind="server")) as tx:
            await create_shop(tx, shop, "failed", world)
            raise Stopped
    made = await make(database, world, "repair")
    assert (await find_shop(database, "")).id == made


async def test_shops_made_at_once_are_numbered_apart(database: Database, world: CountingWorld) -> None:
    await asyncio.gather(*(make(database, world, f"shop-{n}") for n in range(5)))
    async with database.transaction(Context(kind="install")) as tx:
        rows = await (await tx.execute("SELECT ordinal FROM shop ORDER BY ordinal")).fetchall()
    assert rows == [(1,), (2,), (3,), (4,), (5,)]


async def test_slug_is_unique_and_well_formed(database: Database, world: CountingWorld) -> None:
    await make(database, world, "repair")
    with pytest.raises(SlugTaken):
        await make(database, world, "repair")
    for slug in ("", "Repair", "a.b", "-a", "a" * 33, "a'"):
        with pytest.raises(Invalid):
            await make(database, world, slug)


async def test_found_shop_is_remembered_for_half_a_minute(
    database: Database, world: CountingWorld, shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(database, world, "repair")
    asked: list[str] = []

    async def counted(database: Database, slug: str) -> object:
        asked.append(slug)
        return await find_shop(database, slug)

    monkeypatch.setattr("server.shops.service.find_shop", counted)
    await shops.of_host("localhost")
    await shops.of_host("127.0.0.1")
    assert asked == [""]
    world.pass_time(seconds=30)
    await shops.of_host("localhost")
    assert asked == ["", ""]


async def test_a_transaction_sees_no_shop_but_its_own(database: Database, world: CountingWorld) -> None:
    shop = await make(database, world, "repair")
    await make(database, world, "it")
    seen = {}
    for name, context in {
        "nobody": Context(),
        "staff": Context(shop=shop, kind="staff", sees_all=True),
        "server": Context(shop=shop, kind="server"),
    }.items():
        async with database.transaction(context) as tx:
            rows = await (await tx.execute("SELECT slug FROM shop")).fetchall()
            seen[name] = [row[0] for row in rows]
    assert seen == {"nobody": [], "staff": ["repair"], "server": ["repair"]}


async def test_a_shop_is_made_by_the_server_alone(database: Database, world: CountingWorld) -> None:
    for kind in ("", "staff", "customer", "install", "find"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with database.transaction(Context(shop=(shop := world.new_id()), kind=kind)) as tx:
                await tx.execute("INSERT INTO shop (id, slug, created_at) VALUES (%s, 'x', 0)", (shop,))


async def test_branding_is_public_and_small(database: Database, world: CountingWorld, shops: Shops) -> None:
    shop = await make(database, world, "repair")
    app = Starlette(routes=ROUTES)
    app.state.shops = shops
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        bare = (await client.get("/api/shop")).json()
        assert bare == {"id": str(shop), "name": "repair", "colour": "#0b6e63", "locale": "en", "words": {}}
        data = {
            "name": "Fix & Go",
            "colours": {"primary": "#aa3300"},
            "locale": "de",
            "words": {"work_order": "Auftrag"},
            "tax": {"standard": 19000},
            "show_prices": True,
        }
        async with database.transaction(Context(shop=shop, kind="server")) as tx:
            await tx.execute("UPDATE head SET prior = seq, seq = seq + 1 WHERE shop = %s", (shop,))
            await tx.execute(
                "INSERT INTO record (shop, id, collection, seq, pos, inside, vv, data, meta)"
                " VALUES (%s, %s, 'shop', 1, 1, true, '{}', %s, '{}')",
                (shop, shop, orjson.dumps(data).decode()),
            )
        answer = (await client.get("/api/shop")).json()
    assert answer == {
        "id": str(shop), "name": "Fix & Go", "colour": "#aa3300", "locale": "de",
        "words": {"work_order": "Auftrag"},
    }  # fmt: skip
