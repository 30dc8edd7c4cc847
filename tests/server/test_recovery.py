"""Refused changes of the team: kept whole, read by the office, taken over or set aside, and their authors told."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sync.collection import STAFF_ROLES
from sync.overlay import Draft
from tests.server.premises import Phone, Premises, Shop

Parked = dict[str, Any]


@pytest.fixture
async def boss(premises: Premises, repair: Shop) -> Phone:
    return await (await premises.sign_in(repair, "manager")).sync()


async def ask(phone: Phone, **asked: Any) -> httpx.Response:
    url = f"http://{phone.shop.slug}.localhost/api/parked"
    return await phone.premises.client.get(
        url, params=asked, headers={"Authorization": f"Bearer {phone.token}"}
    )


async def listed(phone: Phone, **asked: Any) -> list[Parked]:
    answer = await ask(phone, **asked)
    assert answer.status_code == 200, answer.text
    changes: list[Parked] = answer.json()["changes"]
    return changes


async def refused_step(phone: Phone, **more: Any) -> tuple[str, str]:
    """A work order of this phone, and a change of it that was refused: a step that there is not."""
    order = phone.create("work_order", customer=phone.shop.customers[0], complaint="noise")
    await phone.sync()
    step = {"status": "closed", "status_reason": None, "status_at": phone.now()}
    changeset = phone.patch("work_order", order, **step, **more)
    await phone.sync()
    assert phone.codes()[-1:] == ["bad_step"]
    return order, changeset


def settle(phone: Phone, key: str, how: str, author: str, *also: Draft, reason: str | None = None) -> str:
    return phone.act(*also, Draft("create", "recovery", key, {"staff": author, "how": how, "reason": reason}))


async def test_C16_C24_the_office_reads_refused_changes_whole(
    tech: Phone, boss: Phone, premises: Premises
) -> None:
    order, changeset = await refused_step(tech, diagnosis="pump worn")
    tech.patch("customer", tech.shop.customers[0], name="Ada Winter", portal_enabled=False)
    premises.world.pass_time(hours=1)
    await tech.sync()
    forbidden, step = await listed(boss)
    assert (step["changeset"], step["key"], step["name"], step["device"]) == (
        changeset, changeset, "tech", "tech's phone",
    )  # fmt: skip
    assert (step["code"], step["revoked"], step["ops"][0]["set"]["diagnosis"]) == (
        "bad_step",
        False,
        "pump worn",
    )
    assert (step["ops"][0]["collection"], step["ops"][0]["id"], step["ops"][0]["op"]) == (
        "work_order",
        order,
        "patch",
    )
    assert step["message"]
    assert forbidden["ops"][0]["set"] == {"name": "Ada Winter", "portal_enabled": False}
    assert forbidden["received_at"] - forbidden["edited_at"] == 3_600_000
    assert forbidden["at"]["field"] == "portal_enabled"


async def test_C24_nobody_but_the_office_reads_them(premises: Premises, repair: Shop, tech: Phone) -> None:
    await refused_step(tech)
    said = {}
    for who in STAFF_ROLES:
        phone = await premises.sign_in(repair, who)
        said[who] = (await ask(phone)).status_code
    assert said == {"admin": 200, "manager": 200, "service_writer": 404, "parts": 404, "tech": 404}
    assert (await ask(await premises.sign_in_customer(repair))).status_code == 404
    it = await premises.open_shop("it")
    assert await listed(await premises.sign_in(it, "admin")) == []
    assert (await premises.client.get("/api/parked")).status_code == 401


async def test_C25_a_change_is_taken_over_on_top_of_what_stands_and_its_author_learns_of_it(
    tech: Phone, boss: Phone
) -> None:
    order, changeset = await refused_step(tech, diagnosis="pump worn")
    await boss.sync()
    boss.patch("work_order", order, bay="2")
    (change,) = await listed(boss)
    edit = Draft("patch", "work_order", order, {"diagnosis": change["ops"][0]["set"]["diagnosis"]})
    settle(boss, change["key"], "taken_over", change["person"], edit)
    await boss.sync()
    assert boss.codes() == []
    assert (boss.data(order) or {})["diagnosis"] == "pump worn"
    assert await listed(boss) == []
    (settled,) = await listed(boss, settled="true")
    assert (settled["settled"]["how"], settled["settled"]["name"]) == ("taken_over", "manager")
    assert settled["settled"]["at"]
    await tech.sync()
    told = tech.data(changeset) or {}
    assert (told["how"], told["created_by"]) == ("taken_over", str(tech.shop.staff["manager"]))


async def test_C25_no_change_is_settled_twice(
    premises: Premises, repair: Shop, tech: Phone, boss: Phone
) -> None:
    order, changeset = await refused_step(tech, diagnosis="pump worn")
    admin = await (await premises.sign_in(repair, "admin")).sync()
    await boss.sync()
    author = str(repair.staff["tech"])
    for phone in (boss, admin):
        edit = Draft("patch", "work_order", order, {"bay": phone.who})
        settle(phone, changeset, "taken_over", author, edit)
        await phone.sync()
    assert (boss.codes(), admin.codes()) == ([], ["exists"])
    assert (admin.data(order) or {})["bay"] == "manager"


async def test_C25_who_sets_a_change_aside_says_why(tech: Phone, boss: Phone) -> None:
    _, changeset = await refused_step(tech)
    author = str(tech.shop.staff["tech"])
    for reason in (None, "  "):
        settle(boss, changeset, "dismissed", author, reason=reason)
        await boss.sync()
    assert boss.codes() == ["rule:reason_wanted", "rule:reason_wanted"]
    settle(boss, changeset, "dismissed", author, reason="Closed by phone")
    await boss.sync()
    (settled, *_) = [c for c in await listed(boss, settled="true") if c["changeset"] == changeset]
    assert settled["settled"]["reason"] == "Closed by phone"


async def test_C25_an_author_sends_again_or_gives_up_their_own_and_nobody_elses(
    premises: Premises, repair: Shop, tech: Phone, boss: Phone
) -> None:
    _, first = await refused_step(tech)
    _, second = await refused_step(tech)
    other = await (await premises.sign_in(repair, "tech2")).sync()
    mine, theirs = str(repair.staff["tech"]), str(repair.staff["tech2"])
    settle(other, first, "discarded", mine)  # in the author's name
    settle(other, second, "taken_over", mine)
    await other.sync()
    assert other.codes() == ["forbidden", "forbidden"]
    assert {c["changeset"] for c in await listed(boss)} >= {first, second}
    settle(tech, first, "sent_again", mine)
    settle(tech, second, "discarded", mine)
    await tech.sync()
    assert not {c["changeset"] for c in await listed(boss)} & {first, second}
    _, third = await refused_step(tech)
    settle(other, third, "discarded", theirs)  # as their own: it counts for nothing
    await other.sync()
    assert third in {c["changeset"] for c in await listed(boss)}
    settle(boss, third, "sent_again", mine)
    await boss.sync()
    assert boss.codes()[-1:] in (["forbidden"], ["exists"])


async def test_R6_C24_what_a_revoked_device_hands_over_is_listed(
    tech: Phone, boss: Phone, premises: Premises
) -> None:
    order, _ = await refused_step(tech)
    tech.patch("work_order", order, diagnosis="found it")
    headers = {"Authorization": f"Bearer {boss.token}"}
    await premises.client.delete(f"/api/devices/{tech.replica.replica}", headers=headers)
    answer = await tech.post(tech.replica.request(tech.now()))
    assert answer.status_code == 403
    handed = (await listed(boss))[0]
    assert (handed["code"], handed["revoked"], handed["ops"][0]["set"]) == (
        "forbidden", True, {"diagnosis": "found it"},
    )  # fmt: skip


async def test_C12_C24_what_could_not_be_read_is_listed_too(
    tech: Phone, boss: Phone, premises: Premises
) -> None:
    other = await (await premises.sign_in(tech.shop, "tech2")).sync()
    for phone in (tech, other):
        asked = phone.replica.request(phone.now())
        await phone.post({**asked, "changesets": [{"n": 1, "id": 5, "ops": "secret plan"}]})
    theirs, mine = await listed(boss)
    assert theirs["changeset"] == mine["changeset"]
    assert theirs["key"] != mine["key"]
    assert "secret plan" in mine["unreadable"]
    assert mine["ops"] == []
    settle(boss, theirs["key"], "dismissed", theirs["person"], reason="nonsense")
    await boss.sync()
    assert [c["key"] for c in await listed(boss)] == [mine["key"]]


async def test_C10_C24_a_change_that_came_twice_is_listed_once(tech: Phone, boss: Phone) -> None:
    _, changeset = await refused_step(tech)
    known = next(w for w in tech.replica.parked if w.changeset.id == changeset)
    asked = tech.replica.request(tech.now())
    ops = [
        {"op": o.op, "collection": o.collection, "id": o.id, "base": dict(o.base), "set": dict(o.set)}
        for o in known.changeset.ops
    ]
    again = {
        "n": tech.replica.n + 1,
        "id": changeset,
        "schema": known.changeset.schema,
        "at": known.changeset.at,
        "ops": ops,
    }
    answer = await tech.post({**asked, "changesets": [again]})
    assert answer.json()["results"][0]["code"] == "bad_step"
    assert [c["changeset"] for c in await listed(boss)] == [changeset]


async def test_C24_they_are_paged(tech: Phone, boss: Phone) -> None:
    wanted = [(await refused_step(tech))[1] for _ in range(5)]
    found, before = list[str](), dict[str, int]()
    for _ in range(9):
        body = (await ask(boss, limit=2, **before)).json()
        found += [c["changeset"] for c in body["changes"]]
        if body["next"] is None:
            break
        before = {"before": body["next"]}
    assert found == wanted[::-1]
    assert (await ask(boss, limit="x")).status_code == 400
