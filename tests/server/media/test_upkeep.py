"""What is done about files each hour: nothing that is wanted is removed, and nothing that is not wanted stays."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from server.auth.gate import server_of
from server.media import receiving, upkeep
from server.media.blobs import key_of, part_of
from server.media.folder import Folder
from server.media.receiving import Depot
from sync.overlay import Draft
from tests.contracts.blobs import content_of, read
from tests.server.media.sending import Sent, keys, new_photo
from tests.server.premises import Phone, Premises

DAY_S = 86_400


@pytest.fixture
def depot(premises: Premises) -> Depot:
    found: Depot = premises.app.state.depot
    return found


@pytest.fixture
async def photo(tech: Phone) -> Sent:
    return await new_photo(tech)


@pytest.fixture
def as_of_now(depot: Depot, tech: Phone) -> Callable[[], None]:
    """Files bear the machine's time; the world of the tests has its own. Give all files the world's time."""

    def stamp() -> None:
        assert isinstance(depot.blobs, Folder)
        now_s = tech.premises.world.now_ms() / 1000
        for path in depot.blobs.root.rglob("*"):
            os.utime(path, (now_s, now_s))

    return stamp


async def turn(depot: Depot) -> None:
    for job in upkeep.jobs(depot).values():
        await job()


async def later(photo: Sent, days: float) -> None:
    """Days go by; the phone signs in again."""
    premises, shop = photo.phone.premises, photo.phone.shop
    premises.world.pass_time(days=days)
    photo.phone.token = (await premises.sign_in(shop, photo.phone.who, photo.phone.replica.replica)).token


async def state(photo: Sent) -> str | None:
    async with photo.phone.premises.app.state.database.transaction(server_of(photo.phone.shop.id)) as tx:
        row = await (await tx.execute("SELECT state FROM file WHERE id = %s", (photo.id,))).fetchone()
    return row[0] if row else None


async def ready(photo: Sent) -> Sent:
    """As the pipeline leaves it."""
    await photo.whole()
    premises, shop = photo.phone.premises, photo.phone.shop.id
    for name in ("display.jpg", "thumb.jpg"):
        await premises.app.state.blobs.put(key_of(shop, photo.uuid, name), b"made")
    async with premises.app.state.database.transaction(server_of(shop)) as tx:
        await tx.execute("UPDATE file SET state = 'ready', served_bytes = 8 WHERE id = %s", (photo.id,))
    await premises.app.state.store.act(
        shop, lambda scene: scene.set(photo.id, {"media": "ready"}), [photo.id]
    )
    return photo


async def test_an_upload_that_nobody_goes_on_with_ends_after_a_week(
    photo: Sent, depot: Depot, as_of_now: Callable[[], None]
) -> None:
    await photo.post()
    await photo.patch(0, 300_000)
    as_of_now()
    await later(photo, 6.9)
    await turn(depot)
    assert await photo.stands() == 300_000
    await photo.patch(300_000, 300_001)
    await later(photo, 6.9)
    await turn(depot)
    assert await photo.stands() == 300_001
    await later(photo, 0.2)
    await turn(depot)
    assert (await photo.head()).status_code == 404
    assert (await photo.patch(300_001)).status_code == 404
    assert await keys(depot.blobs) == []
    assert (await photo.whole()).headers["Upload-Receipt"] == photo.receipt


async def test_an_upload_of_which_all_came_comes_to_its_end(
    photo: Sent, depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server stopped after the last part, and the phone does not come back."""

    async def nothing(_: Depot, file: Any) -> Any:
        return file

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "finish", nothing)
        await photo.whole()
    assert await state(photo) == "receiving"
    await turn(depot)
    assert await state(photo) == "arrived"
    assert await photo.media() == "processing"


async def test_one_whose_photo_was_deleted_before_its_end_is_forgotten(
    photo: Sent, depot: Depot, monkeypatch: pytest.MonkeyPatch, as_of_now: Callable[[], None]
) -> None:
    async def nothing(_: Depot, file: Any) -> Any:
        return file

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "finish", nothing)
        await photo.whole()
    await deleted(photo)
    await turn(depot)
    assert await state(photo) is None
    as_of_now()
    await later(photo, 1.1)
    await turn(depot)
    assert await keys(depot.blobs) == []


async def deleted(photo: Sent) -> None:
    admin = await (await photo.phone.premises.sign_in(photo.phone.shop, "admin")).sync()
    admin.act(Draft("delete", "photo", photo.id))
    await admin.sync()


async def test_blobs_that_nothing_names_go_after_a_day(
    photo: Sent, tech: Phone, depot: Depot, as_of_now: Callable[[], None]
) -> None:
    """Parts and drafts that a kill left behind; what is named, and what is not ours, stays."""
    half, shop = await new_photo(tech, 700_000, 5), tech.shop.id
    await ready(photo)
    await half.post()
    await half.patch(0, 600_000)
    wanted = await keys(depot.blobs)
    await depot.blobs.put("somebody/elses.txt", b"x")
    await depot.blobs.put(f"{shop}/notes.txt", b"x")
    for stray in (photo, half):
        await depot.blobs.put(part_of(shop, stray.uuid, 0, "stray"), b"x")
        await depot.blobs.put(key_of(shop, stray.uuid, "original.draft-abc"), b"x")
    as_of_now()
    tech.premises.world.pass_time(hours=23)
    await turn(depot)
    assert len(await keys(depot.blobs)) == len(wanted) + 6
    tech.premises.world.pass_time(hours=2)
    await turn(depot)
    assert set(await keys(depot.blobs)) == {*wanted, "somebody/elses.txt", f"{shop}/notes.txt"}
    assert (await half.patch(600_000)).headers["Upload-Receipt"] == half.receipt


async def test_U5_I10_a_file_whose_row_was_lost_is_taken_up_again(
    photo: Sent, depot: Depot, as_of_now: Callable[[], None]
) -> None:
    """The database was put back to before the upload, and the phone has let go of its copy."""
    await photo.whole()
    await forgotten(photo, "waiting")
    as_of_now()
    await later(photo, 1.1)
    await turn(depot)
    assert await state(photo) == "arrived"
    assert await photo.media() == "processing"
    assert (await photo.post()).headers["Upload-Receipt"] == photo.receipt
    assert await read(depot.blobs, key_of(photo.phone.shop.id, photo.uuid, "original")) == photo.content


async def forgotten(photo: Sent, media: str) -> None:
    premises, shop = photo.phone.premises, photo.phone.shop.id
    async with premises.app.state.database.transaction(server_of(shop)) as tx:
        await tx.execute("DELETE FROM file WHERE id = %s", (photo.id,))
    await premises.app.state.store.act(shop, lambda scene: scene.set(photo.id, {"media": media}), [photo.id])


@pytest.mark.parametrize("wrong", ["length", "bytes", "refused"])
async def test_what_is_not_the_photos_file_is_not_taken_up(
    photo: Sent, depot: Depot, as_of_now: Callable[[], None], wrong: str
) -> None:
    content = {"length": b"x", "bytes": content_of(600_000, 9), "refused": photo.content}[wrong]
    await depot.blobs.put(key_of(photo.phone.shop.id, photo.uuid, "original"), content)
    await forgotten(photo, "refused" if wrong == "refused" else "waiting")
    as_of_now()
    await later(photo, 1.1)
    await turn(depot)
    assert await keys(depot.blobs) == []
    assert await state(photo) is None


async def test_I10_a_file_whose_record_is_not_back_yet_is_waited_for(
    photo: Sent, depot: Depot, as_of_now: Callable[[], None]
) -> None:
    """After a restore the record comes back from a phone, which may take weeks."""
    unknown = key_of(photo.phone.shop.id, photo.phone.premises.world.new_id(), "original")
    await depot.blobs.put(unknown, b"x")
    as_of_now()
    await later(photo, 29)
    await turn(depot)
    assert await keys(depot.blobs) == [unknown]
    await later(photo, 1.1)
    await turn(depot)
    assert await keys(depot.blobs) == []


async def test_the_files_of_a_deleted_photo_go_after_thirty_days(
    photo: Sent, tech: Phone, depot: Depot, as_of_now: Callable[[], None]
) -> None:
    other = await ready(await new_photo(tech, 1000, 3))
    await ready(photo)
    await later(photo, 60)
    await deleted(photo)
    as_of_now()
    await later(photo, 29)
    await turn(depot)
    assert len(await keys(depot.blobs)) == 6
    await later(photo, 1.1)
    await turn(depot)
    assert {key.split("/")[1] for key in await keys(depot.blobs)} == {other.id}
    assert (await state(photo), await state(other)) == (None, "ready")


@pytest.mark.parametrize("how", ["rotten", "cut", "missing"])
async def test_U5_I10_a_file_that_is_not_what_it_was_is_asked_for_again(
    photo: Sent, tech: Phone, depot: Depot, how: str
) -> None:
    sound = await ready(await new_photo(tech, 1000, 3))
    await ready(photo)
    key = key_of(tech.shop.id, photo.uuid, "original")
    await later(photo, 29)
    await turn(depot)
    if how == "missing":
        await depot.blobs.delete(key)
    else:
        await depot.blobs.put(key, photo.content[:-1] + (b"\0" if how == "rotten" else b""))
    await turn(depot)
    assert await photo.media() == "ready"
    await later(photo, 1.1)
    await turn(depot)
    assert (await state(photo), await state(sound)) == ("receiving", "ready")
    assert (await photo.media(), await sound.media()) == ("waiting", "ready")
    shown = await photo.ask("GET", f"/api/photos/{photo.id}/thumb")
    assert (shown.status_code, shown.content) == (200, b"made")
    await later(photo, 8)
    await turn(depot)
    assert await photo.stands() == 0
    assert (await photo.whole()).headers["Upload-Receipt"] == photo.receipt
    assert await photo.media() == "processing"
    assert await read(depot.blobs, key) == photo.content


async def test_each_file_has_its_turn_within_the_month(
    tech: Phone, depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some a turn, those that waited longest first."""
    monkeypatch.setattr(upkeep, "SCRUB_LEAST", 2)
    photos = [await ready(await new_photo(tech, 100, seed)) for seed in range(5)]
    await later(photos[0], 31)
    for photo in photos:
        await depot.blobs.delete(key_of(tech.shop.id, photo.uuid, "original"))
    found = [await upkeep.scrub(depot, tech.shop.id) for _ in range(4)]
    assert found == [2, 2, 1, 0]


async def test_a_turn_may_be_taken_by_two_at_once(
    photo: Sent, tech: Phone, depot: Depot, as_of_now: Callable[[], None]
) -> None:
    import asyncio

    await photo.whole()
    await forgotten(photo, "waiting")
    half = await new_photo(tech, 700_000, 5)
    await half.post()
    await half.patch(0, 600_000)
    as_of_now()
    await later(photo, 8)
    await asyncio.gather(turn(depot), turn(depot), turn(depot))
    await turn(depot)
    assert (await state(photo), await state(half)) == ("arrived", None)
    assert [key.split("/")[1] for key in await keys(depot.blobs)] == [photo.id]
