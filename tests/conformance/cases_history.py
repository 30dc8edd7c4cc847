"""C16 and C22 to C25: the history of a record, what was refused, and how that is settled."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tests.conformance.cases_wire import refused
from tests.conformance.client import Answer, Phone, create, new_id, patch
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, rejected, same


def history(phone: Phone, record: dict[str, Any], **more: Any) -> Answer:
    asked = urlencode({"collection": record["collection"], "id": record["id"], **more})
    return phone.door.send("GET", f"/api/history?{asked}", token=phone.token)


@case
def C17_C22_a_field_tells_its_history(room: Room) -> None:
    """Newest first: who wrote what, and what became of it: what stands, what was replaced, what waits as a side, and what
    was refused, with its code."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    sets = room.field("keep_both")["sets"]
    name = next(iter(sets[0]))
    accepted(a.push(patch(record, sets[0])))
    seen = b.look(record["id"])
    accepted(a.push(patch(a.look(record["id"]), sets[1])))
    accepted(b.push(patch(seen, sets[2])), clean=False)
    rejected(a.push(patch(record, {**sets[3], **room.field("server")["sets"][0]})), "forbidden")
    answer = history(a, record, field=name)
    same(answer.status, 200, "the status")
    told = [(e["became"], e["values"].get(name)) for e in answer["entries"]]
    wanted = [
        ("refused", sets[3][name]),
        ("side", sets[2][name]),
        ("stands", sets[1][name]),
        ("replaced", sets[0][name]),
    ]
    same(told[:4], wanted, "what became of each write, newest first")
    first = answer["entries"][0]
    same((first["code"], first["person"]), ("forbidden", a.me), "code and author")
    page = history(a, record, field=name, limit=2)
    rest = history(a, record, field=name, limit=2, before=page["next"])
    both = [e["changeset"] for e in (*page["entries"], *rest["entries"])]
    same(both, [e["changeset"] for e in answer["entries"][:4]], "two pages of two")


@case
def C23_who_may_not_read_is_told_gone(room: Room) -> None:
    """A history of what one may not see, of what was never there, and any for a customer is gone."""
    own = room.place.model["roles"]["own_only"]
    a, b, ada = room.phones(own["person"], own["other"], "ada")
    order = room.make(a)
    record = room.make(a, own["kind"], order["id"], **own["set"])
    same(history(a, record).status, 200, "the status for its owner")
    refused(history(b, record), 404, "gone")
    refused(history(b, {**order, "id": new_id()}), 404, "gone")
    hidden = next(iter(room.place.model["roles"]["unseen_field"]["set"]))
    refused(history(room.phone("tech"), order, field=hidden), 404, "gone")
    refused(history(ada, order), 404, "gone")


def parked(phone: Phone, **more: Any) -> Answer:
    return phone.door.send("GET", f"/api/parked?{urlencode({'limit': 50, **more})}", token=phone.token)


@case
def C16_C24_what_was_refused_is_kept(room: Room) -> None:
    """A refused changeset is listed whole for a manager, newest first, with who, why and its ops; for nobody else."""
    manager, a = room.phones("manager", "tech")
    record = room.make(a)
    op = patch(record, {**room.field("latest")["sets"][0], **room.field("server")["sets"][0]})
    rejected(a.push(op), "forbidden")
    answer = parked(manager)
    same(answer.status, 200, "the status")
    newest = answer["changes"][0]
    same((newest["code"], newest["person"]), ("forbidden", a.me), "code and author")
    same(newest["ops"][0]["set"], op["set"], "what was to be set")
    holds(parked(a).status in (403, 404), "a refusal to who runs no shop", parked(a).status)


@case
def C25_a_refusal_is_settled_once(room: Room) -> None:
    """A manager takes it over in one changeset with the edit, and it leaves the list; a second settling is `exists`."""
    manager, a = room.phones("manager", "tech")
    record = room.make(a)
    latest = room.field("latest")["sets"][0]
    rejected(a.push(patch(record, {**latest, **room.field("server")["sets"][0]})), "forbidden")
    key = parked(manager)["changes"][0]["key"]
    values = {"staff": a.me, "how": "taken_over"}
    rejected(manager.push(create("recovery", key, {**values, "how": "dismissed"})), "rule:reason_wanted")
    accepted(manager.push(create("recovery", key, values), patch(manager.look(record["id"]), latest)))
    rejected(manager.push(create("recovery", key, values)), "exists")
    same(
        key in [e["key"] for e in parked(manager)["changes"]],
        False,
        "the refusal in the list of what is open",
    )
    holds(key in [e["key"] for e in parked(manager, settled="true")["changes"]], "it in the list of all")
    holds(a.see(key) is not None, "the settling in its author's view")
