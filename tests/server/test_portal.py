"""What a customer gets (rules X1 to X7): the whole app on a real database, full of values that are not for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from server.collections import COLLECTIONS
from server.db.session import Context, Database
from server.store.scene import Scene
from sync.collection import Field, Shown, Type
from sync.overlay import Draft
from sync.schema import Schema
from tests.server.canaries import Canary, Planted, found, plant
from tests.server.hearing import heard, pages
from tests.server.premises import Phone, Premises, Shop

SHOWN = ((True, False), (False, False), (True, True), (False, True))


@pytest.fixture
async def planted(premises: Premises, repair: Shop) -> Planted:
    return await plant(premises, repair, 1)


@pytest.fixture
async def ann(premises: Premises, repair: Shop) -> Phone:
    """The first customer."""
    return await premises.sign_in_customer(repair, 0)


@pytest.fixture
async def ben(premises: Premises, repair: Shop) -> Phone:
    """The second customer."""
    return await premises.sign_in_customer(repair, 1)


async def as_server(phone: Phone, id_: str, **values: Any) -> None:
    """The server writes, a second after what was before: times that move show more than times that stand."""
    phone.premises.world.pass_time(seconds=1)

    def write(scene: Scene) -> None:
        scene.set(id_, values)

    await phone.premises.app.state.store.act(phone.shop.id, write, [id_])


async def count_of(phone: Phone) -> int:
    """How often the customer's view has changed, as it is stored."""
    me = UUID(phone.shop.customers[int(phone.who[-1])])
    context = Context(shop=phone.shop.id, kind="customer", me=me)
    async with phone.premises.app.state.database.transaction(context) as tx:
        row = await (await tx.execute("SELECT count FROM portal_view")).fetchone()
    return int(row[0]) if row else 0


def for_ann(planted: Planted, *, prices: bool, names: bool) -> tuple[list[Canary], list[Canary]]:
    """The canaries that are for the first customer, and those that are not."""
    ann = planted.shop.customers[0]
    allowed = {c: c.for_customer(ann, prices=prices, names=names) for c in planted.canaries}
    return [c for c, may in allowed.items() if may], [c for c, may in allowed.items() if not may]


def held(phone: Phone, id_: str) -> tuple[int, dict[str, Any]] | None:
    """`@` and data as the customer holds them."""
    record = phone.replica.confirmed.get(id_)
    return None if record is None else (record.vv["@"], dict(record.data))


@pytest.mark.parametrize(("prices", "names"), SHOWN)
async def test_X1_X2_no_byte_is_said_that_is_not_for_them(
    ann: Phone, planted: Planted, prices: bool, names: bool
) -> None:
    await as_server(ann, str(ann.shop.id), show_prices=prices, show_names=names)
    said = await heard(ann)
    allowed, forbidden = for_ann(planted, prices=prices, names=names)
    assert found(forbidden, said) == []
    assert [c for c in allowed if c.text not in said and c.collection != "staff"] == []
    assert bool(found([c for c in allowed if c.collection == "staff"], said)) is names
    assert len(forbidden) > 200
    assert len(allowed) > 40


async def test_X1_prices_and_names_come_and_go_with_the_setting(ann: Phone, planted: Planted) -> None:
    order = planted.first("work_order", ann.shop.customers[0])
    await as_server(ann, str(ann.shop.id), show_prices=False, show_names=False)
    await ann.sync()
    assert not {"total_cents", "assignee"} & (held(ann, order) or (0, {}))[1].keys()
    for shows in (True, False):
        await as_server(ann, str(ann.shop.id), show_prices=shows, show_names=shows)
        (news,) = await pages(ann, limit=1000, cursor=ann.replica.cursor)
        assert not news["reset"]
        await ann.sync()
        assert ({"total_cents", "assignee"} <= (held(ann, order) or (0, {}))[1].keys()) is shows
    allowed, _ = for_ann(planted, prices=False, names=True)
    named = [c for c in allowed if (c.collection, c.field) == ("staff", "name")]
    await as_server(ann, str(ann.shop.id), show_names=True)
    await ann.sync()
    assert (held(ann, order) or (0, {}))[1]["assignee"].encode() in {c.text for c in named}


async def test_X3_their_count_is_not_the_shops(ann: Phone, planted: Planted) -> None:
    (first,) = await pages(ann, limit=1000)
    assert {frozenset(r["vv"]) for r in first["records"]} == {frozenset({"@"})}
    assert {r["vv"]["@"] for r in first["records"]} == {1}
    order = planted.first("work_order", ann.shop.customers[0])
    await ann.sync()
    for number in range(2, 5):
        await as_server(ann, planted.first("note"), text=f"between {number}")
        await as_server(ann, order, correction=f"done {number}")
        await ann.sync()
        assert (held(ann, order) or (0, {}))[0] == number
        assert await count_of(ann) == number


def unseen_values() -> Iterator[tuple[str, Field, Any]]:
    """collection, field, value: one change of each field that no customer sees, in records they do see."""
    new: dict[Type, Any] = {
        Type.TEXT: "other",
        Type.INTEGER: 7,
        Type.INSTANT: 7,
        Type.SET: ["other"],
        Type.JSON: {},
    }
    for declared in COLLECTIONS.values():
        for f in declared.fields if declared.customer_from or declared.name == "shop" else ():
            if f.customer not in (Shown.NEVER, Shown.PRICES) or f.name in (
                "created_at",
                "updated_at",
                *declared.parents,
            ):
                continue
            if f.type in new:
                yield declared.name, f, new[f.type]


async def test_X3_no_change_of_an_unseen_field_moves_anything(ann: Phone, planted: Planted) -> None:
    me = ann.shop.customers[0]
    await as_server(ann, str(ann.shop.id), show_prices=False)
    await ann.sync()
    before, count = dict(ann.replica.confirmed), await count_of(ann)
    changes = list(unseen_values())
    assert len(changes) > 20
    for collection, f, value in changes:
        own = {"customer": me, "shop": str(ann.shop.id)}.get(collection) or planted.first(collection, me)
        await as_server(ann, own, **{f.name: value})
        (news,) = await pages(ann, limit=1000, cursor=ann.replica.cursor)
        assert (collection, f.name, news["records"], await count_of(ann)) == (collection, f.name, [], count)
    await ann.sync()
    assert ann.replica.confirmed == before


async def test_X3_what_the_shop_does_among_itself_moves_nothing(
    ann: Phone, planted: Planted, premises: Premises
) -> None:
    me = ann.shop.customers[0]
    order, line = planted.first("work_order", me), planted.first("line_item", me)
    desk = await (await premises.sign_in(ann.shop, "manager")).sync()
    desk.patch(
        "line_item", line, cost_cents=11
    )  # The figures, which were planted, are reckoned for the first time.
    await desk.sync()
    await ann.sync()
    before, count, cursor = dict(ann.replica.confirmed), await count_of(ann), ann.replica.cursor
    premises.world.pass_time(minutes=5)
    note = desk.create("note", work_order=order, text="They always pay late")
    desk.patch("note", note, text="They never pay")
    desk.patch("line_item", line, cost_cents=12)
    desk.patch("work_order", order, diagnosis="Worn", priority="urgent", tags={"add": ["warranty"]})
    desk.act(Draft("delete", "note", note))
    await desk.sync()
    assert desk.codes() == []
    (news,) = await pages(ann, limit=1000, cursor=cursor)
    assert (news["records"], await count_of(ann)) == ([], count)
    await ann.sync()
    assert ann.replica.confirmed == before


async def test_X3_X7_a_conflict_of_the_staff_leaves_no_trace(
    ann: Phone, planted: Planted, premises: Premises
) -> None:
    order = planted.first("work_order", ann.shop.customers[0])
    desk, tech = [await (await premises.sign_in(ann.shop, who)).sync() for who in ("manager", "tech")]
    desk.patch("work_order", order, complaint="rattles")
    tech.patch("work_order", order, complaint="squeaks")
    await desk.sync()
    await ann.sync()
    seen = held(ann, order)
    premises.world.pass_time(minutes=5)
    await tech.sync()
    await desk.sync()
    assert len([c for c in desk.records("conflict") if (desk.data(c) or {})["record"] == order]) > 0
    await ann.sync()
    assert held(ann, order) == seen
    assert (seen or (0, {}))[1]["complaint"] == "rattles"
    desk.patch("work_order", order, complaint="rattles and squeaks")
    await desk.sync()
    await ann.sync()
    assert (held(ann, order) or (0, {}))[1]["complaint"] == "rattles and squeaks"


async def test_X3_a_work_order_that_changes_hands_leaves_one_view_and_enters_the_other_with_its_children(
    ann: Phone, ben: Phone, planted: Planted, premises: Premises
) -> None:
    a, b = ann.shop.customers[:2]
    order, line = planted.first("work_order", a), planted.first("line_item", a)
    photos = [id_ for id_ in planted.ids["photo", a] if await is_shown(ann, id_, order)]
    photo = photos[0]
    await ben.sync()
    assert {order, line, photo} <= ann.replica.confirmed.keys()
    assert not {order, line, photo} & ben.replica.confirmed.keys()
    desk = await (await premises.sign_in(ann.shop, "manager")).sync()
    desk.patch("work_order", order, customer=b)
    await desk.sync()
    (left,) = await pages(ann, limit=1000, cursor=ann.replica.cursor)
    gone = {r["id"] for r in left["records"] if r.get("gone")}
    assert {order, line, photo} <= gone
    assert len(gone) == len(left["records"])
    (entered,) = await pages(ben, limit=1000, cursor=ben.replica.cursor)
    assert {order, line, photo} <= {r["id"] for r in entered["records"]}
    assert len({r["vv"]["@"] for r in entered["records"]}) == 1
    for phone in (ann, ben):
        await phone.sync()
    assert not {order, line, photo} & ann.replica.confirmed.keys()
    assert {order, line, photo} <= ben.replica.confirmed.keys()


async def is_shown(phone: Phone, photo: str, order: str) -> bool:
    """Whether the phone, when it has synced, holds this photo of that work order."""
    await phone.sync()
    record = phone.replica.confirmed.get(photo)
    return record is not None and record.data.get("work_order") == order


async def test_X1_a_photo_is_there_while_it_is_marked_visible_and_ready(
    ann: Phone, planted: Planted, premises: Premises
) -> None:
    order = planted.first("work_order", ann.shop.customers[0])
    tech = await (await premises.sign_in(ann.shop, "tech")).sync()
    photo = tech.create("photo", work_order=order, kind="before", preview="data:image/jpeg;base64,AAAA")
    await tech.sync()
    seen = [await is_shown(ann, photo, order)]
    await as_server(ann, photo, media="ready")
    seen.append(await is_shown(ann, photo, order))
    await tech.sync()
    for visible in (False, True):
        tech.patch("photo", photo, visible_to_customer=visible)
        await tech.sync()
        seen.append(await is_shown(ann, photo, order))
    assert tech.codes() == []
    assert seen == [False, True, False, True]


def keys_of(value: Any) -> set[str]:
    """Every key at any depth."""
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    return set(value).union(*map(keys_of, value.values())) if isinstance(value, dict) else set()


async def test_X4_there_is_no_seq_in_any_answer(
    ann: Phone, planted: Planted, premises: Premises, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.act()
    copy = Phone(premises, ann.shop, ann.who, ann.token, ann.replica)
    copy.patch("customer", ann.shop.customers[0], company="x")
    asked = ann.replica.request(ann.now())
    answers = [await ann.post(asked), await ann.post(asked)]
    with monkeypatch.context() as newer:
        newer.setattr(premises.app.state.store, "schema", Schema(oldest=2))
        answers.append(await ann.post(asked))
    other = copy.replica.request(ann.now())["changesets"]
    answers.append(await ann.post({**asked, "changesets": [asked["changesets"][0], {**other[1], "n": 2}]}))
    answers.append(
        await ann.post({**asked, "changesets": [asked["changesets"][0], {**other[0], "n": 2, "at": 5}]})
    )
    answers.append(await ann.post({**asked, "changesets": [{**other[1], "n": 1}]}))
    answers.append(await ann.post({**asked, "epoch": "eother"}))
    await as_server(ann, ann.shop.customers[0], portal_enabled=False)
    answers.append(await ann.post(asked))
    assert [a.status_code for a in answers] == [200, 200, 426, 200, 409, 409, 409, 403]
    assert all("seq" not in keys_of(answer.json()) for answer in answers)
    assert sum(len(answer.json().get("results", ())) for answer in answers) > 5


async def test_X4_a_cursor_says_nothing_and_is_nobody_elses(ann: Phone, ben: Phone, planted: Planted) -> None:
    cursors = [(await pages(ann, limit=1000))[0]["cursor"] for _ in range(2)]
    assert cursors[0] != cursors[1]
    assert not (await pages(ann, limit=1000, cursor=cursors[0]))[0]["reset"]
    for phone, cursor in ((ben, cursors[0]), (ann, cursors[0][:-8] + "AAAAAAAA"), (ann, "1"), (ann, "")):
        assert (await pages(phone, limit=1000, cursor=cursor))[0]["reset"]


async def test_X6_whatever_they_push_is_forbidden_and_says_nothing_of_what_is_there(
    ann: Phone, planted: Planted
) -> None:
    a, b = ann.shop.customers[:2]
    await ann.sync()
    unknown = "01930000-0000-7000-8000-0000000000ff"
    for (collection, customer), ids in planted.ids.items():
        for id_ in {ids[0], unknown} if customer in (a, b, None) else set():
            ann.act(Draft("patch", collection, id_, {"created_by": None}, {"": {"@": 1}}))
            ann.act(Draft("delete", collection, id_, {}, {"": {"@": 1}}))
            ann.act(Draft("create", collection, id_, {"note": "mine"}))
    ann.patch("customer", a, company="Mine")
    asked = ann.replica.request(ann.now())
    results = (await ann.post(asked)).json()["results"]
    assert len(results) > 60
    assert {(r["code"], r["message"]) for r in results} == {("forbidden", results[0]["message"])}
    await ann.sync()
    assert set(ann.codes()) == {"forbidden"}
    assert "company" not in (held(ann, a) or (0, {}))[1] or (held(ann, a) or (0, {}))[1]["company"] != "Mine"


async def test_a_pull_of_theirs_never_waits_for_a_second_connection(
    ann: Phone, premises: Premises, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many at once would each hold one and wait for another."""
    monkeypatch.setattr("server.db.session.WAIT_FOR_CONNECTION_S", 1.0)
    narrow = await Database.open(database_url, size=1)
    monkeypatch.setattr(premises.app.state.store, "database", narrow)
    answer = await ann.ask()
    await narrow.close()
    assert answer is not None
    assert answer.status_code == 200
