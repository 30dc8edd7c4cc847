"""Who may send a file: whoever may make photos and sees this one, at each request; and nobody else, nor anybody else's."""

from __future__ import annotations

import httpx
import pytest

from server.auth.gate import server_of
from sync.overlay import Draft
from tests.server.media.sending import Sent, new_photo
from tests.server.premises import Phone, Premises, Shop


@pytest.fixture
async def photo(tech: Phone) -> Sent:
    """One that is half sent."""
    sent = await new_photo(tech)
    await sent.post()
    await sent.patch(0, 300_000)
    return sent


async def everything(photo: Sent) -> list[httpx.Response]:
    """All that can be asked of an upload."""
    return [
        await photo.post(),
        await photo.head(),
        await photo.patch(300_000, 300_001),
        await photo.ask("DELETE"),
    ]


async def codes(photo: Sent) -> set[int]:
    return {answer.status_code for answer in await everything(photo)}


async def test_colleagues_go_on_with_it(photo: Sent, premises: Premises, repair: Shop) -> None:
    for who in ("tech2", "service_writer", "manager", "admin"):
        other = photo.by(await premises.sign_in(repair, who))
        at = await other.stands()
        assert (await other.patch(at, at + 10)).status_code == 204


async def test_a_role_that_makes_no_photos_sends_none(photo: Sent, premises: Premises, repair: Shop) -> None:
    assert await codes(photo.by(await premises.sign_in(repair, "parts"))) == {403}
    assert await photo.stands() == 300_000


async def test_customers_send_none(photo: Sent, premises: Premises, repair: Shop) -> None:
    for number in (0, 1):
        assert await codes(photo.by(await premises.sign_in_customer(repair, number))) == {403}


async def test_I8_of_another_shop_there_is_nothing(photo: Sent, premises: Premises) -> None:
    other = await premises.open_shop("other")
    stranger = photo.by(await premises.sign_in(other, "admin"))
    answers = await everything(stranger)
    assert {(answer.status_code, answer.headers["Tus-Resumable"]) for answer in answers} == {(404, "1.0.0")}
    never = Sent(stranger.phone, "01930000-0000-7000-8000-000000000002", photo.content)
    for answer, unknown in zip(answers, await everything(never), strict=True):
        told = {k: v for k, v in answer.headers.items() if k not in ("x-request-id", "content-length")}
        same = {k: v for k, v in unknown.headers.items() if k not in ("x-request-id", "content-length")}
        assert told == same
    # The token of one shop is nobody's in another.
    phone = photo.phone
    crossed = Sent(Phone(premises, other, "x", phone.token, phone.replica), photo.id, photo.content)
    assert await codes(crossed) == {401}
    assert await photo.stands() == 300_000


async def test_who_is_not_signed_in_is_told_so(photo: Sent) -> None:
    for token in ("", "forged"):
        answers = [
            await photo.ask(method, None, None, Authorization=f"Bearer {token}")
            for method in ("HEAD", "DELETE")
        ]
        assert {a.status_code for a in answers} == {401}


async def test_I9_a_revoked_phone_sends_no_more(photo: Sent, premises: Premises, repair: Shop) -> None:
    admin = await premises.sign_in(repair, "admin")
    url = f"/api/devices/{photo.phone.replica.replica}"
    answer = await premises.client.delete(
        f"http://repair.localhost{url}", headers={"Authorization": f"Bearer {admin.token}"}
    )
    assert answer.status_code in (200, 204), answer.text
    assert await codes(photo) == {403}
    assert await photo.by(admin).stands() == 300_000


async def test_I9_who_left_the_shop_sends_no_more(photo: Sent, premises: Premises, repair: Shop) -> None:
    store, tech = premises.app.state.store, str(repair.staff["tech"])
    await store.act(repair.id, lambda scene: scene.set(tech, {"active": False}), [tech])
    assert await codes(photo) == {403}


async def test_a_session_that_is_over_is_asked_to_sign_in_and_the_upload_waits(
    photo: Sent, premises: Premises, repair: Shop
) -> None:
    premises.world.pass_time(days=6)
    assert await photo.stands() == 300_000
    premises.world.pass_time(days=40)
    assert await codes(photo) == {401}
    again = photo.by(await premises.sign_in(repair, "tech", photo.phone.replica.replica))
    assert (await again.patch(await again.stands())).headers["Upload-Receipt"] == photo.receipt


async def test_a_deleted_photo_says_so_and_its_copy_may_go(photo: Sent, desk: Phone) -> None:
    await desk.sync()
    manager = await photo.phone.premises.sign_in(photo.phone.shop, "manager")
    await manager.sync()
    manager.act(Draft("delete", "photo", photo.id))
    await manager.sync()
    answers = await everything(photo)
    assert {(answer.status_code, answer.json()["code"]) for answer in answers if answer.content} == {
        (410, "gone")
    }
    assert {answer.status_code for answer in answers} == {410}


async def test_a_photo_that_is_deleted_while_its_last_bytes_come_is_not_taken(
    photo: Sent, premises: Premises, repair: Shop
) -> None:
    """Between the check and the end: the row does not arrive without its record."""
    manager = await (await premises.sign_in(repair, "manager")).sync()

    async def body() -> object:
        yield photo.content[300_000:500_000]
        manager.act(Draft("delete", "photo", photo.id))
        await manager.sync()
        yield photo.content[500_000:]

    headers = {
        "Authorization": f"Bearer {photo.phone.token}", "Tus-Resumable": "1.0.0", "Upload-Offset": "300000",
        "Content-Type": "application/offset+octet-stream",
    }  # fmt: skip
    url = f"http://repair.localhost/api/uploads/{photo.id}"
    answer = await premises.client.patch(url, content=body(), headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")
    async with premises.app.state.database.transaction(server_of(repair.id)) as tx:
        assert await (await tx.execute("SELECT state FROM file")).fetchall() == [("receiving",)]
