"""Files of photos by tus: begun, gone on with, cut anywhere, doubled, checked; one file arrives, once, and is the right one."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import stat
from typing import Any

import pytest

from server.auth.gate import server_of
from server.media import receiving, uploads
from server.media.blobs import CHUNK_BYTES, key_of, place_of
from server.media.errors import WrongOffset
from server.media.receiving import PART_BYTES, Depot
from server.media.upkeep import lost
from tests.contracts.blobs import content_of, read
from tests.server.media.sending import Sent, checksum, encoded, keys, metadata, new_photo
from tests.server.premises import Phone, Premises


@pytest.fixture
async def photo(tech: Phone) -> Sent:
    return await new_photo(tech)


@pytest.fixture
def depot(premises: Premises) -> Depot:
    found: Depot = premises.app.state.depot
    return found


async def arrived(depot: Depot, photo: Sent) -> None:
    """The file lies in the store, alone and with the right bytes; row, record and receipt say so."""
    (key,) = [key for key in await keys(depot.blobs) if photo.id in key]
    assert key.endswith("/original")
    assert await read(depot.blobs, key) == photo.content
    answer = await photo.head()
    assert (answer.headers["Upload-Offset"], answer.headers["Upload-Receipt"]) == (
        str(len(photo.content)),
        photo.receipt,
    )
    assert await photo.media() == "processing"


async def test_what_the_server_can_do_is_told_to_everybody(tech: Phone) -> None:
    for path in ("/api/uploads", "/api/uploads/x"):
        answer = await tech.premises.client.options(path)
        said = {name: answer.headers[name] for name in answer.headers if name.startswith("tus-")}
        assert (answer.status_code, said) == (
            204,
            {
                "tus-resumable": "1.0.0",
                "tus-version": "1.0.0",
                "tus-extension": "creation,creation-with-upload,checksum,expiration,termination",
                "tus-max-size": "10000000",
                "tus-checksum-algorithm": "sha256,sha1",
            },
        )


async def test_I10_a_file_arrives_and_the_phone_has_its_receipt(photo: Sent, depot: Depot) -> None:
    assert await photo.media() == "waiting"
    made = await photo.post()
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/uploads/{photo.id}")
    assert (made.headers["Upload-Offset"], made.headers["Upload-Expires"]) == (
        "0",
        "Mon, 09 Nov 2026 08:00:00 GMT",
    )
    first = await photo.patch(0, 300_000)
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "300000")
    assert "Upload-Receipt" not in first.headers
    stands = await photo.head()
    assert (stands.headers["Upload-Offset"], stands.headers["Upload-Length"]) == ("300000", "600000")
    assert stands.headers["Cache-Control"] == "no-store"
    assert await photo.media() == "waiting"
    last = await photo.patch(300_000)
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, "600000")
    assert last.headers["Upload-Receipt"] == photo.receipt
    for answer in (made, first, stands, last):
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    await arrived(depot, photo)


async def test_the_first_bytes_may_come_with_the_creation(photo: Sent, depot: Depot) -> None:
    made = await photo.post(photo.content[:100_000], Upload_Checksum=checksum(photo.content[:100_000]))
    assert (made.status_code, made.headers["Upload-Offset"]) == (201, "100000")
    again = await photo.post(photo.content[:100_000])
    assert (again.status_code, again.headers["Upload-Offset"]) == (201, "100000")
    await photo.patch(100_000)
    await arrived(depot, photo)


async def test_all_of_it_may_come_with_the_creation(photo: Sent, depot: Depot) -> None:
    made = await photo.post(photo.content)
    assert (made.status_code, made.headers["Upload-Receipt"]) == (201, photo.receipt)
    await arrived(depot, photo)


async def test_I3_begun_again_it_stands_where_it_stood(photo: Sent, depot: Depot) -> None:
    await photo.post()
    await photo.patch(0, 1000)
    assert (await photo.post()).headers["Upload-Offset"] == "1000"
    await photo.patch(1000)
    done = await photo.post()
    assert (done.status_code, done.headers["Upload-Offset"], done.headers["Upload-Receipt"]) == (
        201,
        "600000",
        photo.receipt,
    )
    await arrived(depot, photo)


CUTS = [0, 1, 255, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 599_999]


@pytest.mark.parametrize("at", CUTS)
async def test_I10_of_a_body_that_is_cut_all_that_came_is_kept(photo: Sent, depot: Depot, at: int) -> None:
    await photo.post()
    await photo.cut(0, [photo.content[:at]])
    assert await photo.stands() == at
    assert (await photo.patch(at)).headers["Upload-Receipt"] == photo.receipt
    await arrived(depot, photo)


@pytest.mark.parametrize("seed", range(6))
async def test_I10_cut_again_and_again_it_arrives(tech: Phone, depot: Depot, seed: int) -> None:
    chance = random.Random(seed)
    photo = await new_photo(tech, chance.randint(1, 1_500_000), seed)
    await photo.post()
    sent = 0
    while (at := await photo.stands()) < len(photo.content):
        end = min(len(photo.content), at + chance.choice([1, 900, 70_000, PART_BYTES, 500_000]))
        cuts = sorted(chance.sample(range(at, end + 1), min(3, end + 1 - at)))
        pieces = [photo.content[a:b] for a, b in zip([at, *cuts], cuts, strict=False)]
        sent += sum(map(len, pieces))
        await photo.cut(at, pieces)
        if chance.random() < 0.3:
            await photo.patch(await photo.stands(), end)
        row = await depot.find(tech.shop.id, photo.uuid)
        assert row is not None
        assert len(row.parts) <= len(photo.content) // PART_BYTES + 1
    assert sent <= len(photo.content)
    await arrived(depot, photo)


async def test_many_small_pieces_are_no_more_parts_than_a_single_one(tech: Phone, depot: Depot) -> None:
    photo = await new_photo(tech, 2 * PART_BYTES + 7)
    await photo.post()
    for at in range(0, len(photo.content) - 7, 30_000):
        await photo.patch(at, min(at + 30_000, len(photo.content) - 7))
    assert sorted(place_of(key).name.split("-")[0] for key in await keys(depot.blobs)) == [  # type: ignore[union-attr]
        "parts/0",
        f"parts/{PART_BYTES}",
    ]
    await photo.patch(2 * PART_BYTES)
    await arrived(depot, photo)


async def test_a_body_is_never_whole_in_memory(
    tech: Phone, depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has come so far is durable while the rest is on its way: a kill loses less than a part."""
    photo = await new_photo(tech, 2_000_000)
    await photo.post()
    held: list[int] = []

    async def body() -> Any:
        for at in range(0, 2_000_000, 50_000):
            row = await depot.find(tech.shop.id, photo.uuid)
            assert row is not None
            held.append(at - row.received)
            yield photo.content[at : at + 50_000]

    answer = await photo.ask("PATCH", None, b"", Upload_Offset="0", Content_Length=None)
    assert answer.headers["Upload-Offset"] == "0"
    url = f"http://{tech.shop.slug}.localhost/api/uploads/{photo.id}"
    headers = {
        "Authorization": f"Bearer {tech.token}",
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    answer = await tech.premises.client.patch(url, content=body(), headers=headers)
    assert answer.headers["Upload-Receipt"] == photo.receipt
    assert max(held) < PART_BYTES
    await arrived(depot, photo)


async def test_I3_a_doubled_piece_is_told_where_the_upload_stands(photo: Sent, depot: Depot) -> None:
    await photo.post()
    await photo.patch(0, 300_000)
    for offset in (0, 299_999, 300_001, 600_000):
        answer = await photo.patch(offset, 600_000)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert answer.headers["Upload-Offset"] == "300000"
    await photo.patch(300_000)
    last = await photo.ask("PATCH", None, b"", Upload_Offset="600000")
    assert (last.status_code, last.headers["Upload-Receipt"]) == (204, photo.receipt)
    assert (await photo.patch(300_000)).status_code == 409
    await arrived(depot, photo)


async def test_I3_of_two_writers_one_goes_on_and_the_other_is_told(photo: Sent, depot: Depot) -> None:
    await photo.post()
    answers = await asyncio.gather(*(photo.patch(0) for _ in range(4)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 204
    assert set(codes[1:]) <= {204, 409}
    await arrived(depot, photo)


async def test_a_writer_that_was_overtaken_keeps_nothing(photo: Sent, depot: Depot) -> None:
    """One hangs in the middle of its body, another sends all of it: the first is told so as soon as it goes on."""
    await photo.post()
    gate, inside = asyncio.Event(), asyncio.Event()

    async def slow() -> Any:
        yield photo.content[:1000]
        inside.set()
        await gate.wait()
        yield photo.content[1000:]

    file = await depot.find(photo.phone.shop.id, photo.uuid)
    assert file is not None
    late = asyncio.create_task(receiving.Receiver(depot, file, None).take(slow()))
    await inside.wait()
    await photo.patch(0)
    gate.set()
    with pytest.raises(WrongOffset) as said:
        await late
    assert said.value.stands == 600_000
    await arrived(depot, photo)


@pytest.mark.parametrize("name", ["sha256", "sha1"])
async def test_a_piece_with_its_checksum_is_checked(photo: Sent, depot: Depot, name: str) -> None:
    await photo.post()
    await photo.patch(0, 1000)
    for end in (1500, 590_000):
        wrong = await photo.patch(1000, end, Upload_Checksum=checksum(b"something else", name))
        assert (wrong.status_code, wrong.json()["code"]) == (460, "checksum")
        assert await photo.stands() == 1000
        assert len(await keys(depot.blobs)) == 1
    for at, end in ((1000, 1500), (1500, 600_000)):
        right = await photo.patch(at, end, Upload_Checksum=checksum(photo.content[at:end], name))
        assert right.status_code == 204
    await arrived(depot, photo)


@pytest.mark.parametrize(
    ("said", "status"), [("md5 AAAA", 400), ("sha256 *", 400), ("sha256 A", 400), ("", 400), ("sha256", 460)]
)
async def test_a_checksum_that_cannot_be_read_is_refused(photo: Sent, said: str, status: int) -> None:
    await photo.post()
    answer = await photo.patch(0, 100, Upload_Checksum=said)
    assert answer.status_code == status
    assert await photo.stands() == 0


@pytest.mark.parametrize("end", [599_999, 200_000])
async def test_I10_a_whole_file_with_another_hash_starts_again(photo: Sent, depot: Depot, end: int) -> None:
    await photo.post()
    await photo.patch(0, end)
    damaged = photo.content[end : 600_000 - 1] + bytes([photo.content[-1] ^ 1])
    answer = await photo.ask("PATCH", None, damaged, Upload_Offset=str(end))
    assert (answer.status_code, answer.json()["code"]) == (460, "checksum")
    assert await photo.stands() == 0
    assert await keys(depot.blobs) == []
    assert await photo.media() == "waiting"
    await photo.patch(0)
    await arrived(depot, photo)


async def test_more_than_was_said_is_refused(photo: Sent) -> None:
    await photo.post()
    answer = await photo.ask("PATCH", None, photo.content + b"x", Upload_Offset="0")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert await photo.stands() == 0

    async def unsaid() -> Any:
        yield photo.content
        yield b"x"

    url = f"http://{photo.phone.shop.slug}.localhost/api/uploads/{photo.id}"
    headers = {
        "Authorization": f"Bearer {photo.phone.token}",
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    answer = await photo.phone.premises.client.patch(url, content=unsaid(), headers=headers)
    assert answer.status_code == 413
    assert (await photo.patch(await photo.stands())).headers["Upload-Receipt"] == photo.receipt


async def test_called_off_it_is_gone_and_may_begin_anew(photo: Sent, depot: Depot) -> None:
    await photo.post()
    await photo.patch(0, 300_000)
    assert (await photo.ask("DELETE")).status_code == 204
    assert await keys(depot.blobs) == []
    for method in ("HEAD", "DELETE"):
        assert (await photo.ask(method)).status_code == 404
    assert (await photo.patch(0)).status_code == 404
    await photo.whole()
    refused = await photo.ask("DELETE")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    await arrived(depot, photo)


async def test_who_speaks_another_version_is_told_ours(photo: Sent) -> None:
    await photo.post()
    for method in ("POST", "HEAD", "PATCH", "DELETE"):
        for version in (None, "0.2.2"):
            path = "/api/uploads" if method == "POST" else None
            answer = await photo.ask(method, path, None, Tus_Resumable=version)
            assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
            assert answer.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (400, {"Upload_Length": None}),
        (400, {"Upload_Length": "x"}),
        (400, {"Upload_Length": "-1"}),
        (400, {"Upload_Length": "0"}),
        (400, {"Upload_Length": "1" * 40}),
        (413, {"Upload_Length": "10000001"}),
        (400, {"Upload_Metadata": None}),
        (400, {"Upload_Metadata": "photo"}),
        (400, {"Upload_Metadata": "photo %%%"}),
        (400, {"Upload_Metadata": f"photo {encoded('../etc')}"}),
        (400, {"Upload_Metadata": "x " + "A" * 5000}),
    ],
)
async def test_what_cannot_be_read_is_said(photo: Sent, status: int, headers: dict[str, str | None]) -> None:
    answer = await photo.post(None, **headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["message"]


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "", "image/gif"])
async def test_what_is_no_photo_is_refused(photo: Sent, kind: str) -> None:
    photo.type = kind
    answer = await photo.post()
    assert (answer.status_code, answer.json()["at"]) == (415, {"field": "type"})


async def test_a_body_of_another_type_is_refused(photo: Sent) -> None:
    await photo.post()
    for kind in ("application/json", "image/jpeg", None):
        answer = await photo.ask("PATCH", None, b"{}", Upload_Offset="0", Content_Type=kind)
        assert answer.status_code == 415
    assert (await photo.ask("PATCH", None, None, Upload_Offset="0")).status_code == 415
    other = await photo.ask("POST", "/api/sync", b"{}")
    assert other.status_code == 415


async def test_another_site_sends_nothing(photo: Sent) -> None:
    for headers in ({"Origin": "http://evil.test"}, {"Sec_Fetch_Site": "cross-site"}):
        for method in ("POST", "PATCH", "DELETE"):
            assert (await photo.ask(method, None, b"x", **headers)).status_code == 403


async def test_another_file_than_the_record_names_is_refused(photo: Sent) -> None:
    other = content_of(600_000, 7)
    for content in (other, photo.content[:-1]):
        answer = await Sent(photo.phone, photo.id, content).post()
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert (await photo.head()).status_code == 404


async def test_metadata_may_hold_more_than_is_known(photo: Sent) -> None:
    said = metadata(photo=photo.id, sha256=photo.sha256, type="image/jpeg", filename="x.jpg") + ",flag"
    assert (await photo.post(Upload_Metadata=said)).status_code == 201


@pytest.mark.parametrize("stage", ["parts", "original"])
async def test_I10_a_server_that_stopped_before_the_end_comes_to_it_when_asked(
    photo: Sent, depot: Depot, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """All bytes came; then it stopped, before they were put together or before anybody could know of it."""

    class Killed(BaseException):
        """Nothing of the server's own code runs any more."""

    async def stops(*_: Any) -> Any:
        raise Killed

    await photo.post()
    broken = "finish" if stage == "parts" else "_arrived"
    for ask in (photo.head, photo.post, lambda: photo.ask("PATCH", None, b"", Upload_Offset="600000")):
        with monkeypatch.context() as patch:
            patch.setattr(receiving, broken, stops)
            with pytest.raises(Killed):
                await photo.patch(await photo.stands())
        row = await depot.find(photo.phone.shop.id, photo.uuid)
        assert row is not None
        assert (row.state, row.received) == ("receiving", 600_000)
        answer = await ask()
        assert answer.headers["Upload-Receipt"] == photo.receipt
        await arrived(depot, photo)
        await lose_again(photo, depot)


async def lose_again(photo: Sent, depot: Depot) -> None:
    for key in await keys(depot.blobs):
        await depot.blobs.delete(key)
    assert await lost(depot, photo.phone.shop.id, photo.uuid)


async def test_parts_that_are_gone_are_sent_again(photo: Sent, depot: Depot) -> None:
    """The database was put back to a moment in which parts were there that are no more."""
    await photo.post()
    await photo.patch(0, 300_000)
    for key in await keys(depot.blobs):
        await depot.blobs.delete(key)
    answer = await photo.patch(300_000)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "0")
    await photo.patch(0, 2 * PART_BYTES)
    (first, _) = await keys(depot.blobs)
    await depot.blobs.delete(first)
    answer = await photo.patch(2 * PART_BYTES)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "0")
    await photo.patch(0)
    await arrived(depot, photo)


async def test_I10_a_file_that_lies_in_the_store_need_not_be_sent(photo: Sent, depot: Depot) -> None:
    """As after a restore of the database to before the upload."""
    key = key_of(photo.phone.shop.id, photo.uuid, "original")
    await depot.blobs.put(key, photo.content)
    made = await photo.post()
    assert (made.status_code, made.headers["Upload-Receipt"]) == (201, photo.receipt)
    await arrived(depot, photo)


async def test_a_file_that_lies_there_damaged_is_sent(photo: Sent, depot: Depot) -> None:
    key = key_of(photo.phone.shop.id, photo.uuid, "original")
    await depot.blobs.put(key, photo.content[:-1] + b"\0")
    assert (await photo.post()).headers["Upload-Offset"] == "0"
    await photo.patch(0)
    await arrived(depot, photo)


async def test_who_processes_files_is_told_that_one_arrived(photo: Sent, premises: Premises) -> None:
    heard = premises.app.state.database.listen("workbay_files")
    assert await anext(heard) == ""
    await photo.whole()
    assert await anext(heard) == str(photo.phone.shop.id)
    await heard.aclose()


async def test_a_full_shop_says_so_and_says_when_to_come_again(tech: Phone, depot: Depot) -> None:
    tech.premises.app.state.uploads = uploads.Uploads(depot, 1_000_000)
    first, second = await new_photo(tech, 600_000, 1), await new_photo(tech, 600_000, 2)
    small = await new_photo(tech, 400_000, 3)
    codes = [answer.status_code for answer in await asyncio.gather(first.post(), second.post())]
    assert sorted(codes) == [201, 507]
    full = await (second if codes[0] == 201 else first).post()
    assert (full.status_code, full.headers["Retry-After"]) == (507, "600")
    assert full.json()["code"] == "unavailable"
    assert (await small.whole()).status_code == 204
    kept = first if codes[0] == 201 else second
    assert (await kept.post()).status_code == 201
    assert (await kept.ask("DELETE")).status_code == 204
    assert (await second.post()).status_code == 201


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 507), (errno.EIO, 503)])
async def test_what_came_outlives_a_disk_that_is_full_or_fails(
    tech: Phone, depot: Depot, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    photo = await new_photo(tech, 1_000_000)
    await photo.post()
    left, real = [2], os.fsync

    def failing(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            left[0] -= 1
            if left[0] < 0:
                raise OSError(number, os.strerror(number))
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        answer = await photo.patch(0)
    assert (answer.status_code, answer.json()["code"]) == (status, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert await photo.stands() == 2 * PART_BYTES
    await photo.patch(2 * PART_BYTES)
    await arrived(depot, photo)


async def test_a_record_of_which_no_file_is_known_has_no_upload(tech: Phone) -> None:
    photo = await new_photo(tech, 10, sha256=None, bytes=None, type=None)
    assert (await photo.post()).status_code == 409


async def test_the_row_says_what_arrived(photo: Sent, depot: Depot) -> None:
    await photo.whole()
    async with depot.store.database.transaction(server_of(photo.phone.shop.id)) as tx:
        rows = await (
            await tx.execute("SELECT state, received, parts, arrived_at, type FROM file")
        ).fetchall()
    assert rows == [("arrived", 600_000, [], photo.phone.premises.world.now_ms(), "image/jpeg")]


def test_what_is_read_at_a_time_is_what_a_part_has() -> None:
    assert CHUNK_BYTES == PART_BYTES
