"""Changesets that are right as they stand and must not be refused: own ids, any order, odd words, many writes."""

from __future__ import annotations

import pytest

from sync.overlay import Draft
from tests.server.premises import Phone, Premises, Shop


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Phone:
    return await (await premises.sign_in(repair, "manager")).sync()


def _order(phone: Phone) -> str:
    return phone.create("work_order", customer=phone.shop.customers[0], complaint="noise")


async def test_staff_are_made_by_an_admin(premises: Premises, repair: Shop) -> None:
    admin = await (await premises.sign_in(repair, "admin")).sync()
    new = admin.create("staff", name="Ada", role="tech")
    await admin.sync()
    assert admin.codes() == []
    assert (admin.data(new) or {})["name"] == "Ada"


async def test_M26_a_child_may_stand_before_its_parent_in_a_changeset(
    tech: Phone, premises: Premises
) -> None:
    job, task = (str(premises.world.new_id()) for _ in range(2))
    tech.act(
        Draft("create", "task", task, {"work_order": job, "title": "x"}),
        Draft("create", "work_order", job, {"customer": tech.shop.customers[0]}),
    )
    await tech.sync()
    assert tech.codes() == []
    assert (tech.data(job) or {})["tasks_total"] == 1


async def test_words_that_are_no_table_stop_no_work_order(tech: Phone, desk: Phone, repair: Shop) -> None:
    for words in ("Ticket", {"work_order_prefix": "x" * 100}, {"work_order_prefix": {"a": 1}}):
        desk.patch("shop", str(repair.id), words=words)
        await desk.sync()
        job = _order(tech)
        await tech.sync()
        assert tech.codes() == [], words
        assert (tech.data(job) or {})["number"]


async def test_V8_three_writes_of_one_field_in_one_changeset_end_with_the_last(tech: Phone) -> None:
    job = _order(tech)
    await tech.sync()
    drafts = [Draft("patch", "work_order", job, {"bay": str(n)}) for n in range(4)]
    tech.act(*drafts)
    await tech.sync()
    assert (tech.data(job) or {})["bay"] == "3"
