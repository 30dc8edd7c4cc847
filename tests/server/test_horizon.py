"""Absence: after 90 days the feed no longer tells what left, and a phone that comes back starts over, its work kept (R1)."""

import pytest

from server.store import horizon
from server.store.horizon import move_horizon
from server.store.wanting import let_go_due
from sync.overlay import Draft
from tests.server.ledger import same
from tests.server.premises import Phone, Premises, Shop
from tests.server.test_sync_api_older import older, want
from tests.server.test_views import order


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Phone:
    return await (await premises.sign_in(repair, "manager")).sync()


@pytest.fixture
async def tech(premises: Premises, repair: Shop, desk: Phone) -> Phone:
    return await (await premises.sign_in(repair, "tech")).sync()


async def turn(phone: Phone) -> int:
    """What the timer does: moves the horizon as far as it goes; how often it moved."""
    premises, turns = phone.premises, 0
    while await move_horizon(premises.app.state.database, phone.shop.id, premises.world.now_ms()):
        turns += 1
    return turns


async def back(phone: Phone) -> Phone:
    """The same phone with a new session, for the old one ended long ago."""
    again = await phone.premises.sign_in(phone.shop, phone.who, phone.replica.replica)
    again.replica = phone.replica
    return again


async def test_R1_a_cursor_older_than_90_days_gets_a_reset_after_its_push(desk: Phone, tech: Phone) -> None:
    kept, removed = order(desk), desk.create("note", customer=desk.shop.customers[0], text="for a while")
    await desk.sync()
    await tech.sync()
    mine = tech.create("note", work_order=kept, text="written in a drawer")
    desk.premises.world.pass_time(days=1)
    desk = await back(desk)
    desk.act(Draft("delete", "note", removed))
    await desk.sync()
    desk.premises.world.pass_time(days=91)
    assert await turn(tech) > 0
    tech, desk = await back(tech), await back(desk)
    answer = await tech.ask()
    assert answer is not None
    page = answer.json()
    assert (page["reset"], [r["outcome"] for r in page["results"]]) == (True, ["accepted"])
    await tech.sync()
    assert (tech.data(removed), bool(tech.data(mine))) == (None, True)
    fresh = await (await desk.premises.sign_in(desk.shop, "tech")).sync()
    assert same(tech.replica, fresh.replica) == []


async def test_R1_up_to_90_days_the_feed_goes_on(desk: Phone, tech: Phone) -> None:
    desk.premises.world.pass_time(days=1)
    removed = order(desk)
    await desk.sync()
    desk.premises.world.pass_time(days=89, hours=23)
    await turn(tech)
    tech = await back(tech)
    answer = await tech.ask()
    assert answer is not None
    assert (answer.json()["reset"], bool(tech.data(removed))) == (False, True)


async def test_R1_a_phone_in_touch_and_a_shop_at_rest_never_start_over(desk: Phone, tech: Phone) -> None:
    """All that was ever written is past the horizon, and the cursor stands at its end."""
    desk.premises.world.pass_time(days=400)
    await turn(tech)
    tech = await back(tech)
    for verify in (False, True):
        asked = tech.replica.request(tech.now(), verify=verify)
        answer = await tech.post(asked)
        assert answer.json()["reset"] is False


async def test_R1_an_id_stays_dead_for_ever(desk: Phone) -> None:
    note = desk.create("note", customer=desk.shop.customers[0], text="for a while")
    await desk.sync()
    desk.act(Draft("delete", "note", note))
    await desk.sync()
    desk.premises.world.pass_time(days=1000)
    await turn(desk)
    desk = await back(desk)
    desk.act(Draft("create", "note", note, {"customer": desk.shop.customers[0], "text": "again"}))
    await desk.sync()
    assert desk.codes() == ["exists"]


async def test_R1_wishes_that_left_are_forgotten_with_it(desk: Phone, tech: Phone) -> None:
    old, _ = await older(desk)
    await want(tech, old)
    world, state = desk.premises.world, desk.premises.app.state
    world.pass_time(days=8)
    assert await let_go_due(state.store, desk.shop.id, world.now_ms())
    world.pass_time(days=91)
    await turn(tech)
    tech = await back(tech)
    answer = await tech.ask()
    assert answer is not None
    assert answer.json()["reset"] is True
    await tech.sync()
    assert tech.data(old) is None


async def test_R1_the_horizon_moves_in_steps(desk: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        order(desk, bay=str(n))
    await desk.sync()
    monkeypatch.setattr(horizon, "AT_ONCE", 2)
    assert await turn(desk) == 0
    desk.premises.world.pass_time(days=91)
    assert await turn(desk) >= 3
    assert await turn(desk) == 0
