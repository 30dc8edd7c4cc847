"""M16 to M27: conflicts as records, what closes them, deletes, and what may not be."""

from __future__ import annotations

from typing import Any

from tests.conformance.client import Phone, delete, new_id, now_ms, patch
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, rejected, same


def in_conflict(room: Room, *phones: Phone) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record in which each phone wrote another value without seeing the others, and the (last) conflict."""
    record = room.make(phones[0])
    sets = room.field("keep_both")["sets"]
    conflicts: list[str] = []
    for phone, value in zip(phones, sets, strict=False):
        conflicts += accepted(phone.push(patch(record, value)), clean=False)["conflicts"]
    holds(len(conflicts) == len(phones) - 1, f"{len(phones) - 1} conflicts", conflicts)
    return record, phones[0].look(conflicts[-1])


@case
def M16_a_conflict_is_a_record(room: Room) -> None:
    """It names collection, record, field and root, is open, and has the sides: the standing one first, each with its
    author."""
    a, b = room.phones("writer", "tech")
    record, conflict = in_conflict(room, a, b)
    one, two = room.field("keep_both")["sets"][:2]
    data = conflict["data"]
    same(conflict["collection"], "conflict", "its collection")
    named = {name: data.get(name) for name in ("collection", "record", "field", "root", "open")}
    wanted = {
        "collection": record["collection"], "record": record["id"], "field": next(iter(one)),
        "root": record["id"], "open": True,
    }  # fmt: skip
    same(named, wanted, "what it says")
    same([side["value"] for side in data["sides"]], [one, two], "the sides, the standing one first")
    same([side.get("stands", False) for side in data["sides"]], [True, False], "which stands")
    same([side["person"] for side in data["sides"]], [a.me, b.me], "who wrote them")
    same([side["device"] for side in data["sides"]], [a.replica, b.replica], "on which device")
    same(
        [side["person_name"] for side in data["sides"]],
        [p.signed["principal"]["name"] for p in (a, b)],
        "names",
    )
    holds(all(abs(now_ms() - side["time"]) < 600_000 for side in data["sides"]), "times in ms", data["sides"])


@case
def M16_W9_the_outcome_names_it(room: Room) -> None:
    """`conflicts` of the outcome has the id of the conflict record that it opened, and nobody may write that record."""
    a, b = room.phones("writer", "tech")
    _, conflict = in_conflict(room, a, b)
    rejected(a.push(patch(conflict, {"open": False})), "forbidden")


@case
def M17_opening_and_closing_stamp_the_record(room: Room) -> None:
    """The record gets a new @ when a conflict of it opens and when it closes, so that its vector covers both sides."""
    a, b = room.phones("writer", "tech")
    record, conflict = in_conflict(room, a, b)
    opened = a.look(record["id"])["vv"]["@"]
    same(opened, conflict["vv"]["@"], "the @ of the record and of its conflict")
    result = accepted(a.push(patch(a.held[record["id"]], room.field("keep_both")["sets"][2])))
    same(a.look(record["id"])["vv"]["@"], result["seq"], "the record's @ after it closed")
    same(a.look(conflict["id"])["data"].get("open"), False, "open")


@case
def M18_who_saw_both_sides_settles(room: Room) -> None:
    """A write over both sides closes the conflict, be it one side, the other or a third value."""
    a, b = room.phones("writer", "tech")
    for value in room.field("keep_both")["sets"][:3]:
        record, conflict = in_conflict(room, a, b)
        accepted(b.push(patch(b.look(record["id"]), value)))
        same(b.look(conflict["id"])["data"].get("open"), False, f"open after {value}")
        holds(
            value.items() <= b.held[record["id"]]["data"].items(), f"{value} to stand", b.held[record["id"]]
        )


@case
def M18_who_saw_one_side_does_not(room: Room) -> None:
    """A write that covers only the standing value leaves the other side open."""
    a, b, c = room.phones("writer", "tech", "tech2")
    record, conflict = in_conflict(room, a, b)
    base = {"@": record["vv"]["@"], a.replica: a.n}
    accepted(c.push(patch(record, room.field("keep_both")["sets"][2], base)), clean=False)
    same(c.look(conflict["id"])["data"].get("open"), True, "open")


@case
def M19_equal_values_close(room: Room) -> None:
    """A side that comes to say what stands closes its conflict."""
    a, b = room.phones("writer", "tech")
    record, conflict = in_conflict(room, a, b)
    accepted(b.push(patch(record, room.field("keep_both")["sets"][0])))
    same(b.look(conflict["id"])["data"].get("open"), False, "open")


@case
def M20_a_replica_has_one_side(room: Room) -> None:
    """A newer unseen write of the same replica replaces its side in the same conflict."""
    a, b = room.phones("writer", "tech")
    record, conflict = in_conflict(room, a, b)
    sets = room.field("keep_both")["sets"]
    result = accepted(b.push(patch(record, sets[2])), clean=False)
    same(result["conflicts"], [conflict["id"]], "the conflict it belongs to")
    sides = [side["value"] for side in b.look(conflict["id"])["data"]["sides"]]
    same(sides, [sets[0], sets[2]], "the sides")


@case
def M20_each_replica_has_its_own(room: Room) -> None:
    """Three that did not see each other make two conflicts of one field; the same value again joins the one there is."""
    a, b, c = room.phones("writer", "tech", "tech2")
    record, _ = in_conflict(room, a, b, c)
    a.pull()
    found = [x for x in a.all("conflict") if x["data"]["record"] == record["id"] and x["data"]["open"]]
    same(len(found), 2, "open conflicts")
    record, conflict = in_conflict(room, a, b)
    joined = accepted(c.push(patch(record, room.field("keep_both")["sets"][1])), clean=False)
    same(joined["conflicts"], [conflict["id"]], "the conflict that says the same")


@case
def M21_a_record_in_conflict_stays(room: Room) -> None:
    """The record and its open conflict are in the view of who signs in afresh."""
    a, b = room.phones("writer", "tech")
    record, conflict = in_conflict(room, a, b)
    new = room.fresh("tech")
    new.pull()
    holds(record["id"] in new.held and conflict["id"] in new.held, "both in a fresh view")


@case
def M22_a_delete_must_have_seen_everything(room: Room) -> None:
    """A delete over less than all that stands is unseen; over all it is accepted, and the record goes."""
    a, b = room.phones("writer", "tech")
    order = room.make(a)
    record = room.make(a, "child", order["id"])
    accepted(b.push(patch(b.look(record["id"]), {room.field("integer")["field"]: 7})))
    rejected(a.push(delete(record)), "unseen")
    accepted(a.push(delete(a.look(record["id"]))))
    for phone in (a, b):
        same(phone.see(record["id"]), None, "the deleted record")


@case
def M22_a_delete_closes_conflicts(room: Room) -> None:
    """A delete that covers the open sides too is accepted and closes their conflict; one that does not is unseen."""
    a, b = room.phones("writer", "tech")
    order = room.make(a)
    record = room.make(a, "child", order["id"])
    field = room.field("required")["field"]
    accepted(a.push(patch(record, {field: "One"})))
    opened = accepted(b.push(patch(record, {field: "Two"})), clean=False)["conflicts"][0]
    rejected(a.push(delete(record, {"@": record["vv"]["@"], a.replica: a.n})), "unseen")
    accepted(a.push(delete(a.look(record["id"]))))
    shown = a.see(opened)
    holds(shown is None or shown["data"]["open"] is False, "the conflict closed or gone", shown)


@case
def M23_children_go_with_their_parent(room: Room) -> None:
    """A parent with living children is not deleted alone: has_children. (Where the model lets parents be deleted.)"""
    a = room.phone("writer")
    order = room.make(a)
    room.make(a, "child", order["id"])
    result = a.push(delete(a.look(order["id"])))
    holds(
        result.get("code") in ("has_children", "forbidden"),
        "has_children, or forbidden where nobody may",
        result,
    )


@case
def M24_what_is_not_there_is_gone(room: Room) -> None:
    """A patch or delete of an id that was never used, of a deleted record or under another collection is gone, and
    makes nothing."""
    a = room.phone("writer")
    order = room.make(a)
    record = room.make(a, "child", order["id"])
    accepted(a.push(delete(record)))
    value = {room.field("integer")["field"]: 1}
    unknown = {**record, "id": new_id(), "vv": {}}
    wrong = {**order, "collection": record["collection"]}
    for target in (record, unknown, wrong):
        rejected(a.push(patch(target, value)), "gone")
        rejected(a.push(delete(target)), "gone")
    same(a.see(unknown["id"]), None, "the id that was never created")


@case
def M24_C19_another_shops_record_is_gone(room: Room) -> None:
    """A record of another shop is gone to everybody here, and never forbidden."""
    a, other = room.phone("writer"), room.phone("admin", "second")
    theirs = other.push(room.op("person", name="Of another shop"))
    accepted(theirs)
    id_ = next(
        r["id"] for r in other.pull() if r["collection"] == room.place.model["kinds"]["person"]["collection"]
    )
    record = other.look(id_)
    rejected(a.push(patch({**record, "vv": {}}, {"name": "Mine"})), "gone")
    rejected(a.push(room.op("top", customer=id_)), "missing_parent")
    same(other.look(id_)["data"]["name"], "Of another shop", "the other shop's record")


@case
def M25_ids_are_used_once(room: Room) -> None:
    """A create of an id that exists, or that was deleted, is `exists`."""
    a = room.phone("writer")
    order = room.make(a)
    op = room.op("child", order["id"])
    accepted(a.push(op))
    rejected(a.push(op), "exists")
    accepted(a.push(delete(a.look(op["id"]))))
    rejected(a.push(op), "exists")


@case
def M26_parents_must_be_there(room: Room) -> None:
    """A child of an unknown parent is missing_parent; with its parent it may come in one changeset, in any order."""
    a = room.phone("writer")
    said = rejected(a.push(room.op("child", new_id())), "missing_parent")
    same(said["at"]["op"], 0, "the op")
    parent = room.op("top")
    child = room.op("child", parent["id"])
    accepted(a.push(child, parent))
    same(a.look(child["id"])["data"].get("work_order", parent["id"]), parent["id"], "the child's parent")
