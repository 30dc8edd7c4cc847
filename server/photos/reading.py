"""The photos of a work order as somebody may see them at this moment.

Whose eyes look is said twice, by the queries here and by row security: staff by their role, customers by what is theirs,
marked visible and ready. An album has the eyes of the customer whose work order it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.auth.principal import Principal
from server.db.session import Context, Database
from server.errors import Gone
from server.store.commit import Store
from server.sync_api.pulling import context_of, reader_of

_STAFF = """r.collection = ANY (%(collections)s)
    AND (r.own IS NULL OR r.own = %(me)s OR %(sees_all)s AND r.collection <> 'notice')"""
_CUSTOMER = "r.customer = %(me)s AND r.shared"

_ORDER = """
  SELECT r.data ->> 'number' FROM record r
  WHERE r.shop = %(shop)s AND r.id = %(order)s AND r.collection = 'work_order' AND NOT r.gone AND {may}"""
# Each record is taken apart once, and its preview is left where it is: it is most of it, and nobody wants it here.
_PHOTOS = """
  SELECT r.id::text, d.kind, d.taken_at, d.note, d.media, d.drawing FROM record r
  CROSS JOIN LATERAL json_to_record(r.data) AS d (kind text, taken_at bigint, note text, media text, drawing json)
  WHERE r.shop = %(shop)s AND r.parent = %(order)s AND r.collection = 'photo' AND NOT r.gone AND {may}
    AND (%(photo)s::uuid IS NULL OR r.id = %(photo)s)
  ORDER BY d.taken_at, r.id"""
STAFF_ORDER, STAFF_PHOTOS = _ORDER.format(may=_STAFF), _PHOTOS.format(may=_STAFF)
CUSTOMER_ORDER, CUSTOMER_PHOTOS = _ORDER.format(may=_CUSTOMER), _PHOTOS.format(may=_CUSTOMER)


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks: the context of row security, and the values that the queries want."""

    context: Context
    values: Mapping[str, Any]

    @property
    def staff(self) -> bool:
        return self.context.kind == "staff"


@dataclass(frozen=True, slots=True)
class Photo:
    """What a picture's record says of it. `taken_at` in ms, None where nobody knows."""

    id: str
    kind: str
    taken_at: int | None
    note: str | None
    media: str | None
    drawing: Any = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A work order's number, and its photos in the order in which they were taken."""

    number: str
    photos: list[Photo]


def eyes_of(store: Store, who: Principal) -> Eyes:
    """The eyes of somebody who is signed in."""
    if who.kind == "customer":
        return eyes_of_customer(who.shop, who.person)
    return Eyes(context_of(store, who), reader_of(store, who).values())


def eyes_of_customer(shop: UUID, customer: UUID) -> Eyes:
    """The eyes of one customer of the shop."""
    return Eyes(Context(shop=shop, kind="customer", me=customer), {"shop": shop, "me": customer})


async def shown(database: Database, eyes: Eyes, order: UUID, photo: UUID | None = None) -> Shown:
    """The work order's photos, or the one that is asked for. Raises Gone for a work order that these eyes do not see."""
    values = {**eyes.values, "order": order, "photo": photo}
    queries = (STAFF_ORDER, STAFF_PHOTOS) if eyes.staff else (CUSTOMER_ORDER, CUSTOMER_PHOTOS)
    async with database.transaction(eyes.context) as tx:
        known = await (await tx.execute(queries[0].encode(), values)).fetchone()
        if known is None:
            raise Gone
        rows = await (await tx.execute(queries[1].encode(), values)).fetchall()
    return Shown(known[0] or "", [Photo(*row) for row in rows])
