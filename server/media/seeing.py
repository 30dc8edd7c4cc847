"""Which photo somebody may see at this moment: asked in their own name, so that row security answers too.

Uploads and everything that serves a file begin here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.auth.principal import Principal
from server.db.session import Context
from server.errors import Gone
from server.store import pull
from server.store.commit import Store

COLLECTION = "photo"

# Who may see the record: said here, and by row security again.
FOR_STAFF = """
  SELECT r.gone, r.data FROM record r
  WHERE r.shop = %(shop)s AND r.id = %(id)s AND r.collection = 'photo' AND r.collection = ANY (%(collections)s)
    AND (r.own IS NULL OR r.own = %(me)s OR %(sees_all)s AND r.collection <> 'notice')"""
FOR_CUSTOMER = """
  SELECT r.gone, r.data FROM record r
  WHERE r.shop = %(shop)s AND r.id = %(id)s AND r.collection = 'photo' AND r.shared AND r.customer = %(me)s"""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that whoever asks may see. One that was deleted has no data left."""

    id: UUID
    gone: bool
    data: Mapping[str, Any]


def context_of(store: Store, who: Principal) -> Context:
    """The context in which this person reads."""
    if who.kind == "customer":
        return Context(shop=who.shop, kind="customer", me=who.person)
    collections, sees_all = pull.readable(store.collections, who.role)
    return Context(who.shop, None, "staff", who.person, collections, sees_all)


async def photo_for(store: Store, who: Principal, id_: UUID) -> Photo:
    """The photo, deleted or not. Raises Gone for one that this person may not know of."""
    context = context_of(store, who)
    query = FOR_CUSTOMER if who.kind == "customer" else FOR_STAFF
    values = {
        "shop": who.shop, "id": id_, "me": who.person,
        "collections": list(context.collections), "sees_all": context.sees_all,
    }  # fmt: skip
    rows = await store.database.ask(context, query, values)
    if not rows:
        raise Gone("This photo is not there, or no longer.")
    return Photo(id_, *rows[0])
