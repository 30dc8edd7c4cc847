"""V: what a base covers, and what a record's vector says. The field is one whose concurrent writes become a conflict."""

from __future__ import annotations

from tests.conformance.client import patch
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, rejected, same


@case
def V1_fields_have_writes_of_their_own(room: Room) -> None:
    """Two phones that change different fields over the same old base do not meet: both values stand, nobody is told."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    one, two = room.field("latest")["sets"][0], room.field("other")["sets"][0]
    accepted(a.push(patch(record, one)))
    accepted(b.push(patch(record, two)))
    data = b.look(record["id"])["data"]
    same({name: data.get(name) for name in (*one, *two)}, {**one, **two}, "both fields")


@case
def V2_groups_are_written_whole(room: Room) -> None:
    """A patch with half a group is invalid and names the field that is missing; what a create does not name is empty."""
    a = room.phone("writer")
    record = room.make(a)
    whole = room.field("group")["sets"][0]
    first, second = whole
    holds(
        first not in record["data"] and second not in record["data"],
        "an empty group after a create",
        record["data"],
    )
    result = rejected(a.push(patch(record, {first: whole[first]})), "invalid")
    same(result.get("at"), {"op": 0, "field": second}, "where the trouble is")
    accepted(a.push(patch(record, whole)))


@case
def V3_V4_covered_by_the_shops_count(room: Room) -> None:
    """A base whose @ reaches the standing write covers it: the new write replaces it silently."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    one, two = room.field("keep_both")["sets"][:2]
    seq = accepted(a.push(patch(record, one)))["seq"]
    accepted(b.push(patch(record, two, {"@": seq})))
    holds(
        two.items() <= a.look(record["id"])["data"].items(), f"{two} to stand", a.held[record["id"]]["data"]
    )


@case
def V3_V4_covered_by_an_entry(room: Room) -> None:
    """A base that names the writer's n covers it, though its @ is older."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    one, two = room.field("keep_both")["sets"][:2]
    accepted(a.push(patch(record, one)))
    accepted(b.push(patch(record, two, {"@": record["vv"]["@"], a.replica: a.n})))


@case
def V3_ops_see_the_ops_before_them(room: Room) -> None:
    """Two ops of one changeset that write the same field over the same base: the later one replaces the earlier."""
    a = room.phone("writer")
    record = room.make(a)
    one, two = room.field("keep_both")["sets"][:2]
    accepted(a.push(patch(record, one), patch(record, two)))
    holds(
        two.items() <= a.look(record["id"])["data"].items(), f"{two} to stand", a.held[record["id"]]["data"]
    )


@case
def V5_not_covered_is_concurrent(room: Room) -> None:
    """A standing write above the base in every respect is concurrent: here it becomes a conflict."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    one, two = room.field("keep_both")["sets"][:2]
    accepted(a.push(patch(record, one)))
    result = accepted(b.push(patch(record, two)), clean=False)
    same(len(result["conflicts"]), 1, "the number of conflicts")
    holds(
        one.items() <= b.look(record["id"])["data"].items(), f"{one} to go on standing", b.held[record["id"]]
    )


@case
def V6_equal_values_are_no_conflict(room: Room) -> None:
    """A write of the value that stands is no conflict, and stands with it: whoever saw only one of the two has not
    seen all."""
    a, b, c = room.phones("writer", "tech", "tech2")
    record = room.make(a)
    one, two, three = room.field("keep_both")["sets"][:3]
    before = record["vv"]["@"]
    accepted(a.push(patch(record, one)))
    accepted(b.push(patch(record, one)))
    half = accepted(c.push(patch(record, two, {"@": before, a.replica: a.n})), clean=False)
    same(len(half["conflicts"]), 1, "conflicts of a write that saw one of two authors")
    both = {"@": before, a.replica: a.n, b.replica: b.n}
    accepted(c.push(patch(record, three, both)))


@case
def V7_a_merge_is_covered_only_whole(room: Room) -> None:
    """What two replicas wrote alike is covered only by a base that covers both."""
    a, b, c = room.phones("writer", "tech", "tech2")
    record = room.make(a)
    one, two = room.field("keep_both")["sets"][:2]
    accepted(a.push(patch(record, one)))
    accepted(b.push(patch(record, one)))
    result = accepted(c.push(patch(record, two, {"@": record["vv"]["@"], b.replica: b.n})), clean=False)
    same(len(result["conflicts"]), 1, "conflicts of a write that saw half of the merge")


@case
def V8_one_replica_never_meets_itself(room: Room) -> None:
    """Five edits made off line on one phone, all over the same base, go in as they were made."""
    a = room.phone("writer")
    record = room.make(a)
    sets = room.field("keep_both")["sets"]
    results = a.pushes([[patch(record, sets[place % len(sets)])] for place in range(5)])
    for result in results:
        accepted(result)
    last = sets[4 % len(sets)]
    holds(
        last.items() <= a.look(record["id"])["data"].items(), f"{last} to stand", a.held[record["id"]]["data"]
    )


@case
def V9_a_vector_is_the_last_commit_and_the_writers(room: Room) -> None:
    """A record's @ is the seq of the last commit that changed it, and each replica whose write it holds has its n."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    accepted(a.push(patch(record, room.field("latest")["sets"][0])))
    seq = accepted(b.push(patch(record, room.field("other")["sets"][0])))["seq"]
    vv = a.look(record["id"])["vv"]
    same(vv.get("@"), seq, "the record's @")
    same(
        {r: vv.get(r) for r in (a.replica, b.replica)},
        {a.replica: a.n, b.replica: b.n},
        "the writers' entries",
    )


@case
def V10_a_base_is_never_merged_in(room: Room) -> None:
    """A base that names a third replica does not bring it into the record's vector."""
    a, b = room.phones("writer", "tech")
    room.make(b)
    record = room.make(a)
    accepted(a.push(patch(record, room.field("latest")["sets"][0], {**record["vv"], b.replica: b.n})))
    holds(
        b.replica not in a.look(record["id"])["vv"],
        "no entry of a replica that wrote nothing",
        a.held[record["id"]],
    )


@case
def V12_a_record_of_the_outbox_has_its_create_as_base(room: Room) -> None:
    """Edits of a record that exists only in the outbox come over {replica: n} of its create, in the same request."""
    a = room.phone("writer")
    op, one = room.op("top"), room.field("keep_both")["sets"][0]
    record = {"collection": op["collection"], "id": op["id"], "vv": {a.replica: a.n + 1}}
    for result in a.pushes([[op], [patch(record, one)]]):
        accepted(result)
    holds(one.items() <= a.look(op["id"])["data"].items(), f"{one} to stand", a.held[op["id"]]["data"])


@case
def V15_an_entry_stays_until_it_is_durable(room: Room) -> None:
    """An outcome that is confirmed and not in a verified backup keeps its entry in the vector."""
    a = room.phone("writer")
    record = room.make(a)
    answer = a.sync(confirmed=a.n)
    if answer["durable"] < a.n:
        same(a.look(record["id"])["vv"].get(a.replica), a.n, "the entry of the newest write")


@case
def V17_a_step_goes_from_what_its_editor_saw(room: Room) -> None:
    """A step over a base is judged from the value at that base, and from what the own changeset sent that it names."""
    a, b = room.phones("writer", "tech")
    steps = room.field("steps")
    record = room.make(a)
    first, second = steps["legal"][:2]
    a.skew = -60_000
    result = a.pushes(
        [
            [patch(record, {steps["field"]: first, **steps["rest"]})],
            [patch(record, {steps["field"]: second, **steps["rest"]}, {**record["vv"], a.replica: a.n + 1})],
        ]
    )
    for one in result:
        accepted(one)
    old = {steps["field"]: first, **steps["rest"]}
    told = accepted(b.push(patch(record, old)), clean=False)
    holds(
        "conflicts" in told,
        "a legal step from the start to be judged from there, though another value stands",
        told,
    )


@case
def V18_bases_that_nobody_was_given(room: Room) -> None:
    """A base above what the server gave out, above what a replica pushed, of an unknown replica, or no vector: invalid."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    one = room.field("latest")["sets"][0]
    at = record["vv"]["@"]
    for wrong in (
        {"@": at + 1_000_000},
        {"@": at, b.replica: b.n + 1_000},
        {"@": at, "rzzzzzzzzzzzz": 1},
        {"@": -1},
        {"@": 2**53},
        {"@": "1"},
        {"Nobody": 1},
        [],
        None,
        "base",
    ):
        op = {**patch(record, one), "base": wrong}
        rejected(a.push(op), "invalid")
    accepted(a.push(patch(record, one)))


@case
def V18_an_own_number_still_to_come(room: Room) -> None:
    """A base that names an own number above the changeset's is invalid, and one that names a smaller is good."""
    a = room.phone("writer")
    record = room.make(a)
    sets = room.field("latest")["sets"]
    accepted(a.push(patch(record, sets[1], {**record["vv"], a.replica: a.n})))
    rejected(a.push(patch(record, sets[0], {**record["vv"], a.replica: a.n + 5})), "invalid")
