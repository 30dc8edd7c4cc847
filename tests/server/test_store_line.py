"""Pushes to one shop wait in line and are served together, each with its own answer (rules C4, C6)."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import psycopg
import pytest

from server.errors import Unavailable, WorkbayError
from server.store import commit
from server.store.commit import Store
from server.store.errors import Gap
from server.store.line import TOGETHER_MAX, Lines
from server.store.pushing import Pushed, push_all
from sync import wire
from sync.wire import Request
from tests.server.premises import Phone, Premises, Shop

SHOP = uuid4()


def request_of(replica: str, count: int = 0) -> Request:
    changesets = tuple(wire.Unreadable(n, "", None, "invalid", "") for n in range(1, count + 1))
    return Request(1, "e1", replica, 0, 0, None, 1000, False, changesets)


class Counter:
    """Serves groups, remembers them, and holds the first one until it is let go."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.go = asyncio.Event()
        self.began = asyncio.Event()

    async def serve(self, _: UUID, requests: Sequence[Request]) -> list[Pushed | BaseException]:
        self.groups.append([request.replica for request in requests])
        self.began.set()
        await self.go.wait()
        return [Gap(7) if r.replica == "late" else Pushed([], len(r.changesets), 0) for r in requests]


async def _push(lines: Lines, *requests: Request) -> list[Pushed | BaseException]:
    return await asyncio.gather(*(lines.push(SHOP, r) for r in requests), return_exceptions=True)


async def _behind_the_first(counter: Counter, *requests: Request) -> list[Pushed | BaseException]:
    """Push one, and when it is being served the others at once."""
    lines = Lines(counter.serve)
    first = asyncio.create_task(_push(lines, request_of("first")))
    await counter.began.wait()
    others = asyncio.create_task(_push(lines, *requests))
    await asyncio.sleep(0)
    counter.go.set()
    return [*await first, *await others]


async def test_those_that_wait_are_served_together_and_each_hears_its_own_answer() -> None:
    counter = Counter()
    answers = await _behind_the_first(counter, request_of("a", 2), request_of("late"), request_of("b", 1))
    assert counter.groups == [["first"], ["a", "late", "b"]]
    assert [a.applied for a in answers if isinstance(a, Pushed)] == [0, 2, 1]
    assert isinstance(answers[2], Gap)


async def test_two_requests_of_one_replica_never_share_a_transaction_and_keep_their_order() -> None:
    counter = Counter()
    await _behind_the_first(
        counter, request_of("a", 1), request_of("a", 2), request_of("b"), request_of("a", 3)
    )
    assert counter.groups == [["first"], ["a", "b"], ["a"], ["a"]]


async def test_a_group_is_no_larger_than_a_request_may_be() -> None:
    counter = Counter()
    await _behind_the_first(counter, request_of("a", 400), request_of("b", 200), request_of("c", 100))
    assert counter.groups == [["first"], ["a", "c"], ["b"]]
    counter = Counter()
    await _behind_the_first(counter, *(request_of(f"r{i}") for i in range(TOGETHER_MAX + 1)))
    assert [len(group) for group in counter.groups] == [1, TOGETHER_MAX, 1]


async def test_who_went_away_holds_nobody_up() -> None:
    counter = Counter()
    lines = Lines(counter.serve)
    gone = asyncio.create_task(lines.push(SHOP, request_of("gone")))
    await counter.began.wait()
    left = asyncio.create_task(lines.push(SHOP, request_of("left", 1)))
    await asyncio.sleep(0)
    gone.cancel()
    counter.go.set()
    assert (await left).applied == 1


async def test_a_server_that_fails_tells_everybody_in_line() -> None:
    async def serve(_: UUID, __: Sequence[Request]) -> list[Pushed | BaseException]:
        raise Unavailable

    lines = Lines(serve)
    answers = await _push(lines, request_of("a"), request_of("b"), request_of("a"))
    assert [type(a) for a in answers] == [Unavailable] * 3


async def _writers(premises: Premises, repair: Shop, count: int) -> list[Phone]:
    phones = [await (await premises.sign_in(repair, "tech")).sync() for _ in range(count)]
    for number, phone in enumerate(phones):
        phone.create("work_order", customer=repair.customers[0], complaint=f"noise {number}")
    return phones


async def test_C6_pushes_of_one_transaction_have_seqs_and_numbers_of_their_own(
    premises: Premises, repair: Shop
) -> None:
    phones = await _writers(premises, repair, 4)
    store: Store = premises.app.state.store
    asked = [wire.parse(phone.replica.request(phone.now())) for phone in phones]
    answers = await push_all(store, repair.id, asked)
    results = [a.results[0] for a in answers if isinstance(a, Pushed)]
    seqs = [r["seq"] for r in results]
    assert seqs == list(range(seqs[0], seqs[0] + 4))
    for phone in phones:
        await phone.sync()
    held = [h.data for h in phones[0].replica.confirmed.values() if h.collection == "work_order"]
    assert len({data["number"] for data in held}) == len(held)


async def test_C4_a_gap_of_one_is_its_own_answer(premises: Premises, repair: Shop) -> None:
    good, bad = await _writers(premises, repair, 2)
    bad.create("work_order", customer=repair.customers[0], complaint="second")
    asked = [wire.parse(phone.replica.request(phone.now())) for phone in (good, bad)]
    skipping = wire.parse(
        {**bad.replica.request(bad.now()), "changesets": bad.replica.request(bad.now())["changesets"][1:]}
    )
    answers = await push_all(premises.app.state.store, repair.id, [asked[0], skipping])
    assert isinstance(answers[0], Pushed)
    assert answers[0].results[0]["outcome"] == "accepted"
    assert isinstance(answers[1], Gap)
    assert answers[1].expected == 1


async def test_C4_when_a_shared_transaction_fails_each_push_is_tried_alone(
    premises: Premises, repair: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones = await _writers(premises, repair, 3)
    store: Store = premises.app.state.store
    counts: list[int] = []

    async def counted(*args: object, **more: object) -> list[Pushed | BaseException]:
        requests = args[2]
        assert isinstance(requests, Sequence)
        counts.append(len(requests))
        if len(requests) > 1:
            raise RuntimeError("no luck together")
        return await push_all(*args, **more)  # type: ignore[arg-type, return-value]

    monkeypatch.setattr(commit, "push_all", counted)
    asked = [wire.parse(phone.replica.request(phone.now())) for phone in phones]
    answers = await store._serve(repair.id, asked)
    assert counts == [3, 1, 1, 1]
    assert [a.results[0]["outcome"] for a in answers if isinstance(a, Pushed)] == ["accepted"] * 3


async def test_C5_two_processes_that_push_the_same_records_crosswise_do_not_wait_for_each_other_in_a_circle(
    premises: Premises, repair: Shop
) -> None:
    """Two groups name the same two records in opposite order, again and again; a deadlock would part one of them."""
    phones = [await (await premises.sign_in(repair, "tech")).sync() for _ in range(4)]
    orders = [
        phones[0].create("work_order", customer=repair.customers[0], complaint="noise") for _ in range(2)
    ]
    for phone in phones:
        await phone.sync()
    store: Store = premises.app.state.store

    def asked(phone: Phone, order: str, turn: int) -> Request:
        phone.patch("work_order", order, bay=f"{phone.replica.replica[-2:]}{turn}")
        return wire.parse(phone.replica.request(phone.now()))

    for turn in range(5):
        one = [asked(phones[0], orders[0], turn), asked(phones[1], orders[1], turn)]
        other = [asked(phones[2], orders[1], turn), asked(phones[3], orders[0], turn)]
        answers = await asyncio.gather(push_all(store, repair.id, one), push_all(store, repair.id, other))
        assert all(isinstance(a, Pushed) for group in answers for a in group)
        for phone in phones:
            await phone.sync()


@pytest.mark.parametrize(
    ("cause", "tries"),
    [
        (psycopg.OperationalError("connection lost"), [3]),
        (psycopg.errors.AdminShutdown("the server stops"), [3]),
        (psycopg.errors.DeadlockDetected("a circle"), [3, 1, 1, 1]),
        (psycopg.errors.QueryCanceled("one statement took too long"), [3, 1, 1, 1]),
        (psycopg.errors.LockNotAvailable("held by another"), [3, 1, 1, 1]),
    ],
)
async def test_C13_when_the_database_is_away_nobody_waits_for_it_one_after_the_other(
    premises: Premises, repair: Shop, monkeypatch: pytest.MonkeyPatch, cause: psycopg.Error, tries: list[int]
) -> None:
    counts: list[int] = []

    async def failing_together(
        store: Store, shop: UUID, requests: Sequence[Request], *, broken: bool = False
    ) -> list[Pushed | WorkbayError]:
        counts.append(len(requests))
        if len(requests) > 1:
            raise Unavailable from cause
        return await push_all(store, shop, requests, broken=broken)

    monkeypatch.setattr(commit, "push_all", failing_together)
    phones = await _writers(premises, repair, 3)
    asked = [wire.parse(phone.replica.request(phone.now())) for phone in phones]
    counts.clear()
    answers = await premises.app.state.store._serve(repair.id, asked)
    assert counts == tries
    assert all(isinstance(a, Pushed if len(tries) > 1 else Unavailable) for a in answers)
