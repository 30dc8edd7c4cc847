"""Makes shops and people for the tests of sign-in: rows as the store writes them, stamped by the shop's head."""

from typing import Any
from uuid import UUID

import orjson

from server.auth.accounts import create_account
from server.auth.collections import STAFF
from server.auth.gate import Gate, server_of
from server.auth.replicas import Device
from server.auth.service import SignedIn, sign_in_staff
from server.customers.collections import CUSTOMER
from server.shops.service import create_shop
from server.store.codec import Codec
from sync.collection import Collection

PASSWORD = "workbay-demo"
PHONE = Device("Ann's phone")
REMOTE = "192.0.2.7"

STAMP = "UPDATE head SET prior = seq, seq = seq + 1 WHERE shop = %s RETURNING seq"
PUT = """
INSERT INTO record (shop, id, collection, seq, pos, inside, gone, vv, data, meta)
VALUES (%(shop)s, %(id)s, %(collection)s, %(seq)s, %(seq)s, true, %(gone)s, '{}', %(data)s, %(meta)s)
ON CONFLICT (shop, id) DO UPDATE SET data = excluded.data, meta = excluded.meta, gone = excluded.gone,
  seq = excluded.seq, pos = excluded.pos
"""


async def new_shop(gate: Gate, slug: str = "repair") -> UUID:
    """A shop with nobody in it."""
    shop = gate.world.new_id()
    async with gate.database.transaction(server_of(shop)) as tx:
        await create_shop(tx, shop, slug, gate.world)
    return shop


async def put_record(
    gate: Gate, shop: UUID, declared: Collection, id_: UUID, data: dict[str, Any], *, gone: bool = False
) -> int:
    """Write a record as the server does; its seq comes back."""
    sealed = Codec(shop, {declared.name: declared}, gate.vault).seal_values(declared.name, str(id_), data)
    async with gate.database.transaction(server_of(shop)) as tx:
        row = await (await tx.execute(STAMP, (shop,))).fetchone()
        assert row is not None
        seq = int(row[0])
        meta = {"f": [[["@", seq, seq]], gate.world.now_ms(), {}]}
        values = {
            "shop": shop,
            "id": id_,
            "collection": declared.name,
            "seq": seq,
            "gone": gone,
            "data": orjson.dumps(sealed).decode(),
            "meta": orjson.dumps(meta).decode(),
        }
        await tx.execute(PUT, values)
    return seq


async def new_staff(
    gate: Gate,
    shop: UUID,
    email: str = "ann@shop.test",
    *,
    role: str = "tech",
    password: str | None = PASSWORD,
) -> UUID:
    """A staff user who may sign in with PASSWORD."""
    staff = gate.world.new_id()
    await put_record(gate, shop, STAFF, staff, {"name": "Ann", "role": role, "active": True})
    await create_account(gate, shop, staff, email, password)
    return staff


async def new_customer(gate: Gate, shop: UUID, email: str = "carl@home.test", **more: Any) -> UUID:
    """A customer with an address."""
    customer = gate.world.new_id()
    data = {"name": "Carl", "emails": [email], "portal_enabled": True, "active": True, **more}
    await put_record(gate, shop, CUSTOMER, customer, data)
    return customer


async def sign_in(
    gate: Gate, shop: UUID, email: str = "ann@shop.test", password: str = PASSWORD, device: Device = PHONE
) -> SignedIn:
    """Sign a staff user in."""
    return await sign_in_staff(gate, shop, email, password, device, remote=REMOTE)
