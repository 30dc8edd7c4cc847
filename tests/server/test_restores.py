"""A server restored from a backup behind its phones: the shop gets back what the backup missed, once (rules R10 to R15, E)."""

from typing import Any

from server.auth.gate import server_of
from server.auth.replicas import fork_replica, revoke_device
from server.store.lineage import jumped
from sync.overlay import Draft
from tests.server.backups import Backups, before_and_after, known_then_backed_up
from tests.server.premises import Phone, Premises, Shop, new_order, sync_all


async def test_R10_R12_R13_what_the_backup_missed_comes_back_once(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    order, backup = await known_then_backed_up(backups, desk, tech)
    tech.patch("work_order", order, bay="3")
    await tech.sync()
    await desk.sync()
    desk.patch("work_order", order, priority="high")
    await desk.sync()
    tech.patch("work_order", order, bay="4")
    before, epoch = tech.replica.replica, tech.replica.epoch
    began = await backups.restore(backup, repair)
    await sync_all(desk, tech, desk)
    assert tech.replica.epoch == desk.replica.epoch == began.epoch != epoch
    assert tech.replica.replica != before
    assert began.first > 2**20
    for phone in (desk, tech):
        data = phone.data(order)
        assert data is not None
        assert (data["bay"], data["priority"]) == ("4", "high")
        assert phone.records("conflict") == []
        assert phone.codes() == []
        assert phone.replica.confirmed[order].vv["@"] >= began.first


async def test_R13_whoever_saw_an_edit_stands_though_it_comes_back_first(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    order, backup = await known_then_backed_up(backups, desk, tech)
    tech.patch("work_order", order, diagnosis="the belt", bay="1", tags={"add": ["urgent"]})
    await tech.sync()
    await desk.sync()
    desk.patch("work_order", order, diagnosis="the pump", bay="2", tags={"remove": ["urgent"]})
    await desk.sync()
    await backups.restore(backup, repair)
    await desk.sync()
    await tech.sync()
    await desk.sync()
    data = desk.data(order)
    assert data is not None
    assert (data["diagnosis"], data["bay"], data.get("tags")) == ("the pump", "2", None)
    assert desk.records("conflict") == []
    assert tech.data(order) == data


async def test_R14_a_child_that_comes_back_before_its_parent_is_sent_anew(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    backup, order = await before_and_after(backups, desk, tech)
    note = tech.create("note", work_order=order, text="heard it too")
    await tech.sync()
    tech.patch("work_order", order, bay="9")
    await backups.restore(backup, repair)
    await tech.sync()
    assert tech.codes() == ["missing_parent", "gone"]
    await desk.sync()
    await tech.sync()
    assert tech.codes() == []
    await desk.sync()
    assert desk.data(note) is not None
    assert (desk.data(order) or {})["bay"] == "9"


async def test_R12_a_copied_phone_never_gives_an_old_number_another_meaning(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    order = await new_order(desk)
    await tech.sync()
    copy = tech.copy()
    backup = backups.take()
    tech.patch("work_order", order, diagnosis="seen by the desk")
    await tech.sync()
    await desk.sync()
    desk.patch("work_order", order, diagnosis="written over it")
    await desk.sync()
    copy.patch("work_order", order, diagnosis="unseen by anybody")
    await backups.restore(backup, repair)
    await copy.sync()
    await desk.sync()
    await tech.sync()
    await desk.sync()
    open_ = [h.data for h in desk.replica.confirmed.values() if h.collection == "conflict" and h.data["open"]]
    values = {side["value"]["diagnosis"] for conflict in open_ for side in conflict["sides"]}
    assert {"unseen by anybody", "written over it"} <= values
    assert "seen by the desk" not in values


async def test_F6_C10_both_halves_of_a_copy_send_the_same_tail_and_it_counts_once(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop, premises: Premises
) -> None:
    order, backup = await known_then_backed_up(backups, desk, tech)
    tech.patch("work_order", order, bay="5")
    await tech.sync()
    copy = tech.copy()
    tech.patch("work_order", order, bay="6")
    copy.patch("work_order", order, bay="7")
    await backups.restore(backup, repair)
    await sync_all(tech, copy, desk)
    async with premises.app.state.database.transaction(server_of(repair.id)) as tx:
        query = "SELECT count(*) FROM change WHERE shop = %s AND seq > 2000000"
        assert await (await tx.execute(query, (repair.id,))).fetchone() == (3,)
    assert len({tech.replica.replica, copy.replica.replica}) == 2


async def test_C10_a_base_over_a_second_dot_covers_the_first(
    tech: Phone, desk: Phone, backups: Backups
) -> None:
    """The answer was lost; the phone took another name and sends the same again, with an edit that builds on it."""
    order = await new_order(desk)
    await tech.sync()
    tech.patch("work_order", order, diagnosis="first thought")
    await tech.ask(fault="answer_lost")
    tech.patch("work_order", order, diagnosis="second thought")
    again = await tech.premises.sign_in(tech.shop, "tech")
    tech.replica = tech.replica._named(again.replica.replica)
    tech.token = again.token
    await tech.sync()
    await desk.sync()
    assert desk.records("conflict") == []
    assert (desk.data(order) or {})["diagnosis"] == "second thought"
    new = await new_order(tech)  # what has nothing to do with it is judged as ever
    await desk.sync()
    assert desk.data(new) is not None


async def test_R12_what_was_rejected_is_stored_so_and_not_judged(
    tech: Phone, backups: Backups, repair: Shop
) -> None:
    backup = backups.take()
    tech.patch("work_order", "01930000-0000-7000-8000-0000000000ff", bay="3")
    await tech.sync()
    assert tech.codes() == ["gone"]
    await backups.restore(backup, repair)
    await tech.sync()
    assert tech.codes() == ["gone"]
    assert tech.replica.waiting == ()


async def test_R12_a_replica_that_the_backup_never_knew_comes_back_by_its_session_or_a_new_one(
    premises: Premises, desk: Phone, backups: Backups, repair: Shop
) -> None:
    order = await new_order(desk)
    before = await premises.sign_in(repair, "tech")
    backup = backups.take()
    late = await (await premises.sign_in(repair, "tech2")).sync()
    late.patch("work_order", order, bay="8")
    await late.sync()
    forked = await premises.sign_in(repair, "tech")
    before.replica, before.token = forked.replica, before.token
    await before.sync()
    before.patch("work_order", order, priority="low")
    await before.sync()
    await backups.restore(backup, repair)
    answer = await late.ask()
    assert answer is not None
    assert answer.status_code == 401
    again = await premises.sign_in(repair, "tech2", late.replica.replica)
    assert again.replica.replica == late.replica.replica
    late.token = again.token
    await sync_all(late, before, desk)
    data = desk.data(order)
    assert data is not None
    assert (data["bay"], data["priority"]) == ("8", "low")


async def test_R6_R12_a_revoked_phone_gets_no_name_and_hands_over_under_its_own(
    premises: Premises, tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    order = await new_order(desk)
    await tech.sync()
    who = (await _visitor(premises, desk)).principal
    tech.patch("work_order", order, bay="1")
    await revoke_device(premises.app.state.gate, await _admin(premises, repair), tech.replica.replica)
    backup = backups.take()
    await backups.restore(backup, repair)
    name = tech.replica.replica
    answer = await tech.ask()
    assert answer is not None
    assert (answer.status_code, "replica" in answer.json()) == (409, False)
    last = await tech.ask()
    assert last is not None
    assert (last.status_code, last.json()["results"][0]["code"]) == (403, "forbidden")
    assert (tech.replica.replica, tech.replica.wiped, who.shop) == (name, True, repair.id)


async def test_R6_R12_a_revoked_phone_with_nothing_to_send_hears_of_the_restore_before_it_is_wiped(
    premises: Premises, tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    order, backup = await known_then_backed_up(backups, desk, tech)
    tech.patch("work_order", order, bay="1")
    await tech.sync()
    await backups.restore(backup, repair)
    await revoke_device(premises.app.state.gate, await _admin(premises, repair), tech.replica.replica)
    first = await tech.ask()
    last = await tech.ask()
    assert first is not None
    assert last is not None
    assert (first.status_code, last.status_code) == (409, 403)
    assert [result["code"] for result in last.json()["results"]] == ["forbidden"]
    assert tech.replica.wiped


async def test_R6_R12_a_revoked_phone_hands_over_under_a_name_it_had(
    premises: Premises, tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    """The other name was not revoked; what comes under it from this phone counts for nothing all the same."""
    gate = premises.app.state.gate
    order = await new_order(desk)
    await tech.sync()
    tech.patch("work_order", order, bay="1")
    (tail,) = tech.replica.request(tech.now())["changesets"]
    asked = tech.replica.request(tech.now())
    name = await fork_replica(gate, (await _visitor(premises, tech)).principal)
    await tech.post({**asked, "replica": name, "changesets": [], "confirmed": 0, "cursor": None})
    began = await backups.restore(backups.take(), repair)
    await revoke_device(gate, await _admin(premises, repair), name)
    again = {**asked, "epoch": began.epoch, "limit": 0, "changesets": [{**tail, "was": "accepted"}]}
    answer = await tech.post(again)
    assert (answer.status_code, answer.json()["wipe"]) == (403, True)
    assert [result["code"] for result in answer.json()["results"]] == ["handed_over"]
    await desk.sync()
    assert "bay" not in (desk.data(order) or {})


async def test_R14_what_the_phone_has_written_over_since_is_not_sent_anew(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    here = await new_order(desk)
    backup = backups.take()
    other = await new_order(desk)
    await tech.sync()
    tech.act(
        Draft("patch", "work_order", here, {"bay": "1", "area": "yard"}),
        Draft("patch", "work_order", other, {"bay": "1"}),
    )
    tech.patch("work_order", other, area="hall")
    await tech.sync()
    await backups.restore(backup, repair)
    await tech.sync()
    assert tech.codes() == ["gone", "gone"]
    tech.patch("work_order", here, bay="2")
    await tech.sync()
    await sync_all(desk, tech, tech, desk)
    assert tech.codes() == ["gone"]
    data, brought = desk.data(here), desk.data(other)
    assert data is not None
    assert brought is not None
    assert (data["bay"], data.get("area")) == ("2", None)
    assert (brought.get("bay"), brought["area"]) == (None, "hall")


async def test_R14_what_is_sent_anew_goes_in_the_order_in_which_it_was_made(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    backup, order = await before_and_after(backups, desk, tech)
    for bay in ("1", "2", "3"):
        tech.patch("work_order", order, bay=bay)
    await tech.sync()
    await backups.restore(backup, repair)
    await sync_all(tech, desk, tech, desk)
    assert tech.codes() == []
    assert (desk.data(order) or {})["bay"] == "3"


async def test_R9_R14_what_was_written_over_stays_so_when_a_backup_has_the_later_one(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    here = await new_order(desk)
    backup = backups.take()
    other = await new_order(desk)
    await tech.sync()
    tech.act(
        Draft("patch", "work_order", here, {"bay": "1"}), Draft("patch", "work_order", other, {"bay": "1"})
    )
    await tech.sync()
    await backups.restore(backup, repair)
    await tech.sync()
    tech.patch("work_order", here, bay="2")
    await tech.sync()
    backups.verified(backups.take())
    await tech.sync()
    assert [w.changeset.n for w in tech.replica.kept if w.replica == tech.replica.replica] == []
    await sync_all(desk, tech, tech, desk)
    assert tech.codes() == ["gone"]
    assert (desk.data(here) or {})["bay"] == "2"


async def test_R14_V12_what_builds_on_what_goes_anew_builds_on_it_under_its_new_number(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    backup, order = await before_and_after(backups, desk, tech)
    tech.patch("work_order", order, diagnosis="the belt")
    tech.patch("work_order", order, diagnosis="the belt, surely")
    await backups.restore(backup, repair)
    await tech.sync()
    assert tech.codes() == ["gone", "gone"]
    await sync_all(desk, tech, tech, desk)
    assert tech.codes() == []
    assert (desk.data(order) or {})["diagnosis"] == "the belt, surely"
    assert desk.records("conflict") == []


async def test_R14_what_went_anew_is_not_younger_for_that(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop, premises: Premises
) -> None:
    late = await premises.sign_in(repair, "manager")
    backup = backups.take()
    first = await new_order(desk)
    second = await new_order(late)
    await sync_all(tech, desk)
    tech.patch("work_order", first, bay="1")
    tech.act(
        Draft("patch", "work_order", first, {"bay": "2"}), Draft("patch", "work_order", second, {"bay": "2"})
    )
    await tech.sync()
    await backups.restore(backup, repair)
    await tech.sync()
    await desk.sync()
    await tech.sync()
    assert tech.codes() == ["gone"]
    await sync_all(late, tech, tech, desk)
    assert tech.codes() == []
    assert [(desk.data(order) or {})["bay"] for order in (first, second)] == ["2", "2"]


async def test_R6_R14_what_a_revoked_copy_handed_over_is_no_refusal_to_the_other(
    premises: Premises, tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    order = await new_order(desk)
    backup = backups.take()
    await tech.sync()
    tech.patch("work_order", order, bay="1")
    await tech.sync()
    copy = tech.copy()
    again = await premises.sign_in(repair, "tech")
    copy.replica, copy.token = copy.replica._named(again.replica.replica), again.token
    await copy.sync()
    await backups.restore(backup, repair)
    await premises.sign_in(repair, "tech", copy.replica.replica)
    signed_in = await premises.sign_in(repair, "tech", copy.replica.replica)
    copy.token = signed_in.token
    await revoke_device(premises.app.state.gate, await _admin(premises, repair), copy.replica.replica)
    for _ in range(4):
        await copy.ask()
    assert copy.replica.wiped
    await tech.sync()
    await tech.sync()
    await desk.sync()
    assert tech.codes() == []
    assert (desk.data(order) or {})["bay"] == "1"


async def test_R6_R12_a_name_that_a_revoked_phone_brings_from_before_the_restore_is_revoked_too(
    premises: Premises, tech: Phone, backups: Backups, repair: Shop
) -> None:
    began = await backups.restore(backups.take(), repair)
    await revoke_device(premises.app.state.gate, await _admin(premises, repair), tech.replica.replica)
    asked = {**tech.replica.request(tech.now()), "epoch": began.epoch, "replica": "rlostlostlost", "limit": 0}
    answer = await tech.post(asked)
    assert (answer.status_code, answer.json()["wipe"]) == (403, True)
    again = await premises.sign_in(repair, "tech", "rlostlostlost")
    assert (await again.ask()) is not None
    refused = await again.ask()
    assert refused is not None
    assert (refused.status_code, refused.json()["wipe"]) == (403, True)


async def test_R14_what_a_copy_said_was_rejected_is_sent_anew_by_who_had_it_accepted(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    backup, order = await before_and_after(backups, desk, tech)
    tech.patch("work_order", order, bay="9")
    await tech.sync()
    copy = tech.copy()
    await backups.restore(backup, repair)
    await copy.sync()
    assert copy.codes() == ["gone"]
    await backups.restore(backup, repair)
    await copy.sync()
    await tech.sync()
    assert tech.codes() == ["rejected_before"]
    await sync_all(desk, tech, copy, desk)
    assert (tech.codes(), copy.codes()) == ([], [])
    assert (desk.data(order) or {})["bay"] == "9"


async def _visitor(premises: Premises, phone: Phone) -> Any:
    from server.auth.sessions import who_is

    return await who_is(premises.app.state.gate, phone.shop.id, phone.token)


async def _admin(premises: Premises, shop: Shop) -> Any:
    return (await _visitor(premises, await premises.sign_in(shop, "admin"))).principal


async def test_R10_V18_a_name_of_another_epoch_takes_no_new_numbers(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    order = await new_order(desk)
    await tech.sync()
    began = await backups.restore(backups.take(), repair)
    tech.patch("work_order", order, bay="1")
    asked = {**tech.replica.request(tech.now()), "epoch": began.epoch}
    answer = (await tech.post(asked)).json()
    assert (answer["code"], answer["expected"], answer["epoch"]) == ("epoch", 1, began.epoch)
    assert answer["replica"] != tech.replica.replica


async def test_W3_R8_a_push_that_asks_for_no_page_gets_none_and_its_cursor_back(
    tech: Phone, desk: Phone
) -> None:
    order = await new_order(desk)
    await tech.sync()
    tech.patch("work_order", order, bay="1")
    asked = {**tech.replica.request(tech.now()), "limit": 0, "former": [tech.replica.replica]}
    said = (await tech.post(asked)).json()
    assert (said["records"], said["more"], said["reset"]) == ([], False, False)
    assert said["cursor"] == asked["cursor"]
    assert said["former"] == {tech.replica.replica: 0}
    assert [r["outcome"] for r in said["results"]] == ["accepted"]


async def test_R8_former_names_are_answered_in_the_order_asked_and_only_ones_own(
    tech: Phone, desk: Phone, premises: Premises
) -> None:
    await tech.sync()
    principal = (await _visitor(premises, tech)).principal
    gate = premises.app.state.gate
    names = [await fork_replica(gate, principal) for _ in range(4)][::-1]
    asked = {**tech.replica.request(tech.now()), "limit": 0, "former": [*names, desk.replica.replica]}
    said = (await tech.post(asked)).json()
    assert list(said["former"].items()) == [(name, 0) for name in names]


async def test_F5_a_rolled_back_phone_with_nothing_to_send_takes_another_name(
    tech: Phone, desk: Phone
) -> None:
    order = await new_order(desk)
    await tech.sync()
    older = tech.copy()
    tech.patch("work_order", order, bay="1")
    await tech.sync()
    name = older.replica.replica
    await older.sync()
    assert older.replica.replica != name
    await older.sync()
    older.patch("work_order", order, bay="2")
    await older.sync()
    assert (older.data(order) or {})["bay"] == "2"
    assert older.replica.names == (name,)


async def test_R15_numbers_go_on_after_a_jump(desk: Phone, backups: Backups, repair: Shop) -> None:
    backup = backups.take()
    order = await new_order(desk)
    number = str((desk.data(order) or {})["number"])
    await backups.restore(backup, repair)
    other = await new_order(desk)
    assert (number, str((desk.data(other) or {})["number"])) == ("WO-1001", "WO-2002")
    assert [jumped(n) for n in (1001, 1500, 1501, 2600)] == [2000, 2000, 3000, 4000]


async def test_X4_P5_a_customers_cursor_is_of_its_lineage_alone(
    premises: Premises, desk: Phone, backups: Backups, repair: Shop
) -> None:
    customer = await (await premises.sign_in_customer(repair)).sync()
    backup = backups.take()
    await new_order(desk)
    await customer.sync()
    await backups.restore(backup, repair)
    await desk.sync()
    await customer.sync()
    assert len(customer.records("work_order")) == 1
    fresh = await (await premises.sign_in_customer(repair)).sync()
    assert fresh.records("work_order") == customer.records("work_order")


async def test_R12_a_record_made_and_deleted_after_the_cut_is_gone_again(
    premises: Premises, tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    order = await new_order(desk)
    await tech.sync()
    boss = await (await premises.sign_in(repair, "admin")).sync()
    backup = backups.take()
    note = tech.create("note", work_order=order, text="a note")
    await tech.sync()
    await boss.sync()
    boss.act(Draft("delete", "note", note))
    await boss.sync()
    await backups.restore(backup, repair)
    await sync_all(boss, tech, boss, tech)
    assert boss.codes() == []
    assert boss.data(note) is None
    assert tech.data(note) is None


async def test_V18_what_nobody_gave_out_is_invalid_still(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    order = await new_order(desk)
    await tech.sync()
    began = await backups.restore(backups.take(), repair)
    await tech.sync()
    for base in ({"@": began.first + 99}, {"@": 1, "rzzzzzzzzzzzz": 4}):
        form = {"bay": base, "": base}
        tech.act(Draft("patch", "work_order", order, {"bay": "1"}, form))
    await tech.sync()
    assert tech.codes() == ["invalid", "invalid"]


async def test_R12_what_a_copy_brought_and_was_accepted_needs_nobody_any_more(
    tech: Phone, desk: Phone, backups: Backups, repair: Shop
) -> None:
    order = await new_order(desk)
    await tech.sync()
    before = backups.take()
    tech.create("line_item", work_order=order, kind="labour", description="belt", minutes=30)
    await tech.sync()
    copy = tech.copy()
    await backups.restore(before, repair)
    desk.patch("work_order", order, status="canceled", status_reason="no parts", status_at=desk.now())
    await desk.sync()
    assert (desk.codes(), (desk.data(order) or {})["status"]) == ([], "canceled")
    store = desk.premises.app.state.store
    await store.act(repair.id, lambda scene: scene.set(order, {"archived": True}), [order])
    await copy.sync()
    assert copy.codes() == ["closed"]
    await backups.restore(before, repair)
    await tech.sync()
    await copy.sync()
    assert (tech.codes(), copy.codes()) == ([], [])
