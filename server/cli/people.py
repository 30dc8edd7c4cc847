"""The commands that make shops, let people in, fill a database with the demo, and tell what devices reported."""

from datetime import UTC, datetime
from uuid import UUID

from server.auth.errors import NobodyThere
from server.auth.links import make_customer_link
from server.cli.office import Office, office
from server.cli.words import address
from server.clock import World
from server.db.session import Database
from server.errors import Invalid, StartError
from server.settings import Settings
from server.shops.service import find_shop, list_shops
from server.store.mismatches import newest
from sync.collection import STAFF_ROLES

ADMIN_EMAIL = "admin@{slug}.test"


async def shops() -> None:
    """List the shops with their addresses."""
    async with office() as here:
        for shop in await list_shops(here.database):
            print(f"{shop.slug:<20} {await _address(here, shop.slug)}")


async def make_shop(slug: str, name: str) -> None:
    """Make an empty shop and print its admin's link."""
    async with office() as here:
        print(f"{name} is there. Its admin sets a password here, once, within the hour:")
        print(f"  {await empty_shop(here.database, here.settings, here.world, slug, name)}")


async def empty_shop(database: Database, settings: Settings, world: World, slug: str, name: str) -> str:
    """An empty shop and the link with which its admin sets a password."""
    here = Office.over(database, settings, world)
    shop = await here.make_shop(slug, name)
    token = await here.staff_link(shop, ADMIN_EMAIL.format(slug=slug), "Admin", "admin")
    return await _staff_link(here, slug, token)


async def user(email: str, *, name: str | None, role: str, slug: str) -> None:
    """Print a staff user's link; who is not there yet is made with `role`."""
    if role not in STAFF_ROLES:
        raise Invalid(f"There is no role {role!r}: choose one of {', '.join(STAFF_ROLES)}.")
    async with office() as here:
        shop = await find_shop(here.database, slug)
        token = await here.staff_link(shop.id, email, name or email.partition("@")[0].title(), role)
        print("To set a password, once, within the hour:")
        print(f"  {await _staff_link(here, shop.slug, token)}")


async def customer_link(email: str, *, slug: str) -> None:
    """Print a customer's link, in the shop that is named, else in the first that knows the address."""
    async with office() as here:
        known = [await find_shop(here.database, slug)] if slug else await list_shops(here.database)
        for shop in known:
            token = await _token_for(here, shop.id, email)
            if token is not None:
                print(f"{await _address(here, shop.slug)}/customer/login#{token}")
                return
    raise StartError(f"No shop has a customer with the address {email} who may use the portal.")


async def _token_for(here: Office, shop: UUID, email: str) -> str | None:
    try:
        return await make_customer_link(here.gate, shop, email)
    except NobodyThere:
        return None


async def mismatches(*, slug: str) -> None:
    """Print what devices reported that differed from their view, newest first."""
    async with office() as here:
        shop = await find_shop(here.database, slug)
        reports = await newest(here.database, shop.id)
    for report in reports:
        counts = "; ".join(
            f"{name}: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()) if count)}"
            for name, kinds in sorted(report.found.items())
        )
        at = datetime.fromtimestamp(report.at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        print(f"{at}  {report.replica}  {'mended' if report.mended else 'NOT MENDED'}  {counts}")
    if not reports:
        print("No device has reported a difference.")


async def demo() -> None:
    """Make the demo shops, where there is no shop yet."""
    async with office() as here:
        if here.settings.production:
            raise StartError(
                "WORKBAY_ENV is production: the demo's passwords are known, so it is not made here."
            )
        if await list_shops(here.database):
            raise StartError("This database has shops already: the demo is made in an empty one only.")
        from server.demo.make import PASSWORD, make_demo

        await make_demo(here.database, here.settings, here.world)
        print(f"The demo shops are there; everybody's password is {PASSWORD}.")


async def _staff_link(here: Office, slug: str, token: str) -> str:
    """The token stands behind the #, so that it is in no server's log."""
    return f"{await _address(here, slug)}/login#{token}"


async def _address(here: Office, slug: str) -> str:
    """The first shop answers at the bare address too, which every browser finds; not all know names below localhost."""
    first = (await list_shops(here.database))[0]
    return address(here.settings, "" if slug == first.slug else slug)
