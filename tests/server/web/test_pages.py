"""The PWA's files as served: what may be kept, what is asked for anew, and which page answers which address."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from server.web.errors import EXCEPTION_HANDLERS
from server.web.icons import draw_icon
from server.web.manifest import manifest_routes
from server.web.origin import OriginCheck
from server.web.pages import Pages

SHOP: dict[str, Any] = {
    "id": "1",
    "name": "Harbour Small Engine Repair",
    "colour": "#ffcc00",
    "locale": "en-IE",
}


async def _branding(request: Request) -> Mapping[str, Any]:
    return SHOP


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "static").mkdir()
    (tmp_path / "index.html").write_text("staff page")
    (tmp_path / "customer.html").write_text("customer page")
    (tmp_path / "service-worker.js").write_text("// worker")
    (tmp_path / "static" / "main-AB12CD34.js").write_text("1")
    (tmp_path / "static" / "logo.svg").write_text("<svg/>")
    (tmp_path.parent / "outside.txt").write_text("not yours")
    return tmp_path


async def _get(dist: Path, path: str, **headers: str) -> httpx.Response:
    routes = [*manifest_routes(_branding), *Pages(dist).routes()]
    app = Starlette(routes=routes, exception_handlers=dict(EXCEPTION_HANDLERS))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        return await client.get(path, headers=headers)


@pytest.mark.parametrize("path", ["/", "/jobs", "/work/0193", "/new", "/sync", "/settings/devices"])
async def test_staff_addresses_answer_with_the_staff_page(dist: Path, path: str) -> None:
    answer = await _get(dist, path)
    assert (answer.text, answer.headers["cache-control"]) == ("staff page", "no-cache")
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/customer", "/customer/login", "/customer/work-order/0193"])
async def test_customer_addresses_answer_with_the_customer_page(dist: Path, path: str) -> None:
    answer = await _get(dist, path)
    assert (answer.text, answer.headers["cache-control"]) == ("customer page", "no-cache")


async def test_hashed_files_are_kept_for_ever_and_others_are_not(dist: Path) -> None:
    assert "immutable" in (await _get(dist, "/static/main-AB12CD34.js")).headers["cache-control"]
    assert (await _get(dist, "/static/logo.svg")).headers["cache-control"] == "no-cache"
    assert (await _get(dist, "/service-worker.js")).headers["cache-control"] == "no-cache"


async def test_an_unchanged_page_is_not_sent_again(dist: Path) -> None:
    etag = (await _get(dist, "/")).headers["etag"]
    assert (await _get(dist, "/", **{"if-none-match": etag})).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/api/nothing",
        "/missing.js",
        "/static/missing.js",
        "/static/../../outside.txt",
        "/static/%2e%2e/%2e%2e/outside.txt",
    ],
)
async def test_what_is_not_there_is_gone(dist: Path, path: str) -> None:
    answer = await _get(dist, path)
    assert (answer.status_code, answer.json()["code"]) == (404, "gone")


async def test_without_a_build_the_page_says_what_to_do(tmp_path: Path) -> None:
    answer = await _get(tmp_path / "nothing", "/")
    assert answer.status_code == 503
    assert "npm run build" in answer.text


async def test_the_manifest_bears_the_shops_name_and_colour(dist: Path) -> None:
    answer = await _get(dist, "/manifest.webmanifest")
    manifest = answer.json()
    assert answer.headers["content-type"].startswith("application/manifest+json")
    assert (manifest["name"], manifest["short_name"]) == (SHOP["name"], "Harbour")
    assert (manifest["theme_color"], manifest["display"]) == ("#ffcc00", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        ("192x192", "any"),
        ("192x192", "maskable"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in manifest["icons"]:
        assert (await _get(dist, icon["src"])).headers["content-type"] == "image/png"


async def test_what_is_shared_where_no_worker_runs_is_asked_for_again(dist: Path) -> None:
    shared = (await _get(dist, "/manifest.webmanifest")).json()["share_target"]
    app = OriginCheck(Starlette(routes=Pages(dist).routes()))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        # A phone says no origin with it, and the body is a form.
        files = {shared["params"]["files"][0]["name"]: ("a.jpg", b"picture", "image/jpeg")}
        answer = await client.post(shared["action"], files=files, headers={"origin": "null"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/share?missed")


async def test_customers_install_an_app_of_their_own(dist: Path) -> None:
    staff = (await _get(dist, "/manifest.webmanifest")).json()
    customer = (await _get(dist, "/customer.webmanifest")).json()
    assert staff["id"] != customer["id"]
    assert customer["start_url"].startswith(customer["scope"])


async def test_an_unchanged_icon_is_not_sent_again(dist: Path) -> None:
    etag = (await _get(dist, "/icons/192.png")).headers["etag"]
    assert (await _get(dist, "/icons/192.png", **{"if-none-match": etag})).status_code == 304
    assert (await _get(dist, "/icons/9999.png")).status_code == 404


def test_icons_are_drawn_in_the_shops_colour() -> None:
    import io

    from PIL import Image

    image = Image.open(io.BytesIO(draw_icon(192, "HS", "#ffcc00", True)))
    assert image.size == (192, 192)
    assert image.convert("RGB").getpixel((2, 2)) == (255, 204, 0)
    assert draw_icon(192, "HS", "url(javascript:)", True) == draw_icon(192, "HS", "#0b6e63", True)
