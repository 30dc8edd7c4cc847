"""The guards taken away one by one: without row security the application's filters leak nothing, without those filters row
security leaks nothing, and with neither of them the same test turns red (P16, I8).

What is said to somebody is every page of their view, every answer to a push of ids that are not theirs, and every
route that is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import httpx
import pytest

from server.db.embedded import Urls
from server.db.session import Context
from server.history import reading
from server.media import seeing
from server.photos import reading as albums
from server.recovery import parked
from server.store import portal, pull
from sync.overlay import Draft
from tests.isolation.database import tables, without_row_security
from tests.isolation.town import Town
from tests.server.canaries import Canary, found
from tests.server.hearing import heard, read_all
from tests.server.premises import Phone

GUARDS = ("both", "row security", "filters")


OWN = re.compile(r"AND \(r\.own IS NULL[^)]+\)s[^)]+\)s[^)]+\)")
COLLECTIONS = re.compile(r"AND r\.collection = ANY \(%\(collections\)s\)")


def unfiltered() -> Iterator[tuple[object, str, str]]:
    """The queries of the app without any condition on whose a row is."""
    yield (
        reading,
        "RECORD",
        OWN.sub("", COLLECTIONS.sub("", reading.RECORD)).replace("r.shop = %(shop)s", "true"),
    )
    query = OWN.sub("", COLLECTIONS.sub("", parked.READABLE))
    yield parked, "READABLE", query.replace("r.shop = %(shop)s", "true")
    for name in ("ORDER", "PHOTOS"):
        query = OWN.sub("", COLLECTIONS.sub("", getattr(albums, f"STAFF_{name}")))
        yield albums, f"STAFF_{name}", query.replace("r.shop = %(shop)s", "true")
        query = getattr(albums, f"CUSTOMER_{name}").replace("AND r.customer = %(me)s AND r.shared", "")
        yield albums, f"CUSTOMER_{name}", query.replace("r.shop = %(shop)s", "true")
    query = OWN.sub("", COLLECTIONS.sub("", seeing.FOR_STAFF))
    yield seeing, "FOR_STAFF", query.replace("r.shop = %(shop)s", "true")
    query = seeing.FOR_CUSTOMER.replace("r.shop = %(shop)s", "true")
    yield seeing, "FOR_CUSTOMER", query.replace(" AND r.shared AND r.customer = %(me)s", "")
    yield portal, "MINE", "SELECT id::text, collection, data FROM record WHERE NOT gone"
    yield portal, "KNOWN", "SELECT id::text, collection, at, gone, digest FROM portal_row"
    for name in ("PLAIN", "FEED", "USEFUL", "LISTED"):
        query = COLLECTIONS.sub("", OWN.sub("", getattr(pull, name)))
        yield pull, name, query.replace("r.shop = %(shop)s", "true")


@pytest.fixture
def guarded(guard: str, monkeypatch: pytest.MonkeyPatch, database_urls: Urls, town: Town) -> Iterator[str]:
    """Only the guards named stand."""
    with ExitStack() as stack:
        if guard in ("filters", "none"):
            stack.enter_context(without_row_security(database_urls.superuser))
        if guard in ("row security", "none"):
            for module, name, query in unfiltered():
                assert query != getattr(module, name)
                monkeypatch.setattr(module, name, query)
        yield guard


async def said_to(town: Town, slug: str, who: str) -> bytes:
    """All that somebody can get the server to say."""
    phone = town.phones[slug, who]
    said = [await heard(phone, limit=40)]
    for planted in town.shops.values():
        for (collection, _), ids in planted.ids.items():
            phone.act(Draft("patch", collection, ids[0], {"created_by": None}, {"": {"@": 1}}))
            phone.act(Draft("delete", collection, ids[-1], {}, {"": {"@": 1}}))
    asked = {**phone.replica.request(phone.now(), 1), "cursor": None}
    answer = await phone.post(asked)
    assert answer.status_code == 200, answer.text
    said.append(str(answer.json()["results"]).encode())
    said += [answer.content for answer in await histories(town, phone)]
    said += [answer.content for answer in await photos(town, phone)]
    said += [answer.content for answer in await of_orders(town, phone)]
    return b"\n".join(said)


async def histories(town: Town, phone: Phone) -> list[httpx.Response]:
    """The history of every record of both shops, as this phone is told it."""
    client, headers = town.premises.client, {"Authorization": f"Bearer {phone.token}"}
    url = f"http://{phone.shop.slug}.localhost/api/history"
    planted = [key for shop in town.shops.values() for key in shop.ids.items()]
    asked = [{"collection": collection, "id": id_} for (collection, _), ids in planted for id_ in ids]
    return [await client.get(url, params=one, headers=headers) for one in asked]


async def of_orders(town: Town, phone: Phone) -> list[httpx.Response]:
    """The photos of every work order of both shops in one file, and its albums, as this phone is told of them."""
    client, headers = town.premises.client, {"Authorization": f"Bearer {phone.token}"}
    orders = [
        id_
        for shop in town.shops.values()
        for (name, _), ids in shop.ids.items()
        if name == "work_order"
        for id_ in ids
    ]
    return [
        await client.get(
            f"http://{phone.shop.slug}.localhost{path}", params={"work_order": order}, headers=headers
        )
        for order in orders
        for path in ("/api/photos/zip", "/api/albums")
    ]


async def test_P16_every_archive_and_list_of_albums_is_of_a_work_order_that_one_may_see(town: Town) -> None:
    """Those who may change photos have the albums too; customers have the archive of what is theirs."""
    for (slug, who), phone in town.phones.items():
        mine = {c.text.decode() for c in town.allowed(slug, who) if not c.field}
        for answer in await of_orders(town, phone):
            wanted = answer.url.params["work_order"] in mine
            if answer.url.path == "/api/albums" and (who == "parts" or who.startswith("customer")):
                assert answer.status_code == 403, (slug, who, answer.url)
            else:
                assert answer.status_code == (200 if wanted else 404), (slug, who, answer.url)


SIZES = ("original", "thumb")


async def photos(town: Town, phone: Phone) -> list[httpx.Response]:
    """Every size of every photo of both shops, as this phone is given it."""
    return await of_photos(town, phone, "GET", "photos", SIZES)


async def of_photos(
    town: Town, phone: Phone, method: str, noun: str, words: Sequence[str] = ("",)
) -> list[httpx.Response]:
    headers = {"Authorization": f"Bearer {phone.token}", "Tus-Resumable": "1.0.0"}
    url = f"http://{phone.shop.slug}.localhost/api/{noun}"
    ids = [
        id_ for p in town.shops.values() for (name, _), ids in p.ids.items() if name == "photo" for id_ in ids
    ]
    asked = [f"{url}/{id_}/{word}".rstrip("/") for id_ in ids for word in words]
    return [await town.premises.client.request(method, one, headers=headers) for one in asked]


@pytest.mark.parametrize("guard", GUARDS)
async def test_P16_I8_every_photo_is_given_to_who_may_see_it(town: Town, guarded: str) -> None:
    """In every size to staff; to customers what is shown of those that are ready and marked as theirs to see."""
    for (slug, who), phone in town.phones.items():
        mine = {c.text.decode() for c in town.allowed(slug, who) if not c.field and c.collection == "photo"}
        assert mine
        for answer in await photos(town, phone):
            *_, id_, size = answer.url.path.split("/")
            wanted = id_ in mine and not (who.startswith("customer") and size == "original")
            assert answer.status_code == (200 if wanted else 404), (slug, who, answer.url)


@pytest.mark.parametrize("guard", GUARDS)
async def test_P16_I8_an_upload_is_told_of_to_who_may_make_and_see_the_photo(
    town: Town, guarded: str
) -> None:
    for (slug, who), phone in town.phones.items():
        mine = {c.text.decode() for c in town.allowed(slug, who) if not c.field and c.collection == "photo"}
        for method, done in (("HEAD", 200), ("DELETE", 403)):
            for answer in await of_photos(town, phone, method, "uploads"):
                wanted = done if answer.url.path.split("/")[-1] in mine else 404
                if who.startswith("customer") or who == "parts":
                    wanted = 403
                assert answer.status_code == wanted, (slug, who, method, answer.url)
                assert ("Upload-Receipt" in answer.headers) == (wanted == 200)


async def test_P16_C23_every_history_is_of_what_one_may_read(town: Town) -> None:
    """Staff have one of each record they may read, if people write such at all; customers have none."""
    for (slug, who), phone in town.phones.items():
        mine = {c.text.decode() for c in town.allowed(slug, who) if not c.field}
        for answer in await histories(town, phone):
            wanted = answer.url.params["id"] in mine and not who.startswith("customer")
            written = answer.url.params["collection"] not in ("conflict", "notice")
            assert answer.status_code == (200 if wanted and written else 404), (slug, who, answer.url)


def leaks(town: Town, slug: str, who: str, said: bytes) -> list[Canary]:
    """What was said and is not for them. That a shop's own public words are told to all at its door is no leak."""
    return found(town.forbidden(slug, who), said)


@pytest.mark.parametrize("guard", GUARDS)
async def test_P16_I8_either_guard_alone_leaks_nothing(town: Town, guarded: str) -> None:
    for slug, who in town.phones:
        said = await said_to(town, slug, who)
        assert leaks(town, slug, who, said) == [], (slug, who)
        assert [c for c in town.allowed(slug, who) if c.text not in said and c.collection != "staff"] == []


@pytest.mark.parametrize("guard", ["none"])
@pytest.mark.parametrize("who", ["customer0", "tech"])
async def test_with_no_guard_at_all_it_would_leak(town: Town, guarded: str, who: str) -> None:
    """The test above sees what it looks for. (What is sealed for another shop does not open, so an answer may fail.)"""
    said = await heard(town.phones["repair", who], limit=40)
    failed = b"sealed value does not open" in said
    assert failed or leaks(town, "repair", who, said) != []


async def test_with_no_row_security_every_row_of_every_table_is_there(
    town: Town, database_urls: Urls
) -> None:
    """Row security was really taken away above."""
    stranger = Context()
    database = town.premises.app.state.database
    with without_row_security(database_urls.superuser):
        async with database.transaction(stranger) as tx:
            for table in tables(database_urls.owner):
                row = await (await tx.execute(f"SELECT count(*) FROM {table}".encode())).fetchone()
                assert table in ("link", "attempt") or row[0] > 0, table


@pytest.mark.parametrize("guard", ["both", "filters"])
async def test_I8_who_is_not_signed_in_is_told_nothing_but_what_stands_at_the_door(
    town: Town, guarded: str
) -> None:
    """With a token of the other shop, with a forged one, and with none."""
    for slug, other in (("repair", "remote"), ("remote", "repair")):
        for token in (
            town.phones[other, "admin"].token,
            town.phones[other, "customer0"].token,
            "forged",
            None,
        ):
            answers = await read_all(town.premises, town.shop(slug), token)
            said = b"\n".join(answer.content for answer in answers)
            seen = {(c.shop, c.collection, c.field) for c in found(town.canaries, said)}
            assert seen <= {
                (slug, "shop", name) for name in ("", "name", "words", "colours", "locale", "logo")
            }
            assert {
                a.status_code for a in answers if a.url.path.startswith("/api/") and a.url.path != "/api/shop"
            } == {401}
