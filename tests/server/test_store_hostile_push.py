"""What a hostile or unlucky phone sends: judged by itself, and nothing behind it or beside it stops (C12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.auth.gate import server_of
from tests.server.premises import Phone, Premises, Shop


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Phone:
    return await (await premises.sign_in(repair, "manager")).sync()


def _order(phone: Phone) -> str:
    return phone.create("work_order", customer=phone.shop.customers[0], complaint="noise")


NO_IDS: tuple[Any, ...] = ("x" * 36, {"a": 1}, ["x"], 5, True)


@pytest.mark.parametrize("value", NO_IDS)
async def test_C12_what_is_no_id_is_invalid_wherever_it_stands(tech: Phone, value: Any) -> None:
    job = _order(tech)
    tech.create("line_item", work_order=value, kind="fee")
    tech.create("task", work_order=value, title="x")
    tech.create("note", work_order=value, text="x")
    tech.create("work_order", customer=value)
    tech.create("time_entry", kind="work", work_order=value, task=value, started_at=tech.now())
    tech.create("part_movement", part=value, undoes=value, kind="issue", quantity_milli=-1, at=tech.now())
    tech.patch("work_order", job, assignee=value, equipment=value)
    await tech.sync()
    assert tech.codes() == ["invalid"] * 7 or set(tech.codes()) <= {"invalid", "missing_parent"}
    assert len(tech.codes()) == 7


JUNK = (
    '{"n":1,"\\ud800":1}',
    '{"n":1,"id":"\\ud800"}',
    '{"n":1,"at":NaN}',
    '{"n":1,"x":%s}' % ("[" * 400 + "]" * 400),
)


def _with(tech: Phone, changeset: str) -> bytes:
    asked = json.dumps(tech.replica.request(tech.now()))
    return asked.replace('"changesets": []', f'"changesets": [{changeset}]').encode()


@pytest.mark.parametrize("said", JUNK)
async def test_C12_whatever_else_stands_in_an_unreadable_change_it_is_answered(
    tech: Phone, said: str
) -> None:
    for _ in range(2):
        answer = await tech.post(_with(tech, said))
        assert answer.status_code == 200, answer.text
        assert answer.json()["results"][0]["code"] == "invalid"


@pytest.mark.parametrize("depth", [600, 950, 1020])
async def test_W11_what_is_too_deep_to_be_kept_makes_the_request_unreadable(tech: Phone, depth: int) -> None:
    answer = await tech.post(_with(tech, '{"n":1,"x":' + "[" * depth + "]" * depth + "}"))
    assert answer.status_code == 400, answer.text


async def test_C12_a_schema_beyond_all_numbers_stops_nothing(tech: Phone) -> None:
    job = _order(tech)
    asked = tech.replica.request(tech.now())
    answer = await tech.post({**asked, "schema": 2**40})
    assert answer.status_code == 200, answer.text
    await tech.sync()
    assert tech.data(job)


async def test_M8_a_cleared_address_waits_as_a_side_like_any_other(tech: Phone, desk: Phone) -> None:
    customer = tech.shop.customers[0]
    desk.patch("customer", customer, address="Old Road 1")
    await desk.sync()
    await tech.sync()
    desk.patch("customer", customer, address="New Road 2")
    tech.patch("customer", customer, address=None)
    await desk.sync()
    await tech.sync()
    await desk.sync()
    assert len(desk.records("conflict")) == 1
    desk.patch("customer", customer, company="x")
    desk.patch("customer", customer, address="New Road 2")
    await desk.sync()
    assert desk.codes() == []


async def test_no_personal_value_is_plain_in_the_log_of_what_could_not_be_read(
    tech: Phone, premises: Premises
) -> None:
    tech.create("customer", name="Zacharias Canary", company="\0")
    await tech.sync()
    async with premises.app.state.database.transaction(server_of(tech.shop.id)) as tx:
        rows = await (await tx.execute("SELECT ops::text FROM change")).fetchall()
    assert not any("Canary" in row[0] for row in rows)


async def test_C10_an_id_that_others_took_for_something_else_still_answers_its_author(
    premises: Premises, repair: Shop
) -> None:
    devices = [await (await premises.sign_in(repair, "tech")).sync() for _ in range(3)]
    other, author, anew = sorted(devices, key=lambda device: device.replica.replica)
    _order(author)
    asked = author.replica.request(author.now())
    await author.sync()
    (own,) = asked["changesets"]
    elsewhere = {**own, "ops": [{**own["ops"][0], "id": str(premises.world.new_id())}]}
    for device, said, outcome in ((other, elsewhere, "rejected"), (anew, own, "accepted")):
        answer = await device.post({**device.replica.request(0), "changesets": [said]})
        assert answer.json()["results"][0]["outcome"] == outcome, answer.text
