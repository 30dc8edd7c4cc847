"""Two devices of one person at once, also in two processes: what a rule promises holds all the same."""

from __future__ import annotations

import asyncio

from tests.server.premises import Premises, Shop


async def test_two_timers_started_at_once_leave_one_running(premises: Premises, repair: Shop) -> None:
    desk = await (await premises.sign_in(repair, "manager")).sync()
    jobs = [desk.create("work_order", customer=repair.customers[0], complaint="noise") for _ in range(4)]
    await desk.sync()
    devices = [await (await premises.sign_in(repair, "tech")).sync() for _ in range(4)]
    for _ in range(3):
        premises.world.pass_time(minutes=1)
        for job, device in zip(jobs, devices, strict=True):
            device.create("time_entry", kind="work", work_order=job, started_at=device.now())
        await asyncio.gather(*(device.sync() for device in devices))
        await desk.sync()
        entries = [desk.data(id_) or {} for id_ in desk.records("time_entry")]
        assert len([e for e in entries if e.get("ended_at") is None]) == 1
