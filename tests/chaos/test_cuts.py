"""A connection cut at every position: a resume costs one round trip more, and 256 KiB and one changeset at most.

`--cuts` positions, spread evenly over a request and over an answer; with as many as there are bytes, every byte.
"""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from sync.digest import canonical
from sync.wire import PUSH_BYTES_MAX
from tests.chaos import oracle, proxy
from tests.chaos.figures import Figures
from tests.chaos.phone import TIMEOUT_S, Handset, Line
from tests.chaos.place import Mould, Place, opened
from tests.chaos.proxy import Exchange, Fault, Proxy
from tests.chaos.serving import Launcher

pytestmark = pytest.mark.asyncio(loop_scope="module")
LARGE_CUTS = 24


@dataclass
class Cut:
    """A shop, a phone behind a proxy, and what went through it."""

    place: Place
    phone: Handset
    network: Proxy
    sizes: list[int]

    def cut(self, fault: Fault) -> None:
        """The next request is cut; the sizes of all are noted."""
        script = proxy.at(1, fault)

        def noted(exchange: Exchange) -> Fault:
            self.sizes.append(len(exchange.raw))
            return script(exchange)

        self.sizes.clear()
        self.network.script = noted

    async def resumes(self, figures: Figures, name: str) -> None:
        """After the cut one round trip brings what the cut one would have brought, and sends no more than it had to."""
        waiting = self.phone.replica.waiting
        largest = max(len(canonical(c)) for c in self.phone.replica.request(0)["changesets"])
        assert await self.phone.ask() is None, "it was cut"
        assert self.phone.replica.waiting == waiting
        answer = await self.phone.ask()
        assert answer is not None
        assert len(self.phone.replica.waiting) < len(waiting), "one round trip is enough"
        assert self.phone.replica.staged is None
        again = self.sizes[-1]
        assert again <= PUSH_BYTES_MAX + largest + 4096, f"{again} bytes sent again"
        figures.add(f"cuts: {name}: resumed by one round trip")
        figures.most(f"cuts: {name}: sent again", again / 1024, "KiB")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cut(mould: Mould, launcher: Launcher) -> AsyncIterator[Cut]:
    async with opened(mould, launcher) as place, httpx.AsyncClient(timeout=TIMEOUT_S) as client:
        await place.serve()
        async with Proxy(place.port) as network:
            phone = await place.sign_in("tech")
            await phone.drain()
            phone.premises = Line(client, network.port)  # type: ignore[assignment]
            yield Cut(place, phone, network, [])
            await oracle.check_all(place)


@pytest.mark.parametrize("what", ["request", "answer"])
async def test_C9_a_cut_at_any_byte_costs_one_round_trip(
    cut: Cut, figures: Figures, pytestconfig: pytest.Config, what: str
) -> None:
    fault = proxy.cut_request if what == "request" else proxy.cut_answer
    cuts = pytestconfig.getoption("--cuts") // 2
    for number in range(cuts):
        cut.place.act(cut.phone, random.Random(number))
        cut.cut(fault(max((number + 0.5) / cuts, 1e-9)))
        await cut.resumes(figures, f"a small {what}")
    oracle.check_phone(cut.place, cut.phone)


@pytest.mark.parametrize("what", ["request", "answer"])
async def test_W11_a_cut_of_a_large_outbox_costs_256_kib_and_one_changeset(
    cut: Cut, figures: Figures, what: str
) -> None:
    fault, chance = (proxy.cut_request if what == "request" else proxy.cut_answer), random.Random(what)
    for number in range(LARGE_CUTS):
        while sum(len(canonical(c)) for c in cut.phone.replica.request(0)["changesets"]) < PUSH_BYTES_MAX:
            text = chance.randbytes(9_500).hex()
            cut.phone.create("note", customer=cut.place.shop.customers[0], text=text)
        cut.cut(fault((number + 0.5) / LARGE_CUTS))
        await cut.resumes(figures, f"a large {what}")
    cut.network.script = lambda _: proxy.passing
    await cut.phone.drain(fresh=False)
    oracle.check_phone(cut.place, cut.phone)
