"""The demo on a real database: it is made without a refusal, and it is believable."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from server.auth.secrets import Vault
from server.collections import COLLECTIONS
from server.db.session import Context, Database
from server.demo.make import make_demo
from server.media.blobs import DISPLAY, ORIGINAL, THUMB, Blobs, key_of
from server.media.open import open_blobs
from server.settings import Settings
from server.shops.service import list_shops
from server.store.codec import COLUMNS, Codec
from server.work.steps import STATUSES
from sync.changeset import Record
from tests.worlds import CountingWorld

DAY = 86_400_000


@pytest.fixture
async def records(database: Database, settings: Settings, world: CountingWorld) -> dict[str, list[Record]]:
    """slug → all records of that shop."""
    await make_demo(database, settings, world)
    vault = Vault.of(settings.secret_keys, world)
    return {shop.slug: await read_all(database, shop.id, vault) for shop in await list_shops(database)}


async def read_all(database: Database, shop: UUID, vault: Vault) -> list[Record]:
    codec = Codec(shop, COLLECTIONS, vault)
    async with database.transaction(Context(shop=shop, kind="server")) as tx:
        rows = await (await tx.execute(f"SELECT {COLUMNS} FROM record ORDER BY id")).fetchall()
    return [codec.read(row) for row in rows]


def of(records: list[Record], collection: str) -> list[dict[str, Any]]:
    return [{"id": r.id, **r.data} for r in records if r.collection == collection]


async def test_the_demo_is_believable(
    records: dict[str, list[Record]], world: CountingWorld, settings: Settings
) -> None:
    assert list(records) == ["demo", "it"]
    for slug, orders_wanted in (("demo", 40), ("it", 12)):
        shop = records[slug]
        orders = of(shop, "work_order")
        assert len(orders) == orders_wanted
        assert len(of(shop, "staff")) == 6
        assert all(o["complaint"] and o["number"].startswith(("WO-", "T-")) for o in orders)
        assert len({o["number"] for o in orders}) == len(orders)
        check_times(shop, world.now_ms())
        check_figures(shop)
        check_stock(shop)
        check_photos(shop)
    check_statuses(records["demo"])
    check_apart(records)


def check_statuses(shop: list[Record]) -> None:
    orders = of(shop, "work_order")
    assert set(Counter(o["status"] for o in orders)) == set(STATUSES)
    for order in orders:
        assert (order.get("closed_at") is not None) == (order["status"] in ("closed", "canceled"))
        assert (order.get("qc_by") is not None) == (order["status"] in ("ready", "closed"))
        if order["status"] in ("qc", "ready", "closed"):
            assert order["tasks_done"] == order["tasks_total"]
            assert order["actual_minutes"] > 0
    assert 0 < sum(bool(o.get("archived")) for o in orders) < 8


def check_times(shop: list[Record], now: int) -> None:
    for record in shop:
        assert record.data["created_at"] <= record.data["updated_at"] <= now
    created = [o["created_at"] for o in of(shop, "work_order")]
    assert now - max(created) < DAY
    assert now - min(created) > 25 * DAY
    for entry in of(shop, "time_entry"):
        assert entry["started_at"] <= entry.get("ended_at", now) <= now
    running = [e for e in of(shop, "time_entry") if e.get("ended_at") is None]
    assert len(running) == 1


def check_figures(shop: list[Record]) -> None:
    for order in of(shop, "work_order"):
        tasks = [t for t in of(shop, "task") if t["work_order"] == order["id"]]
        lines = [x for x in of(shop, "line_item") if x["work_order"] == order["id"] and not x["declined"]]
        assert order["tasks_total"] == len(tasks)
        assert order["tasks_done"] == sum(t["done"] for t in tasks)
        assert order["total_cents"] == sum(
            (x["price_cents"] * x["quantity_milli"] + 500) // 1000 for x in lines
        )


def check_stock(shop: list[Record]) -> None:
    for part in of(shop, "part"):
        moved = [m for m in of(shop, "part_movement") if m["part"] == part["id"] and m["kind"] != "count"]
        assert part["on_hand_milli"] == sum(m["quantity_milli"] for m in moved)
    assert any(p["on_hand_milli"] <= p["reorder_level_milli"] for p in of(shop, "part"))


def check_photos(shop: list[Record]) -> None:
    photos = of(shop, "photo")
    assert photos
    assert all(p["media"] == "ready" and p["preview"].startswith("data:image/jpeg;base64,") for p in photos)
    assert any(not p["visible_to_customer"] for p in photos)


async def test_the_files_of_the_photos_are_there(
    records: dict[str, list[Record]], settings: Settings, world: CountingWorld
) -> None:
    blobs = open_blobs(settings, world)
    for shop in records.values():
        (id_,) = (one["id"] for one in of(shop, "shop"))
        for photo in of(shop, "photo"):
            held = {
                name: await whole(blobs, key_of(UUID(id_), UUID(photo["id"]), name))
                for name in (ORIGINAL, DISPLAY, THUMB)
            }
            assert hashlib.sha256(held[ORIGINAL]).hexdigest() == photo["sha256"]
            assert len(held[ORIGINAL]) == photo["bytes"]
            assert all(Image.open(io.BytesIO(content)).format == "JPEG" for content in held.values())


async def whole(blobs: Blobs, key: str) -> bytes:
    return b"".join([piece async for piece in await blobs.get(key)])


def check_apart(records: dict[str, list[Record]]) -> None:
    """No id of one shop is in the other."""
    ids = {slug: {r.id for r in shop} for slug, shop in records.items()}
    assert ids["demo"].isdisjoint(ids["it"])
    for slug, other in (("demo", "it"), ("it", "demo")):
        told = {value for r in records[slug] for value in r.data.values() if isinstance(value, str)}
        assert told.isdisjoint(ids[other])


async def test_no_shop_sees_the_other(
    records: dict[str, list[Record]], database: Database, settings: Settings
) -> None:
    shops = await list_shops(database)
    everything = tuple(COLLECTIONS)
    for shop in shops:
        staff = Context(shop=shop.id, kind="staff", me=shop.id, collections=everything, sees_all=True)
        async with database.transaction(staff) as tx:
            seen = await (await tx.execute("SELECT id::text FROM record")).fetchall()
        assert {row[0] for row in seen} == {r.id for r in records[shop.slug]}


async def test_one_customer_sees_their_own_work_only(
    records: dict[str, list[Record]], database: Database
) -> None:
    shop = (await list_shops(database))[0]
    ada = next(c for c in of(records["demo"], "customer") if c["name"] == "Ada Winter")
    async with database.transaction(Context(shop=shop.id, kind="customer", me=UUID(ada["id"]))) as tx:
        rows = await (await tx.execute("SELECT id::text, collection FROM record")).fetchall()
    own = {o["id"] for o in of(records["demo"], "work_order") if o["customer"] == ada["id"]}
    assert len(own) == 2
    assert {id_ for id_, collection in rows if collection == "work_order"} == own
    kinds = {collection for _, collection in rows}
    assert kinds <= {"work_order", "line_item", "customer", "equipment", "photo", "shop"}
    hidden = {p["id"] for p in of(records["demo"], "photo") if not p["visible_to_customer"]}
    assert hidden.isdisjoint(id_ for id_, _ in rows)
