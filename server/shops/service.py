"""Finds shops by host name, makes new ones, and says what a shop shows of itself in public."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from server.clock import World
from server.db.session import Context, Database
from server.errors import Conflict, Gone, Invalid
from server.shops.hosts import SLUG, slug_of_host
from server.store.found import HERE
from server.store.lineage import new_epoch

KNOWN_MS = 30_000
DEFAULT_COLOUR = "#0b6e63"

FIND = """
SELECT id, slug FROM shop WHERE slug = %(slug)s OR %(slug)s = '' AND ordinal = 1 ORDER BY ordinal LIMIT 1
"""

# An identity column counts attempts that were rolled back too; the first shop must be number 1 whatever happened.
MAKE = """
INSERT INTO shop (id, ordinal, slug, created_at) OVERRIDING SYSTEM VALUE
VALUES (%(id)s, %(ordinal)s, %(slug)s, %(now)s)
"""
MAKE_HEAD = f"INSERT INTO head (shop, epoch, home) VALUES (%(id)s, %(epoch)s, ({HERE}))"

# One after another: two shops made at once must not get the same number.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('workbay.shop'))"

LIST = "SELECT id, slug FROM shop ORDER BY ordinal"
BRANDING = "SELECT data FROM record WHERE shop = %s AND id = %s AND collection = 'shop' AND NOT gone"


class NoShopHere(Gone):
    """There is no shop at this address."""


class SlugTaken(Conflict):
    """There is a shop of this name already."""


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A shop as its address names it."""

    id: UUID
    slug: str


@dataclass(frozen=True, slots=True)
class Branding:
    """What anybody may know of a shop who has its address."""

    id: UUID
    name: str
    colour: str
    locale: str
    words: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "colour": self.colour,
            "locale": self.locale,
            "words": self.words,
        }


@dataclass(slots=True)
class Shops:
    """Finds shops by host. Found ones are remembered for a while, for every request asks; unknown ones never are."""

    database: Database
    world: World
    public_url: str | None = None
    _known: dict[str, tuple[int, ShopRow]] = field(default_factory=dict)

    async def of_host(self, host: str) -> ShopRow:
        """The shop at this address, or `NoShopHere`."""
        slug = slug_of_host(host, self.public_url)
        if slug is None:
            raise NoShopHere
        until, known = self._known.get(slug, (0, None))
        if known is not None and self.world.now_ms() < until:
            return known
        found = await find_shop(self.database, slug)
        self._known[slug] = (self.world.now_ms() + KNOWN_MS, found)
        return found

    async def id_of_host(self, host: str) -> UUID:
        """The same shop's id, for rooms that know no more of shops."""
        return (await self.of_host(host)).id

    async def branding(self, host: str) -> Branding:
        """What the shop at this address shows of itself."""
        shop = await self.of_host(host)
        async with self.database.transaction(Context(shop=shop.id, kind="server")) as tx:
            row = await (await tx.execute(BRANDING, (shop.id, shop.id))).fetchone()
        return _branding(shop, row[0] if row else {})


async def find_shop(database: Database, slug: str) -> ShopRow:
    """The shop with this slug, '' for the first one, or `NoShopHere`."""
    async with database.transaction(Context(slug=slug, kind="find")) as tx:
        row = await (await tx.execute(FIND, {"slug": slug})).fetchone()
    if row is None:
        raise NoShopHere
    return ShopRow(row[0], row[1])


async def list_shops(database: Database) -> list[ShopRow]:
    """All shops in the order they were made, for the command line."""
    async with database.transaction(Context(kind="install")) as tx:
        rows = await (await tx.execute(LIST)).fetchall()
    return [ShopRow(*row) for row in rows]


async def create_shop(tx: psycopg.AsyncConnection, shop: UUID, slug: str, world: World) -> None:
    """Make a shop and its head, in a transaction that speaks for the server in that shop. Its record comes after."""
    if not SLUG.fullmatch(slug):
        raise Invalid(
            "A shop's short name has 1 to 32 small letters, digits and dashes.", at={"field": "slug"}
        )
    values = {
        "id": shop, "slug": slug, "ordinal": await _next_ordinal(tx),
        "epoch": new_epoch(world), "now": world.now_ms(),
    }  # fmt: skip
    try:
        await tx.execute(MAKE, values)
    except psycopg.errors.UniqueViolation as error:
        raise SlugTaken from error
    await tx.execute(MAKE_HEAD, values)


async def _next_ordinal(tx: psycopg.AsyncConnection) -> int:
    await tx.execute(ONE_AT_A_TIME)
    # Set before the count in a statement of its own: row security reads the context once a statement.
    await tx.execute("SELECT set_config('app.kind', 'install', true)")
    row = await (await tx.execute("SELECT coalesce(max(ordinal), 0) + 1 FROM shop")).fetchone()
    await tx.execute("SELECT set_config('app.kind', 'server', true)")
    return int(row[0]) if row else 1


def _branding(shop: ShopRow, data: dict[str, Any]) -> Branding:
    colours, words = data.get("colours"), data.get("words")
    return Branding(
        id=shop.id,
        name=data.get("name") or shop.slug,
        colour=(colours.get("primary") if isinstance(colours, dict) else None) or DEFAULT_COLOUR,
        locale=data.get("locale") or "en",
        words=words if isinstance(words, dict) else {},
    )
