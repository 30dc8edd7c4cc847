"""Older work over HTTP: it is found by search, asked for by `want`, and leaves by a commit (rules P12, P13, P18, P19)."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from server.store.wanting import let_go_due
from tests.server.ledger import same
from tests.server.premises import Phone, Premises, Shop
from tests.server.test_sync_api_verify import _mended, _verified
from tests.server.test_views import archive, finished

KINDS = ("note", "task", "line_item")


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Phone:
    return await (await premises.sign_in(repair, "manager")).sync()


async def search(phone: Phone, words: str) -> httpx.Response:
    url = f"http://{phone.shop.slug}.localhost/api/search?q={quote(words)}"
    return await phone.premises.client.get(url, headers={"Authorization": f"Bearer {phone.token}"})


async def found(phone: Phone, words: str) -> list[str]:
    answer = await search(phone, words)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["found"]]


async def want(phone: Phone, *ids: str, limit: int = 1000) -> dict[str, Any]:
    """One sync that asks for `ids`."""
    asked = {**phone.replica.request(phone.now(), limit, verify=True), "want": list(ids)}
    answer = await phone.post(asked)
    assert answer.status_code == 200, answer.text
    phone.hear(asked, answer)
    page: dict[str, Any] = answer.json()
    return page


async def older(desk: Phone, complaint: str = "Rattles when cold", **values: Any) -> tuple[str, list[str]]:
    """An archived work order with a child of each kind."""
    order, children = await finished(desk, *KINDS)
    desk.patch("work_order", order, complaint=complaint, **values)
    await desk.sync()
    while await archive(desk):
        pass
    await desk.sync()
    assert desk.data(order) is None
    return order, children


async def test_P18_older_work_is_found_by_number_complaint_serial_name_and_telephone(
    desk: Phone, tech: Phone
) -> None:
    desk.patch("customer", desk.shop.customers[0], name="Zoë Winter", phones={"add": ["+44 20 7946 0018"]})
    machine = desk.create("equipment", customer=desk.shop.customers[0], make="Atco", serial="SN-77X")
    order, _ = await older(desk, "Größer noise, smells of fuel", equipment=machine)
    answer = (await search(desk, "smells")).json()
    (one,) = answer["found"]
    assert (one["id"], one["status"], one["customer"]) == (order, "closed", desk.shop.customers[0])
    assert (answer["looked"], answer["more"]) == (1, False)
    for words in (
        one["number"],
        "großer noise fuel",
        "sn 77x",
        "zoe winter",
        "7946",
        "0018",
        "ATCO smells",
    ):
        assert await found(tech, words) == [order], words
    for words in ("noises", "mells", "summer", "zoe summer", "19"):
        assert await found(tech, words) == [], words


async def test_P18_what_is_on_the_phones_or_deleted_or_of_another_shop_is_not_searched(
    premises: Premises, desk: Phone
) -> None:
    order, _ = await finished(desk)
    assert await found(desk, "noise") == []
    await older(desk)
    other = await (await premises.sign_in(await premises.open_shop("other"), "admin")).sync()
    assert await found(other, "rattles") == []
    assert desk.data(order) is None


async def test_P18_nothing_is_found_by_a_field_that_the_role_may_not_see(
    desk: Phone, tech: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, _ = await older(desk, goodwill_cents=100, goodwill_reason="Faithful")
    monkeypatch.setattr("server.store.searching.ORDER", ("number", "complaint", "goodwill_reason"))
    assert await found(desk, "faithful") == [order]
    assert await found(tech, "faithful") == []


async def test_P18_customers_and_strangers_do_not_search(
    premises: Premises, repair: Shop, desk: Phone
) -> None:
    customer = await premises.sign_in_customer(repair)
    assert (await search(customer, "rattles")).status_code == 403
    stranger = await premises.client.get(f"http://{repair.slug}.localhost/api/search?q=rattles")
    assert stranger.status_code == 401


@pytest.mark.parametrize("words", ["", " ", "a", "-- !", "a b c d e f g h i", "x" * 201])
async def test_P18_a_search_has_two_letters_and_no_end_of_words(desk: Phone, words: str) -> None:
    answer = await search(desk, words)
    assert (answer.status_code, answer.json()["at"]) == (400, {"field": "q"})


async def test_P18_searching_is_limited_for_each_person(
    desk: Phone, tech: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.sync_api.search.PER_WINDOW", 3)
    assert [(await search(desk, "fuel")).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert int((await search(desk, "fuel")).headers["Retry-After"]) > 0
    assert (await search(tech, "fuel")).status_code == 200
    desk.premises.world.pass_time(minutes=10)
    assert (await search(desk, "fuel")).status_code == 200


async def test_P18_batches_change_nothing_and_a_search_ends(
    desk: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [(await older(desk, f"Rattles {n}"))[0] for n in range(5)]
    monkeypatch.setattr("server.store.searching.BATCH", 2)
    assert await found(desk, "rattles") == orders[::-1]
    monkeypatch.setattr("server.store.searching.FOUND_MAX", 3)
    answer = (await search(desk, "rattles")).json()
    assert ([one["id"] for one in answer["found"]], answer["more"]) == (orders[:1:-1], True)
    monkeypatch.setattr("server.store.searching.LOOKED_MAX", 2)
    answer = (await search(desk, "nothing")).json()
    assert answer == {"found": [], "looked": 2, "more": True}


@pytest.mark.parametrize("limit", [1000, 2])
async def test_P13_P18_what_is_wanted_enters_that_one_view_with_its_children(
    desk: Phone, tech: Phone, limit: int
) -> None:
    order, children = await older(desk)
    await tech.sync()
    await want(tech, order, limit=limit)
    await tech.sync(limit=limit)
    await _verified(tech)
    assert tech.replica.agrees is True
    assert all(tech.data(id_) for id_ in (order, *children))
    await desk.sync()
    assert desk.data(order) is None


async def test_P12_P18_it_leaves_after_seven_days_by_a_commit(desk: Phone, tech: Phone) -> None:
    order, children = await older(desk)
    store, shop, world = desk.premises.app.state.store, desk.shop.id, desk.premises.world
    await want(tech, order)
    assert not await let_go_due(store, shop, world.now_ms() + 7 * 86_400_000 - 1)
    world.pass_time(days=7)
    phone = await (await desk.premises.sign_in(desk.shop, "tech", tech.replica.replica)).sync()
    assert phone.data(order), "the calendar alone moves nothing"
    assert await let_go_due(store, shop, world.now_ms())
    assert not await let_go_due(store, shop, world.now_ms())
    await phone.sync()
    await _verified(phone)
    assert [phone.data(id_) for id_ in (order, *children)] == [None] * 4
    assert phone.replica.agrees is True


async def test_P18_asked_for_again_it_stays_a_week_longer_without_another_commit(
    desk: Phone, tech: Phone
) -> None:
    order, _ = await older(desk)
    store, world = desk.premises.app.state.store, desk.premises.world
    await want(tech, order)
    world.pass_time(days=4)
    again = await want(tech, order)
    assert again["records"] == []
    assert not await let_go_due(store, desk.shop.id, world.now_ms() + 4 * 86_400_000)
    assert await let_go_due(store, desk.shop.id, world.now_ms() + 7 * 86_400_000)


async def test_P18_reopened_it_is_work_like_any_other_and_does_not_leave(desk: Phone, tech: Phone) -> None:
    order, children = await older(desk)
    await want(desk, order)
    desk.patch("work_order", order, status="in_progress", status_reason="came back", status_at=desk.now())
    await desk.sync()
    assert desk.codes() == []
    await tech.sync()
    assert tech.data(order)
    await let_go_due(
        desk.premises.app.state.store, desk.shop.id, desk.premises.world.now_ms() + 8 * 86_400_000
    )
    for phone in (tech, desk):
        await phone.sync()
        await _verified(phone)
        assert phone.replica.agrees is True
        assert all(phone.data(id_) for id_ in (order, *children))


async def test_P18_P19_a_bootstrap_brings_it_too_and_equals_the_feed(desk: Phone, tech: Phone) -> None:
    order, _ = await older(desk)
    await older(desk, "Not asked for")
    await want(tech, order)
    again = await desk.premises.sign_in(desk.shop, "tech", tech.replica.replica)
    await again.sync(limit=3)
    assert same(again.replica, tech.replica) == []
    await _mended(again)
    assert (again.replica.agrees, bool(again.data(order))) == (True, True)


async def test_P16_P18_ids_one_may_not_ask_for_change_nothing_and_say_nothing(
    premises: Premises, desk: Phone, tech: Phone
) -> None:
    """An order of another shop, an open one, a child, a customer, nothing: no record, no commit."""
    other = await (await premises.sign_in(await premises.open_shop("other"), "manager")).sync()
    foreign, _ = await older(other)
    _, (note, *_) = await older(desk)
    live, _ = await finished(desk)
    await tech.sync()
    before = desk.replica.cursor
    page = await want(
        tech, foreign, note, desk.shop.customers[0], live, "01930000-0000-7000-8000-0000000000ff"
    )
    assert page["records"] == []
    assert tech.data(foreign) is None
    await desk.ask()
    assert before is not None
    customer = await premises.sign_in_customer(desk.shop)
    await customer.sync()
    assert (await want(customer, live))["records"] == []


async def test_P18_a_device_keeps_so_much_older_work_and_the_oldest_leaves(
    desk: Phone, tech: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.store.wanting.WANTED_MAX", 2)
    orders = [(await older(desk, f"Rattles {n}"))[0] for n in range(3)]
    for order in orders:
        desk.premises.world.pass_time(minutes=1)
        await want(tech, order)
    await tech.sync()
    assert [bool(tech.data(order)) for order in orders] == [False, True, True]
