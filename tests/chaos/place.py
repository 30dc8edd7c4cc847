"""A shop under chaos: a PostgreSQL with fsync of its own, server processes, and phones.

The mould is made once a run: a database with tables and a shop with a person in each role. Each test gets a copy of it to
break.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from server.auth.gate import Gate, server_of
from server.auth.replicas import Device, settle
from server.auth.secrets import Vault
from server.auth.sessions import open_session
from server.clock import SystemWorld
from server.collections import COLLECTIONS
from server.db.embedded import EmbeddedPostgres
from server.db.migrate import migrate
from server.db.session import Database
from server.settings import Settings
from sync.overlay import Draft
from sync.replica import Replica
from tests.browser.proxy import free_port
from tests.chaos.cluster import Cluster
from tests.chaos.folders import folder
from tests.chaos.phone import TIMEOUT_S, Handset, Line, credentials
from tests.chaos.serving import Launcher, Server
from tests.conftest import SECRET_KEYS
from tests.server.premises import LIGHT, Shop, running
from tests.worlds import CountingWorld

Disk = Callable[[Path], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Mould:
    """What every test starts from: the folder with the data, the shop, and what there is in it."""

    var: Path
    shop: Shop
    order: str
    part: str
    lift: str


def made_mould(var: Path) -> Mould:
    """The mould in a new folder."""
    var.mkdir(mode=0o755)
    return asyncio.run(_fill(var))


async def _fill(var: Path) -> Mould:
    """A migrated database with a shop that has a work order, a part and a lift."""
    world = CountingWorld(now_ms=SystemWorld().now_ms())
    with EmbeddedPostgres(var) as urls:
        migrate(urls.owner, urls.app)
        settings = Settings(database_url=urls.app, var=var, port=0, secret_keys=SECRET_KEYS, demo=False)
        async with running(settings, world) as premises:
            shop = await premises.open_shop("repair")
            desk = await premises.sign_in(shop, "admin")
            order = desk.create("work_order", customer=shop.customers[0], complaint="It does not run")
            part = desk.create("part", name="Belt")
            lift = desk.create("equipment", customer=shop.customers[0], kind="Lift", meter=1)
            await desk.sync()
    return Mould(var, shop, order, part, lift)


@dataclass
class Place:
    """One copy of the mould with all that runs on it."""

    mould: Mould
    cluster: Cluster
    launcher: Launcher
    line: Line
    var: Path
    port: int
    servers: list[Server] = field(default_factory=list)
    phones: list[Handset] = field(default_factory=list)
    kills: int = 0

    @property
    def shop(self) -> Shop:
        return self.mould.shop

    async def start(
        self,
        *,
        port: int | None = None,
        trap: str | None = None,
        passes: int = 1,
        armed: bool = False,
        clock: Path | None = None,
    ) -> Server:
        """Order a server process on the usual port, or another, with a trap at a point; it may not answer yet."""
        settings = self.settings(port or self.port)
        given = None if trap is None else (trap, passes, armed)
        server = await Server.start(self.launcher, settings, trap=given, clock=clock)
        self.servers.append(server)
        return server

    async def serve(self, **how: Any) -> Server:
        return await (await self.start(**how)).ready()

    def settings(self, port: int) -> dict[str, str]:
        urls = self.cluster.urls
        return {
            "WORKBAY_PORT": str(port), "WORKBAY_VAR": str(self.var), "WORKBAY_DEMO": "false",
            "WORKBAY_SECRET_KEYS": SECRET_KEYS, "WORKBAY_LOG_LEVEL": "warning",
            "WORKBAY_DATABASE_URL": urls.app, "WORKBAY_OWNER_DATABASE_URL": urls.owner,
        }  # fmt: skip

    async def kill(self, server: Server) -> None:
        self.kills += 1
        await server.kill()

    async def sign_in(self, who: str, *, watched: bool = True) -> Handset:
        """A new phone of one of the staff; `watched` ones are held to their promises at the end."""
        answer = await self.line.post("/api/session", credentials(self.shop, who), shop=self.shop)
        assert answer.status_code == 201, answer.text
        said = answer.json()
        replica = Replica(said["replica"], said["epoch"], COLLECTIONS)
        phone = Handset(self.line, self.shop, who, said["token"], replica)  # type: ignore[arg-type]
        if watched:
            self.phones.append(phone)
        return phone

    async def devices(self, whose: Sequence[str]) -> list[Handset]:
        """That many phones at once: their replicas and sessions are made as sign-in makes them, without the passwords that
        would take a tenth of a second each."""
        database = await Database.open(self.cluster.urls.app, size=2)
        gate = Gate(database, Vault.of(SECRET_KEYS, self.line.world), self.line.world, LIGHT)
        made = []
        async with database.transaction(server_of(self.shop.id)) as tx:
            ((epoch,),) = await (await tx.execute("SELECT epoch FROM head")).fetchall()
            for who in whose:
                person = self.shop.staff[who]
                replica = await settle(tx, gate, self.shop.id, "staff", person, Device(who))
                _, token = await open_session(tx, gate, self.shop.id, "staff", person, replica)
                state = Replica(replica, epoch, COLLECTIONS)
                made.append(Handset(self.line, self.shop, who, token, state))  # type: ignore[arg-type]
        await database.close()
        self.phones += made
        return made

    def act(self, phone: Handset, chance: random.Random) -> None:
        """Somebody does something: a whole new work order, or a change of what all of them change."""
        what = chance.randrange(6)
        word = f"{chance.randrange(10**9)}"
        if what == 0:
            self.new_order(phone, word)
        elif what == 1:
            at = phone.now()
            phone.create("part_movement", part=self.mould.part, kind="issue", quantity_milli=-1000, at=at)
        elif what == 2:
            phone.patch("work_order", self.mould.order, tags={"add": [word]})
        elif what == 3:
            phone.patch("work_order", self.mould.order, bay=word)
        elif what == 4:
            shown = phone.data(self.mould.lift) or {}
            phone.patch("equipment", self.mould.lift, meter=shown.get("meter", 1) + chance.randrange(1, 9))
        else:
            phone.patch("work_order", self.mould.order, diagnosis=word)

    def new_order(self, phone: Handset, word: str, tasks: int = 2) -> None:
        """One action of several records: all of them or none."""
        order, new_id = str(phone.premises.world.new_id()), phone.premises.world.new_id
        phone.act(
            Draft(
                "create", "work_order", order, {"customer": self.shop.customers[1], "complaint": f"It {word}"}
            ),
            *(
                Draft("create", "task", str(new_id()), {"work_order": order, "title": f"Step {number}"})
                for number in range(tasks)
            ),
            Draft("create", "note", str(new_id()), {"work_order": order, "text": word}),
        )


@asynccontextmanager
async def opened(mould: Mould, launcher: Launcher, disk: Disk | None = None) -> AsyncIterator[Place]:
    """A place with its PostgreSQL running, its data on a `disk` if one is given; all that was started in it ends with
    the block."""
    async with AsyncExitStack() as stack:
        var = stack.enter_context(folder()) / "var"
        copy_of(mould, var)
        if disk is not None:
            stack.enter_context(disk(var))
        cluster = Cluster(var)
        stack.callback(cluster.close)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits))
        port = free_port()
        place = Place(mould, cluster, launcher, Line(client, port), var, port)
        stack.push_async_callback(end_all, place)
        yield place


async def end_all(place: Place) -> None:
    for server in place.servers:
        await server.kill()


def copy_of(mould: Mould, var: Path) -> None:
    """The folder with its owners and rights as they are."""
    subprocess.run(["cp", "-a", str(mould.var), str(var)], check=True)
