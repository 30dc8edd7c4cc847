"""Texts that two phones changed at once, through the server: what the editor saw comes from the change log (rules M9, V17)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from server.auth.gate import server_of
from server.store import texts
from tests.server.premises import Phone, Premises, Shop

SEEN = "Pump leaks on the left, customer waits"


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Phone:
    return await (await premises.sign_in(repair, "manager")).sync()


@pytest.fixture
async def other(premises: Premises, repair: Shop) -> Phone:
    return await (await premises.sign_in(repair, "admin")).sync()


async def _note(desk: Phone, *others: Phone, said: str = SEEN) -> str:
    order = desk.create("work_order", customer=desk.shop.customers[0], complaint="noise")
    note = desk.create("note", work_order=order, text=said)
    for phone in (desk, *others):
        await phone.sync()
    return note


def _text(phone: Phone, note: str) -> Any:
    return (phone.data(note) or {}).get("text")


async def _result(phone: Phone) -> dict[str, Any]:
    answer = await phone.ask()
    assert answer is not None
    said: dict[str, Any] = answer.json()["results"][-1]
    return said


async def test_M9_W9_both_texts_stand_and_the_one_who_came_later_is_told(desk: Phone, other: Phone) -> None:
    note = await _note(desk, other)
    desk.patch("note", note, text=f"{SEEN} outside")
    other.patch("note", note, text=SEEN.replace("Pump", "Hose"))
    first, second = await _result(desk), await _result(other)
    assert "merged" not in first
    assert second["merged"] == [{"collection": "note", "id": note, "field": "text"}]
    assert (second["conflicts"], second["overtaken"]) == ([], [])
    for phone in (desk, other):
        await phone.sync()
        assert _text(phone, note) == f"{SEEN} outside".replace("Pump", "Hose")


async def test_M9_the_one_who_came_first_gets_a_notice(desk: Phone, other: Phone) -> None:
    note = await _note(desk, other)
    desk.patch("note", note, text=f"{SEEN} outside")
    other.patch("note", note, text=SEEN.replace("Pump", "Hose"))
    for phone in (desk, other, desk):
        await phone.sync()
    (notice,) = desk.records("notice")
    told = desk.replica.confirmed[notice].data
    assert (told["record"], told["field"], told["merged"], told["by"]) == (note, "text", True, "admin")
    assert told["value"] == {"text": f"{SEEN} outside"}
    assert other.records("notice") == []


async def test_M9_nobody_is_told_of_what_they_wrote_on_two_devices(premises: Premises, desk: Phone) -> None:
    second = await (await premises.sign_in(desk.shop, "manager")).sync()
    note = await _note(desk, second)
    desk.patch("note", note, text=f"{SEEN} outside")
    second.patch("note", note, text=SEEN.replace("Pump", "Hose"))
    for phone in (desk, second, desk):
        await phone.sync()
    assert _text(desk, note) == f"{SEEN} outside".replace("Pump", "Hose")
    assert desk.records("notice") == []


async def test_V17_what_a_phone_wrote_over_its_own_waiting_text_is_merged_over_that(
    desk: Phone, other: Phone
) -> None:
    """The second edit was made over the first, which nobody but its phone had seen, and is sent in another push."""
    note = await _note(desk, other)
    other.patch("note", note, text=f"{SEEN} outside")
    await other.sync()
    desk.patch("note", note, text=SEEN.replace("Pump", "Hose"))
    first = desk.replica.request(desk.now())
    desk.patch("note", note, text=SEEN.replace("Pump", "Belt"))
    assert (await desk.post(first)).status_code == 200
    assert (await _result(desk))["merged"]
    assert _text(await desk.sync(), note) == f"{SEEN} outside".replace("Pump", "Belt")


async def test_V17_two_edits_of_one_push_follow_each_other(desk: Phone, other: Phone) -> None:
    note = await _note(desk, other)
    other.patch("note", note, text=f"{SEEN} outside")
    await other.sync()
    for pump in ("Hose", "Belt", "Seal"):
        desk.patch("note", note, text=SEEN.replace("Pump", pump))
    assert _text(await desk.sync(), note) == f"{SEEN} outside".replace("Pump", "Seal")
    assert desk.records("conflict") == []


async def test_V17_a_note_that_was_made_off_line_and_changed_before_anybody_saw_it(
    desk: Phone, other: Phone
) -> None:
    order = desk.create("work_order", customer=desk.shop.customers[0], complaint="noise")
    note = desk.create("note", work_order=order, text=SEEN)
    first = desk.replica.request(desk.now())
    desk.patch("note", note, text=f"{SEEN} outside")
    assert (await desk.post(first)).status_code == 200
    await other.sync()
    other.patch("note", note, text=SEEN.replace("Pump", "Hose"))
    await other.sync()
    assert _text(await desk.sync(), note) == f"{SEEN} outside".replace("Pump", "Hose")


async def test_V17_what_a_merge_made_is_in_the_history_for_those_who_saw_it(
    premises: Premises, desk: Phone, other: Phone
) -> None:
    third = await (await premises.sign_in(desk.shop, "manager")).sync()
    note = await _note(desk, other, third)
    desk.patch("note", note, text=f"{SEEN} outside")
    other.patch("note", note, text=SEEN.replace("Pump", "Hose"))
    for phone in (desk, other, desk, third):
        await phone.sync()
    third.patch("note", note, text=f"Urgent: {_text(third, note)}")
    desk.patch("note", note, text=_text(desk, note).replace("left", "right"))
    for phone in (desk, third, desk):
        await phone.sync()
    assert _text(desk, note) == "Urgent: Hose leaks on the right, customer waits outside"
    assert desk.records("conflict") == []
    async with premises.app.state.database.transaction(server_of(desk.shop.id)) as tx:
        query = "SELECT ops -> 0 -> 'made' ->> 'text' FROM change WHERE shop = %s AND ops -> 0 -> 'made' IS NOT NULL"
        made = [row[0] for row in await (await tx.execute(query, (desk.shop.id,))).fetchall()]
    assert len(made) == 2


async def test_M9_the_same_words_become_a_conflict_and_its_author_goes_on_at_that_side(
    desk: Phone, other: Phone
) -> None:
    note = await _note(desk, other)
    desk.patch("note", note, text=SEEN.replace("Pump", "Belt"))
    other.patch("note", note, text=SEEN.replace("Pump", "Hose"))
    waiting = other.replica.request(other.now())
    other.patch("note", note, text=f"{SEEN} outside".replace("Pump", "Hose"))
    await desk.sync()
    assert (await other.post(waiting)).json()["results"][0]["conflicts"]
    await other.sync()
    (conflict,) = other.records("conflict")
    sides = other.replica.confirmed[conflict].data["sides"]
    assert [side["value"]["text"] for side in sides] == [
        SEEN.replace("Pump", "Belt"),
        f"{SEEN} outside".replace("Pump", "Hose"),
    ]


async def test_M9_pushes_that_go_together_merge_too(premises: Premises, desk: Phone, other: Phone) -> None:
    """Four phones in one transaction: what the later ones need is looked up before any is judged."""
    phones = [desk, other, *[await (await premises.sign_in(desk.shop, "manager")).sync() for _ in range(2)]]
    note = await _note(*phones)
    changed = [("Pump", "Hose"), ("left", "right"), ("customer", "she"), ("waits", "calls")]
    for phone, (old, new) in zip(phones[:3], changed, strict=False):
        phone.patch("note", note, text=SEEN.replace(old, new))
    answers = await asyncio.gather(*(phone.ask() for phone in phones[:3]))
    assert [answer.status_code for answer in answers if isinstance(answer, httpx.Response)] == [200] * 3
    assert _text(await desk.sync(), note) == "Hose leaks on the right, she waits"


async def test_V17_what_nobody_needs_is_not_looked_up(
    desk: Phone, other: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = await _note(desk, other)
    asked = list[Any]()
    looked_up = texts._looked_up

    async def seen(*given: Any) -> texts.Texts:
        asked.append(given)
        return await looked_up(*given)

    monkeypatch.setattr(texts, "_looked_up", seen)
    for word in ("a", "b"):
        desk.patch("note", note, text=f"{SEEN} {word}")
    await desk.sync()
    assert asked == []
    other.patch("note", note, text=f"So {SEEN}")
    await other.sync()
    assert len(asked) == 1


async def test_C9_a_merge_that_is_sent_again_has_its_outcome_and_no_second_effect(
    desk: Phone, other: Phone
) -> None:
    note = await _note(desk, other)
    desk.patch("note", note, text=f"{SEEN} outside")
    await desk.sync()
    other.patch("note", note, text=SEEN.replace("Pump", "Hose"))
    asked = other.replica.request(other.now())
    results = [(await other.post(asked)).json()["results"] for _ in range(3)]
    assert results[0][0]["merged"]
    assert results == [results[0]] * 3
    assert _text(await other.sync(), note) == f"{SEEN} outside".replace("Pump", "Hose")
