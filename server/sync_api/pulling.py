"""One pull for one principal: whom it is for, which view, which page."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from server.auth.principal import Principal
from server.db.session import Context
from server.store import portal, pull
from server.store.commit import Store
from server.store.cursor import Cursor, read_cursor, view_of
from server.store.errors import EpochChanged
from server.store.load import Tx
from server.store.pull import Page, Reader
from sync.wire import Request

HEAD = "SELECT seq, epoch FROM head WHERE shop = %s"
NAMES = "SELECT id::text, data ->> 'name' FROM record WHERE shop = %s AND collection = 'staff' AND NOT gone"
VIEW = "v1"


def reader_of(store: Store, who: Principal, epoch: str = "") -> Reader:
    """What a staff principal may read. The view is named with its grant: a right taken and given back is another one."""
    collections, sees_all = pull.readable(store.collections, who.role)
    view = view_of(VIEW, epoch, who.person, who.role, who.grant)
    return Reader(who.shop, who.person, who.role, who.replica, view, collections, sees_all)


def context_of(store: Store, who: Principal) -> Context:
    """The context in which this principal reads; row security decides by it."""
    if who.kind == "customer":
        return Context(shop=who.shop, kind="customer", me=who.person)
    reader = reader_of(store, who)
    return Context(
        shop=who.shop, kind="staff", me=who.person, collections=reader.collections, sees_all=reader.sees_all
    )


async def pulled(store: Store, who: Principal, request: Request) -> tuple[Page, str]:
    """The page above the request's cursor, and the epoch it is of."""
    if who.kind == "customer":
        return await _customer(store, who, request)
    reader = reader_of(store, who, request.epoch)
    cursor = read_cursor(store.vault, who.replica, request.cursor, reader.view)
    context, epoch = context_of(store, who), request.epoch
    if cursor is not None and not cursor.list:
        ask = partial(store.database.ask, context)
        return await pull.feed(ask, store.codec(who.shop), reader, cursor, epoch, request.limit), epoch
    async with store.database.transaction(context, snapshot=True) as tx:
        return await _bootstrap(store, tx, reader, cursor, request), epoch


async def _bootstrap(store: Store, tx: Tx, reader: Reader, cursor: Cursor | None, request: Request) -> Page:
    """The next page of the bootstrap that `cursor` is in, or the first of a new one."""
    codec, now = store.codec(reader.shop), store.world.now_ms()
    head, _ = await _head(tx, reader.shop, request.epoch)
    if cursor is not None:
        page = await pull.go_on(tx, codec, reader, cursor, request.limit, head, now)
        if page is not None:
            return page
    token = store.world.token(12)
    return await pull.start(tx, codec, reader, request.limit, head, token, now)


async def _customer(store: Store, who: Principal, request: Request) -> tuple[Page, str]:
    people = await names(
        store, who.shop
    )  # Before, for a request that holds two connections at once can run dry.
    async with store.database.transaction(context_of(store, who)) as tx:
        _, epoch = await _head(tx, who.shop, request.epoch)
        rows, count = await portal.refresh(tx, store.codec(who.shop), who.person, people)
        view = view_of(VIEW, epoch, who.person, who.grant)
        cursor = read_cursor(store.vault, who.replica, request.cursor, view)
        return portal.page(rows, cursor, view, count, request.limit), epoch


async def names(store: Store, shop: UUID) -> dict[str, str]:
    """staff id → name, which a customer's own context cannot read."""
    async with store.database.transaction(Context(shop=shop, kind="server")) as tx:
        return dict(await (await tx.execute(NAMES, (shop,))).fetchall())


async def _head(tx: Tx, shop: UUID, expected: str) -> tuple[int, str]:
    row = await (await tx.execute(HEAD, (shop,))).fetchone()
    assert row is not None, "a shop has a head row from its first moment"
    if row[1] != expected:
        raise EpochChanged(row[1])
    return row[0], row[1]
