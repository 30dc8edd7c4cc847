"""`GET /api/shop`: what a shop shows of itself to anybody who has its address. The manifest is made from the same."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.shops.service import Shops


async def branding(request: Request) -> dict[str, Any]:
    """Name, colour, locale and words of the shop whose address was called."""
    shops: Shops = request.app.state.shops
    return (await shops.branding(request.headers.get("host", ""))).as_json()


async def get_shop(request: Request) -> Response:
    return JSONResponse(await branding(request), headers={"Cache-Control": "no-cache"})


ROUTES = [Route("/api/shop", get_shop, methods=["GET"])]
