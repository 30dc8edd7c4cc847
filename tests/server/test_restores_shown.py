"""A restore of which nobody told, under a running server, is found by what a phone shows (rule R11)."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg

from server.auth.gate import server_of
from server.db.embedded import Urls
from server.store.cursor import Cursor, Seen, read_cursor, read_seen
from tests.server.backups import Backups, known_then_backed_up
from tests.server.premises import Phone, Premises, Shop, new_order, sync_all


async def _patch(phone: Phone, order: str, **values: Any) -> None:
    phone.patch("work_order", order, **values)
    await phone.sync()


async def _gaps(premises: Premises, shop: Shop) -> list[tuple[Any, ...]]:
    """The restores that the shop knows: cut, first, certain."""
    async with premises.app.state.database.transaction(server_of(shop.id)) as tx:
        query = "SELECT cut, first, certain FROM lineage WHERE shop = %s ORDER BY first"
        return list(await (await tx.execute(query, (shop.id,))).fetchall())


async def _head(premises: Premises, shop: Shop) -> int:
    async with premises.app.state.database.transaction(server_of(shop.id)) as tx:
        row = await (await tx.execute("SELECT seq FROM head WHERE shop = %s", (shop.id,))).fetchone()
        assert row is not None
        return int(row[0])


async def _put_back(backups: Backups, number: int) -> None:
    """As somebody does who tells nobody, while the server runs."""
    await asyncio.to_thread(backups.put_back, number)


async def _status(phone: Phone) -> int:
    answer = await phone.ask()
    assert answer is not None
    return answer.status_code


def _values(phone: Phone, order: str, field: str) -> set[Any]:
    """What stands in a field, and in the open conflicts about it."""
    found = {(phone.data(order) or {}).get(field)}
    for held in phone.replica.confirmed.values():
        if held.collection == "conflict" and held.data["open"] and held.data["field"] == field:
            found |= {side["value"][field] for side in held.data["sides"]}
    return found


async def test_R11_found_by_a_commit_above_the_head_before_the_push_is_judged(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone, backups: Backups
) -> None:
    order, backup = await known_then_backed_up(backups, desk, tech)
    await _patch(tech, order, bay="3")
    await desk.sync()
    shown, epoch, name = await _head(premises, repair), desk.replica.epoch, desk.replica.replica
    await _put_back(backups, backup)
    desk.patch("work_order", order, priority="high")
    answer = await desk.ask()
    assert answer is not None
    said = answer.json()
    assert (answer.status_code, said["code"], "results" in said) == (409, "epoch", False)
    assert said["epoch"] != epoch
    assert said["replica"] != name
    await sync_all(desk, tech, desk)
    ((cut, first, certain),) = await _gaps(premises, repair)
    assert (cut, certain) == (
        0,
        False,
    )  # no backup was verified, so that nobody knows where the branches part
    assert first > shown
    for phone in (desk, tech):
        data = phone.data(order)
        assert data is not None
        assert (data["bay"], data["priority"]) == ("3", "high")
        assert phone.codes() == []


async def test_R11_found_by_an_idle_phone_too(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone, backups: Backups
) -> None:
    order, backup = await known_then_backed_up(backups, desk, tech)
    await _patch(tech, order, bay="3")
    await _put_back(backups, backup)
    await tech.sync()
    assert len(await _gaps(premises, repair)) == 1
    await desk.sync()
    assert (desk.data(order) or {})["bay"] == "3"


async def test_R11_found_by_the_mark_when_the_restored_shop_has_gone_past(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone, backups: Backups
) -> None:
    order, backup = await known_then_backed_up(backups, desk, tech)
    stays = desk.copy()
    await _patch(desk, order, diagnosis="of the lost branch")
    await tech.sync()
    seen = await _head(premises, repair)
    await _put_back(backups, backup)
    for bay in ("7", "8", "9"):
        await _patch(stays, order, bay=bay, diagnosis=f"of the new branch {bay}")
    assert await _head(premises, repair) > seen
    assert await _gaps(premises, repair) == []
    tech.patch("work_order", order, diagnosis="saw the lost one alone")
    await sync_all(tech, desk, stays, tech, desk, stays)
    assert len(await _gaps(premises, repair)) == 1
    stay = {"of the new branch 9", "saw the lost one alone"}
    for phone in (tech, desk, stays):
        assert _values(phone, order, "diagnosis") >= stay
        assert (phone.data(order) or {})["bay"] == "9"


async def test_R11_found_by_numbers_that_were_answered(
    premises: Premises, repair: Shop, desk: Phone, database_urls: Urls
) -> None:
    await new_order(desk)
    name = psycopg.conninfo.conninfo_to_dict(database_urls.app)["dbname"]
    with psycopg.connect(database_urls.superuser, dbname=str(name)) as connection:
        connection.execute("UPDATE replica SET applied = 0 WHERE id = %s", (desk.replica.replica,))
    await desk.sync()
    assert len(await _gaps(premises, repair)) == 1


async def test_R11_phones_that_show_it_at_once_and_later_start_one_epoch(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone, backups: Backups
) -> None:
    order = await new_order(desk)
    late = await (await premises.sign_in(repair, "manager")).sync()
    backup = backups.take()
    await _patch(desk, order, bay="3")
    await tech.sync()
    await late.sync()
    await _put_back(backups, backup)
    desk.patch("work_order", order, priority="high")
    tech.patch("work_order", order, complaint="a whistle")
    answers = await asyncio.gather(desk.ask(), tech.ask())
    assert [answer and answer.json()["code"] for answer in answers] == ["epoch", "epoch"]
    await sync_all(desk, tech, late, desk, tech)
    await late.sync()
    assert len(await _gaps(premises, repair)) == 1
    assert len({phone.replica.epoch for phone in (desk, tech, late)}) == 1
    for phone in (desk, tech, late):
        data = phone.data(order)
        assert data is not None
        assert (data["bay"], data["priority"]) == ("3", "high")
        # That its author had seen the value before it is not known: the cut is a guess.
        assert _values(phone, order, "complaint") == {"noise", "a whistle"}


async def test_R11_the_cut_is_the_newest_backup_that_both_know_to_be_good(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone, backups: Backups
) -> None:
    order = await new_order(desk)
    good = await _head(premises, repair)
    async with premises.app.state.database.transaction(server_of(repair.id)) as tx:
        query = "INSERT INTO backup (shop, id, at, seq, verified_at) VALUES (%s, %s, 1, %s, 2)"
        await tx.execute(query, (repair.id, premises.world.new_id(), good))
    await _patch(desk, order, bay="1")
    backup = backups.take()
    await _patch(desk, order, bay="3")
    await _put_back(backups, backup)
    await desk.sync()
    assert [gap[0] for gap in await _gaps(premises, repair)] == [good]


async def test_R11_what_a_copied_phone_pushed_to_either_branch_is_not_overwritten_unseen(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone, backups: Backups
) -> None:
    """The copy gives its number another meaning in the new branch, and others build on what the number was in the lost."""
    order = await new_order(desk)
    await tech.sync()
    copy = tech.copy()
    backup = backups.take()
    await _patch(tech, order, diagnosis="seen by the desk")
    await desk.sync()
    desk.patch("work_order", order, diagnosis="written over it")
    await _put_back(backups, backup)
    copy.patch("work_order", order, diagnosis="unseen by anybody")
    await sync_all(copy, desk, tech, copy, desk)
    assert len(await _gaps(premises, repair)) == 1
    for phone in (desk, copy, tech):
        await phone.sync()
        assert _values(phone, order, "diagnosis") >= {"unseen by anybody", "written over it"}


async def test_R11_neither_a_phone_rolled_back_nor_one_in_a_bootstrap_is_evidence(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone
) -> None:
    order = await new_order(desk)
    await tech.sync()
    older = tech.copy()
    await _patch(tech, order, bay="3")
    await _patch(desk, order, bay="4")
    older.patch("work_order", order, complaint="a hum")
    await older.sync()
    fresh = await premises.sign_in(repair, "tech2")
    for bay in "567":
        answer = await fresh.ask(limit=2)
        assert answer is not None
        assert answer.status_code == 200
        await _patch(desk, order, bay=bay)
    await fresh.sync(limit=2)
    assert await _gaps(premises, repair) == []
    assert (fresh.data(order) or {})["bay"] == "7"


async def test_R11_after_a_restore_that_was_told_its_phones_show_no_other(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone, backups: Backups
) -> None:
    order, backup = await known_then_backed_up(backups, desk, tech)
    await _patch(tech, order, bay="3")
    await backups.restore(backup, repair)
    for phone in (
        desk,
        tech,
        desk,
        tech,
    ):  # the desk stands where no commit is: at the beginning of the epoch
        await phone.sync()
        await _patch(phone, order, priority="low")
    assert [gap[2] for gap in await _gaps(premises, repair)] == [True]


async def test_R11_a_name_that_the_restored_data_never_knew_shows_it(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone, backups: Backups
) -> None:
    order, backup = await known_then_backed_up(backups, desk, tech)
    copy = tech.copy()
    await _patch(tech, order, diagnosis="the belt")
    await _patch(copy, order, diagnosis="the pump")
    await _patch(copy, order, complaint="a hum")
    assert copy.replica.replica != tech.replica.replica
    await _put_back(backups, backup)
    await sync_all(copy, tech, desk, copy)
    assert len(await _gaps(premises, repair)) == 1
    assert _values(desk, order, "complaint") >= {"a hum"}
    assert _values(desk, order, "diagnosis") >= {"the belt", "the pump"}


async def test_R11_a_phone_that_has_handed_over_its_tail_and_has_no_cursor_yet_shows_it(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone, backups: Backups
) -> None:
    order = await new_order(desk)
    await tech.sync()
    first = backups.take()
    await _patch(tech, order, diagnosis="the belt")
    await backups.restore(first, repair)
    await desk.sync()
    second = backups.take()
    assert [await _status(tech) for _ in range(2)] == [409, 200]
    assert tech.replica.cursor is None
    await _put_back(backups, second)
    await sync_all(tech, desk)
    assert len(await _gaps(premises, repair)) == 2
    assert _values(desk, order, "diagnosis") >= {"the belt"}


async def test_R11_a_phone_that_was_given_another_name_shows_it_before_it_has_a_cursor(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone, backups: Backups
) -> None:
    order, backup = await known_then_backed_up(backups, desk, tech)
    copy = tech.copy()
    tech.patch("work_order", order, diagnosis="1")
    copy.patch("work_order", order, diagnosis="1")
    copy.replica = tech.replica
    await tech.ask(fault="answer_lost")
    copy.patch("work_order", order, diagnosis="2")
    tech.patch("work_order", order, diagnosis="3")
    await copy.sync()
    # It hears of its first change and, for the second, that somebody else had the number.
    told = await tech.ask()
    assert told is not None
    assert (told.json()["code"], len(told.json()["results"])) == ("forked", 1)
    await _put_back(backups, backup)
    await sync_all(tech, desk)
    assert len(await _gaps(premises, repair)) == 1
    assert _values(desk, order, "diagnosis") >= {"3"}


async def test_R11_X3_a_customer_shows_it_as_well(
    premises: Premises, repair: Shop, desk: Phone, backups: Backups
) -> None:
    customer = await (await premises.sign_in_customer(repair)).sync()
    backup = backups.take()
    order = await new_order(desk)
    await customer.sync()
    await _put_back(backups, backup)
    await customer.sync()
    assert len(await _gaps(premises, repair)) == 1
    assert customer.data(order) is None
    await desk.sync()
    await customer.sync()
    assert customer.data(order) is not None


async def test_R11_P5_a_cursor_made_up_or_from_elsewhere_proves_nothing(
    premises: Premises, repair: Shop, tech: Phone, desk: Phone
) -> None:
    vault, name = premises.app.state.store.vault, desk.replica.replica
    ahead = Seen.of(2**50, "a mark", desk.replica.epoch, 99)
    cursor = Cursor(b"12345678", 2**50)
    other = premises.world.new_id()
    bare = desk.replica.request(desk.now())
    for text in (
        "made up",
        cursor.seal(vault, other, name, ahead),
        cursor.seal(vault, repair.id, tech.replica.replica, ahead),
    ):
        answer = await desk.post({**bare, "cursor": text})
        assert (answer.status_code, answer.json()["reset"]) == (200, True)
    assert (await desk.post({**bare, "confirmed": 2**40})).status_code < 500
    assert await _gaps(premises, repair) == []


async def test_P5_P6_a_cursor_of_before_it_named_marks_goes_on(
    premises: Premises, repair: Shop, desk: Phone
) -> None:
    await new_order(desk)
    vault, name = premises.app.state.store.vault, desk.replica.replica
    asked = desk.replica.request(desk.now())
    packed = vault.open(asked["cursor"], f"{repair.id}|{name}|cursor".encode())
    old = vault.seal(packed[:32], name.encode())
    assert read_seen(vault, repair.id, name, asked["cursor"]) is not None
    assert read_seen(vault, repair.id, name, old) is None
    for part in (b"", b"\x00\x00\x00\x07" + b"a token of a list"):
        text = vault.seal(packed[:32] + part, name.encode())
        opened = read_cursor(vault, repair.id, name, text, packed[:8])
        assert opened is not None
        assert (opened.done, opened.list) == ((7, "a token of a list") if part else (0, ""))
    answer = (await desk.post({**asked, "cursor": old})).json()
    assert (answer["reset"], answer["records"]) == (False, [])
    assert read_seen(vault, repair.id, name, answer["cursor"]) is not None
