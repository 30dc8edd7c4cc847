"""Servers and databases killed at random under a shop at work: `--kills` of them, 100 in a run of `scripts/test`.

Two server processes serve one database; six phones act and sync through either all the while. A killed server is started
again, a killed database by the server's own supervisor or by itself. Whatever was killed: what was answered is there.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from tests.browser.proxy import free_port
from tests.chaos import oracle
from tests.chaos.figures import Figures
from tests.chaos.phone import Handset
from tests.chaos.place import Mould, Place, opened
from tests.chaos.serving import Launcher, Server

WHO = ("tech", "tech2", "admin", "manager", "service_writer", "parts")
LOOK_EVERY = 10
SHOPS = 2  # Each has its share of the kills: they wait for a database to come back, and may do so beside each other.


class Floor:
    """The shop at work: phones that go on whatever happens, and what is killed under them."""

    def __init__(self, place: Place, figures: Figures, chance: random.Random) -> None:
        self.place, self.figures, self.chance = place, figures, chance
        self.ports = [place.port, free_port()]
        self.servers: list[Server] = []
        self.answered = asyncio.Condition()
        self.closing = False

    async def open(self) -> None:
        self.servers = [await self.place.serve(port=port) for port in self.ports]
        for who in WHO:
            await (await self.place.sign_in(who)).drain()

    async def work(self, phone: Handset) -> None:
        """Act and ask for as long as the shop is open, each time through either process."""
        chance = random.Random(f"{self.chance.random()}")
        while not self.closing:
            if len(phone.replica.waiting) < 12 and phone.who != "parts":
                self.place.act(phone, chance)
            self.place.line.port = chance.choice(self.ports)
            answer = await phone.ask()
            if answer is not None and answer.status_code == 200:
                async with self.answered:
                    self.answered.notify_all()
            else:
                assert answer is None or answer.status_code == 503, answer.text[:300]
                assert answer is None or "retry-after" in answer.headers
                await asyncio.sleep(0.02 * (1 + chance.random()))

    async def some_answers(self, count: int) -> None:
        for _ in range(count):
            async with self.answered, asyncio.timeout(60):
                await self.answered.wait()

    async def kill_something(self) -> None:
        ways: list[Callable[[], Awaitable[None]]] = [
            *[self.kill_server] * 4,
            *[self.kill_backend] * 3,
            self.kill_postmaster,
            self.stop_at_once,
            self.kill_both,
        ]
        await self.chance.choice(ways)()

    async def kill_server(self) -> None:
        which = self.chance.randrange(2)
        await self.place.kill(self.servers[which])
        self.servers[which] = await self.place.serve(port=self.ports[which])
        self.figures.add("servers killed at random")

    async def kill_postmaster(self) -> None:
        await self.place.cluster.kill()
        await self.place.cluster.start_again()
        self.figures.add("databases killed at random: the postmaster")

    async def stop_at_once(self) -> None:
        await self.place.cluster.stop_at_once()
        await self.place.cluster.start_again()
        self.figures.add("databases killed at random: immediate stop")

    async def kill_backend(self) -> None:
        await self.place.cluster.kill_backend(self.chance)
        await self.place.cluster.answers()
        self.figures.add("databases killed at random: a backend")

    async def kill_both(self) -> None:
        await self.place.cluster.kill()
        await self.kill_server_only()
        await self.place.cluster.start_again()
        await self.start_dead()
        self.figures.add("databases killed at random: with both servers")

    async def kill_server_only(self) -> None:
        for server in self.servers:
            await self.place.kill(server)

    async def start_dead(self) -> None:
        self.servers = [await self.place.serve(port=port) for port in self.ports]


async def test_I1_whatever_is_killed_at_random_what_was_answered_is_there(
    mould: Mould, launcher: Launcher, figures: Figures, pytestconfig: pytest.Config
) -> None:
    seed, kills = pytestconfig.getoption("--seed"), pytestconfig.getoption("--kills")
    async with asyncio.TaskGroup() as shops:
        for shop in range(SHOPS):
            share, chance = len(range(shop, kills, SHOPS)), random.Random(f"{seed} {shop}")
            shops.create_task(killed_at_random(mould, launcher, figures, share, chance))


async def killed_at_random(
    mould: Mould, launcher: Launcher, figures: Figures, kills: int, chance: random.Random
) -> None:
    """One shop at work, in which so much is killed; then everybody drains, and every edit is looked for."""
    async with opened(mould, launcher) as place:
        floor = Floor(place, figures, chance)
        await floor.open()
        async with asyncio.TaskGroup() as working:
            for phone in place.phones:
                working.create_task(floor.work(phone))
            for number in range(kills):
                await floor.some_answers(chance.randrange(1, 6))
                await floor.kill_something()
                if number % LOOK_EVERY == 0:
                    figures.add("answers held to the log after a kill", oracle.check_log(place)["answers"])
            floor.closing = True
        place.line.port = place.port
        for phone in place.phones:
            await phone.drain()
        found = await oracle.check_all(place)
        figures.add("edits looked for after random kills: lost 0 of", found["edits"])
        figures.add("changesets left half: 0 of", found["edits"])
        figures.add("requests that a kill cut", place.line.cuts)
        figures.add("requests answered 503 meanwhile", place.line.statuses.get(503, 0))
