"""A photo's file is handed out to whoever may see the photo at this moment, in a form in which it can do no harm."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from server.auth.gate import server_of
from server.media.blobs import Blobs, key_of
from server.media.open import origin_of
from server.media.serving import NoSuchRange, range_of
from server.settings import Settings
from sync.overlay import Draft
from tests.contracts.blobs import content_of
from tests.seaweed import Seaweed
from tests.server.media.sending import Sent, new_photo
from tests.server.premises import Phone, Premises, Shop, running
from tests.worlds import CountingWorld

DISPLAY, THUMB = content_of(90_000, 1), content_of(5_000, 2)
READY = "UPDATE file SET state = %s, sniffed = %s, served_bytes = 95000 WHERE id = %s"


async def developed(photo: Sent, state: str = "ready", sniffed: str = "image/jpeg") -> Sent:
    """As the pipeline leaves it."""
    premises, shop = photo.phone.premises, photo.phone.shop.id
    await photo.whole()
    blobs: Blobs = premises.app.state.blobs
    for name, content in (("display.jpg", DISPLAY), ("thumb.jpg", THUMB), ("document.pdf", b"%PDF-1")):
        await blobs.put(key_of(shop, photo.uuid, name), content)
    async with premises.app.state.database.transaction(server_of(shop)) as tx:
        await tx.execute(READY, (state, sniffed, photo.id))
    media = "ready" if state == "ready" else "refused" if state == "refused" else "waiting"
    await premises.app.state.store.act(shop, lambda scene: scene.set(photo.id, {"media": media}), [photo.id])
    return photo


@pytest.fixture
async def photo(tech: Phone) -> Sent:
    return await developed(await new_photo(tech, visible_to_customer=True))


async def get(photo: Sent, size: str, method: str = "GET", **headers: str | None) -> httpx.Response:
    return await photo.ask(method, f"/api/photos/{photo.id}/{size}", None, Tus_Resumable=None, **headers)


async def test_staff_have_every_size(photo: Sent, premises: Premises, repair: Shop) -> None:
    for who in ("tech", "parts", "admin"):
        mine = photo.by(await premises.sign_in(repair, who))
        answers = {s: (await get(mine, s)).content for s in ("original", "display", "thumb", "document")}
        assert answers == {
            "original": photo.content, "display": DISPLAY, "thumb": THUMB, "document": b"%PDF-1",
        }  # fmt: skip


async def test_what_goes_with_it_keeps_it_and_keeps_it_harmless(photo: Sent) -> None:
    display, original, document = [await get(photo, size) for size in ("display", "original", "document")]
    for answer in (display, original, document):
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["Content-Length"] == str(len(answer.content))
        assert answer.headers.get_list("Content-Encoding") == []
    name = f"before-2026-11-02-{photo.uuid.hex[-8:]}"
    said = [
        (a.headers["Content-Type"], a.headers["Content-Disposition"]) for a in (display, original, document)
    ]
    assert said == [
        ("image/jpeg", f'inline; filename="{name}.jpg"'),
        ("image/jpeg", f'attachment; filename="{name}.jpg"'),
        ("application/pdf", f'attachment; filename="{name}.pdf"'),
    ]
    assert len({a.headers["ETag"] for a in (display, original, document)}) == 3


async def test_a_type_that_nobody_looked_at_is_only_bytes(tech: Phone) -> None:
    photo = await developed(await new_photo(tech), sniffed="text/html")
    answer = await get(photo, "original")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].endswith('.bin"')


async def test_what_the_asker_has_is_not_sent_again(photo: Sent) -> None:
    first = await get(photo, "thumb")
    for said in (first.headers["ETag"], f"W/{first.headers['ETag']}", f'"x", {first.headers["ETag"]}', "*"):
        again = await get(photo, "thumb", If_None_Match=said)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    assert (await get(photo, "display", If_None_Match=first.headers["ETag"])).status_code == 200


async def test_a_head_tells_all_but_the_bytes(photo: Sent) -> None:
    whole, head = await get(photo, "original"), await get(photo, "original", "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    different = {k for k in whole.headers if whole.headers[k] != head.headers.get(k)} - {"x-request-id"}
    assert different == set()


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=100-299999", 100, 300_000), ("bytes=599000-", 599_000, 600_000),
     ("bytes=-5", 599_995, 600_000), ("bytes=10-9999999", 10, 600_000), ("Bytes= 1-2", 1, 3)],
)  # fmt: skip
async def test_a_range_of_an_original_is_had(photo: Sent, asked: str, start: int, end: int) -> None:
    answer = await get(photo, "original", Range=asked)
    assert (answer.status_code, answer.content) == (206, photo.content[start:end])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/600000"
    changed = await get(photo, "original", Range=asked, If_Range='"other"')
    assert (changed.status_code, len(changed.content)) == (200, 600_000)


@pytest.mark.parametrize("asked", ["bytes=600000-", "bytes=-0", "bytes=999999999-1000000000"])
async def test_a_range_that_is_not_there_is_refused(photo: Sent, asked: str) -> None:
    answer = await get(photo, "original", Range=asked)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */600000")


@pytest.mark.parametrize(
    "asked",
    ["", "bytes", "bytes=", "bytes=-", "bytes=5-2", "lines=1-2", "bytes=0-1,3-4", "bytes=a-b", "bytes=²-"],
)
def test_a_range_that_cannot_be_read_is_all_of_it(asked: str) -> None:
    assert range_of({"Range": asked}, 10, '"x"') is None


def test_ranges_reach_to_the_end_and_no_further() -> None:
    assert [range_of({"Range": f"bytes={r}"}, 10, "") for r in ("0-", "9-", "-10", "-99", "0-9", "0-10")] == [
        (0, 10), (9, 10), (0, 10), (0, 10), (0, 10), (0, 10),
    ]  # fmt: skip
    with pytest.raises(NoSuchRange):
        range_of({"Range": "bytes=10-"}, 10, "")


async def test_U7_I8_customers_have_what_is_shown_of_their_own_photos(
    photo: Sent, premises: Premises, repair: Shop
) -> None:
    mine = photo.by(await premises.sign_in_customer(repair, 0))
    theirs = photo.by(await premises.sign_in_customer(repair, 1))
    sizes = ("original", "display", "thumb")
    assert [(await get(mine, size)).status_code for size in sizes] == [404, 200, 200]
    assert [(await get(theirs, size)).status_code for size in sizes] == [404, 404, 404]
    await photo.phone.sync()
    photo.phone.patch("photo", photo.id, visible_to_customer=False)
    await photo.phone.sync()
    assert [(await get(mine, size)).status_code for size in sizes] == [404, 404, 404]


async def test_I8_of_another_shop_there_is_nothing(photo: Sent, premises: Premises) -> None:
    other = await premises.open_shop("other")
    for phone in (await premises.sign_in(other, "admin"), await premises.sign_in_customer(other)):
        for size in ("original", "display", "thumb", "document"):
            assert (await get(photo.by(phone), size)).status_code == 404
    assert (await get(photo, "thumb", Authorization=None)).status_code == 401


async def test_U7_of_a_deleted_photo_nothing_is_handed_out(
    photo: Sent, premises: Premises, repair: Shop
) -> None:
    admin = await (await premises.sign_in(repair, "admin")).sync()
    admin.act(Draft("delete", "photo", photo.id))
    await admin.sync()
    etag = "*"
    for size in ("original", "display", "thumb"):
        assert (await get(photo, size, If_None_Match=etag)).status_code == 404


@pytest.mark.parametrize("state", ["arrived", "refused"])
async def test_U7_what_was_not_looked_at_or_was_refused_is_not_handed_out(tech: Phone, state: str) -> None:
    photo = await new_photo(tech)
    await photo.whole()
    async with tech.premises.app.state.database.transaction(server_of(tech.shop.id)) as tx:
        await tx.execute("UPDATE file SET state = %s WHERE id = %s", (state, photo.id))
    for size in ("original", "display", "thumb", "document"):
        assert (await get(photo, size)).status_code == 404


async def test_sizes_are_shown_while_a_lost_original_is_waited_for(tech: Phone) -> None:
    photo = await developed(await new_photo(tech), "receiving")
    assert [(await get(photo, size)).status_code for size in ("original", "display", "thumb")] == [
        404,
        200,
        200,
    ]


async def test_U5_an_original_that_is_found_missing_is_asked_of_the_phones_at_once(
    photo: Sent, premises: Premises
) -> None:
    blobs: Blobs = premises.app.state.blobs
    await blobs.delete(key_of(photo.phone.shop.id, photo.uuid, "original"))
    assert await photo.media() == "ready"
    assert (await get(photo, "original")).status_code == 404
    assert await photo.media() == "waiting"
    await photo.whole()
    assert (await get(photo, "original")).status_code == 404  # It was not looked at again yet.
    assert await blobs.size(key_of(photo.phone.shop.id, photo.uuid, "original")) == len(photo.content)


async def test_what_is_not_in_the_store_and_what_is_no_size_is_gone(photo: Sent, premises: Premises) -> None:
    await premises.app.state.blobs.delete(key_of(photo.phone.shop.id, photo.uuid, "thumb.jpg"))
    for size in ("thumb", "huge", "parts", "..%2Foriginal"):
        assert (await get(photo, size)).status_code == 404
    for id_ in ("x", str(uuid4()), photo.id.upper()):
        answer = await photo.ask("GET", f"/api/photos/{id_}/display")
        assert answer.status_code == 404


async def test_from_a_bucket_the_browser_is_sent_there(
    settings: Settings, s3_server: Seaweed, world: CountingWorld
) -> None:
    settings = settings.changed(blobs_url=s3_server.url(f"serving/{uuid4().hex}"))
    async with running(settings, world) as premises:
        shop = await premises.open_shop("repair")
        tech = await (await premises.sign_in(shop, "tech")).sync()
        photo = await developed(await new_photo(tech))
        for size, content in (("display", DISPLAY), ("original", photo.content)):
            answer = await get(photo, size)
            assert answer.status_code == 302
            assert answer.headers["Cache-Control"] == "private, max-age=50"
            place = answer.headers["Location"]
            assert place.startswith(f"{origin_of(settings)}/")
            async with httpx.AsyncClient() as browser:
                assert (await browser.get(place)).content == content
                assert (await browser.get(place, headers={"Range": "bytes=1-3"})).content == content[1:4]
            etag = answer.headers["ETag"]
            assert (await get(photo, size, If_None_Match=etag)).status_code == 304
            head = await get(photo, size, "HEAD")
            assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(content)))
        stranger = photo.by(await premises.sign_in_customer(shop, 1))
        assert (await get(stranger, "display")).status_code == 404
        page = (await premises.client.get("/healthz")).headers["Content-Security-Policy"]
        assert f"img-src 'self' {origin_of(settings)} blob: data:;" in page
        assert f"connect-src 'self' {origin_of(settings)};" in page


async def test_without_a_bucket_pages_fetch_from_nowhere_else(premises: Premises) -> None:
    page = (await premises.client.get("/healthz")).headers["Content-Security-Policy"]
    assert "http" not in page
