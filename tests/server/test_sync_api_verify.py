"""A replica compares itself with the server over HTTP, mends itself, and says so (rules D1 to D5, V19)."""

from dataclasses import replace
from typing import Any

import pytest

from server.store.mismatches import newest
from sync import verify
from sync.overlay import Held
from tests.server.premises import Phone, Premises, Shop
from tests.server.test_sync_api_pull import _order

REPORT = "01930000-0000-7000-8000-00000000abcd"


async def _verified(phone: Phone, limit: int = 1000) -> dict[str, Any]:
    """Sync with `verify` until the last page; that page."""
    while True:
        asked = phone.replica.request(phone.now(), limit, verify=True)
        answer = await phone.post(asked)
        assert answer.status_code == 200, answer.text
        phone.hear(asked, answer)
        page: dict[str, Any] = answer.json()
        if not page["more"]:
            return page
        assert "digests" not in page


async def _ask(phone: Phone, body: dict[str, Any]) -> Any:
    return await phone.premises.post("/api/sync/verify", body, phone.token, phone.shop)


async def _mended(phone: Phone) -> list[dict[str, Any]]:
    """Verify, look closer, fetch, verify again; the questions it took."""
    await _verified(phone)
    questions = []
    while (question := phone.replica.question()) is not None:
        answer = await _ask(phone, question)
        assert answer.status_code == 200, answer.text
        questions.append(question)
        phone.replica = phone.replica.checked(question, answer.json())
    if phone.replica.fetch:
        await _verified(phone)
    return questions


def _damage(phone: Phone, **held: Held | None) -> None:
    confirmed = {**phone.replica.confirmed, **held}
    phone.replica = replace(phone.replica, confirmed={i: h for i, h in confirmed.items() if h is not None})


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Phone:
    phone = await (await premises.sign_in(repair, "service_writer")).sync()
    for n in range(20):
        order = _order(phone, n % 2, complaint=f"noise {n}, “größer” \u2028 \x7f")
        phone.create("task", work_order=order, title=f"look {n}", estimated_minutes=n)
        phone.create("line_item", work_order=order, kind="part", cost_cents=100 + n, description="gasket")
    return await phone.sync()


@pytest.mark.parametrize("who", ["admin", "manager", "service_writer", "parts", "tech", "tech2"])
@pytest.mark.parametrize("limit", [1000, 7])
async def test_D1_D2_V19_every_role_agrees_with_its_own_view(
    premises: Premises, repair: Shop, desk: Phone, who: str, limit: int
) -> None:
    """After a bootstrap in pages of any size, and after the feed; also what is sealed or hidden from the role."""
    phone = await premises.sign_in(repair, who)
    page = await _verified(phone, limit)
    assert phone.replica.agrees is True
    assert page["digests"]["task"]["count"] == 20
    order = _order(desk, complaint="one more")
    await desk.sync()
    desk.patch("work_order", order, bay="3")
    await desk.sync()
    await _verified(phone, limit)
    assert phone.replica.agrees is True


async def test_D1_D2_a_customer_agrees_with_theirs(premises: Premises, repair: Shop, desk: Phone) -> None:
    phone = await premises.sign_in_customer(repair)
    page = await _verified(phone, 4)
    assert phone.replica.agrees is True
    assert page["digests"]["work_order"]["count"] == 10
    assert "task" not in page["digests"]


async def test_D3_damage_is_found_and_mended_and_nothing_else_is_fetched(desk: Phone) -> None:
    whole = dict(desk.replica.confirmed)
    orders, tasks, lines = (desk.records(name) for name in ("work_order", "task", "line_item"))
    other = replace(whole[tasks[0]], data={**whole[tasks[0]].data, "title": "bit rot"})
    ghost = Held("note", "01930000-0000-7000-8000-0000000000ff", {"@": 3}, {"text": "of nobody"})
    older = replace(whole[lines[0]], vv={"@": 1})
    _damage(desk, **{orders[0]: None, tasks[0]: other, ghost.id: ghost, lines[0]: older})
    questions = await _mended(desk)
    assert desk.replica.agrees is True
    assert desk.replica.confirmed == whole
    assert questions[0]["collections"] == ["line_item", "note", "task", "work_order"]
    assert sum(map(len, questions[1]["parts"].values())) == 4
    assert len(questions) == 2


async def test_D3_a_customer_mends_their_own_and_learns_nothing_else(
    premises: Premises, repair: Shop, desk: Phone
) -> None:
    phone = await (await premises.sign_in_customer(repair)).sync()
    whole = dict(phone.replica.confirmed)
    _damage(phone, **{phone.records("work_order")[0]: None})
    await _mended(phone)
    assert (phone.replica.agrees, phone.replica.confirmed) == (True, whole)
    theirs = await premises.sign_in_customer(repair, 1)
    await theirs.sync()
    foreign = [*theirs.records("work_order"), *desk.records("task")]
    asked = {**phone.replica.request(phone.now()), "fetch": foreign}
    fetched = (await phone.post(asked)).json()["fetched"]
    assert fetched == [{"collection": "", "id": id_, "gone": True} for id_ in foreign]
    parts = {"parts": {"task": [verify.part_of(id_) for id_ in desk.records("task")]}}
    answer = await _ask(phone, {"replica": phone.replica.replica, "epoch": phone.replica.epoch, **parts})
    assert answer.json() == {"ids": {"task": {}}}


async def test_D3_another_role_is_given_no_row_that_it_may_not_hold(
    premises: Premises, repair: Shop, desk: Phone
) -> None:
    """Somebody else's time entry, fetched by a tech, is gone like an id that never was."""
    mate = await (await premises.sign_in(repair, "tech2")).sync()
    entry = mate.create(
        "time_entry", kind="work", work_order=desk.records("work_order")[0], started_at=mate.now()
    )
    await mate.sync()
    assert mate.codes() == []
    tech = await (await premises.sign_in(repair, "tech")).sync()
    unknown = "01930000-0000-7000-8000-0000000000ff"
    asked = {**tech.replica.request(tech.now()), "fetch": [entry, unknown]}
    assert (await tech.post(asked)).json()["fetched"] == [
        {"collection": "", "id": id_, "gone": True} for id_ in (entry, unknown)
    ]


async def test_D3_a_report_is_kept_once_for_whoever_runs_the_server(premises: Premises, desk: Phone) -> None:
    found = {"task": {"missing": 1, "extra": 0, "changed": 2}}
    body = {"replica": desk.replica.replica, "id": REPORT, "found": found, "mended": True}
    for _ in range(2):
        assert (await _ask(desk, body)).json() == {"noted": True}
    (report,) = await newest(premises.app.state.database, desk.shop.id)
    assert (report.replica, report.mended, report.found) == (desk.replica.replica, True, found)
    assert report.person == str(desk.shop.staff["service_writer"])


async def test_D3_a_phone_that_reports_without_end_fills_nothing(
    premises: Premises, desk: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.store.mismatches.KEPT", 3)
    body = {"replica": desk.replica.replica, "found": {"task": {"missing": 1}}, "mended": False}
    for n in range(7):
        await _ask(desk, {**body, "id": f"01930000-0000-7000-8000-{n:012x}"})
    assert len(await newest(premises.app.state.database, desk.shop.id)) == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"collections": []},
        {"collections": ["Task"]},
        {"collections": "task"},
        {"parts": []},
        {"parts": {"task": ["0"]}},
        {"parts": {"task": "00"}},
        {"parts": {"no name": ["00"]}},
        {"found": {}, "id": REPORT, "mended": True},
        {"found": {"task": 3}, "id": REPORT, "mended": True},
        {"found": {"task": {"lost": 3}}, "id": REPORT, "mended": True},
        {"found": {"task": {"missing": -1}}, "id": REPORT, "mended": True},
        {"found": {"task": {"missing": 1}}, "id": "x", "mended": True},
        {"found": {"task": {"missing": 1}}, "id": REPORT, "mended": "yes"},
    ],
)
async def test_D3_a_question_of_another_form_is_refused(desk: Phone, body: dict[str, Any]) -> None:
    asked = {"replica": desk.replica.replica, "epoch": desk.replica.epoch, **body}
    answer = await _ask(desk, asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_D3_rights_are_those_of_a_pull(premises: Premises, repair: Shop, desk: Phone) -> None:
    """No session, another's replica, another epoch, a revoked device."""
    body = {"replica": desk.replica.replica, "epoch": desk.replica.epoch, "collections": ["task"]}
    assert (await premises.post("/api/sync/verify", body, None, repair)).status_code == 401
    other = await premises.sign_in(repair, "tech")
    assert (await _ask(other, body)).status_code == 403
    assert (await _ask(desk, {**body, "epoch": "e0"})).json()["code"] == "epoch"
    admin = await premises.sign_in(repair, "admin")
    path = f"http://{repair.slug}.localhost/api/devices/{desk.replica.replica}"
    await premises.client.delete(path, headers={"Authorization": f"Bearer {admin.token}"})
    assert (await _ask(desk, body)).status_code == 403
