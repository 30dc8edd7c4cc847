"""A phone over real HTTP: a `sync.replica.Replica` that loses answers as phones do, and remembers what it made and heard.

It asks as the app does: whatever is no answer of the protocol changes nothing, and it asks again. `made` is every
changeset that its owner was told is saved, `heard` every outcome that it was given; the oracle holds both to what the
database has.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from server.clock import SystemWorld
from sync.answer import understood
from sync.changeset import Changeset
from sync.overlay import Draft
from tests.server.premises import PASSWORD, Phone, Shop

TIMEOUT_S = 20.0
BACK_OFF_FIRST_S, BACK_OFF_CAP_S = 0.02, 0.5


@dataclass
class Line:
    """How phones reach the server: an address that may change, and the clock and ids of the real world."""

    client: httpx.AsyncClient
    port: int
    world: SystemWorld = field(default_factory=SystemWorld)
    statuses: dict[int, int] = field(default_factory=dict)
    cuts: int = 0

    def at(self, port: int) -> Line:
        """The same line to another process."""
        return Line(self.client, port, self.world)

    async def post(
        self, path: str, body: Any, token: str | None = None, shop: Shop | None = None
    ) -> httpx.Response:
        return await self.call("POST", path, token, shop, json=body)

    async def call(
        self, method: str, path: str, token: str | None = None, shop: Shop | None = None, **more: Any
    ) -> httpx.Response:
        """One request; a transport's error is the caller's."""
        headers = {"Host": f"{shop.slug}.localhost"} if shop else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = f"http://127.0.0.1:{self.port}{path}"
        try:
            answer = await self.client.request(method, url, headers=headers, **more)
        except httpx.TransportError:
            self.cuts += 1
            raise
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        self.client.cookies.clear()
        return answer


@dataclass
class Handset(Phone):
    """A phone of one of the staff."""

    made: dict[str, Changeset] = field(default_factory=dict)
    heard: dict[str, dict[str, Any]] = field(default_factory=dict)
    round_trips: int = 0
    sent_bytes: int = 0

    def act(self, *drafts: Draft) -> str:
        id_ = super().act(*drafts)
        self.made[id_] = self.replica.outbox[-1].changeset
        return id_

    async def ask(self, *, limit: int = 1000, fault: Any = "none") -> httpx.Response | None:
        """One round trip; None when the network gave no answer."""
        asked = self.replica.request(self.now(), limit)
        try:
            answer = await self.post(asked)
        except httpx.TransportError:
            return None
        self.hear(asked, answer)
        return answer

    async def post(self, body: Any) -> httpx.Response:
        self.round_trips += 1
        return await super().post(body)

    def hear(self, asked: dict[str, Any], answer: httpx.Response) -> None:
        """Take an answer, if it is one; the same changeset must never be told two outcomes."""
        said = body_of(answer)
        if not understood(answer.status_code, said):
            return
        by_n = {c["n"]: c["id"] for c in asked["changesets"]}
        for result in said.get("results", ()):
            first = self.heard.setdefault(by_n[result["n"]], result)
            assert first == result, f"one changeset, two outcomes: {first}, then {result}"
        self.replica = self.replica.answer(asked, answer.status_code, said)

    @property
    def drained(self) -> bool:
        return not self.replica.outbox and self.replica.staged is None and self.replica.cursor is not None

    async def drain(self, *, limit: int = 1000, within_s: float = 60.0, fresh: bool = True) -> None:
        """Ask until nothing waits and the view is whole, with the pauses that the app makes after failures."""
        end, failures, chance = time.monotonic() + within_s, 0, random.Random(self.replica.replica)
        while fresh or not self.drained:
            answer = await self.ask(limit=limit)
            good = answer is not None and answer.status_code in (200, 409, 413)
            if good:
                failures, fresh = 0, False
                continue
            assert time.monotonic() < end, f"{self.who} did not drain: {answer and answer.text}"
            failures += 1
            pause_s = min(BACK_OFF_CAP_S, BACK_OFF_FIRST_S * 2 ** min(failures, 10))
            await asyncio.sleep(pause_s * (0.5 + chance.random() / 2))


def body_of(answer: httpx.Response) -> Any:
    """The body as JSON, None where it is something else."""
    if answer.headers.get("content-type") != "application/json":
        return None
    try:
        return answer.json()
    except ValueError:
        return None


def credentials(shop: Shop, who: str, **device: Any) -> dict[str, Any]:
    """The body of a sign-in of one of the staff."""
    device = {"name": f"{who}'s phone", **device}
    return {"email": f"{who}@{shop.slug}.test", "password": PASSWORD, "device": device, "token": True}
