"""All photos of a work order in one ZIP: who gets which, under which names, whole or not at all, and within bounded memory."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import httpx
import pytest

from server.media.blobs import ORIGINAL, key_of
from server.media.folder import Folder
from server.media.zipping import Entry, ReadCut, apart, attachment, safe_name, zipped
from server.photos.naming import local_ms, zone_of
from sync.overlay import Draft
from tests.server.listening import served
from tests.server.premises import Phone, Premises, Shop, new_order
from tests.server.shots import be, take, take_many
from tests.worlds import CountingWorld

NOV_26_MS = 1_795_734_000_000  # 2026-11-26 23:00 UTC, which is the next day in Berlin.


async def fetch(phone: Phone, order: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {phone.token}"}
    url = f"http://{phone.shop.slug}.localhost/api/photos/zip"
    return await phone.premises.client.get(url, params={"work_order": order}, headers=headers)


def opened(answer: httpx.Response) -> dict[str, bytes]:
    """name → bytes, each checked against its sum."""
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {info.compress_type for info in archive.infolist()} <= {zipfile.ZIP_STORED}
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
async def order(desk: Phone) -> str:
    return await new_order(desk)


@pytest.fixture
async def ann(premises: Premises, repair: Shop) -> Phone:
    """The customer whose work order it is."""
    return await premises.sign_in_customer(repair, 0)


async def test_the_staff_get_the_originals_under_names_that_say_what_they_are(
    desk: Phone, order: str
) -> None:
    late = await take(desk, order, kind="damage", taken_at=NOV_26_MS + 1000, type="image/heic")
    early = await take(desk, order, kind="before", taken_at=NOV_26_MS - 86_400_000)
    paper = await take(desk, order, kind="screenshot", taken_at=NOV_26_MS + 2000, type="application/pdf")
    await desk.sync()
    number = (desk.data(order) or {})["number"]
    answer = await fetch(desk, order)
    assert opened(answer) == {
        f"{number}-01-before-2026-11-26.jpg": early.original,
        f"{number}-02-damage-2026-11-27.heic": late.original,
        f"{number}-03-screenshot-2026-11-27.pdf": paper.original,
    }
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{number}.zip"')
    assert answer.headers["cache-control"] == "no-store"


async def test_files_bear_the_hour_that_the_shops_clock_showed(desk: Phone, order: str) -> None:
    await take(desk, order, taken_at=NOV_26_MS)
    with zipfile.ZipFile(io.BytesIO((await fetch(desk, order)).content)) as archive:
        assert archive.infolist()[0].date_time == (2026, 11, 27, 0, 0, 0)


async def test_customers_get_what_they_may_see_as_it_is_shown(desk: Phone, ann: Phone, order: str) -> None:
    seen = await take(desk, order)
    paper = await take(desk, order, type="application/pdf")
    await take(desk, order, visible_to_customer=False)
    await be(desk.premises, desk.shop, (await take(desk, order)).id, media="processing")
    assert sorted(opened(await fetch(ann, order)).values()) == sorted([seen.display, paper.display])


async def test_the_staff_are_told_how_many_are_missing(desk: Phone, ann: Phone, order: str) -> None:
    shot = await take(desk, order)
    for _ in range(2):
        desk.create("photo", work_order=order, kind="after")
    await desk.sync()
    assert b"2 photos are not in this archive" in opened(await fetch(desk, order))["read-me.txt"]
    assert list(opened(await fetch(ann, order)).values()) == [shot.display]


@pytest.mark.parametrize("who", ["admin", "manager", "service_writer", "parts", "tech"])
async def test_every_role_that_reads_photos_gets_them(
    premises: Premises, repair: Shop, desk: Phone, order: str, who: str
) -> None:
    shot = await take(desk, order)
    assert list(opened(await fetch(await premises.sign_in(repair, who), order)).values()) == [shot.original]


async def test_what_one_may_not_see_is_not_there(premises: Premises, desk: Phone, order: str) -> None:
    await take(desk, order)
    other = await premises.open_shop("remote")
    strangers = [
        await premises.sign_in_customer(desk.shop, 1),
        await premises.sign_in(other, "admin"),
        await premises.sign_in_customer(other, 0),
    ]
    answers = [await fetch(one, order) for one in strangers]
    answers.append(await fetch(desk, "01930000-0000-7000-8000-0000000000ff"))
    assert {(a.status_code, a.json()["code"], a.json()["message"]) for a in answers} == {
        (404, "gone", "This is not there, or no longer.")
    }
    assert (await fetch(desk, "1")).status_code == 400
    assert (await premises.client.get("/api/photos/zip", params={"work_order": order})).status_code == 401


async def test_to_ask_what_it_would_be_reads_no_file(desk: Phone, order: str) -> None:
    shot = await take(desk, order)
    await desk.premises.app.state.blobs.delete(key_of(desk.shop.id, UUID(shot.id), ORIGINAL))
    headers = {"Authorization": f"Bearer {desk.token}"}
    asked = {"params": {"work_order": order}, "headers": headers}
    answer = await desk.premises.client.head("/api/photos/zip", **asked)  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")


async def test_a_deleted_photo_is_not_in_it_and_nothing_is_no_archive(desk: Phone, order: str) -> None:
    shot = await take(desk, order)
    await desk.sync()
    manager = await (await desk.premises.sign_in(desk.shop, "manager")).sync()
    manager.act(Draft("delete", "photo", shot.id))
    await manager.sync()
    assert manager.codes() == []
    assert (await fetch(desk, order)).status_code == 404


async def test_names_lead_nowhere_whatever_the_shops_number_is(desk: Phone, order: str) -> None:
    await take(desk, order, taken_at=NOV_26_MS)
    await be(desk.premises, desk.shop, order, number="../../etc/Ä nº1\u202e\\x")
    answer = await fetch(desk, order)
    assert list(opened(answer)) == ["etc-Ä-nº1-x-01-before-2026-11-27.jpg"]
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"etc---n-1-x.zip\"; filename*=UTF-8''etc-%C3%84-n%C2%BA1-x.zip"
    )


async def test_what_cannot_be_read_whole_breaks_the_download_off(desk: Phone, order: str) -> None:
    """The connection ends without an end of the answer, which a browser calls a failed download."""
    shots = [await take(desk, order, size=300_000, taken_at=n) for n in range(3)]
    path_of(desk, shots[1].id).write_bytes(shots[1].original[:-1])
    got = bytearray()
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        async for piece in streamed(desk, order):
            got += piece
    assert shots[0].original in got
    assert b"PK\x01\x02" not in got[-1000:]


async def test_what_the_store_has_lost_is_left_out_and_named(desk: Phone, order: str) -> None:
    """One file that is gone does not keep the others from anybody."""
    shots = [await take(desk, order, size=30_000, taken_at=n) for n in range(3)]
    path_of(desk, shots[1].id).unlink()
    whole = b"".join([piece async for piece in streamed(desk, order)])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        *names, remark = archive.namelist()
        assert [archive.read(name) for name in names] == [shots[0].original, shots[2].original]
        assert remark == "read-me.txt"
        words = archive.read(remark).decode()
    assert "has lost these files" in words
    assert "-02-" in words
    assert not any(name in words for name in names)


def path_of(phone: Phone, photo: str) -> Path:
    folder: Folder = phone.premises.app.state.blobs
    return folder.path(key_of(phone.shop.id, UUID(photo), ORIGINAL))


async def streamed(phone: Phone, order: str) -> AsyncIterator[bytes]:
    """The archive as it comes over a real connection."""
    headers = {"Authorization": f"Bearer {phone.token}"}
    async with (
        served(phone.premises.app) as url,
        httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client,
        client.stream("GET", "/api/photos/zip", params={"work_order": order}) as answer,
    ):
        assert answer.status_code == 200
        async for piece in answer.aiter_raw():
            yield piece


async def test_two_hundred_photos_take_no_more_memory_than_a_few_pieces(
    desk: Phone, order: str, tmp_path: Path
) -> None:
    shots = await take_many(desk, order, 200, 400_000)
    whole = tmp_path / "whole.zip"
    with whole.open("wb") as file:
        tracemalloc.start()
        await fill(desk, order, file)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    with zipfile.ZipFile(whole) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert [archive.read(name) for name in names] == [shot.original for shot in shots]
    assert names[0].endswith("-001-during-2026-11-02.jpg")
    assert whole.stat().st_size > 80_000_000
    assert peak < 8_000_000


async def fill(phone: Phone, order: str, file: BinaryIO) -> None:
    async for piece in streamed(phone, order):
        file.write(piece)


async def test_an_archive_says_how_long_a_file_must_be_where_somebody_knows(tmp_path: Path) -> None:
    blobs = Folder(tmp_path, CountingWorld())
    await blobs.put("a/b", b"12345")
    whole = [piece async for piece in zipped(blobs, [Entry("x.jpg", "a/b", -5), Entry("y.jpg", "a/b", 0, 5)])]
    with zipfile.ZipFile(io.BytesIO(b"".join(whole))) as archive:
        assert [archive.read(name) for name in ("x.jpg", "y.jpg")] == [b"12345", b"12345"]
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)
    for size in (4, 6):
        with pytest.raises(ReadCut):
            [piece async for piece in zipped(blobs, [Entry("x.jpg", "a/b", 0, size)])]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("WO-1017", "WO-1017"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "file"),
        ("", "file"),
        ("C:\\Windows\\x", "C-Windows-x"),
        ("a\0b\nc", "a-b-c"),
        ("evil\u202egnp.exe", "evil-gnp.exe"),
        ("Rasenmäher für Åsa", "Rasenmäher-für-Åsa"),
        ("e\u0301te\u0301", "été"),
        ("芝刈り機", "芝刈り機"),
        ("घास", "घास"),
        (".htaccess", "htaccess"),
        ('a"b;c', "a-b-c"),
        ("😀", "file"),
        ("x" * 500, "x" * 120),
        ("ä" * 500, "ä" * 60),
    ],
)
def test_a_safe_name_leads_nowhere(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_names_that_meet_are_told_apart() -> None:
    names = ["a.jpg", "A.jpg", "a.jpg", "a-2.jpg", "b", "b", "a.tar.gz"]
    assert apart(names) == ["a.jpg", "A-2.jpg", "a-3.jpg", "a-2-2.jpg", "b", "b-2", "a.tar.gz"]


def test_a_name_for_browsers_of_every_age() -> None:
    assert attachment("Ä-1.zip") == "attachment; filename=\"--1.zip\"; filename*=UTF-8''%C3%84-1.zip"


@pytest.mark.parametrize("zone", ["", "../x", "Europe", "Nowhere/None", None])
def test_a_zone_that_is_not_known_is_that_of_the_world(zone: Any) -> None:
    assert local_ms(NOV_26_MS, zone_of(zone)) == NOV_26_MS


def test_archives_are_told_the_shops_clock() -> None:
    assert local_ms(NOV_26_MS, zone_of("Europe/Berlin")) == NOV_26_MS + 3_600_000
    assert local_ms(NOV_26_MS, zone_of("America/New_York")) == NOV_26_MS - 5 * 3_600_000
