"""Pushes what people did into the store, as their own devices would have.

Every action is a changeset of its author's replica, with the time at which it was done, so that numbers, steps,
counters, stock and the change log come about as in a shop that has worked for weeks. To need few pushes, each person
goes on for as long as nobody else has to act first on the same work order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from server.clock import World
from server.demo.stories import Action
from server.errors import WorkbayError
from server.store.commit import Store
from sync.changeset import Changeset, Op
from sync.wire import SCHEMA, Request

PUSHED_AT_ONCE = 100


class DemoRefused(WorkbayError):
    """The demo's content breaks a rule of the shop."""


@dataclass(slots=True)
class Player:
    """Who plays: the replica of each person, and how far the shop's count is."""

    store: Store
    world: World
    shop: UUID
    epoch: str
    replicas: Mapping[str, str]
    head: int
    numbers: dict[str, int] = field(default_factory=dict)

    async def play(self, actions: Iterable[Action]) -> None:
        """Push all actions; raise DemoRefused when one is not accepted."""
        for who, batch in turns(actions):
            await self._push(who, batch)

    async def _push(self, who: str, batch: list[Action]) -> None:
        first = self.numbers.get(who, 0) + 1
        self.numbers[who] = first + len(batch) - 1
        request = Request(
            schema=SCHEMA,
            epoch=self.epoch,
            replica=self.replicas[who],
            confirmed=first - 1,
            sent=self.world.now_ms(),
            cursor=None,
            limit=1,
            verify=False,
            changesets=tuple(self._changeset(first + place, action) for place, action in enumerate(batch)),
        )
        for action, result in zip(batch, (await self.store.push(self.shop, request)).results, strict=True):
            if result["outcome"] != "accepted":
                raise DemoRefused(f"{who}, {action.ops[0]}: {result['code']}, {result['message']}")
            self.head = result["seq"]

    def _changeset(self, n: int, action: Action) -> Changeset:
        return Changeset(n, str(self.world.new_id()), SCHEMA, action.at, tuple(map(self._seen, action.ops)))

    def _seen(self, op: Op) -> Op:
        """The op of somebody who has seen all that stands."""
        return op if op.op == "create" else replace(op, base={"@": self.head})


def turns(actions: Iterable[Action]) -> Iterator[tuple[str, list[Action]]]:
    """Actions in turns of one person each, in an order that keeps everybody's own and everything's own."""
    in_time = sorted(actions, key=lambda action: action.at)
    people: dict[str, deque[Action]] = {}
    things: dict[str, deque[Action]] = {}
    for action in in_time:
        people.setdefault(action.who, deque()).append(action)
        things.setdefault(action.about, deque()).append(action)
    while any(people.values()):
        who, count = max(
            ((who, _run(queue, things)) for who, queue in people.items()), key=lambda run: run[1]
        )
        turn = [people[who].popleft() for _ in range(min(count, PUSHED_AT_ONCE))]
        for action in turn:
            things[action.about].popleft()
        yield who, turn


def _run(queue: deque[Action], things: Mapping[str, deque[Action]]) -> int:
    """How many actions of a person can follow each other before somebody else has to act."""
    taken: dict[str, int] = {}
    for count, action in enumerate(queue):
        place = taken.get(action.about, 0)
        if things[action.about][place] is not action:
            return count
        taken[action.about] = place + 1
    return len(queue)
