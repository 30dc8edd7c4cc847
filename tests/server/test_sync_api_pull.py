"""Pulling over HTTP: bootstrap, feed, views that records enter and leave, conflicts as records (rules P, M16 to M19, X)."""

from typing import Any

from sync.overlay import Draft
from tests.server.ledger import same
from tests.server.premises import Phone, Premises, Shop


def _order(phone: Phone, customer: int = 0, **values: Any) -> str:
    return phone.create(
        "work_order", **{"customer": phone.shop.customers[customer], "complaint": "noise", **values}
    )


def _data(phone: Phone, id_: str) -> dict[str, Any]:
    data = phone.data(id_)
    assert data is not None, f"{phone.who} has no {id_}"
    return data


async def _page(phone: Phone, limit: int = 1000) -> dict[str, Any]:
    answer = await phone.ask(limit=limit)
    assert answer is not None
    page: dict[str, Any] = answer.json()
    return page


async def test_P6_a_null_cursor_starts_a_bootstrap_and_the_first_page_says_so(
    premises: Premises, repair: Shop
) -> None:
    phone = await premises.sign_in(repair, "tech")
    first = await _page(phone, limit=4)
    rest = [await _page(phone, limit=4) for _ in range(3)]
    assert (first["reset"], first["more"]) == (True, True)
    assert [page["reset"] for page in rest] == [False] * 3
    assert phone.replica.staged is None
    assert len(phone.replica.confirmed) == 1 + 6 + 2


async def test_P7_a_bootstrap_goes_on_where_it_was_and_what_changed_meanwhile_follows(
    premises: Premises, repair: Shop, desk: Phone
) -> None:
    orders = [_order(desk, complaint=f"{n}") for n in range(12)]
    await desk.sync()
    phone = await premises.sign_in(repair, "tech")
    await phone.ask(limit=5)
    desk.patch("work_order", orders[0], bay="changed meanwhile")
    new = _order(desk, complaint="new meanwhile")
    await desk.sync()
    await phone.ask(limit=5, fault="answer_lost")
    await phone.sync(limit=5)
    assert same(phone.replica, (await (await premises.sign_in(repair, "tech")).sync()).replica) == []
    assert _data(phone, orders[0])["bay"] == "changed meanwhile"
    assert _data(phone, new)


async def test_P7_its_list_is_kept_for_a_day_and_then_it_starts_anew(
    premises: Premises, repair: Shop
) -> None:
    phone = await premises.sign_in(repair, "tech")
    await phone.ask(limit=4)
    premises.world.pass_time(hours=25)
    assert (await _page(phone, limit=4))["reset"]


async def test_P8_my_open_work_comes_first(premises: Premises, repair: Shop, desk: Phone) -> None:
    theirs = [_order(desk) for _ in range(3)]
    mine = _order(desk, assignee=str(repair.staff["tech"]))
    task = desk.create("task", work_order=mine, title="look")
    await desk.sync()
    page = await _page(await premises.sign_in(repair, "tech"))
    ids = [r["id"] for r in page["records"] if r["collection"] in ("work_order", "task")]
    assert set(ids[:2]) == {mine, task}
    assert set(ids[2:]) == set(theirs)


async def test_P8_words_in_a_text_say_nothing_about_status_or_assignee(
    repair: Shop, desk: Phone, premises: Premises
) -> None:
    looks = f'"status":"closed" "assignee":"{repair.staff["tech"]}"'
    theirs = _order(desk, complaint=looks)
    mine = _order(desk, assignee=str(repair.staff["tech"]), complaint='"status":"canceled"')
    await desk.sync()
    page = await _page(await premises.sign_in(repair, "tech"))
    assert [r["id"] for r in page["records"] if r["collection"] == "work_order"] == [mine, theirs]


async def test_P3_the_feed_gives_each_record_once_and_a_cursor_may_stand_inside_a_commit(
    tech: Phone, desk: Phone
) -> None:
    order = str(desk.premises.world.new_id())
    notes = [str(desk.premises.world.new_id()) for _ in range(9)]
    desk.act(
        Draft("create", "work_order", order, {"customer": desk.shop.customers[0], "complaint": "x"}),
        *(Draft("create", "note", id_, {"work_order": order, "text": "t"}) for id_ in notes),
    )
    await desk.sync()
    given: list[str] = []
    while True:
        page = await _page(tech, limit=2)
        given += [r["id"] for r in page["records"]]
        if not page["more"]:
            break
        assert tech.data(order) is None  # a changeset is whole or absent in every view
    assert sorted(given) == sorted([order, *notes])


async def test_P5_a_cursor_of_another_phone_or_a_made_up_one_starts_over(tech: Phone, desk: Phone) -> None:
    for cursor in (desk.replica.cursor, "AAAA", "x" * 2000, "é\0", ""):
        answer = await tech.post({**tech.replica.request(tech.now()), "cursor": cursor})
        assert (answer.status_code, answer.json().get("reset", True)) in ((200, True), (400, True))


async def test_P17_another_role_is_another_view_and_the_outbox_stays(
    premises: Premises, tech: Phone, desk: Phone
) -> None:
    admin = await (await premises.sign_in(tech.shop, "admin")).sync()
    order = _order(admin, goodwill_cents=500, goodwill_reason="late")
    await admin.sync()
    await tech.sync()
    assert "goodwill_cents" not in _data(tech, order)
    tech.patch("work_order", order, bay="3")
    admin.patch("staff", str(tech.shop.staff["tech"]), role="service_writer")
    await admin.sync()
    assert (await _page(tech))["reset"]
    assert (_data(tech, order)["goodwill_cents"], _data(tech, order)["bay"]) == (500, "3")


async def test_P12_P13_what_is_archived_leaves_with_all_that_hangs_on_it_and_may_come_back(
    premises: Premises, tech: Phone, desk: Phone
) -> None:
    order = _order(desk)
    task = desk.create("task", work_order=order, title="t")
    await desk.sync()
    await tech.sync()
    store = premises.app.state.store
    tech.patch("task", task, title="written while it left")
    await store.act(tech.shop.id, lambda scene: scene.set(order, {"archived": True}), [order])
    assert (await tech.sync()).data(order) is None
    assert tech.data(task) is None
    assert tech.codes() == []  # a view is no right: the pending edit was judged (P14)
    await store.act(tech.shop.id, lambda scene: scene.set(order, {"archived": False}), [order])
    assert _data(await tech.sync(), task)["title"] == "written while it left"
    assert same(tech.replica, (await (await premises.sign_in(tech.shop, "tech")).sync()).replica) == []


async def test_W8_a_deleted_record_is_gone_and_its_id_is_never_used_again(tech: Phone, desk: Phone) -> None:
    order = _order(desk)
    note = desk.create("note", work_order=order, text="t")
    await desk.sync()
    await tech.sync()
    desk.act(Draft("delete", "note", note))
    await desk.sync()
    page = await _page(tech)
    assert {"collection": "note", "id": note, "gone": True} in page["records"]
    tech.act(Draft("create", "note", note, {"work_order": order, "text": "again"}))
    tech.act(Draft("patch", "note", note, {"text": "again"}, {"": {"@": 1}}))
    await tech.sync()
    assert tech.codes() == ["exists", "gone"]


async def test_M16_M18_a_conflict_is_a_record_and_settling_it_closes_it_for_all(
    tech: Phone, desk: Phone
) -> None:
    order = _order(desk, diagnosis="?")
    await desk.sync()
    await tech.sync()
    desk.patch("work_order", order, diagnosis="belt")
    tech.patch("work_order", order, diagnosis="pump")
    await desk.sync()
    answer = await _page(tech)
    (result,) = answer["results"]
    (conflict,) = result["conflicts"]
    await desk.sync()
    for phone in (tech, desk):
        shown = _data(phone, conflict)
        assert _data(phone, order)["diagnosis"] == "belt"
        assert (shown["record"], shown["field"], shown["open"]) == (order, "diagnosis", True)
        told = [(side["value"], side["person"]) for side in shown["sides"]]
        assert ({"diagnosis": "pump"}, str(tech.shop.staff["tech"])) in told
    desk.patch("work_order", order, diagnosis="pump")
    await desk.sync()
    await tech.sync()
    for phone in (tech, desk):
        assert _data(phone, order)["diagnosis"] == "pump"
        assert (phone.data(conflict) or {}).get("open", False) is False
    tech.patch("work_order", order, diagnosis="third")
    assert (await _page(tech))["results"][0]["conflicts"] == []


async def test_M22_a_delete_that_had_not_seen_a_write_is_refused(tech: Phone, desk: Phone) -> None:
    order = _order(desk)
    task = desk.create("task", work_order=order, title="t")
    await desk.sync()
    await tech.sync()
    tech.patch("task", task, title="unseen")
    await tech.sync()
    desk.act(Draft("delete", "task", task))
    await desk.sync()
    assert (desk.codes(), _data(desk, task)["title"]) == (["unseen"], "unseen")
    desk.act(Draft("delete", "task", task))
    desk.patch("task", task, title="no longer there")
    await desk.sync()
    assert (desk.codes(), desk.data(task)) == (["unseen", "gone"], None)


async def test_M5_whose_accepted_edit_gave_way_is_told_by_a_notice_that_only_they_see(
    premises: Premises, tech: Phone, desk: Phone
) -> None:
    order = _order(desk)
    await desk.sync()
    await tech.sync()
    tech.patch("work_order", order, bay="tech")
    await tech.sync()
    premises.world.pass_time(minutes=1)
    desk.patch("work_order", order, bay="desk")
    await desk.sync()
    await tech.sync()
    (notice,) = tech.records("notice")
    assert (_data(tech, notice)["field"], _data(tech, notice)["value"]) == ("bay", {"bay": "tech"})
    assert desk.records("notice") == []
    admin = await (await premises.sign_in(tech.shop, "admin")).sync()
    assert admin.records("notice") == []


async def test_X1_X2_a_customer_sees_their_own_by_an_allow_list(premises: Premises, desk: Phone) -> None:
    mine = _order(desk, 0, diagnosis="internal", bay="7", assignee=str(desk.shop.staff["tech"]))
    other = _order(desk, 1)
    note = desk.create("note", work_order=mine, text="internal too")
    await desk.sync()
    phone = await premises.sign_in_customer(desk.shop, 0)
    page = await _page(phone)
    text = str(page)
    assert mine in text
    for hidden in (other, note, "internal", *map(str, desk.shop.staff.values()), desk.replica.replica, "bay"):
        assert hidden not in text
    assert all(set(r["vv"]) == {"@"} for r in page["records"])


async def test_X3_what_a_customer_may_not_see_moves_nothing(premises: Premises, desk: Phone) -> None:
    order = _order(desk)
    await desk.sync()
    phone = await (await premises.sign_in_customer(desk.shop, 0)).sync()
    before = phone.replica.confirmed[order].vv
    desk.patch("work_order", order, diagnosis="internal")
    await desk.sync()
    assert (await _page(phone))["records"] == []
    desk.patch("work_order", order, complaint="all see this")
    await desk.sync()
    assert len((await _page(phone))["records"]) == 1
    assert phone.replica.confirmed[order].vv["@"] == before["@"] + 1


async def test_X7_a_customer_goes_on_seeing_what_stands_while_staff_have_a_conflict(
    premises: Premises, tech: Phone, desk: Phone
) -> None:
    order = _order(desk)
    await desk.sync()
    await tech.sync()
    desk.patch("work_order", order, complaint="stands")
    tech.patch("work_order", order, complaint="aside")
    await desk.sync()
    await tech.sync()
    phone = await (await premises.sign_in_customer(desk.shop, 0)).sync()
    assert _data(phone, order)["complaint"] == "stands"
    assert "aside" not in str(phone.replica.confirmed)


async def test_X6_what_a_customer_writes_is_forbidden_today_and_shows_no_commit(
    premises: Premises, desk: Phone
) -> None:
    order = _order(desk)
    await desk.sync()
    phone = await (await premises.sign_in_customer(desk.shop, 0)).sync()
    phone.patch("work_order", order, complaint="mine")
    page = await _page(phone)
    assert [(r["code"], "seq" in r) for r in page["results"]] == [("forbidden", False)]


async def test_X6_of_what_is_anothers_a_customer_gets_the_answer_for_what_is_not_there(
    premises: Premises, desk: Phone
) -> None:
    other = _order(desk, 1)
    note = desk.create("note", work_order=other, text="t")
    await desk.sync()
    phone = await (await premises.sign_in_customer(desk.shop, 0)).sync()
    unknown = str(premises.world.new_id())
    for id_ in (other, note, unknown):
        phone.act(Draft("patch", "work_order", id_, {"complaint": "x"}, {"": {}}))
    await phone.sync()
    first, *others = ({**w.outcome, "n": 0} for w in phone.replica.parked)
    assert others == [first] * 2


async def test_I8_a_second_shop_sees_nothing_and_its_ids_are_as_good_as_unknown(
    premises: Premises, tech: Phone, desk: Phone
) -> None:
    order = _order(desk)
    await desk.sync()
    it = await premises.open_shop("it")
    stranger = await (await premises.sign_in(it, "admin")).sync()
    assert order not in stranger.replica.confirmed
    assert str(desk.shop.id) not in str(stranger.replica.confirmed)
    for id_ in (order, str(premises.world.new_id())):
        stranger.act(Draft("patch", "work_order", id_, {"bay": "1"}, {"": {}}))
        stranger.act(Draft("create", "note", str(premises.world.new_id()), {"work_order": id_, "text": "t"}))
    await stranger.sync()
    said = [{**w.outcome, "n": 0} for w in stranger.replica.parked]
    assert said[:2] == said[2:]
    other_host = Phone(premises, desk.shop, "admin", stranger.token, stranger.replica)
    answer = await other_host.ask()
    assert answer is not None
    assert answer.status_code == 401
