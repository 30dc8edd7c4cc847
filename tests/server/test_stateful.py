"""The test that matters most: five phones against the real application, with answers lost, doubled and out of order.

Hypothesis chooses who does what when. At the end all come to rest; then nothing may be lost, nothing done twice, and
each view must be the one that a new phone of the same person gets. The model is in `ledger`. Three planted bugs show
that the test would see them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from server.auth.gate import server_of
from server.settings import Settings
from server.store import changelog, load, pull
from sync.merge import _Merging
from sync.overlay import Draft
from tests.server.ledger import Ledger, Watched, same
from tests.server.premises import Fault, Premises, running
from tests.worlds import CountingWorld

ROLES = ("admin", "service_writer", "tech", "tech2", "parts")
STATUSES = ("diagnosing", "in_progress", "waiting_parts", "on_hold", "qc", "ready")
FAULTS: tuple[Fault, ...] = ("none", "none", "unsent", "answer_lost", "doubled")
WORDS = ("pump", "belt", "valve", "smoke")

phones = st.integers(0, len(ROLES) - 1)
picks = st.integers(0, 9)
values = st.integers(0, 3)


class Floor:
    """The application, and the loop it runs in; every history gets a shop of its own."""

    def __init__(self, premises: Premises, loop: asyncio.AbstractEventLoop) -> None:
        self.premises, self.loop, self.slugs = premises, loop, count(1)

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(what)


class History(RuleBasedStateMachine):
    """One history of a shop with five phones and a customer."""

    def __init__(self, floor: Floor) -> None:
        super().__init__()
        self.floor, self.ledger = floor, Ledger()

    @initialize()
    def open(self) -> None:
        self.floor.run(self._open())

    async def _open(self) -> None:
        premises = self.floor.premises
        self.shop = await premises.open_shop(f"s{next(self.floor.slugs)}", customers=1)
        signed_in = await premises.phones(self.shop, ROLES)
        self.phones = [Watched(**vars(phone), ledger=self.ledger) for phone in signed_in]
        self.customer = await premises.sign_in_customer(self.shop)
        desk = self.phones[1]
        self._order(desk, 0)
        desk.edit(Draft("create", "equipment", self._id(), {"kind": "Lift", "make": "x", "meter": 10}))
        for phone in [*self.phones, self.customer]:
            await phone.sync()

    def _id(self) -> str:
        return str(self.floor.premises.world.new_id())

    def _order(self, phone: Watched, value: int) -> None:
        order = {"customer": self.shop.customers[0], "complaint": WORDS[value]}
        note = {"text": f"about {WORDS[value]}"}
        id_ = self._id()
        phone.edit(
            Draft("create", "work_order", id_, order),
            Draft("create", "note", self._id(), {**note, "work_order": id_}),
        )

    def _pick(self, phone: Watched, collection: str, pick: int) -> str | None:
        """One of the records that this phone shows."""
        fresh = {op.id for w in phone.replica.outbox for op in w.changeset.ops}
        ids = [id_ for id_ in sorted(phone.replica.confirmed.keys() | fresh) if phone.data(id_) is not None]
        ids = [id_ for id_ in ids if (phone.replica.shown(id_) or phone).collection == collection]  # type: ignore[union-attr]
        return ids[pick % len(ids)] if ids else None

    def _patch(self, who: int, collection: str, pick: int, given: dict[str, Any]) -> None:
        phone = self.phones[who]
        id_ = self._pick(phone, collection, pick)
        if id_ is not None:
            phone.edit(Draft("patch", collection, id_, given))

    @rule(who=phones, value=values)
    def new_order(self, who: int, value: int) -> None:
        self._order(self.phones[who], value)

    @rule(
        who=phones,
        pick=picks,
        value=values,
        unit=st.sampled_from(("complaint", "diagnosis", "bay", "priority")),
    )
    def edit_order(self, who: int, pick: int, value: int, unit: str) -> None:
        given = (
            ("low", "normal", "high", "urgent")[value] if unit == "priority" else f"{WORDS[value]} by {who}"
        )
        self._patch(who, "work_order", pick, {unit: given})

    @rule(who=phones, pick=picks, value=st.integers(0, len(STATUSES) - 1))
    def step(self, who: int, pick: int, value: int) -> None:
        given = {
            "status": STATUSES[value],
            "status_reason": f"why {who}",
            "status_at": self.phones[who].now(),
        }
        self._patch(who, "work_order", pick, given)

    @rule(who=phones, pick=picks, value=values, add=st.booleans())
    def tag(self, who: int, pick: int, value: int, add: bool) -> None:
        self._patch(who, "work_order", pick, {"tags": {"add" if add else "remove": [WORDS[value]]}})

    @rule(who=phones, pick=picks, value=values)
    def note(self, who: int, pick: int, value: int) -> None:
        self._patch(who, "note", pick, {"text": f"{WORDS[value]} noted by {who}"})

    @rule(who=phones, value=st.integers(1, 40))
    def read_meter(self, who: int, value: int) -> None:
        self._patch(who, "equipment", 0, {"meter": value})

    @rule(who=phones, pick=picks)
    def throw_away(self, who: int, pick: int) -> None:
        phone = self.phones[who]
        id_ = self._pick(phone, "note", pick)
        if id_ is not None:
            phone.edit(Draft("delete", "note", id_))

    @rule(who=phones, pick=picks)
    def open_form(self, who: int, pick: int) -> None:
        id_ = self._pick(self.phones[who], "work_order", pick)
        if id_ is not None:
            self.phones[who].open_form(id_)

    @rule(who=phones, value=values)
    def save_form(self, who: int, value: int) -> None:
        phone = self.phones[who]
        if phone.form is None or phone.data(phone.form[0]) is None:
            return
        given = {"diagnosis": f"{WORDS[value]} in a form of {who}", "bay": str(value)}
        phone.edit(Draft("patch", "work_order", phone.form[0], given, phone.form[1]))
        phone.form = None

    @rule(who=phones, fault=st.sampled_from(FAULTS), limit=st.sampled_from((1000, 1000, 3)))
    def sync(self, who: int, fault: Fault, limit: int) -> None:
        self.floor.run(self.phones[who].ask(fault=fault, limit=limit))

    @rule(who=phones)
    def late_answers(self, who: int) -> None:
        self.phones[who].hear_late()

    @rule(who=phones, minutes=st.sampled_from((0, 1, 20)), skew=st.sampled_from((0, -7_000_000, 9_000_000)))
    def time_passes(self, who: int, minutes: int, skew: int) -> None:
        self.floor.premises.world.pass_time(minutes=minutes)
        self.phones[who].skew_ms = skew

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.floor.run(self._come_to_rest())

    async def _come_to_rest(self) -> None:
        for phone in [*self.phones, *self.phones, self.customer]:
            await phone.sync()
        fresh = [await p.sync() for p in await self.floor.premises.phones(self.shop, ROLES)]
        for old, new in zip(self.phones, fresh, strict=True):
            assert same(old.replica, new.replica) == [], f"the view of {old.who} is not its own"
        new_customer = await (await self.floor.premises.sign_in_customer(self.shop)).sync()
        assert same(self.customer.replica, new_customer.replica) == [], "the customer's view is not its own"
        held = [held for phone in fresh for held in phone.replica.confirmed.values()]
        notices = [record for record in held if record.collection == "notice"]
        self.ledger.check(fresh[0].replica.confirmed, notices, self.phones)
        await self._each_once()

    async def _each_once(self) -> None:
        """One entry of the change log for each changeset of each phone."""
        query = "SELECT id::text FROM change WHERE shop = %s AND replica <> '@' ORDER BY id"
        async with self.floor.premises.app.state.database.transaction(server_of(self.shop.id)) as tx:
            rows = await (await tx.execute(query, (self.shop.id,))).fetchall()
        assert [id_ for (id_,) in rows] == sorted(self.ledger.of)


@pytest.fixture
def floor(settings: Settings, world: CountingWorld) -> Iterator[Floor]:
    loop = asyncio.new_event_loop()
    opened = running(settings, world)
    with ExitStack() as stack:
        stack.callback(loop.close)
        premises = loop.run_until_complete(opened.__aenter__())
        stack.callback(lambda: loop.run_until_complete(opened.__aexit__(None, None, None)))
        stack.enter_context(structlog.testing.capture_logs())
        yield Floor(premises, loop)


def _play(floor: Floor, histories: int) -> None:
    """The same histories in every run. A failing one is printed step by step; it is not made smaller, which takes long."""
    run_state_machine_as_test(
        lambda: History(floor),
        settings=settings(
            max_examples=histories,
            stateful_step_count=40,
            derandomize=True,
            deadline=None,
            print_blob=True,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        ),
    )


def test_I1_I2_I3_nothing_is_lost_and_all_views_agree(floor: Floor) -> None:
    _play(floor, 80)


def _turns_red(floor: Floor) -> str:
    with pytest.raises(AssertionError) as red:
        _play(floor, 30)
    return str(red.value)


def test_a_planted_bug_that_stores_no_outcome_turns_it_red(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a retry is then made anew, and what was done is done again."""
    monkeypatch.setattr(load, "ANSWERED", f"SELECT * FROM ({load.ANSWERED}) AS forgotten WHERE false")
    monkeypatch.setattr(changelog, "INSERT", changelog.INSERT + " ON CONFLICT DO NOTHING")
    assert "two outcomes" in _turns_red(floor)


def test_a_planted_cursor_that_skips_a_commit_turns_it_red(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pull.feed

    async def skipping(*args: Any) -> pull.Page:
        page = await real(*args)
        return page if page.more else replace(page, cursor=replace(page.cursor, pos=page.cursor.pos + 1))

    monkeypatch.setattr(pull, "feed", skipping)
    assert "is not its own" in _turns_red(floor)


def test_a_planted_merge_that_drops_a_side_turns_it_red(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Merging, "_set_aside", lambda self, unit, incoming: None)
    assert "lost" in _turns_red(floor)
