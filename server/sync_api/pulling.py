"""One pull for one principal: whom it is for, which view, which page; and what that view holds, to be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, LiteralString
from uuid import UUID

import orjson

from server.auth.principal import Principal
from server.db.session import Context
from server.store import portal, pull, verifying
from server.store.commit import Store
from server.store.cursor import Cursor, read_cursor, view_of
from server.store.errors import EpochChanged
from server.store.load import Tx
from server.store.pull import Page, Reader
from sync import verify
from sync.verify import Row
from sync.wire import Request

HEAD = "SELECT seq, epoch, mark FROM head WHERE shop = %s"
NAMES = "SELECT id::text, data ->> 'name' FROM record WHERE shop = %s AND collection = 'staff' AND NOT gone"


def reader_of(store: Store, who: Principal, epoch: str = "", schema: int = 1) -> Reader:
    """What a staff principal may read. The view is named with its grant, for a right taken and given back is another one,
    and with the schema: an app that was updated starts over, for what it holds has the old names."""
    collections, sees_all = pull.readable(store.collections, who.role)
    view = view_of(_shape(store, schema), epoch, who.person, who.role, who.grant)
    return Reader(who.shop, who.person, who.role, who.replica, view, collections, sees_all)


def context_of(store: Store, who: Principal) -> Context:
    """The context in which this principal reads; row security decides by it."""
    if who.kind == "customer":
        return Context(shop=who.shop, kind="customer", me=who.person)
    return reader_of(store, who).context()


def _shape(store: Store, schema: int) -> str:
    return f"v{min(schema, store.schema.number)}"


async def pulled(store: Store, who: Principal, request: Request) -> tuple[Page, str]:
    """The page above the request's cursor, and the epoch it is of; for an older app in the shape that it knows (C21),
    which no digest is made of."""
    if not store.schema.is_older(request.schema):
        return await _pulled(store, who, request)
    page, epoch = await _pulled(store, who, replace(request, verify=False))
    fetched = None if page.fetched is None else _as_before(store, page.fetched, request.schema)
    return replace(page, records=_as_before(store, page.records, request.schema), fetched=fetched), epoch


def _as_before(store: Store, texts: Sequence[bytes], schema: int) -> list[bytes]:
    shown = (store.schema.down(orjson.loads(text), schema) for text in texts)
    return [orjson.dumps(record, option=orjson.OPT_SORT_KEYS) for record in shown if record is not None]


async def _pulled(store: Store, who: Principal, request: Request) -> tuple[Page, str]:
    if who.kind == "customer":
        return await _customer(store, who, request)
    reader = reader_of(store, who, request.epoch, request.schema)
    cursor = read_cursor(store.vault, who.shop, who.replica, request.cursor, reader.view)
    context, epoch = context_of(store, who), request.epoch
    codec, in_feed = store.codec(who.shop), cursor is not None and not cursor.list
    if cursor is not None and in_feed and not (request.verify or request.fetch):
        ask = partial(store.database.ask, context)
        page = await pull.feed(ask, codec, reader, cursor, epoch, request.limit)
        if page is not None:
            return page, epoch
    async with store.database.transaction(context, snapshot=True) as tx:
        page = None
        if cursor is not None and in_feed:
            page = await pull.feed(partial(_ask, tx), codec, reader, cursor, epoch, request.limit)
            cursor = None
        page = page or await _bootstrap(store, tx, reader, cursor, request)
        return (page if page.more else await _whole(store, tx, reader, request, page)), epoch


async def _ask(tx: Tx, query: LiteralString, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return await (await tx.execute(query, values)).fetchall()


async def _whole(store: Store, tx: Tx, reader: Reader, request: Request, page: Page) -> Page:
    """The last page with what the client wants to compare, out of the page's own snapshot (D1, D3)."""
    codec = store.codec(reader.shop)
    if request.fetch:
        page = replace(page, fetched=await verifying.named_to_staff(tx, codec, reader, request.fetch))
    if not request.verify:
        return page
    rows = [row async for batch in verifying.held_by_staff(tx, codec, reader) for row in batch]
    return replace(page, digests=verify.by_collection(rows))


async def _bootstrap(store: Store, tx: Tx, reader: Reader, cursor: Cursor | None, request: Request) -> Page:
    """The next page of the bootstrap that `cursor` is in, or the first of a new one."""
    codec, now = store.codec(reader.shop), store.world.now_ms()
    seen = await _head(tx, reader.shop, request.epoch)
    if cursor is not None:
        page = await pull.go_on(tx, codec, reader, cursor, request.limit, seen[0], now)
        if page is not None:
            return replace(page, seen=seen)
    token = store.world.token(12)
    return replace(await pull.start(tx, codec, reader, request.limit, seen[0], token, now), seen=seen)


async def _customer(store: Store, who: Principal, request: Request) -> tuple[Page, str]:
    people = await names(
        store, who.shop
    )  # Before, for a request that holds two connections at once can run dry.
    async with store.database.transaction(context_of(store, who)) as tx:
        seen = await _head(tx, who.shop, request.epoch)
        rows, count = await portal.refresh(tx, store.codec(who.shop), who.person, people)
        view = view_of(_shape(store, request.schema), request.epoch, who.person, who.grant)
        cursor = read_cursor(store.vault, who.shop, who.replica, request.cursor, view)
        page = replace(portal.page(rows, cursor, view, count, request.limit), seen=seen)
    if not page.more and request.fetch:
        page = replace(page, fetched=verifying.named_to_customer(rows, request.fetch))
    if not page.more and request.verify:
        page = replace(page, digests=verify.by_collection(verifying.held_by_customer(rows)))
    return page, request.epoch


async def held(store: Store, who: Principal, epoch: str, only: Sequence[str]) -> list[Row]:
    """What the principal's view holds now of the collections named; EpochChanged when it is not that epoch's."""
    if who.kind == "customer":
        people = await names(store, who.shop)
        async with store.database.transaction(context_of(store, who)) as tx:
            await _head(tx, who.shop, epoch)
            rows, _ = await portal.refresh(tx, store.codec(who.shop), who.person, people)
        return [row for row in verifying.held_by_customer(rows) if row.collection in only]
    reader = reader_of(store, who, epoch)
    async with store.database.transaction(context_of(store, who), snapshot=True) as tx:
        await _head(tx, who.shop, epoch)
        batches = verifying.held_by_staff(tx, store.codec(who.shop), reader, only)
        return [row async for batch in batches for row in batch]


async def names(store: Store, shop: UUID) -> dict[str, str]:
    """staff id → name, which a customer's own context cannot read."""
    async with store.database.transaction(Context(shop=shop, kind="server")) as tx:
        return dict(await (await tx.execute(NAMES, (shop,))).fetchall())


async def _head(tx: Tx, shop: UUID, expected: str) -> tuple[int, str]:
    """The newest commit and its mark, in the epoch that is expected."""
    row = await (await tx.execute(HEAD, (shop,))).fetchone()
    assert row is not None, "a shop has a head row from its first moment"
    if row[1] != expected:
        raise EpochChanged(row[1])
    return row[0], row[2]
