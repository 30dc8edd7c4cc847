"""Hours from phones whose clocks are not the server's: what a phone only sends along is not moved again (C20)."""

from __future__ import annotations

import pytest

from tests.server.premises import Phone, Premises, Shop

HOUR = 3_600_000


@pytest.fixture
async def tech(premises: Premises, repair: Shop) -> Phone:
    phone = await premises.sign_in(repair, "tech")
    phone.skew_ms = HOUR
    return await phone.sync()


def _started(tech: Phone) -> tuple[str, str]:
    job = tech.create("work_order", customer=tech.shop.customers[0], complaint="noise")
    return job, tech.create("time_entry", kind="work", work_order=job, started_at=tech.now())


def _stop(tech: Phone, entry: str) -> None:
    started = (tech.data(entry) or {})["started_at"]
    tech.patch("time_entry", entry, started_at=started, ended_at=tech.now(), correction_reason=None)


async def test_C20_a_start_that_the_server_gave_is_not_moved_when_the_timer_ends(
    tech: Phone, premises: Premises
) -> None:
    start = premises.world.now_ms()
    job, entry = _started(tech)
    await tech.sync()
    premises.world.pass_time(minutes=30)
    _stop(tech, entry)
    await tech.sync()
    assert tech.codes() == []
    held = tech.data(entry) or {}
    assert (held["started_at"], held["ended_at"]) == (start, start + HOUR // 2)
    assert (tech.data(job) or {})["actual_minutes"] == 30


async def test_C20_a_start_that_is_still_the_phones_own_stays_when_the_delay_differs(
    tech: Phone, premises: Premises
) -> None:
    start = premises.world.now_ms()
    _, entry = _started(tech)
    await tech.ask(fault="answer_lost")
    premises.world.pass_time(minutes=30)
    _stop(tech, entry)
    tech.skew_ms -= 70  # the second request takes longer on its way
    await tech.sync()
    assert tech.codes() == []
    held = tech.data(entry) or {}
    assert held["started_at"] == start


async def test_minutes_count_when_an_entry_is_given_its_work_order_later(
    premises: Premises, repair: Shop
) -> None:
    desk = await (await premises.sign_in(repair, "manager")).sync()
    job = desk.create("work_order", customer=repair.customers[0], complaint="noise")
    for who in ("tech", "tech2"):
        times = {"started_at": desk.now() - HOUR, "ended_at": desk.now()}
        own = str(repair.staff[who])
        entry = desk.create("time_entry", kind="work", staff=own, **times)
        await desk.sync()
        desk.patch("time_entry", entry, work_order=job)
        await desk.sync()
    assert desk.codes() == []
    assert (desk.data(job) or {})["actual_minutes"] == 120
