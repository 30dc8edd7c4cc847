"""W: the form of requests and answers, their limits, and what answers a whole request."""

from __future__ import annotations

import gzip
import json
from typing import Any

from tests.conformance.client import Answer, Phone, new_id, now_ms, patch
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, rejected, same


def refused(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """An answer for a whole request, in the form of every error (W13)."""
    same((answer.status, (answer.body or {}).get("code")), (status, code), "status and code")
    holds(
        {"code", "message", "at", "request"} <= set(answer.body),
        "code, message, at and request (W13)",
        answer.body,
    )
    body: dict[str, Any] = answer.body
    return body


@case
def W1_W4_one_round_trip(room: Room) -> None:
    """POST /api/sync answers JSON with no-store, has every member of W4, and an own write comes in the same answer."""
    a = room.phone("writer")
    op = room.op("top")
    answer = a.sync(a.changeset(op))
    same(answer.status, 200, "the status")
    same(answer.headers.get("cache-control"), "no-store", "Cache-Control")
    holds(answer.headers.get("content-type", "").startswith("application/json"), "JSON", answer.headers)
    wanted = {"results", "records", "cursor", "more", "reset", "applied", "durable", "epoch", "now"}
    same(wanted - set(answer.body), set(), "members that are missing")
    holds(
        op["id"] in {r["id"] for r in answer["records"]}, "the own write among the records", answer["records"]
    )


@case
def W1_gzip_both_ways(room: Room) -> None:
    """A request packed with gzip is read, and an answer is packed for who asks for it."""
    a = room.phone("writer")
    raw = gzip.compress(json.dumps(a.request([a.changeset(room.op("top"))], cursor=None)).encode())
    answer = a.sent(raw, Content_Encoding="gzip", Accept_Encoding="gzip")
    same(answer.status, 200, "the status")
    accepted(answer["results"][0])
    same(answer.headers.get("content-encoding"), "gzip", "Content-Encoding of a long answer")
    refused(a.sent(b"\x1f\x8bnot gzip", Content_Encoding="gzip"), 400, "invalid")


@case
def W2_numbers_within_two_to_the_53(room: Room) -> None:
    """Integers up to ±(2^53 − 1) come back as they were; beyond, and fractions, are invalid."""
    a = room.phone("writer")
    order, said = room.make(a), room.field("integer")
    record = room.make(a, said["kind"], order["id"])
    for value in (2**53 - 1, -(2**53 - 1), 0):
        accepted(a.push(patch(a.look(record["id"]), {said["field"]: value})))
        same(a.look(record["id"])["data"].get(said["field"]), value, "the number")
    for value in (2**53, -(2**53), 1.5, 1e3, 10**30):
        rejected(a.push(patch(a.look(record["id"]), {said["field"]: value})), "invalid")


@case
def W3_members_of_a_request(room: Room) -> None:
    """A request with a member missing or of another type is 400 invalid and changes nothing."""
    a = room.phone("writer")
    op = room.op("top")
    good = a.request([a.changeset(op)])
    for name in ("protocol", "schema", "epoch", "replica", "confirmed", "sent", "limit"):
        refused(a.sent({k: v for k, v in good.items() if k != name}), 400, "invalid")
    wrong = {
        "protocol": 99, "epoch": 5, "replica": "me", "confirmed": -1, "sent": "now", "cursor": 7, "limit": -1,
        "verify": "yes", "changesets": {},
    }  # fmt: skip
    for name, value in wrong.items():
        refused(a.sent({**good, name: value}), 400, "invalid")
    for body in ("", "{", "[]", "null", '"text"', b"\xff\xfe"):
        refused(a.sent(body), 400, "invalid")
    same(a.see(op["id"]), None, "what the unreadable requests would have made")


@case
def W5_confirmed_may_be_anything_known(room: Room) -> None:
    """`confirmed` beneath or above what was answered is no error: it is the phone's own memory."""
    a = room.phone("writer")
    room.make(a)
    for confirmed in (0, a.n, a.n + 50):
        same(a.sync(confirmed=confirmed).status, 200, f"the status with confirmed {confirmed}")
    accepted(a.push(room.op("top")))


@case
def W6_applied_and_now(room: Room) -> None:
    """`applied` is the largest n answered, `now` the server's clock, `left` what a bootstrap has still to give."""
    a = room.phone("writer")
    n = a.n
    for wanted in (n + 1, n + 2):
        same(a.sync(a.changeset(room.op("top"), n=wanted))["applied"], wanted, "applied")
    answer = a.sync()
    same(answer["applied"], n + 2, "applied of a pull")
    holds(abs(answer["now"] - now_ms()) < 600_000, "the server's clock in ms", answer["now"])
    page = a.sync(cursor=None, limit=1)
    holds(isinstance(page.body.get("left"), int) and page["left"] > 0, "left, above 0", page.body.get("left"))
    rest = a.sync(cursor=page["cursor"], limit=1)
    same(rest["left"], page["left"] - 1, "left after one more")


@case
def W7_forms_of_ops(room: Room) -> None:
    """An op that is none of the three, or lacks its parts, is invalid; a delete that sets something too."""
    a = room.phone("writer")
    record, values = room.make(a), room.field("latest")["sets"][0]
    good = patch(record, values)
    wrong: list[Any] = [
        {**good, "op": "put"},
        {k: v for k, v in good.items() if k != "set"},
        {**good, "set": []},
        "patch",
    ]
    wrong += [{**good, "op": "delete"}, {**good, "id": "1"}, {**good, "collection": None}, {}]
    for op in wrong:
        rejected(a.push(op), "invalid")
    accepted(a.push(good))


@case
def W8_data_is_whole_and_gone_says_so(room: Room) -> None:
    """After a change of one field the record comes with all its fields; one that left comes as gone, without data."""
    a, b = room.phones("writer", "tech")
    order = room.make(a)
    record = room.make(a, "child", order["id"])
    b.pull()
    accepted(a.push(patch(record, {room.field("integer")["field"]: 3})))
    came = next(r for r in b.pull() if r["id"] == record["id"])
    whole = {**room.values("child"), room.field("integer")["field"]: 3}
    same({name: came["data"].get(name) for name in whole}, whole, "all its fields, those of the create too")
    accepted(
        a.push({"op": "delete", "collection": record["collection"], "id": record["id"], "base": came["vv"]})
    )
    left = next(r for r in b.pull() if r["id"] == record["id"])
    same(
        left, {"collection": record["collection"], "id": record["id"], "gone": True}, "what says that it left"
    )


@case
def W9_forms_of_results(room: Room) -> None:
    """An accepted result has n, outcome, seq, conflicts, overtaken; a rejected one n, outcome, code, message, at."""
    a = room.phone("writer")
    record = room.make(a)
    good, bad = a.pushes(
        [[patch(record, room.field("latest")["sets"][0])], [patch(record, room.field("server")["sets"][0])]]
    )
    same(set(good), {"n", "outcome", "seq", "conflicts", "overtaken"}, "members of an accepted result")
    same(set(bad), {"n", "outcome", "code", "message", "at"}, "members of a rejected result")
    same(good["seq"], a.look(record["id"])["vv"]["@"], "its seq")


@case
def W10_results_in_order(room: Room) -> None:
    """Old and new changesets of a request are answered in the order of n, each once."""
    a = room.phone("writer")
    old = [a.changeset(room.op("top"), n=a.n + 1 + place) for place in range(2)]
    a.sync(*old)
    new = [a.changeset(room.op("top"), n=a.n + 1 + place) for place in range(2)]
    results = a.sync(*old, *new)["results"]
    same([r["n"] for r in results], [c["n"] for c in (*old, *new)], "numbers")


def _many(phone: Phone, count: int) -> list[dict[str, Any]]:
    return [phone.changeset(n=phone.n + 1 + place) for place in range(count)]


@case
def W11_limits_of_a_request(room: Room) -> None:
    """500 changesets are taken, 501 are too_large (413), and so is more than 1 MiB; numbers with a hole are 400."""
    a = room.phone("writer")
    before = a.n
    refused(a.sent(a.request(_many(a, 501))), 413, "too_large")
    refused(a.sent(json.dumps(a.request(pad="x" * 2**20))), 413, "too_large")
    packed = gzip.compress(json.dumps(a.request(pad="x" * 2**20)).encode())
    refused(a.sent(packed, Content_Encoding="gzip"), 413, "too_large")
    holes = [a.changeset(n=a.n + 1), a.changeset(n=a.n + 3)]
    refused(a.sent(a.request(holes)), 400, "invalid")
    refused(a.sent(a.request([a.changeset(n=a.n + 1), a.changeset(n=a.n + 1)])), 400, "invalid")
    same(a.sync()["applied"], before, "applied, after all that was refused")
    answer = a.sync(*_many(a, 500))
    same(
        (answer.status, len(answer.body.get("results", ()))),
        (200, 500),
        "status and results of 500 changesets",
    )


@case
def W11_limits_of_a_changeset(room: Room) -> None:
    """501 ops, a base of 1001 entries, and a value nested 13 deep are invalid; the cursor's length and `limit` hold."""
    a = room.phone("writer")
    record, values = room.make(a), room.field("latest")["sets"][0]
    rejected(a.push(*[patch(record, values)] * 501), "invalid")
    wide = {f"r{place:012d}": 1 for place in range(1001)}
    rejected(a.push(patch(record, values, wide)), "invalid")
    said = room.field("json")
    photo = room.make(a, said["kind"], record["id"])
    deep: Any = 1
    for _ in range(13):
        deep = [deep]
    rejected(a.push(patch(photo, {said["field"]: deep})), "invalid")
    accepted(a.push(patch(photo, {said["field"]: deep[0]})))
    refused(a.sent(a.request(cursor="x" * 2001)), 400, "invalid")
    answer = a.sync(cursor=None, limit=10**9)
    same((answer.status, len(answer["records"]) <= 1000), (200, True), "status, and at most 1000 records")
    holds(len(a.sync(cursor=None, limit=2)["records"]) <= 2, "at most 2 records for limit 2")


@case
def W12_text_that_is_none(room: Room) -> None:
    """NUL or a lone surrogate in a text is invalid; a key that comes twice makes the request unreadable; all else
    comes back as it was."""
    a = room.phone("writer")
    record = room.make(a)
    field = next(iter(room.field("keep_both")["sets"][0]))
    for text in ("a\x00b", "\ud800", "a\udfffb"):
        rejected(a.push(patch(record, {field: text})), "invalid")
    twice = json.dumps(a.request()).replace('"limit"', '"limit": 5, "limit"')
    refused(a.sent(twice), 400, "invalid")
    text = 'Größe "5" \\ / \b\t\n é e\u0301 \U0001f527 \u2028 \x7f'
    accepted(a.push(patch(record, {field: text})))
    same(a.look(record["id"])["data"][field], text, "the text")


@case
def W13_form_of_errors(room: Room) -> None:
    """Every error is code, message, at, request, also of other addresses; `at` names the changeset and the field."""
    a = room.phone("writer")
    body = refused(a.sent(a.request([a.changeset(n=a.n + 1), 7])), 400, "invalid")
    same((body["at"] or {}).get("changeset"), 1, "which changeset")
    body = refused(a.sent({**a.request(), "limit": -1}), 400, "invalid")
    same((body["at"] or {}).get("field"), "limit", "which field")
    ids = {
        body["request"],
        refused(room.door().send("GET", "/api/session"), 401, "unauthenticated")["request"],
    }
    same(len(ids), 2, "ids of two requests")


@case
def W14_the_session_is_over(room: Room) -> None:
    """A sync without a session, or with one that ended, is 401 unauthenticated; nothing of it was used up."""
    a = room.fresh("writer")
    op = room.op("top")
    request = a.request([a.changeset(op)])
    refused(room.door().send("POST", "/api/sync", request), 401, "unauthenticated")
    refused(room.door().send("POST", "/api/sync", request, token=a.token + "x"), 401, "unauthenticated")
    a.door.send("DELETE", "/api/session", token=a.token)
    refused(a.sent(request), 401, "unauthenticated")
    again = room.fresh("writer", replica=a.replica)
    accepted(again.sent(request)["results"][0])


@case
def W15_C12_a_malformed_changeset_is_answered_by_itself(room: Room) -> None:
    """Unreadable changesets whose n can be read are rejected invalid in their place, the others are judged; one without
    an n makes the request unreadable."""
    a = room.phone("writer")
    n = a.n
    junk = [
        {"n": n + 1},
        {"n": n + 2, "id": "x", "ops": 5},
        {"n": n + 3, "id": new_id(), "schema": "a", "at": 0, "ops": []},
    ]
    results = a.sync(*junk, a.changeset(room.op("top"), n=n + 4))["results"]
    for result in results[:3]:
        rejected(result, "invalid")
    accepted(results[3])
    for bad in (7, {}, {"n": "1"}, {"n": 0}, {"n": 1.5}):
        refused(a.sent(a.request([bad])), 400, "invalid")


@case
def W16_requests_from_elsewhere(room: Room) -> None:
    """Another content type, a foreign Origin or Sec-Fetch-Site: refused before it is read, and nothing is used up."""
    a = room.phone("writer")
    request = json.dumps(a.request([a.changeset(room.op("top"))]))
    for headers in (
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Origin": "https://elsewhere.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Origin": "null"},
    ):
        status = a.sent(request, **headers).status
        holds(status in (400, 403, 415), f"a refusal of {headers}", status)
    before = a.n
    same(a.sync()["applied"], before, "applied")


@case
def W17_no_ops_at_all(room: Room) -> None:
    """An empty changeset is accepted, uses up its number and changes nothing."""
    a = room.phone("writer")
    n = a.n
    a.sync()
    result = accepted(a.push())
    same((result["n"], a.n), (n + 1, n + 1), "its number, and applied")


@case
def W18_forms_of_ids(room: Room) -> None:
    """Ids are lower-case UUIDs with hyphens: any other form is invalid, for records as for changesets."""
    a = room.phone("writer")
    id_ = new_id()
    for wrong in (id_.upper(), id_.replace("-", ""), f"{{{id_}}}", "", 5, None):
        op = {**room.op("top"), "id": wrong}
        rejected(a.push(op), "invalid")
        rejected(a.push(room.op("top"), id=wrong), "invalid")


@case
def W19_values_of_each_type(room: Room) -> None:
    """Each type takes what it should and nothing else: flag, choice, whole number, id, set, object."""
    a = room.phone("writer")
    order = room.make(a)
    flag, choice, whole = room.field("flag"), room.field("choice"), room.field("integer")
    ref, tags, obj = room.field("reference"), room.field("elements"), room.field("json")
    line, child = room.make(a, flag["kind"], order["id"]), room.make(a, whole["kind"], order["id"])
    machine, photo = room.make(a, ref["kind"]), room.make(a, obj["kind"], order["id"])
    wrong: list[tuple[dict[str, Any], str, Any]] = [
        (line, flag["field"], 1), (line, flag["field"], "true"), (order, choice["field"], "no such word"),
        (child, whole["field"], "5"), (child, whole["field"], True), (machine, ref["field"], "x"),
        (order, tags["field"], ["a"]), (order, tags["field"], {"add": [""]}), (order, tags["field"], {"add": ["x" * 201]}),
        (order, tags["field"], {"add": [1]}), (order, tags["field"], {"put": ["a"]}),
        (order, tags["field"], {"add": [str(i) for i in range(201)]}), (photo, obj["field"], {"ä": 1}),
        (photo, obj["field"], {"a": 1.5}),
    ]  # fmt: skip
    for record, name, value in wrong:
        rejected(a.push(patch(record, {name: value})), "invalid")
    right = [
        (line, flag["field"], True),
        (order, choice["field"], choice["good"]),
        (photo, obj["field"], {"b": [1, "x"], "a": {}}),
    ]
    for record, name, value in right:
        accepted(a.push(patch(record, {name: value})))
        same(a.look(record["id"])["data"].get(name), value, f"the value of {name}")


@case
def W19_null_clears(room: Room) -> None:
    """`null` clears a field: it is absent from `data` afterwards, and clearing what is empty is accepted."""
    a = room.phone("writer")
    record = room.make(a)
    values = room.field("latest")["sets"][0]
    nothing = dict.fromkeys(values)
    accepted(a.push(patch(record, values)))
    for _ in range(2):
        accepted(a.push(patch(a.look(record["id"]), nothing)))
        same(set(values) & set(a.look(record["id"])["data"]), set(), "the field in data")
