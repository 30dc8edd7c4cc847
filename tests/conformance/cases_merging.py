"""M1 to M15: what concurrent writes of a field become, policy by policy."""

from __future__ import annotations

from typing import Any

from tests.conformance.client import Phone, new_id, patch
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, rejected, same

HOUR = 3_600_000


def stands(phone: Phone, record: dict[str, Any], values: dict[str, Any]) -> None:
    data = phone.look(record["id"])["data"]
    same({name: data.get(name) for name in values}, values, "what stands")


def notices(phone: Phone, record: dict[str, Any]) -> list[dict[str, Any]]:
    phone.pull()
    return [n["data"] for n in phone.all("notice") if n["data"].get("record") == record["id"]]


@case
def M1_M11_who_saw_the_larger_may_lower_it(room: Room) -> None:
    """A write that covers what stands is taken, also where concurrent ones would give way: a greatest value goes down."""
    a = room.phone("writer")
    said = room.field("greatest")
    record = room.make(a, said["kind"])
    high, low = {said["field"]: said["values"][2]}, {said["field"]: said["values"][0]}
    accepted(a.push(patch(record, high)))
    accepted(a.push(patch(a.look(record["id"]), low)))
    stands(a, record, low)


@case
def M1_M6_M12_M13_what_is_checked_always(room: Room) -> None:
    """A step that is none, a second value of `first`, and a field of the server are refused though all was seen."""
    a = room.phone("writer")
    steps, first, server = room.field("steps"), room.field("first"), room.field("server")
    order = room.make(a)
    step = {steps["field"]: steps["illegal"][1], **steps["rest"]}
    rejected(a.push(patch(order, step)), "bad_step")
    photo = room.make(a, first["kind"], order["id"], **first["sets"][0])
    rejected(a.push(patch(photo, first["sets"][1])), "already_set")
    rejected(a.push(patch(order, server["sets"][0])), "forbidden")


@case
def M2_a_steady_clock_error_cancels_out(room: Room) -> None:
    """A phone whose clock is ten hours slow makes the later edit: it stands, for `sent` is wrong by as much."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    one, two = room.field("latest")["sets"][:2]
    accepted(a.push(patch(record, one)))
    b.skew = -10 * HOUR
    accepted(b.push(patch(record, two)))
    stands(b, record, two)


@case
def M2_an_edit_is_never_later_than_now(room: Room) -> None:
    """An edit said to be of tomorrow counts as of now: one made after it stands."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    one, two = room.field("latest")["sets"][:2]
    accepted(a.push(patch(record, one), at=a.clock() + 24 * HOUR))
    accepted(b.push(patch(record, two), at=b.clock() + 1))
    stands(b, record, two)


@case
def M2_an_edit_is_no_earlier_than_the_same_phones_before(room: Room) -> None:
    """Within a replica time goes forward: a changeset said to be older than the one before it counts as old as that."""
    a, b = room.phones("writer", "tech")
    record = room.make(b)
    one, two = room.field("latest")["sets"][:2]
    now = b.clock()
    accepted(b.push(patch(record, one), at=now - 20_000))
    other = room.op("top")
    accepted(a.push(other))
    accepted(a.push(patch(record, two), at=now - 50_000))
    stands(a, record, two)


@case
def M3_ties_go_to_the_larger_name(room: Room) -> None:
    """Two edits reckoned to the same instant (no earlier than what both had seen): the larger replica name stands, in
    either order of arrival."""
    for reverse in (False, True):
        a, b, c = room.phones("writer", "tech", "tech2")
        record = room.make(a)
        other = room.field("other")["sets"][0]
        seen = {"@": accepted(a.push(patch(record, other)))["seq"]}
        small, large = sorted((b, c), key=lambda phone: phone.replica)
        sets = room.field("latest")["sets"]
        writes = [(small, sets[0]), (large, sets[1])]
        for phone, value in reversed(writes) if reverse else writes:
            accepted(phone.push(patch(record, value, seen), at=0), clean=False)
        stands(a, record, sets[1])


@case
def M4_M5_the_later_stands_and_the_author_is_told(room: Room) -> None:
    """`latest`: an accepted write gives way to a later one, and its author alone gets a notice with value, field and
    who."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    one, two = room.field("latest")["sets"][:2]
    accepted(a.push(patch(record, one), at=a.clock() - 1_000))
    accepted(b.push(patch(record, two)))
    stands(b, record, two)
    told = notices(a, record)
    same(len(told), 1, "notices to the author of what gave way")
    field = next(iter(one))
    same(told[0].get("value"), one, "the notice's value")
    same(told[0].get("field"), field, "the notice's field")
    same(told[0].get("collection"), record["collection"], "the notice's collection")
    same(told[0].get("by"), b.signed["principal"]["name"], "who wrote the other")
    holds(isinstance(told[0].get("lost_at"), int), "lost_at in ms", told[0])
    same(notices(b, record), [], "notices to anybody else")


@case
def M4_M5_an_edit_that_arrives_too_late_is_overtaken(room: Room) -> None:
    """`latest`: an edit made before the one that stands is accepted, gives way, and says so in its outcome."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    one, two = room.field("latest")["sets"][:2]
    accepted(a.push(patch(record, one)))
    result = accepted(b.push(patch(record, two), at=b.clock() - 3_000), clean=False)
    wanted = [{"collection": record["collection"], "id": record["id"], "field": next(iter(two))}]
    same(result["overtaken"], wanted, "what was overtaken (W9)")
    stands(b, record, one)


@case
def M6_steps_must_be_legal(room: Room) -> None:
    """A step that the graph does not have is bad_step, at the op and with a message; legal ones follow each other."""
    a = room.phone("writer")
    said = room.field("steps")
    record = room.make(a)
    same(record["data"].get(said["field"]), said["start"], "the first value")
    for value in said["legal"]:
        accepted(a.push(patch(a.look(record["id"]), {said["field"]: value, **said["rest"]})))
    result = a.push(patch(a.look(record["id"]), {said["field"]: said["illegal"][1], **said["rest"]}))
    same(rejected(result, "bad_step").get("at", {}).get("op"), 0, "the op")


@case
def M7_of_two_steps_the_later_stands(room: Room) -> None:
    """Two concurrent legal steps: the later stands, the other is overtaken, whichever came first."""
    said = room.field("steps")
    first, second = ({said["field"]: value, **said["rest"]} for value in said["legal"][:2])
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    accepted(a.push(patch(record, first)))
    late = accepted(b.push(patch(record, second), at=b.clock() - 3_000), clean=False)
    same([lost["id"] for lost in late["overtaken"]], [record["id"]], "the step overtaken on arrival")
    stands(b, record, {said["field"]: said["legal"][0]})
    record = room.make(a)
    accepted(a.push(patch(record, first), at=a.clock() - 3_000))
    accepted(b.push(patch(record, second)))
    stands(b, record, {said["field"]: said["legal"][1]})
    same(len(notices(a, record)), 1, "notices to the author of the earlier step")


@case
def M7_the_same_step_twice_is_no_contradiction(room: Room) -> None:
    """Two phones that took the same step: accepted, and nothing is overtaken."""
    said = room.field("steps")
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    step = {said["field"]: said["legal"][0], **said["rest"]}
    accepted(a.push(patch(record, step)))
    accepted(b.push(patch(record, step)))
    same(notices(a, record), [], "notices")


@case
def M8_keep_both_asks_a_person(room: Room) -> None:
    """Two concurrent values: the first goes on standing, the other waits in a conflict that both sides see."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    one, two = room.field("keep_both")["sets"][:2]
    accepted(a.push(patch(record, one)))
    result = accepted(b.push(patch(record, two)), clean=False)
    stands(a, record, one)
    for phone in (a, b):
        shown = phone.look(result["conflicts"][0])["data"]
        same(
            sorted(str(side["value"]) for side in shown["sides"]), sorted((str(one), str(two))), "both values"
        )


@case
def M10_what_was_added_unseen_is_not_removed(room: Room) -> None:
    """`elements`: adds of two phones join, a removal takes what its base covers, and an add it did not see wins."""
    a, b = room.phones("writer", "tech")
    said = room.field("elements")
    blue, green, red = said["values"]
    record = room.make(a, said["kind"])
    accepted(a.push(patch(record, {said["field"]: {"add": [green, blue]}})))
    seen = b.look(record["id"])
    accepted(a.push(patch(seen, {said["field"]: {"remove": [green], "add": [blue]}})))
    accepted(b.push(patch(seen, {said["field"]: {"remove": [blue], "add": [red]}})))
    stands(a, record, {said["field"]: sorted([blue, red])})


@case
def M10_W19_removing_all_clears(room: Room) -> None:
    """A set from which all was removed is not in `data`; adding and removing one element in one op adds it."""
    a = room.phone("writer")
    said = room.field("elements")
    record = room.make(a, said["kind"])
    accepted(a.push(patch(record, {said["field"]: {"add": said["values"]}})))
    accepted(a.push(patch(a.look(record["id"]), {said["field"]: {"remove": said["values"]}})))
    holds(
        said["field"] not in a.look(record["id"])["data"], "an empty set to be absent", a.held[record["id"]]
    )


@case
def M11_the_greater_stands(room: Room) -> None:
    """`greatest`: of two concurrent values the larger stands in either order, and the other is overtaken."""
    a, b = room.phones("writer", "tech")
    said = room.field("greatest")
    low, mid, high = ({said["field"]: value} for value in said["values"])
    record = room.make(a, said["kind"])
    accepted(a.push(patch(record, mid)))
    late = accepted(b.push(patch(record, low)), clean=False)
    same(
        [lost["field"] for lost in late["overtaken"]], [said["field"]], "the smaller one overtaken on arrival"
    )
    accepted(b.push(patch(record, high), at=b.clock() - HOUR), clean=False)
    stands(a, record, high)


@case
def M12_the_first_stays(room: Room) -> None:
    """`first`: set once after the creation; another value is already_set, the same again is accepted."""
    a, b = room.phones("writer", "tech")
    said = room.field("first")
    order = room.make(a)
    record = room.make(a, said["kind"], order["id"])
    one, two = said["sets"]
    accepted(a.push(patch(record, one)))
    rejected(b.push(patch(record, two)), "already_set")
    accepted(b.push(patch(record, one)))
    stands(a, record, one)


@case
def M13_C14_the_servers_fields_are_its_own(room: Room) -> None:
    """A phone's write of a field of the server is forbidden and names it, in a create as in a patch."""
    a = room.phone("writer")
    values = room.field("server")["sets"][0]
    record = room.make(a)
    said = rejected(a.push(patch(record, values)), "forbidden")
    same(said.get("at"), {"op": 0, "field": next(iter(values))}, "where")
    rejected(a.push(room.op("top", **values)), "forbidden")


@case
def M14_stock_is_the_sum_of_movements(room: Room) -> None:
    """Two phones that take stock off line do not overwrite each other: their movements add up."""
    said = room.place.model["stock"]
    a, b = room.phones("parts", "parts")
    part = room.make(b, "stock")
    for phone in (a, b):
        values = {**said["set"], said["reference"]: part["id"]}
        accepted(
            phone.push({"op": "create", "collection": said["collection"], "id": new_id(), "set": values})
        )
    stands(a, part, {said["field"]: 2 * said["set"]["quantity_milli"]})
    rejected(b.push(patch(part, {said["field"]: 5})), "forbidden")


@case
def M15_the_records_own_rules(room: Room) -> None:
    """A change that breaks a rule of its record is rejected with the rule's name, and leaves nothing."""
    a = room.phone("writer")
    said = room.place.model["roles"]["rule"]
    record = room.make(a, said["kind"])
    result = a.push(patch(record, said["set"]))
    holds(str(result.get("code")).startswith("rule:"), "a code rule:<name>", result)
    same(a.look(record["id"])["vv"], record["vv"], "the record's vector")


def text_of_two(room: Room, *texts: str) -> tuple[list[Phone], dict[str, Any], list[dict[str, Any]]]:
    """A text that two phones changed without seeing each other: the phones, the record, the results of the two."""
    said = room.field("text")
    phones = room.phones("tech", "manager")
    record = room.make(phones[0], said["kind"], room.make(phones[0])["id"], **{said["field"]: texts[0]})
    writes = zip(phones, texts[1:], strict=True)
    results = [accepted(p.push(patch(record, {said["field"]: t})), clean=False) for p, t in writes]
    return phones, record, results


@case
def M9_two_words_in_one_place(room: Room) -> None:
    """`text`: where two phones changed the same words without seeing each other, a person decides: a conflict has both."""
    name = room.field("text")["field"]
    phones, _, results = text_of_two(room, "The pump leaks", "The pump drips", "The pump hisses")
    same(len(results[1]["conflicts"]), 1, "conflicts")
    sides = phones[1].look(results[1]["conflicts"][0])["data"]["sides"]
    same({side["value"][name] for side in sides}, {"The pump drips", "The pump hisses"}, "both texts")


@case
def M9_W9_different_words_are_merged(room: Room) -> None:
    """`text`: changes of different words become one text; who came later is told by `merged`, who came earlier by a
    notice."""
    name = room.field("text")["field"]
    phones, record, results = text_of_two(
        room, "The old pump leaks", "The new pump leaks", "The old pump drips"
    )
    stands(phones[0], record, {name: "The new pump drips"})
    wanted = [{"collection": record["collection"], "id": record["id"], "field": name}]
    same(
        (results[1]["conflicts"], results[1].get("merged")),
        ([], wanted),
        "conflicts and merged of the later one",
    )
    told = notices(phones[0], record)
    same(
        [(n.get("merged"), n.get("value")) for n in told],
        [(True, {name: "The new pump leaks"})],
        "the notice",
    )


@case
def M9_the_same_change_is_made_once(room: Room) -> None:
    """`text`: what both changed alike is changed once, and two insertions at one place become a conflict."""
    name = room.field("text")["field"]
    phones, record, results = text_of_two(room, "It leaks", "It drips", "It drips")
    same(results[1]["conflicts"], [], "conflicts of the same text twice")
    stands(phones[0], record, {name: "It drips"})
    _, _, results = text_of_two(room, "It leaks", "It leaks here", "It leaks there")
    same(len(results[1]["conflicts"]), 1, "conflicts of two insertions at one place")
