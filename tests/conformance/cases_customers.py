"""X: what a customer gets, and what in it moves when."""

from __future__ import annotations

import re
from typing import Any

from tests.conformance.client import Phone, create, new_id, patch
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, rejected, same

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def ada_and_her_order(room: Room) -> tuple[Phone, Phone, dict[str, Any]]:
    """A writer, a customer, and a work order of that customer that both hold."""
    writer, ada = room.phone("writer"), room.phone("ada")
    order = room.make(writer)
    ada.look(order["id"])
    return writer, ada, order


@case
def X1_an_allow_list_of_fields(room: Room) -> None:
    """A customer gets their own records with the fields that are for them, and no other collection or field."""
    writer, ada, order = ada_and_her_order(room)
    room.make(writer, "note", order["id"])
    room.make(writer, "child", order["id"])
    room.make(writer, "line", order["id"], cost_cents=5)
    accepted(writer.push(patch(writer.look(order["id"]), room.place.model["customer_unseen"]["set"])))
    ada.pull()
    allowed = room.place.model["customer"]
    for record in ada.held.values():
        fields = allowed.get(record["collection"])
        holds(fields is not None, "a collection that is for customers", record["collection"])
        same(
            set(record["data"]) - set(fields or ()),
            set(),
            f"fields of {record['collection']} not for customers",
        )


@case
def X1_another_customers_work_is_not_there(room: Room) -> None:
    """One customer never gets what is another's."""
    writer, ada, _ = ada_and_her_order(room)
    bob = room.place.shop("first")["customers"]["bob"]["id"]
    theirs = room.make(writer, **{room.place.model["customer_owner"]: bob})
    same(ada.see(theirs["id"]), None, "another customer's work order")
    same(bob in ada.held, False, "the other customer's own record")


@case
def X2_no_internal_ids(room: Room) -> None:
    """No id of staff, and no name of a device but the customer's own, is anywhere in what a customer gets."""
    writer, ada, order = ada_and_her_order(room)
    accepted(writer.push(patch(writer.look(order["id"]), {"assignee": writer.me})))
    answer = ada.sync(cursor=None)
    staff = {r["id"] for r in writer.all(room.place.model["staff"]["collection"])} | {writer.me}
    same(staff & set(UUID.findall(answer.text)), set(), "ids of staff")
    devices = set(re.findall(r"\br[a-z2-7]{12}\b", answer.text)) - {ada.replica}
    same(writer.replica in devices, False, "the name of the writer's device")


@case
def X3_their_own_count(room: Room) -> None:
    """Vectors have @ alone; what they may not see moves nothing, and what they may moves @ by the count of their view."""
    writer, ada, order = ada_and_her_order(room)
    before = dict(ada.held)
    for record in before.values():
        same(set(record["vv"]), {"@"}, "entries of a customer's vector")
    cursor = ada.sync()["cursor"]
    accepted(writer.push(patch(writer.look(order["id"]), room.place.model["customer_unseen"]["set"])))
    room.make(writer, "note", order["id"])
    answer = ada.sync(cursor=cursor)
    same(answer["records"], [], "records that came after an internal change")
    highest = max(r["vv"]["@"] for r in before.values())
    accepted(writer.push(patch(writer.look(order["id"]), room.place.model["customer_seen"]["set"])))
    at = ada.look(order["id"])["vv"]["@"]
    same(at, highest + 1, "the @ after one visible change")
    holds(at < writer.held[order["id"]]["vv"]["@"] or highest < 5, "a count that is not the shop's seq", at)


@case
def X4_nothing_of_the_shops_seq(room: Room) -> None:
    """A customer's outcomes have no seq."""
    _, ada, order = ada_and_her_order(room)
    result = ada.sync(ada.changeset())["results"][0]
    same("seq" in result, False, "a seq in an accepted outcome")
    answer = ada.sync(ada.changeset(patch(order, {"complaint": "x"})))
    same("seq" in answer["results"][0], False, "a seq in a rejected outcome")


@case
def X6_what_customers_may_not_write(room: Room) -> None:
    """A customer's create or patch of anything of the shop's is forbidden, another's record no less than an unknown."""
    writer, ada, order = ada_and_her_order(room)
    bob = room.place.shop("first")["customers"]["bob"]["id"]
    theirs = room.make(writer, **{room.place.model["customer_owner"]: bob})
    for target in (order, theirs, {**order, "id": new_id()}):
        rejected(ada.push(patch({**target, "vv": {}}, {"complaint": "Mine"})), "forbidden")
    rejected(ada.push(create("note", new_id(), {"work_order": order["id"], "text": "Hello"})), "forbidden")


@case
def X7_the_value_that_stands(room: Room) -> None:
    """While staff have a conflict about a field, the customer sees the value that stands, and no conflict."""
    writer, ada, order = ada_and_her_order(room)
    tech = room.phone("tech")
    field = next(iter(room.place.model["customer_seen"]["set"]))
    accepted(writer.push(patch(order, {field: "It hums"})))
    opened = accepted(tech.push(patch(order, {field: "It howls"})), clean=False)["conflicts"]
    same(ada.look(order["id"])["data"].get(field), "It hums", "what the customer sees")
    same(opened[0] in ada.held, False, "the conflict among the customer's records")


@case
def P13_X1_what_changes_hands(room: Room) -> None:
    """A work order that becomes another customer's leaves one view and enters the other, each with its children."""
    writer, ada, order = ada_and_her_order(room)
    bob = room.phone("bob")
    line = room.make(writer, "line", order["id"])
    ada.look(line["id"])
    owner = {room.place.model["customer_owner"]: bob.me}
    accepted(writer.push(patch(writer.look(order["id"]), owner)))
    gone = {r["id"] for r in ada.pull() if r.get("gone")}
    same({order["id"], line["id"]} - gone, set(), "what was not sent gone to the former customer")
    bob.pull()
    same({order["id"], line["id"]} - set(bob.held), set(), "what the new customer did not get")
