"""Everything that somebody can get the server to say: every page of their view and every answer of every route."""

from __future__ import annotations

from typing import Any

import httpx
from starlette.routing import Route

from tests.server.premises import Phone, Premises, Shop

STREAMS = frozenset({"/api/sync/live"})


async def pages(phone: Phone, *, limit: int = 7, cursor: str | None = None) -> list[dict[str, Any]]:
    """The answers of a whole pull from `cursor` on; the phone itself learns nothing."""
    said: list[dict[str, Any]] = []
    while True:
        answer = (await phone.post({**phone.replica.request(phone.now(), limit), "cursor": cursor})).json()
        said.append(answer)
        cursor = answer["cursor"]
        if not answer["more"]:
            return said


async def heard(phone: Phone, *, limit: int = 7) -> bytes:
    """All that a pull and all routes that are read tell this phone, as bytes."""
    said: list[bytes] = []
    cursor: str | None = None
    more = True
    while more:
        answer = await phone.post({**phone.replica.request(phone.now(), limit), "cursor": cursor})
        said.append(answer.content)
        body = answer.json()
        cursor, more = body.get("cursor"), body.get("more", False)
    said += [answer.content for answer in await read_all(phone.premises, phone.shop, phone.token)]
    return b"\n".join(said)


async def read_all(premises: Premises, shop: Shop, token: str | None) -> list[httpx.Response]:
    """Every route that is read, by whoever holds `token`, or by nobody."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    paths = [r.path for r in premises.app.routes if isinstance(r, Route) and "GET" in (r.methods or ())]
    return [
        await premises.client.get(f"http://{shop.slug}.localhost{path}", headers=headers)
        for path in paths
        if path not in STREAMS and "{" not in path
    ]
