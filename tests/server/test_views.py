"""What a phone's view is and how it moves (rules P1, P2, P4, P11, P13 to P15, M21, M27) on a real database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from server.db.embedded import Urls
from server.store import pull
from server.store.scene import Scene
from server.work.archive import archive_due
from sync.overlay import Draft
from tests.server.hearing import pages
from tests.server.premises import Phone, Premises, Shop


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Phone:
    return await (await premises.sign_in(repair, "manager")).sync()


def order(phone: Phone, **values: Any) -> str:
    return phone.create("work_order", **{"customer": phone.shop.customers[0], "complaint": "noise", **values})


def step(phone: Phone, id_: str, status: str, reason: str | None = None) -> None:
    phone.patch("work_order", id_, status=status, status_reason=reason, status_at=phone.now())


async def finished(desk: Phone, *children: str) -> tuple[str, list[str]]:
    """A work order with a child of each collection named, closed just now."""
    id_ = order(desk)
    told = {"note": {"text": "t"}, "task": {"title": "t"}, "line_item": {"kind": "fee", "description": "d"}}
    ids = [desk.create(name, work_order=id_, **told[name]) for name in children]
    for status in ("in_progress", "ready", "closed"):
        step(desk, id_, status)
    await desk.sync()
    assert desk.codes() == []
    return id_, ids


async def archive(phone: Phone) -> int:
    """What the timer does 31 days later; how much was due comes back."""
    now = phone.premises.world.now_ms() + 31 * 86_400_000
    return await archive_due(phone.premises.app.state.store, phone.shop.id, now)


def places(urls: Urls, ids: list[str]) -> list[tuple[int, int]]:
    """`@` and position of records, as they are stored."""
    with psycopg.connect(urls.superuser) as connection:
        query = "SELECT seq, pos FROM unnest(%s::uuid[]) WITH ORDINALITY AS w (id, n) JOIN record USING (id) ORDER BY n"
        return [(seq, pos) for seq, pos in connection.execute(query, (ids,)).fetchall()]


async def test_P1_the_pull_comes_after_the_push_of_its_request(tech: Phone) -> None:
    made = order(tech)
    answer = await tech.ask()
    assert answer is not None
    assert made in {r["id"] for r in answer.json()["records"]}


async def test_P1_a_page_is_of_one_moment_whatever_is_committed_meanwhile(
    premises: Premises, tech: Phone, desk: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit between the list of ids and the rows is not in the page, and its seq not in the cursor: it follows."""
    made = order(desk, bay="before")
    await desk.sync()
    real: Callable[..., Any] = pull._page

    async def after_a_commit(*args: Any) -> pull.Page:
        await premises.app.state.store.act(
            desk.shop.id, lambda scene: scene.set(made, {"bay": "after"}), [made]
        )
        page: pull.Page = await real(*args)
        return page

    monkeypatch.setattr(pull, "_page", after_a_commit)
    fresh = await premises.sign_in(desk.shop, "tech")
    (page,) = await pages(fresh, limit=1000)
    monkeypatch.undo()
    assert {r["id"]: r for r in page["records"]}[made]["data"]["bay"] == "before"
    (news,) = await pages(fresh, cursor=page["cursor"])
    assert [r["data"]["bay"] for r in news["records"]] == ["after"]


async def test_P2_P4_P13_what_enters_or_leaves_takes_its_children_along_with_their_old_at(
    desk: Phone, tech: Phone, database_urls: Urls
) -> None:
    id_, children = await finished(desk, "note", "task", "line_item")
    await tech.sync()
    before = places(database_urls, children)
    assert await archive(desk) == 1
    (left,) = await pages(tech, limit=1000, cursor=tech.replica.cursor)
    assert sorted(r["id"] for r in left["records"] if r.get("gone")) == sorted([id_, *children])
    commit = places(database_urls, [id_])[0][0]
    assert [pos for _, pos in places(database_urls, children)] == [commit] * 3
    assert [seq for seq, _ in places(database_urls, children)] == [seq for seq, _ in before]
    tech.patch("work_order", id_, bay="2")
    step(desk, id_, "in_progress", "the pump leaks again")
    await desk.sync()
    assert desk.codes() == []
    (back,) = await pages(tech, limit=1000, cursor=tech.replica.cursor)
    entered = {r["id"]: r["vv"]["@"] for r in back["records"] if not r.get("gone")}
    assert {id_, *children} <= entered.keys()
    assert [entered[child] for child in children] == [seq for seq, _ in before]


async def test_P3_pages_of_any_size_give_the_same_view_in_order_of_position_and_id(
    premises: Premises, tech: Phone, desk: Phone, database_urls: Urls
) -> None:
    """One changeset of twelve records stands at one seq; a cursor may stand inside of it."""
    id_, world = str(premises.world.new_id()), premises.world
    notes = [
        Draft("create", "note", str(world.new_id()), {"work_order": id_, "text": "t"}) for _ in range(11)
    ]
    head = {"customer": desk.shop.customers[0], "complaint": "noise"}
    desk.act(Draft("create", "work_order", id_, head), *notes)
    await desk.sync()
    whole = [r["id"] for p in await pages(tech, limit=1000, cursor=tech.replica.cursor) for r in p["records"]]
    assert len(whole) == 12
    assert len({pos for _, pos in places(database_urls, whole)}) == 1
    assert whole == sorted(whole)
    for limit in (1, 5, 11, 12):
        parts = await pages(tech, limit=limit, cursor=tech.replica.cursor)
        assert [r["id"] for p in parts for r in p["records"]] == whole
        assert [p["more"] for p in parts] == [True] * (len(parts) - 1) + [False]
        assert all(len(p["records"]) <= limit for p in parts)


async def test_P11_techs_hold_neither_others_time_entries_nor_what_the_shop_pays(
    premises: Premises, tech: Phone, desk: Phone
) -> None:
    other = await (await premises.sign_in(tech.shop, "tech2")).sync()
    part = desk.create("part", name="Belt", cost_cents=700, price_cents=1500)
    id_ = order(desk, goodwill_cents=500, goodwill_reason="late")
    await desk.sync()
    mine = tech.create("time_entry", kind="shift", started_at=tech.now())
    theirs = other.create("time_entry", kind="shift", started_at=tech.now())
    for phone in (tech, other, tech, desk):
        await phone.sync()
    assert (tech.records("time_entry"), other.records("time_entry")) == ([mine], [theirs])
    assert desk.records("time_entry") == sorted([mine, theirs])
    names = set(tech.data(part) or {}) | set(tech.data(id_) or {})
    assert "complaint" in names
    assert not {"cost_cents", "goodwill_cents", "goodwill_reason"} & names
    assert (desk.data(part) or {})["cost_cents"] == 700


async def test_P14_M27_an_edit_of_what_has_left_is_judged_and_kept(desk: Phone, tech: Phone) -> None:
    """Archived work rests: writing to it is `closed` and the draft stays, but to take it up again is a step as any."""
    id_, (task,) = await finished(desk, "task")
    await tech.sync()
    tech.patch("task", task, title="written off line")
    tech.create("task", work_order=id_, title="made off line")
    await archive(desk)
    await tech.sync()
    assert (tech.codes(), tech.data(task), tech.replica.outbox) == (["closed", "closed"], None, ())
    assert [w.changeset.ops[0].set.get("title") for w in tech.replica.parked][:1] == ["written off line"]
    step(desk, id_, "in_progress", "again")
    await desk.sync()
    assert desk.codes() == []
    assert (await tech.sync()).data(task) is not None


async def test_P14_of_what_one_may_not_know_the_answer_is_the_one_for_what_is_not_there(
    premises: Premises, tech: Phone
) -> None:
    other = await (await premises.sign_in(tech.shop, "tech2")).sync()
    theirs = other.create("time_entry", kind="shift", started_at=tech.now())
    await other.sync()
    for id_ in (theirs, "01930000-0000-7000-8000-0000000000ff"):
        tech.act(Draft("patch", "time_entry", id_, {"kind": "work"}, {"": {"@": 1}}))
        tech.act(Draft("delete", "time_entry", id_, {}, {"": {"@": 1}}))
    await tech.sync()
    assert tech.codes() == ["gone"] * 4
    assert len({(w.outcome["code"], w.outcome["message"]) for w in tech.replica.parked}) == 1


async def test_P15_notices_and_conflicts_show_no_value_of_a_hidden_field(
    premises: Premises, tech: Phone, desk: Phone
) -> None:
    """Who was at the desk when an edit gave way, and is a tech now, is told of it without the figures."""
    me = str(desk.shop.staff["tech"])

    def told(scene: Scene) -> None:
        about = {"collection": "work_order", "record": me}
        hidden = {"goodwill_cents": 4711, "goodwill_reason": "canary"}
        side = {"value": {**hidden, "bay": "7"}, "person": me, "person_name": "", "device": "", "time": 0}
        scene.create("notice", {**about, "staff": me, "field": "goodwill", "value": {**hidden, "bay": "7"}})
        scene.create(
            "conflict", {**about, "root": me, "field": "goodwill", "sides": [side, side], "open": True}
        )

    await premises.app.state.store.act(desk.shop.id, told, [me])
    (page,) = await pages(tech, limit=1000)
    found = {r["collection"]: r["data"] for r in page["records"] if r["collection"] in ("notice", "conflict")}
    assert found["notice"]["value"] == {"bay": "7"}
    assert [side["value"] for side in found["conflict"]["sides"]] == [{"bay": "7"}] * 2
    assert "4711" not in str(page)
    (page,) = await pages(desk, limit=1000)
    assert "4711" in str(page)


async def test_P15_an_outcome_names_only_what_its_author_wrote(tech: Phone, desk: Phone) -> None:
    id_ = order(desk, diagnosis="?")
    await desk.sync()
    await tech.sync()
    tech.patch("work_order", id_, diagnosis="belt", bay="3")
    desk.patch("work_order", id_, diagnosis="pump", bay="4", goodwill_cents=7, goodwill_reason="r")
    await desk.sync()
    answer = await tech.ask()
    assert answer is not None
    result = answer.json()["results"][0]
    assert set(result) == {"n", "outcome", "seq", "conflicts", "overtaken"}
    assert {lost["field"] for lost in result["overtaken"]} <= {"bay", "diagnosis"}


async def test_M21_what_has_an_open_conflict_waits_for_it_be_it_in_a_child(desk: Phone, tech: Phone) -> None:
    id_, (task,) = await finished(desk, "task")
    await tech.sync()
    desk.patch("task", task, title="said at the desk")
    tech.patch("task", task, title="said in the shop")
    await desk.sync()
    await tech.sync()
    (conflict,) = tech.records("conflict")
    assert await archive(desk) == 0
    assert (await tech.sync()).data(id_) is not None
    tech.patch("task", task, title="agreed")
    await tech.sync()
    assert (tech.data(conflict) or {"open": None})["open"] is False
    assert await archive(desk) == 1
    await tech.sync()
    assert [tech.data(gone) for gone in (id_, task, conflict)] == [None, None, None]


async def test_P12_time_alone_moves_nothing_out_of_a_view(desk: Phone, tech: Phone) -> None:
    id_, _ = await finished(desk)
    await tech.sync()
    desk.premises.world.pass_time(days=40)
    tech.token = (await desk.premises.sign_in(tech.shop, "tech", tech.replica.replica)).token
    (page,) = await pages(tech, limit=1000, cursor=tech.replica.cursor)
    assert page["records"] == []
    assert await archive(desk) == 1
    assert (await tech.sync()).data(id_) is None
