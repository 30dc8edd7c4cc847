"""The rooms' rules on a real database: what a rule looks at is found and held, also when two phones push at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.work.archive import archive_due
from tests.server.premises import Phone, Premises, Shop

HOUR = 3_600_000


@pytest.fixture
async def tech(premises: Premises, repair: Shop) -> Phone:
    return await premises.sign_in(repair, "tech")


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Phone:
    return await premises.sign_in(repair, "manager")


def order(phone: Phone) -> str:
    return phone.create("work_order", customer=phone.shop.customers[0], complaint="noise")


def start(phone: Phone, work_order: str) -> str:
    return phone.create("time_entry", kind="work", work_order=work_order, started_at=phone.now())


def step(phone: Phone, work_order: str, status: str) -> None:
    phone.patch("work_order", work_order, status=status, status_reason=None, status_at=phone.now())


def shown(phone: Phone, id_: str) -> dict[str, Any]:
    data = phone.data(id_)
    assert data is not None
    assert phone.codes() == []
    return data


async def test_closing_at_the_desk_ends_the_timer_on_the_phone(
    tech: Phone, desk: Phone, premises: Premises
) -> None:
    job = order(tech)
    step(tech, job, "in_progress")
    entry = start(tech, job)
    await tech.sync()
    premises.world.pass_time(minutes=50)
    await desk.sync()
    step(desk, job, "ready")
    step(desk, job, "closed")
    await desk.sync()
    await tech.sync()
    assert shown(tech, entry)["needs_review"] is True
    assert shown(tech, job)["actual_minutes"] == 50


async def test_a_timer_started_on_another_device_ends_the_one_that_runs(
    tech: Phone, premises: Premises, repair: Shop
) -> None:
    first, second = order(tech), order(tech)
    entry = start(tech, first)
    await tech.sync()
    tablet = await (await premises.sign_in(repair, "tech")).sync()
    premises.world.pass_time(minutes=30)
    other = start(tablet, second)
    await tablet.sync()
    await tech.sync()
    assert shown(tech, entry)["ended_at"] == shown(tech, other)["started_at"]
    assert shown(tech, first)["actual_minutes"] == 30
    assert shown(tech, other).get("ended_at") is None


async def test_two_phones_that_take_a_part_at_once_both_count(
    desk: Phone, premises: Premises, repair: Shop
) -> None:
    part = desk.create("part", name="Belt")
    desk.create("part_movement", part=part, kind="receive", quantity_milli=9000, at=desk.now())
    await desk.sync()
    phones = [await (await premises.sign_in(repair, who)).sync() for who in ("tech", "tech2", "parts")]
    for _ in range(3):
        for phone in phones:
            phone.create("part_movement", part=part, kind="issue", quantity_milli=-1000, at=phone.now())
        await asyncio.gather(*(phone.sync() for phone in phones))
    await desk.sync()
    assert shown(desk, part)["on_hand_milli"] == 0


async def test_a_count_that_comes_late_takes_nothing_twice(
    desk: Phone, tech: Phone, premises: Premises, repair: Shop
) -> None:
    part = desk.create("part", name="Belt")
    desk.create("part_movement", part=part, kind="receive", quantity_milli=9000, at=desk.now())
    await desk.sync()
    counter = await (await premises.sign_in(repair, "parts")).sync()
    premises.world.pass_time(hours=1)
    counter.create("part_movement", part=part, kind="count", quantity_milli=8000, at=counter.now())
    premises.world.pass_time(hours=1)
    await tech.sync()
    tech.create("part_movement", part=part, kind="issue", quantity_milli=-3000, at=tech.now())
    await tech.sync()
    await counter.sync()
    await desk.sync()
    assert shown(desk, part)["on_hand_milli"] == 5000


async def test_what_is_not_an_id_breaks_nothing(desk: Phone) -> None:
    desk.create("time_entry", kind="work", staff="nobody", started_at=desk.now())
    desk.create("part_movement", part=["x"], kind="count", quantity_milli=1, at=desk.now())
    desk.create("work_order", status=["closed"])
    await desk.sync()
    assert desk.codes() == ["invalid", "invalid", "invalid"]


async def test_what_is_long_over_leaves_the_phones(
    tech: Phone, desk: Phone, premises: Premises, repair: Shop
) -> None:
    job, kept = order(desk), order(desk)
    task = desk.create("task", work_order=job, title="Belt")
    for status in ("in_progress", "ready", "closed"):
        step(desk, job, status)
    await desk.sync()
    await tech.sync()
    assert shown(tech, task)
    store = premises.app.state.store
    premises.world.pass_time(days=29)
    assert await archive_due(store, repair.id, premises.world.now_ms()) == 0
    premises.world.pass_time(days=2)
    assert await archive_due(store, repair.id, premises.world.now_ms()) == 1
    assert await archive_due(store, repair.id, premises.world.now_ms()) == 0
    tech = await premises.sign_in(repair, "tech")
    await tech.sync()
    assert tech.data(job) is None
    assert tech.data(task) is None
    assert tech.data(kept) is not None
