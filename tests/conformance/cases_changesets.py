"""C: changesets whole or absent, their numbers, and the outcomes that are stored."""

from __future__ import annotations

import threading

from tests.conformance.client import Phone, create, new_id, now_ms, patch
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, rejected, same


@case
def C1_C11_whole_or_absent(room: Room) -> None:
    """One op that may not be rejects the whole changeset, with code, message, op and field; nothing of it is there."""
    a = room.phone("writer")
    record = room.make(a)
    new, values = room.op("top"), room.field("server")["sets"][0]
    result = rejected(
        a.push(new, patch(record, room.field("latest")["sets"][0]), patch(record, values)), "forbidden"
    )
    same(result.get("at"), {"op": 2, "field": next(iter(values))}, "where the trouble is")
    same(a.see(new["id"]), None, "the record that the same changeset would have made")
    same(a.held[record["id"]]["vv"], record["vv"], "the record's vector")


@case
def C1_one_changeset_is_seen_at_once(room: Room) -> None:
    """What one changeset did has one seq in every record, and comes in one pull."""
    a, b = room.phones("writer", "tech")
    parent = room.op("top")
    ops = [parent, *(room.op("child", parent["id"]) for _ in range(3))]
    seq = accepted(a.push(*ops))["seq"]
    came = {r["id"]: r for r in b.pull()}
    same({came[op["id"]]["vv"]["@"] for op in ops}, {seq}, "the @ of all its records")


@case
def C3_every_changeset_has_its_own_seq(room: Room) -> None:
    """Each accepted changeset of a request has a seq of its own, in the order of n, above all that were before."""
    a = room.phone("writer")
    before = accepted(a.push(room.op("top")))["seq"]
    seqs = [accepted(result)["seq"] for result in a.pushes([[room.op("top")] for _ in range(5)])]
    same(seqs, sorted(set(seqs)), "seqs in order, each once")
    holds(seqs[0] > before, f"seqs above {before}", seqs)


@case
def C4_C12_one_bad_changeset_blocks_no_other(room: Room) -> None:
    """In one request the good are accepted and the bad rejected, each uses up its number."""
    a = room.phone("writer")
    record, first = room.make(a), a.n + 1
    ops = [[room.op("top")], [patch(record, room.field("server")["sets"][0])], [room.op("top")]]
    results = a.pushes(ops)
    same([r["outcome"] for r in results], ["accepted", "rejected", "accepted"], "outcomes")
    same([r["n"] for r in results], [first, first + 1, first + 2], "numbers")
    same(a.n, first + 2, "applied")


@case
def C6_no_reader_misses_a_commit(room: Room) -> None:
    """While four phones write at once, a reader that pulls again and again has at the end everything, without a reset."""
    reader, writers = room.phone("writer"), [room.phone("tech") for _ in range(4)]
    made: list[str] = []

    def write(phone: Phone) -> None:
        for _ in range(6):
            op = room.op("top")
            if phone.push(op).get("outcome") == "accepted":
                made.append(op["id"])

    threads = [threading.Thread(target=write, args=(phone,)) for phone in writers]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        reader.pull(limit=3)
    reader.pull(limit=3)
    same(len(made), 24, "writes accepted")
    same([id_ for id_ in made if id_ not in reader.held], [], "what the reader missed")


@case
def C8_the_digest_leaves_out_number_and_bases(room: Room) -> None:
    """The same changeset with another base is the same; with another `at` it is another (a fork)."""
    a = room.fresh("writer")
    record = room.make(a)
    sent = a.changeset(patch(record, room.field("latest")["sets"][0]))
    first = a.sync(sent)["results"][0]
    op = {**sent["ops"][0], "base": {"@": 1}}
    again = a.sync({**sent, "ops": [op]})
    same(again.status, 200, "the status of the same content over another base")
    same(again["results"], [first], "the stored outcome")
    other = a.sync({**sent, "at": sent["at"] - 1})
    same((other.status, other["code"]), (409, "forked"), "another content under the same number")


@case
def C9_a_retry_has_no_second_effect(room: Room) -> None:
    """The same request again: the same outcomes, the same seqs, and the records as they were."""
    a = room.phone("writer")
    op = room.op("top")
    sent = [a.changeset(op), a.changeset(room.op("child", op["id"]), n=a.n + 2)]
    first = a.sync(*sent)
    before = a.look(op["id"])
    again = a.sync(*sent)
    same(again.status, 200, "the status")
    same(again["results"], first["results"], "the outcomes")
    same(a.look(op["id"]), before, "the record")


@case
def C9_a_stored_rejection_stays(room: Room) -> None:
    """A rejected changeset that comes again is rejected with the same words, though it would be accepted by now."""
    a = room.phone("writer")
    parent = room.op("top")
    sent = a.changeset(room.op("child", parent["id"]))
    first = a.sync(sent)["results"][0]
    rejected(first, "missing_parent")
    accepted(a.push(parent))
    same(a.sync(sent)["results"], [first], "the stored outcome")


@case
def C10_an_id_is_judged_once(room: Room) -> None:
    """The same changeset under another number, of this phone or of another of the same person, gets the first outcome
    and has no second effect; the same id with other content is invalid."""
    a, b = room.phones("writer", "writer")
    record = room.make(a)
    sent = a.changeset(patch(record, room.field("latest")["sets"][0]))
    first = a.sync(sent)["results"][0]
    before = a.look(record["id"])
    for phone in (a, b):
        result = phone.sync({**sent, "n": phone.n + 1})["results"][0]
        same({**result, "n": 0}, {**first, "n": 0}, "the first outcome")
    same(a.look(record["id"])["data"], before["data"], "the record")
    accepted(b.push(room.op("top")))  # What comes after a second dot is judged as ever.
    result = a.sync({**sent, "n": a.n + 1, "at": sent["at"] - 1})["results"][0]
    rejected(result, "invalid")


@case
def C14_too_large_a_changeset(room: Room) -> None:
    """A changeset above 256 KiB is rejected too_large, by itself."""
    a = room.phone("writer")
    record = room.make(a)
    field = next(iter(room.field("keep_both")["sets"][0]))
    much = [patch(record, {field: "x" * 19_000}) for _ in range(14)]
    results = a.sync(a.changeset(*much), a.changeset(room.op("top"), n=a.n + 2))["results"]
    rejected(results[0], "too_large")
    accepted(results[1])


@case
def C14_invalid_and_forbidden(room: Room) -> None:
    """An unknown collection or field, a value of the wrong type or too long is invalid; what one sees and may not write
    is forbidden."""
    a, tech = room.phones("writer", "tech")
    record = room.make(a)
    rejected(a.push(create("no_such_thing", new_id(), {})), "invalid")
    rejected(a.push(patch(record, {"no_such_field": 1})), "invalid")
    field = next(iter(room.field("keep_both")["sets"][0]))
    rejected(a.push(patch(record, {field: 7})), "invalid")
    rejected(a.push(patch(record, {field: "x" * 20_001})), "invalid")
    roles = room.place.model["roles"]
    said = roles["unwritable_field"]
    rejected(tech.push(patch(record, said["set"])), "forbidden")
    said = roles["unwritable_op"]
    line = room.make(a, said["kind"], record["id"])
    rejected(
        tech.push({"op": said["op"], "collection": line["collection"], "id": line["id"], "base": line["vv"]}),
        "forbidden",
    )
    rejected(tech.push(patch(record, roles["unseen_field"]["set"])), "forbidden")


@case
def C14_a_required_field(room: Room) -> None:
    """A create without a field that the collection never goes without is invalid and names it."""
    a = room.phone("writer")
    order, name = room.make(a), room.field("required")["field"]
    op = room.op(room.field("required")["kind"], order["id"])
    del op["set"][name]
    same(rejected(a.push(op), "invalid").get("at"), {"op": 0, "field": name}, "where")


@case
def C15_what_builds_on_a_refused_change(room: Room) -> None:
    """An edit whose base names an own refused one of the same field is blocked_by, and so is a child of a refused
    create; another field goes through."""
    a = room.phone("writer")
    record = room.make(a)
    latest, other = room.field("latest")["sets"][0], room.field("other")["sets"][0]
    n = a.n + 1
    results = a.pushes(
        [
            [patch(record, {**latest, **room.field("server")["sets"][0]})],
            [patch(record, latest, {**record["vv"], a.replica: n})],
            [patch(record, other, {**record["vv"], a.replica: n})],
        ]
    )
    rejected(results[0], "forbidden")
    rejected(results[1], "blocked_by")
    accepted(results[2])
    parent = room.op("top", **room.field("server")["sets"][0])
    results = a.pushes([[parent], [room.op("child", parent["id"])]])
    rejected(results[0], "forbidden")
    rejected(results[1], "blocked_by")


@case
def C19_rights_are_those_of_the_arrival(room: Room) -> None:
    """An edit made while one had the right is refused when the role has gone, and accepted when it has come back."""
    said = room.place.model["staff"]
    admin, spare = room.phone("admin"), room.fresh("spare")
    who = admin.look(spare.me)
    before, other = (
        who["data"][said["role"]],
        next(r for r in said["roles"] if r != who["data"][said["role"]]),
    )
    op = room.op("top")
    accepted(admin.push(patch(who, {said["role"]: other})))
    try:
        made_before = spare.push(op, at=now_ms() - 60_000)
        rejected(made_before, "forbidden")
    finally:
        accepted(admin.push(patch(admin.look(spare.me), {said["role"]: before})))
    accepted(spare.push(room.op("top")))


@case
def C20_measured_instants_move_with_the_clock(room: Room) -> None:
    """An instant that a phone measured is shifted as the time of the edit is: a clock two hours fast does no harm."""
    a = room.phone("writer")
    said = room.field("measured")
    order = room.make(a)
    record = room.make(a, said["kind"], order["id"])
    real = now_ms() - 10_000
    a.skew = 7_200_000
    accepted(a.push(patch(record, {**said["rest"], said["field"]: real + a.skew})))
    stored = a.look(record["id"])["data"][said["field"]]
    holds(abs(stored - real) < 5_000, f"about {real}", stored)


@case
def C20_an_instant_said_again_does_not_move(room: Room) -> None:
    """A group written whole that only says again the instant that stands does not move it."""
    a = room.phone("writer")
    said = room.field("measured")
    order = room.make(a)
    record = room.make(a, said["kind"], order["id"])
    accepted(a.push(patch(record, {**said["rest"], said["field"]: now_ms()})))
    seen = a.look(record["id"])
    a.skew = 7_200_000
    again = {**said["rest"], said["field"]: seen["data"][said["field"]]}
    accepted(a.push(patch(seen, again)))
    same(a.look(record["id"])["data"][said["field"]], seen["data"][said["field"]], "the instant")
