"""Comparing two sides by sums, parts and ids, and a replica that mends itself (rules D1 to D5, V19)."""

from dataclasses import replace
from typing import Any

from sync import verify
from sync.digest import record_digest
from sync.overlay import Held
from sync.replica import Replica
from sync.wire import FETCH_MAX
from tests.sync.things import THING, A, B


def _id(n: int) -> str:
    return f"01930000-0000-7000-8000-{n:012x}"


def _held(n: int, at: int = 5, **data: Any) -> Held:
    return Held("thing", _id(n), {"@": at}, {"name": f"thing {n}", **data})


class Side:
    """A server that answers what it holds, as the protocol says."""

    def __init__(self, *held: Held) -> None:
        self.held = {h.id: h for h in held}
        self.asked: list[dict[str, Any]] = []

    def page(self, asked: dict[str, Any]) -> dict[str, Any]:
        said: dict[str, Any] = {"results": [], "records": [], "cursor": "c", "more": False, "reset": False}
        said["durable"] = 0
        if "fetch" in asked:
            said["fetched"] = [self._record(id_) for id_ in asked["fetch"]]
        if asked.get("verify"):
            said["digests"] = verify.by_collection(verify.rows_of(self.held.values()))
        return said

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(question)
        rows = verify.rows_of(self.held.values())
        if "parts" in question:
            return {"ids": verify.by_id(rows, question["parts"])}
        return {"parts": verify.by_part(rows, question["collections"])}

    def _record(self, id_: str) -> dict[str, Any]:
        held = self.held.get(id_)
        if held is None:
            return {"collection": "", "id": id_, "gone": True}
        return {"collection": held.collection, "id": id_, "vv": held.vv, "data": held.data}


def _holding(*held: Held) -> Replica:
    return Replica(A, "e1", {"thing": THING}, confirmed={h.id: h for h in held}, cursor="c")


def _synced(replica: Replica, side: Side) -> Replica:
    asked = replica.request(1, verify=True)
    return replica.answer(asked, 200, side.page(asked))


def _checked(replica: Replica, side: Side) -> Replica:
    """Verify, ask closer, and fetch what differs, verifying once more."""
    replica = _synced(replica, side)
    while (question := replica.question()) is not None:
        replica = replica.checked(question, side.answer(question))
    return _synced(replica, side) if replica.fetch else replica


def test_D1_the_sums_are_of_collection_id_at_and_data() -> None:
    held = _held(1)
    digest = record_digest("thing", _id(1), 5, {"name": "thing 1"})
    assert verify.by_collection(verify.rows_of([held])) == {"thing": {"count": 1, "sum": str(digest)}}
    both = verify.by_collection(verify.rows_of([held, _held(2)]))["thing"]
    other = record_digest("thing", _id(2), 5, {"name": "thing 2"})
    assert both == {"count": 2, "sum": str((digest + other) % 2**64)}


def test_V19_entries_beside_the_servers_are_not_compared() -> None:
    pruned = replace(_held(1), vv={"@": 5})
    whole = replace(_held(1), vv={"@": 5, A: 3, B: 9})
    assert verify.rows_of([pruned]) == verify.rows_of([whole])


def test_D2_a_replica_that_holds_the_view_agrees_and_asks_nothing_more() -> None:
    replica = _synced(_holding(_held(1), _held(2)), Side(_held(1), _held(2)))
    assert (replica.agrees, replica.question()) == (True, None)


def test_D3_missing_extra_and_changed_records_are_found_and_fetched() -> None:
    side = Side(*(_held(n) for n in range(600)))
    damaged = {h.id: h for h in side.held.values()}
    del damaged[_id(3)]
    damaged[_id(900)] = _held(900)
    damaged[_id(4)] = _held(4, name="bit rot")
    damaged[_id(5)] = _held(5, at=6)
    replica = _synced(_holding(*damaged.values()), side)
    assert replica.agrees is False
    replica = _checked(replica, side)
    assert (replica.agrees, replica.fetch, replica.confirmed) == (True, (), side.held)
    assert len(side.asked) == 2
    assert side.asked[0]["collections"] == ["thing"]
    assert side.asked[1]["parts"] == {"thing": ["03", "04", "05", "84"]}


def test_D3_a_collection_that_only_one_side_has_differs_as_a_whole() -> None:
    side = Side(_held(1))
    assert _checked(_holding(), side).confirmed == side.held
    assert _checked(_holding(_held(1)), Side()).confirmed == {}


def test_D3_what_was_news_when_it_was_looked_at_closer_is_not_fetched() -> None:
    side = Side(_held(1))
    replica = _synced(_holding(), side)
    question = replica.question()
    assert question is not None
    side.held.clear()
    replica = replica.checked(question, side.answer(question))
    assert (replica.question(), replica.fetch) == (None, ())


def test_D3_an_answer_to_another_question_changes_nothing() -> None:
    replica = _synced(_holding(), Side(_held(1)))
    question = replica.question()
    assert question is not None
    assert replica.checked({**question, "epoch": "e0"}, {"parts": {}}) is replica
    assert replica.checked({**question, "parts": {}}, {"ids": {}}) is replica


def test_D3_a_replica_that_lost_more_than_one_sync_fetches_starts_over() -> None:
    side = Side(*(_held(n) for n in range(FETCH_MAX + 1)))
    replica = _checked(_holding(), side)
    assert (replica.cursor, replica.fetch, replica.question()) == (None, (), None)


def test_D4_digests_are_never_taken_over() -> None:
    """A wrong digest of the other side makes a replica ask, and what it holds stays what records said."""
    side = Side(_held(1))
    replica = _holding(_held(1))
    asked = replica.request(1, verify=True)
    lie = {**side.page(asked), "digests": {"thing": {"count": 7, "sum": "1"}}}
    replica = replica.answer(asked, 200, lie)
    assert replica.agrees is False
    assert _checked(replica, side).agrees is True
    assert replica.confirmed == side.held


def test_D5_a_page_without_digests_says_nothing_about_agreeing() -> None:
    replica = _holding(_held(1))
    asked = replica.request(1)
    assert replica.answer(asked, 200, Side(_held(1)).page(asked)).agrees is None
