"""What becomes of a request: it arrives or not, once or more often, now or a month later, and so does its answer.

`carry` decides for one flight and lets the device hear of it. Requests that were copied on the way stay in `late`, answers
that were held up in `held`; steps of the simulation let them arrive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from random import Random
from typing import Any

import orjson

from tests.simulation.devices import Device, Flight
from tests.simulation.ground import Ground, Killed
from tests.simulation.promises import BrokenPromise, Ledger
from tests.simulation.wire import Answer

FAULTS = (
    "request_lost", "answer_lost", "doubled", "doubled_first", "copied_for_later", "answer_held", "cut", "portal",
    "portal_json", "busy_503", "busy_429", "too_large_413", "gateway_502",
)  # fmt: skip
PORTAL = b"<html><body>Welcome to the hotel. Accept our terms to go on line.</body></html>"
STATUSES = (200, 400, 401, 403, 409, 413, 426, 429, 503, 507)


@dataclass
class Network:
    """The network between all devices and the server. `trace` is a hash over all that travelled."""

    ground: Ground
    ledger: Ledger
    random: Random
    story: Callable[[str], None]
    counts: Counter[str] = field(default_factory=Counter)
    late: list[tuple[Device, Flight, str]] = field(default_factory=list)
    held: list[tuple[Device, Flight, Answer]] = field(default_factory=list)
    trace: Any = field(default_factory=sha256)
    up: bool = True

    async def carry(self, device: Device, flight: Flight, fault: str = "none") -> None:
        """Bring a request to the server and its answer back, with a fault or none."""
        if fault == "too_large_413" and len(orjson.loads(flight.body).get("changesets", ())) < 2:
            fault = "busy_503"  # a limit in between that lets a changeset through once lets it through always
        if fault != "none":
            self.counts[fault] += 1
            self.story(f"{device.name}: {fault.replace('_', ' ')}")
        early = self._without_server(fault)
        if early is not None or fault == "request_lost":
            self.hear(device, flight, early)
            return
        if fault == "copied_for_later":
            self.late.append((device, flight, device.token))
        answer = await self.arrive(device, flight, device.token)
        if fault in ("doubled", "doubled_first"):
            self.counts["replays"] += 1
            again = await self.arrive(device, flight, device.token)
            answer = answer if fault == "doubled_first" else again
        if fault == "answer_held" and answer is not None:
            self.held.append((device, flight, answer))
        else:
            self.hear(device, flight, self._on_its_way(answer, fault))

    def _without_server(self, fault: str) -> Answer | None:
        """What somebody on the way answers in the server's place."""
        said = {
            "portal": Answer(200, PORTAL, "text/html"),
            "portal_json": Answer(200, b'{"login":"https://hotel.test"}'),
            "busy_503": Answer(503, b'{"code":"unavailable"}', headers={"retry-after": "1"}),
            "busy_429": Answer(429, b'{"code":"rate_limited"}', headers={"retry-after": "2"}),
            "too_large_413": Answer(413, b'{"code":"too_large","message":"Too much at once."}'),
            "gateway_502": Answer(502, PORTAL, "text/html"),
        }
        return said.get(fault)

    def _on_its_way(self, answer: Answer | None, fault: str) -> Answer | None:
        if answer is None or fault == "answer_lost":
            return None
        if fault == "cut":
            return replace(answer, body=answer.body[: self.random.randrange(len(answer.body))])
        return answer

    async def arrive(
        self, device: Device, flight: Flight, token: str, *, traced: bool = True
    ) -> Answer | None:
        """The server takes a request; None when it was killed over it. What it answered is held against the log."""
        try:
            answer = await self.ground.ask(flight.method, flight.path, flight.body, token)
        except Killed as point:
            self.counts["kills"] += 1
            self.story(f"the server is killed {point} while it serves {device.name}")
            await self.ground.restart()
            answer = None
        if traced:
            self.note(flight, answer)
        self.ledger.logged(self.ground.rows.news())
        if answer is None:
            return None
        self._judge(device, flight, answer)
        lineage = len(self.ledger.lineages) - 1
        return replace(answer, lineage=lineage, upto=self.ledger.upto, head=self.ground.rows.logged)

    def note(self, flight: Flight, answer: Answer | None) -> None:
        """What travelled goes into the trace."""
        self.trace.update(flight.body)
        self.trace.update(answer.body if answer else b"killed")

    def _judge(self, device: Device, flight: Flight, answer: Answer) -> None:
        if answer.status not in STATUSES:
            raise BrokenPromise("I6", f"{device.name} is answered {answer.status}: {answer.body[:300]!r}")
        if answer.status in (200, 403, 409, 426):
            asked = orjson.loads(flight.body)
            self.ledger.results(asked.get("changesets", ()), answer.json().get("results", ()))

    def hear(self, device: Device, flight: Flight, answer: Answer | None) -> None:
        """The device learns what came of its request."""
        flips = device.flips
        device.land(flight, answer)
        device.status = answer.status if answer else 0
        self.counts["syncs"] += 1
        if device.flips > flips and answer is not None and answer.status == 200:
            if answer.json().get("more"):
                raise BrokenPromise("P9", f"{device.name} shows a view of which only a part is here")
            device.memory.upto, device.memory.head = answer.upto, answer.head
            if device.memory.lineage != answer.lineage:
                device.memory.lineage, device.memory.seen_at = answer.lineage, {}

    async def let_late_arrive(self) -> None:
        """A copy of an old request reaches the server; nobody hears the answer."""
        if self.late:
            device, flight, token = self.late.pop(self.random.randrange(len(self.late)))
            self.counts["replays"] += 1
            self.story(f"an old request of {device.name} arrives late")
            # What is judged first in a request that was long on its way is taken for as much younger (M2).
            self.ledger.delayed |= {c["id"] for c in orjson.loads(flight.body).get("changesets", ())}
            await self.arrive(device, flight, token)

    def let_held_arrive(self, place: int | None = None) -> Device:
        """One of the answers that were long on their way, or the one at this place, is heard at last; by whom."""
        device, flight, answer = self.held.pop(
            self.random.randrange(len(self.held)) if place is None else place
        )
        self.story(f"a late answer reaches {device.name}")
        self.hear(device, flight, answer)
        return device
