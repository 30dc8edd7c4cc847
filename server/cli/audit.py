"""`workbay audit`: is each shop's change log whole, from its first entry to the last that anybody saw?"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from server.cli.office import Office, office
from server.db.session import Context
from server.shops.service import ShopRow, find_shop, list_shops
from server.store import heads
from server.store.audit import Break, Findings, in_words
from server.store.audit import audit as verify
from server.store.heads import HeadUnreadable, OutsideHead

EXIT_BROKEN = 1


async def audit(slug: str, *, as_json: bool) -> int:
    """Verify the logs of one shop or of all; the exit code says whether all of them are whole."""
    async with office() as here:
        shops = [await find_shop(here.database, slug)] if slug else await list_shops(here.database)
        found = {shop.slug: await _audited(here, shop) for shop in shops}
    if as_json:
        print(json.dumps([_as_json(name, one) for name, one in found.items()], indent=2))
    else:
        for name, one in found.items():
            print("\n".join(in_words(name, one)))
    return EXIT_BROKEN if any(one.breaks for one in found.values()) else 0


async def _audited(here: Office, shop: ShopRow) -> Findings:
    # First what is outside, then the snapshot: a server that goes on committing meanwhile breaks nothing.
    outside = _outside(here.settings.var, shop)
    context = Context(shop=shop.id, kind="server")
    async with here.database.transaction(context, snapshot=True) as tx:
        found = await verify(tx, shop.id, outside if isinstance(outside, OutsideHead) else None)
    if isinstance(outside, HeadUnreadable):
        found.breaks.append(Break("unreadable", found.seq, outside.message))
    return found


def _outside(var: Path, shop: ShopRow) -> OutsideHead | HeadUnreadable | None:
    try:
        return heads.read(var, shop.id)
    except HeadUnreadable as error:
        return error


def _as_json(name: str, found: Findings) -> dict[str, Any]:
    breaks = [{**asdict(one), "means": one.means} for one in found.breaks]
    return {"shop": name, "whole": not found.breaks, **asdict(found), "breaks": breaks}
