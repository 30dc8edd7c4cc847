"""F, D and R as far as a server can be asked: gaps, forks, devices that may no longer, epochs."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases_wire import refused
from tests.conformance.client import Answer, patch
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, rejected, same


@case
def F1_F2_a_hole_is_a_gap(room: Room) -> None:
    """A push that begins above the next number is 409 gap with `expected`; nothing of it is judged, and from there it
    goes on."""
    a = room.phone("writer")
    op = room.op("top")
    n = a.n
    answer = a.sent(a.request([a.changeset(op, n=n + 3)]))
    same(refused(answer, 409, "gap").get("expected"), n + 1, "expected")
    same(a.sync()["applied"], n, "applied")
    same(a.see(op["id"]), None, "the record that waits behind the gap")
    results = a.sync(*[a.changeset(room.op("top"), n=n + 1 + place) for place in range(3)])["results"]
    same([r["n"] for r in results], [n + 1, n + 2, n + 3], "numbers after it was filled")


@case
def F3_a_fork_gets_another_name(room: Room) -> None:
    """The same number with other content: 409 forked with that n, the results before it and a new replica; nothing from
    the fork on is judged."""
    a = room.fresh("writer")
    sent = [a.changeset(room.op("top"), n=place + 1) for place in range(2)]
    first = a.sync(*sent)["results"]
    op = room.op("top")
    answer = a.sent(a.request([sent[0], a.changeset(op, n=2), a.changeset(room.op("top"), n=3)]))
    body = refused(answer, 409, "forked")
    same((body["n"], body["results"]), (2, first[:1]), "the n of the fork and the results before it")
    holds(body["replica"] != a.replica, "a new replica", body["replica"])
    same(a.sync(cursor=None)["applied"], 2, "applied of the old name")
    same(a.see(op["id"]), None, "the forked record")


@case
def F3_F7_the_new_name_is_good(room: Room) -> None:
    """The forked phone goes on under the name it was given, in the same session, from 1; the other half keeps its own."""
    a = room.fresh("writer")
    accepted(a.push(room.op("top")))
    body = refused(a.sent(a.request([a.changeset(room.op("top"), n=1)])), 409, "forked")
    old = a.replica
    a.replica, a.n, a.cursor = body["replica"], 0, None
    accepted(a.push(room.op("top")))
    a.replica, a.n = old, 1
    same(accepted(a.push(room.op("top")))["n"], 2, "the next number under the old name")


@case
def F7_in_nobody_elses_name(room: Room) -> None:
    """A sync that names another person's replica, or one that never was, is 403 and changes nothing."""
    a, b = room.fresh("writer"), room.phone("tech")
    op = room.op("top")
    for name in (b.replica, "raaaaaaaaaaaa"):
        request = {**a.request([a.changeset(op, n=b.n + 1)]), "replica": name}
        refused(a.sent(request), 403, "forbidden")
    n = b.n
    same(b.sync()["applied"], n, "applied of the replica that was named")
    same(b.see(op["id"]), None, "the record")


@case
def R4_numbers_go_on_after_signing_in_again(room: Room) -> None:
    """After the session ended the same person's device signs in with its replica and goes on with its numbers."""
    a = room.fresh("writer")
    record = room.make(a)
    a.door.send("DELETE", "/api/session", token=a.token)
    again = room.fresh("writer", replica=a.replica)
    same(again.sync(limit=1)["applied"], a.n, "applied")
    accepted(again.push(patch(record, room.field("latest")["sets"][0])))


@case
def R6_W14_a_revoked_device_is_heard_and_wiped(room: Room) -> None:
    """403 with wipe and results: all it hands over is stored as forbidden, nothing is applied, nothing is read."""
    admin, a = room.phone("admin"), room.fresh("tech")
    a.sync(limit=1)
    same(admin.door.send("DELETE", f"/api/devices/{a.replica}", token=admin.token).status, 204, "revoking")
    op = room.op("top")
    sent = a.changeset(op)
    body = wiped(a.sync(sent))
    rejected(body["results"][0], "forbidden")
    holds("records" not in body, "no records", list(body))
    same(wiped(a.sync(sent))["results"], body["results"], "the results of the same again")
    same(admin.see(op["id"]), None, "the record")


def wiped(answer: Answer) -> dict[str, Any]:
    """The answer to a device that may no longer."""
    body: dict[str, Any] = answer.body
    same(
        (answer.status, body.get("code"), body.get("wipe")), (403, "forbidden", True), "status, code and wipe"
    )
    holds(isinstance(body.get("results"), list), "results", body)
    return body


@case
def R5_an_inactive_person_is_out(room: Room) -> None:
    """A person made inactive is treated as revoked from that commit on, on every device, and cannot sign in; made active
    again, they can."""
    said = room.place.model["staff"]
    admin, spare, second = room.phone("admin"), room.fresh("spare"), room.fresh("spare")
    spare.sync(limit=1)
    accepted(admin.push(patch(admin.look(spare.me), {said["active"]: False})))
    try:
        for phone in (spare, second):
            answer = phone.sync(phone.changeset(room.op("top")))
            rejected(wiped(answer)["results"][0], "forbidden")
        same(room.sign_in("spare").status, 401, "signing in while inactive")
    finally:
        accepted(admin.push(patch(admin.look(spare.me), {said["active"]: True})))
    same(room.sign_in("spare").status, 201, "signing in when active again")


@case
def R8_durable_is_given(room: Room) -> None:
    """`durable` comes with each answer, is never above `applied`, and never goes back."""
    a = room.phone("writer")
    seen = -1
    for _ in range(3):
        accepted(a.push(room.op("top")))
        answer = a.sync()
        holds(
            seen <= answer["durable"] <= answer["applied"],
            "durable between what it was and applied",
            answer.text[-200:],
        )
        seen = answer["durable"]


@case
def R10_W14_another_epoch(room: Room) -> None:
    """A request that names another epoch is 409 epoch with the epoch there is; nothing of it is judged."""
    a = room.phone("writer")
    op, n = room.op("top"), a.n
    answer = a.sent({**a.request([a.changeset(op)]), "epoch": "notthisone"})
    body = refused(answer, 409, "epoch")
    same(body.get("epoch"), a.epoch, "the epoch there is")
    same(a.sync()["applied"], n, "applied")
    same(a.see(op["id"]), None, "the record")
