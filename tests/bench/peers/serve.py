"""Workbay as the peers harness runs it: `make PEOPLE` prepares the database and prints who may sign in, `serve` serves.

The harness's records are flat, with seventeen fields that no collection of a shop has. They are declared here as one more collection, by the
words that rooms use, in this process only: texts that people write keep both versions of a conflict, what is short goes by the later edit.
So the whole of the product's path is measured: rights, row security, merging, change log. Nothing is taken out for it.
"""

import asyncio
import json
import sys
from importlib.metadata import version
from typing import cast

from server import collections
from server.cli.office import Office
from server.cli.serve import serve
from server.clock import SystemWorld
from server.db.migrate import migrate
from server.db.session import Database
from server.settings import Settings, load_settings
from sync.collection import Collection, Policy, integer, text
from sync.collection import json as json_field

HOST = "peers.example"
WRITTEN = ("customer_name", "problem", "diagnosis", "notes", "extra")
SHORT = ("shop", "status", "phone", "email", "device", "serial", "technician", "price")
NUMBERS = ("number", "created", "changed")

ORDER = Collection(
    name="peer_order",
    fields=(
        *(text(name, Policy.KEEP_BOTH) for name in WRITTEN),
        *(text(name, Policy.LATEST) for name in SHORT),
        *(integer(name, Policy.LATEST) for name in NUMBERS),
        json_field("lines", Policy.LATEST),
    ),
    rights={"admin": "rcud"},
)


def main() -> None:
    cast(dict[str, Collection], collections.COLLECTIONS)[ORDER.name] = collections.kept(ORDER)
    settings = load_settings()
    if sys.argv[1] == "serve":
        serve(settings)
    else:
        migrate(settings.owner_database_url or "", settings.database_url or "")
        print(json.dumps(asyncio.run(made(settings, int(sys.argv[2])))))


async def made(settings: Settings, people: int) -> dict[str, object]:
    """One shop whose people are admins, each with a link."""
    database = await Database.open(settings.database_url or "", size=2)
    try:
        office = Office.over(database, settings, SystemWorld())
        shop = await office.make_shop("peers", "Peers")
        links = [
            await office.staff_link(shop, f"p{i}@peers.test", f"Person {i}", "admin") for i in range(people)
        ]
    finally:
        await database.close()
    return {"host": HOST, "links": links, "version": version("workbay")}


if __name__ == "__main__":
    main()
