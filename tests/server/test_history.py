"""The history of a field: who wrote what, when, where, and what became of it; and who may read it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from server.auth.gate import server_of
from server.history import reading
from sync.collection import STAFF_ROLES
from sync.overlay import Draft
from tests.server.premises import Phone, Premises, Shop

Entry = dict[str, Any]


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Phone:
    return await (await premises.sign_in(repair, "manager")).sync()


def _order(phone: Phone, **values: Any) -> str:
    return phone.create("work_order", **{"customer": phone.shop.customers[0], "complaint": "noise", **values})


async def ask(
    phone: Phone, collection: str, id_: str, field: str | None = None, **more: Any
) -> httpx.Response:
    asked = {"collection": collection, "id": id_, **({"field": field} if field else {}), **more}
    url = f"http://{phone.shop.slug}.localhost/api/history"
    return await phone.premises.client.get(
        url, params=asked, headers={"Authorization": f"Bearer {phone.token}"}
    )


async def told(phone: Phone, collection: str, id_: str, field: str | None = None, **more: Any) -> list[Entry]:
    answer = await ask(phone, collection, id_, field, **more)
    assert answer.status_code == 200, answer.text
    entries: list[Entry] = answer.json()["entries"]
    return entries


def short(entries: list[Entry], field: str) -> list[tuple[Any, ...]]:
    return [(e["name"], e.get("was", {}).get(field), e["values"].get(field), e["became"]) for e in entries]


async def test_C22_a_field_tells_who_wrote_what_when_where_and_what_became_of_it(
    tech: Phone, desk: Phone, premises: Premises
) -> None:
    order = _order(tech, diagnosis="seal")
    await tech.sync()
    await desk.sync()
    written = premises.world.now_ms()
    tech.patch("work_order", order, diagnosis="seal leaks")
    premises.world.pass_time(hours=2)
    await tech.sync()
    await desk.sync()
    desk.patch("work_order", order, diagnosis="hose leaks")
    await desk.sync()
    newest, middle, first = await told(desk, "work_order", order, "diagnosis")
    assert short([newest, middle, first], "diagnosis") == [
        ("manager", "seal leaks", "hose leaks", "stands"),
        ("tech", "seal", "seal leaks", "replaced"),
        ("tech", None, "seal", "replaced"),
    ]
    assert (middle["edited_at"], middle["received_at"]) == (written, premises.world.now_ms())
    assert (middle["offline"], newest["offline"]) == (True, False)
    assert (middle["device"], newest["device"]) == ("tech's phone", "manager's phone")
    assert middle["through"]["name"] == "manager"
    assert middle["through"]["seq"] == newest["seq"]
    assert "through" not in newest
    assert [e["op"] for e in (newest, first)] == ["patch", "create"]


async def test_C22_what_gave_way_and_what_waits_is_told(tech: Phone, desk: Phone, premises: Premises) -> None:
    order = _order(tech)
    await tech.sync()
    await desk.sync()
    tech.patch("work_order", order, diagnosis="pump", priority="low")
    premises.world.pass_time(minutes=5)
    desk.patch("work_order", order, diagnosis="hose", priority="high")
    await desk.sync()
    await tech.sync()
    diagnosis = short(await told(desk, "work_order", order, "diagnosis"), "diagnosis")
    begun = ("tech", None, None, "replaced")
    assert diagnosis == [("tech", None, "pump", "side"), ("manager", None, "hose", "stands"), begun]
    low, high, _ = await told(desk, "work_order", order, "priority")
    assert (low["values"]["priority"], low["became"], low["through"]["name"]) == (
        "low",
        "overtaken",
        "manager",
    )
    assert (high["became"], high["was"]) == ("stands", {"priority": "normal"})
    await desk.sync()
    desk.patch("work_order", order, diagnosis="hose and pump")
    await desk.sync()
    became = [e["became"] for e in await told(desk, "work_order", order, "diagnosis")]
    assert became == ["stands", "settled", "replaced", "replaced"]


async def test_C22_an_accepted_write_that_a_later_one_overtook_is_told(
    tech: Phone, desk: Phone, premises: Premises
) -> None:
    order = _order(tech)
    await tech.sync()
    await desk.sync()
    desk.patch("work_order", order, priority="high")
    premises.world.pass_time(minutes=5)
    tech.patch("work_order", order, priority="low")
    await desk.sync()
    await tech.sync()
    low, high, _ = await told(desk, "work_order", order, "priority")
    assert (low["became"], high["became"], high["through"]["seq"]) == ("stands", "overtaken", low["seq"])


async def test_C22_what_was_refused_is_told_with_its_reason(tech: Phone, desk: Phone) -> None:
    order = _order(tech)
    await tech.sync()
    tech.patch("work_order", order, status="closed", status_reason=None, status_at=tech.now())
    await tech.sync()
    refused, made = await told(tech, "work_order", order, "status")
    assert (refused["became"], refused["code"], refused["values"]["status"]) == (
        "refused",
        "bad_step",
        "closed",
    )
    assert refused["message"]
    assert made["became"] == "stands"


async def test_C22_elements_the_same_value_and_a_delete(tech: Phone, desk: Phone) -> None:
    order = _order(tech, tags={"add": ["a"]})
    note = tech.create("note", work_order=order, text="once")
    await tech.sync()
    await desk.sync()
    desk.patch("work_order", order, tags={"add": ["b"], "remove": ["a"]}, bay="1")
    await desk.sync()
    tech.patch("work_order", order, bay="1")
    desk.act(Draft("delete", "note", note))
    await desk.sync()
    await tech.sync()
    added, first = await told(desk, "work_order", order, "tags")
    assert added["values"] == {"tags": {"add": ["b"], "remove": ["a"]}}
    assert [added["became"], first["became"]] == ["stands", "replaced"]
    assert [e["became"] for e in await told(desk, "work_order", order, "bay")] == [
        "stands",
        "stands",
        "replaced",
    ]
    removed, made = await told(desk, "note", note, "text")
    assert [(e["op"], e["became"]) for e in (removed, made)] == [("delete", "stands"), ("create", "replaced")]
    assert made["through"]["seq"] == removed["seq"]


async def test_C22_a_whole_record_and_what_the_server_wrote(
    tech: Phone, desk: Phone, premises: Premises
) -> None:
    order = _order(tech)
    await tech.sync()
    await premises.app.state.store.act(tech.shop.id, lambda scene: scene.set(order, {"bay": "7"}), [order])
    await premises.app.state.store.act(tech.shop.id, lambda scene: scene.set(order, {"bay": None}), [order])
    emptied, moved, *made = await told(desk, "work_order", order)
    assert (emptied["values"], emptied["became"]) == ({"bay": None}, "stands")
    assert (moved["values"], moved["name"], moved["person"], moved["became"]) == (
        {"bay": "7"},
        "",
        None,
        "replaced",
    )
    assert {e["unit"] for e in made} == {"customer", "complaint"}


async def test_C22_instants_that_a_phone_measured_are_told_by_the_servers_clock(tech: Phone) -> None:
    tech.skew_ms = -3_600_000
    shift = tech.create(
        "time_entry", kind="shift", started_at=tech.now(), ended_at=None, correction_reason=None
    )
    await tech.sync()
    (made,) = await told(tech, "time_entry", shift, "started_at")
    assert made["values"]["started_at"] == (tech.data(shift) or {})["started_at"]
    assert made["edited_at"] == made["received_at"]
    started = (tech.data(shift) or {})["started_at"]
    tech.patch("time_entry", shift, started_at=started, ended_at=tech.now(), correction_reason=None)
    await tech.sync()
    ended, _ = await told(tech, "time_entry", shift, "ended_at")
    assert {n: v for n, v in (tech.data(shift) or {}).items() if n in ended["values"]} == {
        n: v for n, v in ended["values"].items() if v is not None
    }


async def test_C22_a_history_is_paged_without_a_seam(
    tech: Phone, desk: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PIECE", 5)
    monkeypatch.setattr(reading, "AROUND", 3)
    monkeypatch.setattr(reading, "PIECES_MAX", 3)
    order = _order(tech)
    for turn in range(30):
        tech.patch("work_order", order, **({"bay": str(turn)} if turn % 3 == 0 else {"area": str(turn)}))
    await tech.sync()
    monkeypatch.undo()
    whole = await told(desk, "work_order", order, "bay")
    monkeypatch.setattr(reading, "PIECE", 5)
    monkeypatch.setattr(reading, "AROUND", 3)
    paged, before = list[Entry](), None
    for _ in range(20):
        answer = await ask(
            desk, "work_order", order, "bay", limit=2, **({"before": before} if before else {})
        )
        body = answer.json()
        paged += body["entries"]
        before = body["next"]
        if before is None:
            break
    assert paged == whole
    assert [e["values"]["bay"] for e in paged] == [*(str(n) for n in range(27, -1, -3)), None]
    assert [e["was"] for e in paged] == [*({"bay": str(n)} for n in range(24, -1, -3)), {"bay": None}, {}]


async def test_C23_customers_have_no_history(premises: Premises, repair: Shop, tech: Phone) -> None:
    order = _order(tech)
    await tech.sync()
    customer = await (await premises.sign_in_customer(repair)).sync()
    for who in ("work_order", "", "nonsense"):
        answer = await ask(customer, who, order)
        assert (answer.status_code, answer.json()["code"]) == (404, "gone"), who


async def test_C23_what_one_may_not_see_has_no_history(premises: Premises, repair: Shop) -> None:
    """Somebody else's own record, a field hidden from the role, another shop's record and one that never was: one answer."""
    phones = {who: await (await premises.sign_in(repair, who)).sync() for who in (*STAFF_ROLES, "tech2")}
    it = await premises.open_shop("it")
    stranger = await (await premises.sign_in(it, "admin")).sync()
    tech, admin = phones["tech"], phones["admin"]
    entry = tech.create(
        "time_entry", kind="shift", started_at=tech.now(), ended_at=None, correction_reason=None
    )
    await tech.sync()
    order = _order(admin, goodwill_cents=5, goodwill_reason="regular")
    await admin.sync()

    async def answers(phone: Phone, *asked: Any) -> int:
        return (await ask(phone, *asked)).status_code

    assert [await answers(phones[w], "time_entry", entry) for w in ("tech", "admin", "tech2", "parts")] == [
        200,
        200,
        404,
        404,
    ]
    assert await answers(stranger, "work_order", order) == 404
    assert await answers(admin, "work_order", it.customers[0]) == 404
    assert await answers(admin, "customer", order) == 404
    assert await answers(admin, "work_order", order, "nonsense") == 404
    assert await answers(admin, "nonsense", order) == 404
    assert await answers(admin, "conflict", order) == 404
    for field in ("goodwill_cents", "goodwill_reason"):
        assert (
            await answers(admin, "work_order", order, field),
            await answers(tech, "work_order", order, field),
        ) == (200, 404)
    units = {e["unit"] for e in await told(tech, "work_order", order)}
    assert "goodwill" not in units
    assert "regular" not in (await ask(tech, "work_order", order)).text
    email = await ask(phones["tech"], "staff", str(repair.staff["admin"]), "email")
    assert email.status_code == 404


async def test_C23_sealed_values_are_opened_for_who_may_see_them(
    premises: Premises, repair: Shop, tech: Phone, database_url: str
) -> None:
    tech.patch("customer", repair.customers[0], name="Ada Winter", phones={"add": ["+41 1"]})
    await tech.sync()
    newest, first = await told(tech, "customer", repair.customers[0], "name")
    assert short([newest, first], "name") == [
        ("tech", "Customer 0", "Ada Winter", "stands"),
        ("", None, "Customer 0", "replaced"),
    ]
    assert (await told(tech, "customer", repair.customers[0], "phones"))[0]["values"] == {
        "phones": {"add": ["+41 1"]}
    }
    async with premises.app.state.database.transaction(server_of(repair.id)) as tx:
        log = str(await (await tx.execute("SELECT ops::text FROM change")).fetchall())
    assert "Ada Winter" not in log


@pytest.mark.parametrize(
    "asked",
    [
        {"collection": "work_order"},
        {"id": "01930000-0000-7000-8000-000000000002"},
        {"collection": "work_order", "id": "x"},
        {"collection": "work_order", "id": "01930000-0000-7000-8000-000000000002", "before": "-1"},
        {"collection": "work_order", "id": "01930000-0000-7000-8000-000000000002", "before": "9" * 40},
        {"collection": "work_order", "id": "01930000-0000-7000-8000-000000000002", "limit": "0"},
        {"collection": "work_order", "id": "01930000-0000-7000-8000-000000000002", "limit": "²"},
    ],
)
async def test_C22_what_cannot_be_read_is_said(tech: Phone, asked: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {tech.token}"}
    answer = await tech.premises.client.get("/api/history", params=asked, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_C23_nobody_without_a_session_reads_a_history(premises: Premises, tech: Phone) -> None:
    order = _order(tech)
    await tech.sync()
    answer = await premises.client.get("/api/history", params={"collection": "work_order", "id": order})
    assert answer.status_code == 401
