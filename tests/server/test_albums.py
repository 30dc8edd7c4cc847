"""Albums: who makes and ends them, what a link shows to whoever holds it, and that it shows no more and no longer."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from server.auth.gate import server_of
from sync.overlay import Draft
from tests.server.premises import Phone, Premises, Shop, new_order
from tests.server.shots import Shot, be, take

PASSWORD = "tulip mower 4821"
DAY_S = 86_400
UNKNOWN = "01930000-0000-7000-8000-0000000000ff"
OVER = (404, "gone", "This link does not work any more. Please ask the shop for a new one.")


async def ask(phone: Phone, method: str, path: str, **more: Any) -> httpx.Response:
    """A request of somebody who is signed in."""
    url = f"http://{phone.shop.slug}.localhost{path}"
    headers = {"Authorization": f"Bearer {phone.token}"}
    return await phone.premises.client.request(method, url, headers=headers, **more)


async def make(phone: Phone, order: str, **wish: Any) -> dict[str, Any]:
    answer = await ask(phone, "POST", "/api/albums", json={"work_order": order, **wish})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def listed(phone: Phone, order: str) -> list[dict[str, Any]]:
    answer = await ask(phone, "GET", "/api/albums", params={"work_order": order})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["albums"])


def token_of(album: dict[str, Any]) -> str:
    return str(album["url"].rpartition("/")[2])


@dataclass
class Stranger:
    """A browser without a session; `cookies` are what it was given, as the header it sends."""

    premises: Premises
    token: str
    host: str = "repair.localhost"
    remote: str = "192.0.2.7"
    cookie: str = ""
    heard: list[httpx.Response] = field(default_factory=list)

    async def get(self, path: str = "") -> httpx.Response:
        return await self._ask("GET", path)

    async def unlock(self, password: Any) -> httpx.Response:
        return await self._ask("POST", "", json={"password": password})

    async def photos(self) -> list[str]:
        answer = await self.get()
        assert answer.status_code == 200, answer.text
        return [photo["id"] for photo in answer.json()["photos"]]

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.premises.app, client=(self.remote, 5000))
        headers = {"Cookie": self.cookie.encode("latin-1")} if self.cookie else {}
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{self.host}") as client:
            answer = await client.request(method, f"/api/album/{self.token}{path}", headers=headers, **more)
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer


def told(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["code"], body["message"]


@pytest.fixture
async def order(desk: Phone) -> str:
    return await new_order(desk)


@pytest.fixture
async def shots(desk: Phone, order: str) -> list[Shot]:
    """Two photos that the customer may see."""
    return [await take(desk, order, taken_at=n, note=f"Number {n}") for n in range(2)]


@pytest.fixture
async def album(desk: Phone, order: str, shots: list[Shot]) -> dict[str, Any]:
    return await make(desk, order, title="Your mower")


@pytest.fixture
def stranger(premises: Premises, album: dict[str, Any]) -> Stranger:
    """Somebody who was sent the link."""
    return Stranger(premises, token_of(album))


async def test_U8_a_link_shows_the_photos_to_whoever_holds_it(
    stranger: Stranger, album: dict[str, Any], shots: list[Shot], premises: Premises
) -> None:
    answer = await stranger.get()
    assert answer.json() == {
        "title": "Your mower",
        "shop": "repair",
        "expires_at": premises.world.now_ms() + 30 * DAY_S * 1000,
        "photos": [
            {
                "id": shot.id,
                "kind": "before",
                "taken_at": n,
                "note": f"Number {n}",
                "drawing": None,
                "type": "image/jpeg",
            }
            for n, shot in enumerate(shots)
        ],
    }
    for shot in shots:
        assert (await stranger.get(f"/{shot.id}/display")).content == shot.display
        assert (await stranger.get(f"/{shot.id}/thumb")).content == shot.thumb
        for size in ("original", "full", ""):
            assert (await stranger.get(f"/{shot.id}/{size}")).status_code == 404
    assert album["url"].startswith("http://repair.localhost/customer/album/")
    assert album["qr"].startswith("data:image/svg+xml")


async def test_all_of_it_in_one_file(stranger: Stranger, shots: list[Shot]) -> None:
    answer = await stranger.get("/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held == {
        f"Your-mower-0{n + 1}-before-1970-01-01.jpg": shot.display for n, shot in enumerate(shots)
    }
    assert 'filename="Your-mower.zip"' in answer.headers["content-disposition"]


async def test_nobody_finds_it_and_no_browser_keeps_it(stranger: Stranger, shots: list[Shot]) -> None:
    for path in ("", "/zip", f"/{shots[0].id}/thumb", f"/{shots[0].id}/display"):
        headers = (await stranger.get(path)).headers
        assert headers["x-robots-tag"] == "noindex, nofollow"
        assert headers["referrer-policy"] == "no-referrer"
        assert "no-store" in headers["cache-control"] or "no-cache" in headers["cache-control"]
        assert "immutable" not in headers["cache-control"]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 201),
        ("manager", 201),
        ("service_writer", 201),
        ("tech", 201),
        ("tech2", 201),
        ("parts", 403),
    ],
)
async def test_who_may_change_photos_may_share_them(
    premises: Premises, repair: Shop, desk: Phone, order: str, album: dict[str, Any], who: str, status: int
) -> None:
    phone = await premises.sign_in(repair, who)
    made = await ask(phone, "POST", "/api/albums", json={"work_order": order})
    seen = await ask(phone, "GET", "/api/albums", params={"work_order": order})
    ended = await ask(phone, "DELETE", f"/api/albums/{album['id']}")
    others = (200, 204) if status == 201 else (403, 403)
    assert (made.status_code, seen.status_code, ended.status_code) == (status, *others)


async def test_customers_and_strangers_make_and_see_none(
    premises: Premises, repair: Shop, order: str, album: dict[str, Any]
) -> None:
    ann = await premises.sign_in_customer(repair, 0)
    nobody = Phone(premises, repair, "nobody", "forged", ann.replica)
    for phone, status in ((ann, 403), (nobody, 401)):
        answers = [
            await ask(phone, "POST", "/api/albums", json={"work_order": order}),
            await ask(phone, "GET", "/api/albums", params={"work_order": order}),
            await ask(phone, "DELETE", f"/api/albums/{album['id']}"),
        ]
        assert {answer.status_code for answer in answers} == {status}


async def test_another_shop_knows_nothing_of_it(
    premises: Premises, order: str, shots: list[Shot], album: dict[str, Any], stranger: Stranger, desk: Phone
) -> None:
    other = await premises.open_shop("remote")
    theirs = await (await premises.sign_in(other, "admin")).sync()
    mine = await new_order(theirs)
    answers = [
        await ask(theirs, "POST", "/api/albums", json={"work_order": order}),
        await ask(theirs, "POST", "/api/albums", json={"work_order": mine, "photos": [shots[0].id]}),
        await ask(theirs, "GET", "/api/albums", params={"work_order": order}),
        await ask(theirs, "DELETE", f"/api/albums/{album['id']}"),
        await ask(theirs, "DELETE", f"/api/albums/{UNKNOWN}"),
        await ask(theirs, "DELETE", "/api/albums/none"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    there = Stranger(premises, stranger.token, host="remote.localhost")
    for path in ("", "/zip", f"/{shots[0].id}/display"):
        assert told(await there.get(path)) == OVER
    assert len(await stranger.photos()) == 2


async def test_a_link_ends_on_its_day(stranger: Stranger, premises: Premises, shots: list[Shot]) -> None:
    premises.world.pass_time(seconds=30 * DAY_S - 1)
    assert (await stranger.get()).status_code == 200
    premises.world.pass_time(seconds=1)
    for path in ("", "/zip", f"/{shots[0].id}/display"):
        assert told(await stranger.get(path)) == OVER


async def test_a_revoked_link_ends_at_once_and_for_good(
    stranger: Stranger, desk: Phone, order: str, album: dict[str, Any], premises: Premises
) -> None:
    assert (await stranger.get()).status_code == 200
    for _ in range(2):
        assert (await ask(desk, "DELETE", f"/api/albums/{album['id']}")).status_code == 204
        assert told(await stranger.get()) == OVER
    assert [one["revoked"] for one in await listed(desk, order)] == [True]


async def test_U8_unknown_expired_and_revoked_are_told_alike(
    premises: Premises, desk: Phone, order: str, shots: list[Shot]
) -> None:
    """In words, and in every header but the request's own id."""
    old, revoked = await make(desk, order, days=1), await make(desk, order, password=PASSWORD)
    await ask(desk, "DELETE", f"/api/albums/{revoked['id']}")
    premises.world.pass_time(days=2)
    tokens = ["unknown", token_of(old), token_of(revoked), "x" * 3000, "%00"]
    for path in ("", "/zip", f"/{shots[0].id}/display"):
        answers = [await Stranger(premises, token).get(path) for token in tokens]
        assert {told(answer) for answer in answers} == {OVER}
        headers = [{k: v for k, v in a.headers.items() if k != "x-request-id"} for a in answers]
        assert headers == [headers[0]] * len(tokens)
    assert {told(await Stranger(premises, token).unlock(PASSWORD)) for token in tokens} == {OVER}


async def test_guessing_links_is_slowed_down(premises: Premises, stranger: Stranger) -> None:
    guesser = Stranger(premises, "guess", remote="198.51.100.1")
    assert {told(await guesser.get()) for _ in range(50)} == {OVER}
    refused = await guesser.get()
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) > 0
    assert (await Stranger(premises, stranger.token, remote="198.51.100.1").get()).status_code == 429
    for _ in range(60):
        assert (await stranger.get()).status_code == 200
    premises.world.pass_time(minutes=10)
    assert told(await guesser.get()) == OVER


async def test_U8_a_photo_that_is_hidden_is_gone_at_once(
    stranger: Stranger, desk: Phone, shots: list[Shot], premises: Premises
) -> None:
    hidden, deleted = shots[0].id, shots[1].id
    desk.patch("photo", hidden, visible_to_customer=False)
    await desk.sync()
    assert await stranger.photos() == [deleted]
    assert told(await stranger.get(f"/{hidden}/display"))[0] == 404
    desk.patch("photo", hidden, visible_to_customer=True)
    await desk.sync()
    assert await stranger.photos() == [hidden, deleted]
    await be(premises, desk.shop, hidden, media="waiting")
    assert await stranger.photos() == [deleted]
    manager = await (await premises.sign_in(desk.shop, "manager")).sync()
    manager.act(Draft("delete", "photo", deleted))
    await manager.sync()
    assert await stranger.photos() == []
    assert (await stranger.get(f"/{deleted}/thumb")).status_code == 404
    assert (await stranger.get("/zip")).status_code == 404


async def test_it_shows_the_photos_chosen_and_of_its_work_order_alone(
    desk: Phone, order: str, shots: list[Shot], premises: Premises
) -> None:
    chosen = Stranger(premises, token_of(await make(desk, order, photos=[shots[1].id])))
    everything = Stranger(premises, token_of(await make(desk, order)))
    elsewhere = await take(desk, await new_order(desk))
    later = await take(desk, order, taken_at=5)
    assert await chosen.photos() == [shots[1].id]
    assert await everything.photos() == [shots[0].id, shots[1].id, later.id]
    for one, photo in ((chosen, shots[0].id), (chosen, elsewhere.id), (everything, elsewhere.id)):
        assert (await one.get(f"/{photo}/display")).status_code == 404
    wish = {"work_order": order, "photos": [elsewhere.id]}
    refused = await ask(desk, "POST", "/api/albums", json=wish)
    assert (refused.status_code, refused.json()["at"]) == (404, {"field": "photos"})


async def test_U8_a_view_is_counted_once_per_opening(
    stranger: Stranger, desk: Phone, order: str, shots: list[Shot], premises: Premises
) -> None:
    assert [(one["views"], one["seen_at"]) for one in await listed(desk, order)] == [(0, None)]
    premises.world.pass_time(minutes=1)
    await stranger.get()
    for path in (f"/{shots[0].id}/thumb", f"/{shots[0].id}/display", "/zip"):
        assert (await stranger.get(path)).status_code == 200
    assert (await stranger._ask("HEAD", "")).status_code == 200
    assert [(one["views"], one["seen_at"]) for one in await listed(desk, order)] == [
        (1, premises.world.now_ms())
    ]
    await stranger.get()
    assert [one["views"] for one in await listed(desk, order)] == [2]


async def test_a_password_keeps_it_shut(
    desk: Phone, order: str, shots: list[Shot], premises: Premises
) -> None:
    locked = Stranger(premises, token_of(await make(desk, order, password=PASSWORD)))
    for path in ("", "/zip", f"/{shots[0].id}/display"):
        answer = await locked.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "password")
        assert "mower" not in answer.text
    wrong = await locked.unlock("tulip mower 4822")
    assert told(wrong) == (401, "password", "The password is wrong.")
    assert not locked.cookie
    right = await locked.unlock(PASSWORD)
    assert right.status_code == 204
    said = right.headers["set-cookie"].lower()
    assert f"path=/api/album/{locked.token}".lower() in said
    assert {"httponly", "samesite=lax", f"max-age={DAY_S}"} <= set(said.split("; "))
    assert await locked.photos() == [shot.id for shot in shots]
    assert (await locked.get(f"/{shots[0].id}/display")).content == shots[0].display
    assert (await locked.get("/zip")).status_code == 200
    views = [one["views"] for one in await listed(desk, order)]
    assert views == [1]


async def test_what_opens_one_album_opens_no_other_and_ends(
    desk: Phone, order: str, shots: list[Shot], premises: Premises
) -> None:
    wish = {"password": PASSWORD, "days": 2}
    first, second = await make(desk, order, **wish), await make(desk, order, **wish)
    one, other = Stranger(premises, token_of(first)), Stranger(premises, token_of(second))
    await one.unlock(PASSWORD)
    other.cookie = one.cookie
    assert (await other.get()).status_code == 401
    name, _, mark = one.cookie.partition("=")
    until, _, seal = mark.partition(".")
    for forged in (
        "",
        "x",
        f"{until}.",
        f".{seal}",
        f"{until}.{seal[:-1]}",
        f"{int(until) + 1}.{seal}",
        f"9{mark}",
        f"{mark}\xb2",
    ):
        assert (await Stranger(premises, one.token, cookie=f"{name}={forged}").get()).status_code == 401
    assert (await one.get()).status_code == 200
    async with premises.app.state.database.transaction(server_of(desk.shop.id)) as tx:
        await tx.execute("UPDATE album SET password = password || ' ' WHERE id = %s", (first["id"],))
    assert (await one.get()).status_code == 401
    await other.unlock(PASSWORD)
    assert (await other.get()).status_code == 200
    premises.world.pass_time(hours=24)
    assert (await other.get()).status_code == 401
    await other.unlock(PASSWORD)
    await ask(desk, "DELETE", f"/api/albums/{second['id']}")
    assert told(await other.get()) == OVER


async def test_guessing_a_password_is_slowed_down_for_who_guesses(
    desk: Phone, order: str, shots: list[Shot], premises: Premises
) -> None:
    token = token_of(await make(desk, order, password=PASSWORD))
    guesser, other = Stranger(premises, token), Stranger(premises, token, remote="203.0.113.9")
    assert {(await guesser.unlock(f"guess {n}")).status_code for n in range(10)} == {401}
    assert (await guesser.unlock(PASSWORD)).status_code == 429
    for _ in range(12):
        assert (await other.unlock(PASSWORD)).status_code == 204
    for n in range(39):
        assert (await Stranger(premises, token, remote=f"198.51.100.{n}").unlock("guess")).status_code == 401
    assert (await Stranger(premises, token, remote="198.51.100.100").unlock(PASSWORD)).status_code == 429


async def test_an_album_without_a_password_takes_any(stranger: Stranger) -> None:
    assert (await stranger.unlock("whatever it is")).status_code == 204
    assert not stranger.cookie


async def test_over_https_the_cookie_stays_there(desk: Phone, order: str, premises: Premises) -> None:
    made = await make(desk, order, password=PASSWORD)
    settings = premises.app.state.settings
    premises.app.state.settings = settings.changed(public_url="https://repair.localhost")
    answer = await Stranger(premises, token_of(made)).unlock(PASSWORD)
    assert "secure" in answer.headers["set-cookie"].lower()
    assert (await make(desk, order))["url"].startswith("https://repair.localhost/customer/album/")


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"work_order": None}, "work_order"),
        ({"work_order": "x"}, "work_order"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"days": True}, "days"),
        ({"days": "7"}, "days"),
        ({"title": 7}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"password": 7}, "password"),
        ({"password": "short"}, None),
        ({"photos": []}, "photos"),
        ({"photos": "all"}, "photos"),
        ({"photos": ["x"]}, "photos"),
        ({"photos": [UNKNOWN] * 501}, "photos"),
    ],
)
async def test_what_cannot_be_made_is_refused(
    desk: Phone, order: str, wish: dict[str, Any], field: str | None
) -> None:
    answer = await ask(desk, "POST", "/api/albums", json={"work_order": order, **wish})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), answer.text
    assert (answer.json()["at"] or {}).get("field") == field
    assert await listed(desk, order) == []


async def test_the_token_is_told_once_and_kept_nowhere(
    desk: Phone, order: str, album: dict[str, Any], database_urls: Any
) -> None:
    token = token_of(album)
    assert len(token) >= 32
    assert token not in str(await listed(desk, order))
    async with desk.premises.app.state.database.transaction(server_of(desk.shop.id)) as tx:
        row = await (await tx.execute("SELECT to_json(a)::text FROM album a")).fetchone()
    assert token not in row[0]


async def test_a_title_is_plain_text_and_one_of_ours_where_none_is_given(desk: Phone, order: str) -> None:
    titles = [
        (await make(desk, order, title=title))["title"]
        for title in ("  A\u202e\nmower\t ", "<b>x</b>", "", "\u0007")
    ]
    await desk.sync()
    number = (desk.data(order) or {})["number"]
    assert titles == ["A mower", "<b>x</b>", f"Photos of {number}", f"Photos of {number}"]


async def test_documents_are_in_it_as_what_they_are(desk: Phone, order: str, stranger: Stranger) -> None:
    paper = await take(desk, order, type="application/pdf", taken_at=9)
    photos = (await stranger.get()).json()["photos"]
    assert photos[-1]["type"] == "application/pdf"
    answer = await stranger.get(f"/{paper.id}/document")
    assert answer.content == paper.display
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_the_page_of_an_album_is_not_to_be_found(premises: Premises, stranger: Stranger) -> None:
    page = await premises.client.get(f"/customer/album/{stranger.token}")
    other = await premises.client.get("/customer/login")
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "x-robots-tag" not in other.headers
