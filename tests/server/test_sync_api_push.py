"""Pushing over HTTP: outcomes, exactly once, gaps, forks, and what is refused as a whole (rules C, F, W, R6)."""

import asyncio
from typing import Any

import pytest

from server.auth.gate import server_of
from sync.overlay import Draft
from tests.server.premises import Phone, Premises, Shop


def _order(phone: Phone, **values: Any) -> str:
    return phone.create("work_order", **{"customer": phone.shop.customers[0], "complaint": "noise", **values})


async def _entries(premises: Premises, shop: Shop) -> list[tuple[Any, ...]]:
    """The change log as it is stored."""
    async with premises.app.state.database.transaction(server_of(shop.id)) as tx:
        query = "SELECT seq, replica, n, id::text, outcome FROM change WHERE shop = %s ORDER BY seq"
        return await (await tx.execute(query, (shop.id,))).fetchall()


async def test_C3_an_accepted_changeset_comes_back_with_its_commit(tech: Phone) -> None:
    order = _order(tech)
    answer = await tech.ask()
    assert answer is not None
    (result,) = answer.json()["results"]
    assert (result["n"], result["outcome"], result["conflicts"], result["overtaken"]) == (
        1,
        "accepted",
        [],
        [],
    )
    assert tech.replica.confirmed[order].vv["@"] == result["seq"]
    assert tech.replica.confirmed[order].vv[tech.replica.replica] == 1


async def test_W1_an_answer_is_never_stored_on_the_way(tech: Phone) -> None:
    answer = await tech.ask()
    assert answer is not None
    assert answer.headers["cache-control"] == "no-store"


async def test_C9_what_is_sent_again_has_its_outcome_and_no_second_effect(
    tech: Phone, premises: Premises
) -> None:
    _order(tech)
    tech.patch("work_order", "01930000-0000-7000-8000-0000000000ff", bay="3")
    asked = tech.replica.request(tech.now())
    answers = [(await tech.post(asked)).json() for _ in range(10)]
    assert [[r["outcome"] for r in a["results"]] for a in answers] == [["accepted", "rejected"]] * 10
    assert all(a["results"] == answers[0]["results"] for a in answers)
    mine = [e for e in await _entries(premises, tech.shop) if e[1] == tech.replica.replica]
    assert [(e[2], e[4]) for e in mine] == [(1, "accepted"), (2, "rejected")]


async def test_I3_a_doubled_and_a_late_answer_change_nothing(tech: Phone) -> None:
    order = _order(tech)
    await tech.ask(fault="doubled")
    tech.patch("work_order", order, bay="3")
    await tech.ask(fault="answer_lost")
    before = tech.replica
    tech.hear_late()
    assert tech.replica.confirmed[order].data["bay"] == "3" or tech.replica is before
    await tech.sync()
    assert (tech.data(order) or {})["bay"] == "3"


async def test_C10_the_same_changeset_under_another_number_has_no_second_effect(tech: Phone) -> None:
    _order(tech)
    asked = tech.replica.request(tech.now())
    first = (await tech.post(asked)).json()["results"][0]
    again = {**asked, "changesets": [{**asked["changesets"][0], "n": 2}]}
    second = (await tech.post(again)).json()["results"][0]
    assert second == {**first, "n": 2}


async def test_C10_twice_in_one_request_it_has_one_effect(tech: Phone, premises: Premises) -> None:
    order = _order(tech)
    await tech.sync()
    tech.patch("work_order", order, tags={"add": ["once"]})
    asked = tech.replica.request(tech.now())
    twice = {**asked, "changesets": [asked["changesets"][0], {**asked["changesets"][0], "n": 3}]}
    first, second = (await tech.post(twice)).json()["results"]
    assert (first["outcome"], second["outcome"], first["seq"]) == ("accepted", "accepted", second["seq"])


async def test_C10_the_same_id_with_another_content_is_invalid(tech: Phone) -> None:
    _order(tech)
    asked = tech.replica.request(tech.now())
    await tech.post(asked)
    other = {**asked["changesets"][0], "n": 2, "at": 5}
    result = (await tech.post({**asked, "changesets": [other]})).json()["results"][0]
    assert (result["outcome"], result["code"]) == ("rejected", "invalid")


async def test_F2_a_gap_is_named_and_nothing_is_judged(tech: Phone) -> None:
    _order(tech)
    asked = tech.replica.request(tech.now())
    asked["changesets"][0]["n"] = 7
    answer = await tech.post(asked)
    assert (answer.status_code, answer.json()["code"], answer.json()["expected"]) == (409, "gap", 1)


async def test_F3_a_copied_phone_is_told_apart_and_both_halves_are_kept(
    tech: Phone, desk: Phone, premises: Premises
) -> None:
    copy = Phone(premises, tech.shop, tech.who, tech.token, tech.replica)
    mine, theirs = _order(tech, complaint="mine"), _order(copy, complaint="the copy's")
    copy.patch("work_order", theirs, bay="9")
    await tech.sync()
    await copy.sync()
    assert copy.replica.replica != tech.replica.replica
    assert (copy.codes(), tech.codes()) == ([], [])
    await desk.sync()
    assert (desk.data(mine) or {})["complaint"] == "mine"
    assert ((desk.data(theirs) or {})["complaint"], (desk.data(theirs) or {})["bay"]) == ("the copy's", "9")


async def test_W14_five_hundred_and_one_changesets_are_too_many_and_the_phone_halves(tech: Phone) -> None:
    order = _order(tech)
    for number in range(520):
        tech.patch("work_order", order, bay=f"{number}")
    asked = tech.replica.request(tech.now())
    asked["changesets"].append({**asked["changesets"][-1], "n": asked["changesets"][-1]["n"] + 1})
    answer = await tech.post(asked)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    await tech.sync()
    assert (tech.data(order) or {})["bay"] == "519"
    assert tech.codes() == []


async def test_W14_more_than_a_mebibyte_is_halved_until_it_fits(tech: Phone) -> None:
    for number in range(80):
        _order(tech, complaint=f"{number} " + "x" * 18_000)
    await tech.sync()
    assert len(tech.records("work_order")) == 80


async def test_C14_a_changeset_that_is_too_large_is_rejected_alone(tech: Phone) -> None:
    words = {f"w{i}": "x" * 19_000 for i in range(14)}
    tech.act(Draft("patch", "shop", str(tech.shop.id), {"words": words}))
    order = _order(tech)
    await tech.sync()
    assert tech.codes() == ["too_large"]
    assert tech.data(order)


async def test_C12_a_malformed_one_among_good_ones_is_answered_alone(tech: Phone) -> None:
    first, bad, last = _order(tech), _order(tech), _order(tech)
    asked = tech.replica.request(tech.now())
    asked["changesets"][1]["ops"][0]["set"]["complaint"] = {"not": "text\0"}
    answer = (await tech.post(asked)).json()
    assert [r["outcome"] for r in answer["results"]] == ["accepted", "rejected", "accepted"]
    assert answer["results"][1]["at"] == {"op": 0, "field": "complaint"}
    ids = {r["id"] for r in answer["records"]}
    assert {first, last} <= ids
    assert bad not in ids


async def test_C4_what_the_database_refuses_blocks_nothing_else(
    tech: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that PostgreSQL itself will not take: the push fails as a whole, then each changeset is tried alone."""
    from server.store import save

    real = save.rows_of

    def breaking(*args: Any) -> list[dict[str, Any]]:
        rows = real(*args)
        for row in rows:
            if isinstance(row["data"], dict) and row["data"].get("bay") == "break":
                row["parent"] = "this is no id"
        return rows

    monkeypatch.setattr(save, "rows_of", breaking)
    first, last = _order(tech), _order(tech, bay="break")
    after = _order(tech)
    await tech.sync()
    assert tech.codes() == ["internal"]
    assert tech.data(first)
    assert tech.data(after)
    assert tech.data(last) is None


async def test_C15_what_builds_on_a_rejected_change_is_blocked(tech: Phone) -> None:
    order = _order(tech)
    for status in ("ready", "in_progress"):
        tech.patch("work_order", order, status=status, status_reason=None, status_at=tech.now())
    tech.patch("work_order", order, bay="3")
    nobodys = tech.create("work_order", complaint="for nobody")
    tech.create("note", work_order=nobodys, text="about nobody's")
    await tech.sync()
    assert tech.codes() == ["bad_step", "blocked_by", "invalid", "blocked_by"]
    assert (tech.data(order) or {})["bay"] == "3"


async def test_R6_a_revoked_phone_hands_over_and_is_wiped(
    tech: Phone, desk: Phone, premises: Premises
) -> None:
    order = _order(tech)
    admin = await premises.sign_in(tech.shop, "admin")
    url = f"http://{tech.shop.slug}.localhost/api/devices/{tech.replica.replica}"
    said = await premises.client.delete(url, headers={"Authorization": f"Bearer {admin.token}"})
    assert said.status_code == 204
    answer = await tech.ask()
    assert answer is not None
    assert (answer.status_code, answer.json()["wipe"]) == (403, True)
    assert [r["code"] for r in answer.json()["results"]] == ["forbidden"]
    assert "records" not in answer.json()
    assert tech.replica.wiped
    assert (await desk.sync()).data(order) is None
    entries = [e for e in await _entries(premises, tech.shop) if e[1] == tech.replica.replica]
    assert [e[4] for e in entries] == ["rejected"]


async def test_S7_the_first_request_after_a_session_ended_is_refused(tech: Phone, premises: Premises) -> None:
    url = f"http://{tech.shop.slug}.localhost/api/session"
    await premises.client.delete(url, headers={"Authorization": f"Bearer {tech.token}"})
    _order(tech)
    answer = await tech.ask()
    assert answer is not None
    assert answer.status_code == 401
    assert len(tech.replica.waiting) == 1
    again = await premises.sign_in(tech.shop, "tech", tech.replica.replica)
    assert again.replica.replica == tech.replica.replica
    tech.token = again.token
    assert (await tech.sync()).codes() == []


async def test_R10_another_epoch_is_not_answered(tech: Phone) -> None:
    asked = {**tech.replica.request(tech.now()), "epoch": "eanother"}
    answer = await tech.post(asked)
    assert (answer.status_code, answer.json()["code"]) == (409, "epoch")
    assert {"expected", "epoch"} <= answer.json().keys()


async def test_F7_the_name_of_anothers_replica_is_refused(
    tech: Phone, desk: Phone, premises: Premises
) -> None:
    _order(tech)
    asked = {**tech.replica.request(tech.now()), "replica": desk.replica.replica}
    answer = await tech.post(asked)
    assert answer.status_code in (401, 403)
    assert [e for e in await _entries(premises, tech.shop) if e[1] == desk.replica.replica] == []


async def test_M2_a_clock_that_is_ten_years_off_changes_no_outcome(
    tech: Phone, desk: Phone, premises: Premises
) -> None:
    order = _order(tech)
    await tech.sync()
    await desk.sync()
    year = 365 * 24 * 3_600_000
    tech.skew_ms, desk.skew_ms = -10 * year, 10 * year
    desk.patch("work_order", order, bay="desk, earlier")
    premises.world.pass_time(minutes=1)
    tech.patch("work_order", order, bay="tech, later")
    await tech.sync()
    await desk.sync()
    assert (desk.data(order) or {})["bay"] == "tech, later"
    await tech.sync()
    assert (tech.data(order) or {})["bay"] == "tech, later"


async def test_C19_rights_are_judged_when_it_arrives(tech: Phone, desk: Phone, premises: Premises) -> None:
    order = _order(tech)
    await tech.sync()
    tech.patch("work_order", order, promised_at=5)
    await tech.sync()
    assert tech.codes() == ["forbidden"]
    admin = await (await premises.sign_in(tech.shop, "admin")).sync()
    admin.patch("staff", str(tech.shop.staff["tech"]), role="service_writer")
    await admin.sync()
    tech.patch("work_order", order, promised_at=5)
    await tech.sync()
    assert tech.codes() == ["forbidden"]
    assert (tech.data(order) or {})["promised_at"] == 5


async def test_W17_an_empty_changeset_uses_up_a_number(tech: Phone) -> None:
    tech.act()
    answer = await tech.ask()
    assert answer is not None
    assert [r["outcome"] for r in answer.json()["results"]] == ["accepted"]
    assert answer.json()["applied"] == 1


async def test_C1_C11_one_rejected_op_rejects_its_whole_changeset(tech: Phone, desk: Phone) -> None:
    order = _order(tech)
    await tech.sync()
    tech.act(
        Draft("patch", "work_order", order, {"bay": "3"}),
        Draft("patch", "work_order", order, {"promised_at": 5}),
    )
    await tech.sync()
    (parked,) = tech.replica.parked
    assert parked.outcome["at"] == {"op": 1, "field": "promised_at"}
    assert "bay" not in ((await desk.sync()).data(order) or {"bay": 1})


async def test_C5_pushes_that_name_the_same_records_in_other_orders_all_come_through(
    tech: Phone, desk: Phone
) -> None:
    orders = [_order(tech) for _ in range(6)]
    await tech.sync()
    await desk.sync()
    for turn in range(5):
        tech.act(*(Draft("patch", "work_order", id_, {"bay": f"{turn}"}) for id_ in orders))
        desk.act(*(Draft("patch", "work_order", id_, {"area": f"{turn}"}) for id_ in reversed(orders)))
        answers = await asyncio.gather(tech.ask(), desk.ask())
        assert [answer.status_code for answer in answers if answer is not None] == [200, 200]
    await tech.sync()
    assert {(d["bay"], d["area"]) for d in map(tech.data, orders) if d} == {("4", "4")}


async def test_C16_what_was_rejected_is_kept_whole_with_who_and_why(tech: Phone, premises: Premises) -> None:
    missing = str(premises.world.new_id())
    tech.patch("work_order", missing, bay="kept for a manager")
    await tech.sync()
    async with premises.app.state.database.transaction(server_of(tech.shop.id)) as tx:
        query = "SELECT person, result, ops FROM change WHERE shop = %s AND outcome = 'rejected'"
        ((person, result, ops),) = await (await tx.execute(query, (tech.shop.id,))).fetchall()
    assert (person, result["code"]) == (tech.shop.staff["tech"], "gone")
    assert (ops[0]["id"], ops[0]["set"]) == (missing, {"bay": "kept for a manager"})


async def test_W4_W6_W10_R8_an_answer_says_results_in_order_and_where_the_replica_stands(tech: Phone) -> None:
    for number in range(5):
        _order(tech, complaint=f"{number}")
    answer = await tech.ask()
    assert answer is not None
    said = answer.json()
    whole = {"results", "records", "cursor", "more", "reset", "applied", "durable", "epoch", "now"}
    assert whole <= said.keys()
    assert [result["n"] for result in said["results"]] == [1, 2, 3, 4, 5]
    assert (said["applied"], said["durable"], said["now"]) == (5, 0, tech.premises.world.now_ms())
    assert said["epoch"] == tech.replica.epoch


async def test_F1_changesets_are_judged_in_the_order_of_n_without_holes(tech: Phone) -> None:
    order = _order(tech)
    for bay in ("1", "2", "3"):
        tech.patch("work_order", order, bay=bay)
    asked = tech.replica.request(tech.now())
    holed = {**asked, "changesets": [asked["changesets"][0], asked["changesets"][2]]}
    assert (await tech.post(holed)).status_code == 400
    results = (await tech.post(asked)).json()["results"]
    assert [r["seq"] for r in results] == sorted(r["seq"] for r in results)
    assert ((await tech.sync()).data(order) or {})["bay"] == "3"


async def test_M14_stock_is_the_sum_of_movements_that_phones_only_append(
    tech: Phone, premises: Premises
) -> None:
    parts = await (await premises.sign_in(tech.shop, "parts")).sync()
    part = parts.create("part", name="Belt", number="B-1")
    await parts.sync()
    parts.create("part_movement", part=part, kind="receive", quantity_milli=10_000, at=parts.now())
    await parts.sync()
    await tech.sync()
    order = _order(tech)
    for phone, quantity in ((tech, -2_000), (parts, -3_000)):
        phone.create(
            "part_movement",
            part=part,
            kind="issue",
            quantity_milli=quantity,
            work_order=order,
            at=phone.now(),
        )
    await tech.sync()
    await parts.sync()
    assert (tech.codes(), parts.codes()) == ([], [])
    assert (parts.data(part) or {})["on_hand_milli"] == 5_000
