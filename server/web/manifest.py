"""What makes the PWA installable: a manifest with the shop's own name and colour, and icons drawn from them.

`manifest_routes(branding)` is given a function that finds the public branding of the shop whose address was called:
`{"id", "name", "colour", "locale", "words"}`. Staff and customers install two apps, told apart by `id` and `scope`.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.errors import Gone
from server.web.icons import draw_icon
from server.web.pages import SHARE_TARGET

Branding = Callable[[Request], Awaitable[Mapping[str, Any]]]

SIZES = (32, 180, 192, 512)
SHORT_NAME_LETTERS = 12
INK, PAPER, ACCENT = "#1d232b", "#ffffff", "#0b6e63"
ASK_AGAIN = {"Cache-Control": "no-cache"}


def manifest_routes(branding: Branding) -> list[Route]:
    """The routes of both manifests and of the icons."""

    async def staff(request: Request) -> Response:
        return _manifest(staff_manifest(await branding(request)))

    async def customer(request: Request) -> Response:
        return _manifest(customer_manifest(await branding(request)))

    async def icon(request: Request) -> Response:
        return await _icon(request, await branding(request))

    return [
        Route("/manifest.webmanifest", staff, methods=["GET"]),
        Route("/customer.webmanifest", customer, methods=["GET"]),
        Route("/customer/manifest.webmanifest", customer, methods=["GET"]),
        Route("/icons/{name}.png", icon, methods=["GET"]),
        Route("/favicon.ico", icon, methods=["GET"]),
    ]


def staff_manifest(shop: Mapping[str, Any]) -> dict[str, Any]:
    """The app of those who work at the shop."""
    order = _word(shop, "work_order", "Work order")
    return _common(shop) | {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "shortcuts": [
            {"name": f"New {order.lower()}", "url": "/new", "icons": _icons()[:1]},
            {"name": "Jobs", "url": "/jobs", "icons": _icons()[:1]},
        ],
        "share_target": {
            "action": SHARE_TARGET,
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {
                "title": "title",
                "text": "text",
                "files": [{"name": "photos", "accept": ["image/*", "application/pdf"]}],
            },
        },
    }


def customer_manifest(shop: Mapping[str, Any]) -> dict[str, Any]:
    """The app of the shop's customers."""
    return _common(shop) | {"id": "/customer/", "start_url": "/customer/dashboard", "scope": "/customer/"}


def _common(shop: Mapping[str, Any]) -> dict[str, Any]:
    name = str(shop.get("name") or "Workbay")
    return {
        "name": name,
        "short_name": _short(name),
        "lang": str(shop.get("locale") or "en"),
        "display": "standalone",
        "theme_color": str(shop.get("colour") or ACCENT),
        "background_color": PAPER,
        "icons": _icons(),
        "categories": ["business", "productivity"],
    }


def _icons() -> list[dict[str, str]]:
    kinds = (("", "any"), ("maskable-", "maskable"))
    return [
        {
            "src": f"/icons/{prefix}{size}.png",
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for prefix, purpose in kinds
    ]


def _short(name: str) -> str:
    """What fits under an icon: whole words while they fit, else the beginning of the first."""
    short = ""
    for word in name.split():
        if len(f"{short} {word}".strip()) > SHORT_NAME_LETTERS:
            break
        short = f"{short} {word}".strip()
    return short or name[:SHORT_NAME_LETTERS]


def _word(shop: Mapping[str, Any], key: str, usual: str) -> str:
    words = shop.get("words")
    chosen = words.get(key) if isinstance(words, Mapping) else None
    return chosen if isinstance(chosen, str) and chosen else usual


def _manifest(content: dict[str, Any]) -> Response:
    return JSONResponse(content, headers=ASK_AGAIN, media_type="application/manifest+json")


async def _icon(request: Request, shop: Mapping[str, Any]) -> Response:
    name = str(request.path_params.get("name", "32"))
    maskable, size = name.startswith("maskable-"), name.removeprefix("maskable-")
    if not size.isascii() or not size.isdigit() or int(size) not in SIZES:
        raise Gone("There is no such icon.")
    letters, colour = _letters(str(shop.get("name") or "W")), str(shop.get("colour") or ACCENT)
    content = await run_in_threadpool(draw_icon, int(size), letters, colour, maskable)
    etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {**ASK_AGAIN, "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="image/png", headers=headers)


def _letters(name: str) -> str:
    """The initials of the first two words."""
    return "".join(word[0] for word in name.split()[:2] if word).upper() or "W"
