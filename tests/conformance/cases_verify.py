"""D: a replica compares itself with the server. The digests are computed here from the page alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from tests.conformance.cases_wire import refused
from tests.conformance.client import Phone, new_id
from tests.conformance.place import Room
from tests.conformance.rulebook import case, holds, same


def digest(record: dict[str, Any]) -> int:
    said = [record["collection"], record["id"], record["vv"]["@"], record["data"]]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def sums(records: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """collection → count and sum, of what is held."""
    found: dict[str, list[int]] = {}
    for record in records:
        found.setdefault(record["collection"], []).append(digest(record))
    return {name: {"count": len(all_), "sum": str(sum(all_) % 2**64)} for name, all_ in found.items()}


def ask(phone: Phone, **more: Any) -> Any:
    body = {"protocol": 1, "epoch": phone.epoch, "replica": phone.replica, **more}
    answer = phone.door.send("POST", "/api/sync/verify", body, token=phone.token)
    same(answer.status, 200, "the status of a verify")
    return answer.body


@case
def D1_V19_the_last_page_has_the_sums(room: Room) -> None:
    """With verify the last page, and only that, has for each collection the count and the sum of what staff and
    customers hold; entries beside @ are not in it."""
    for name in ("writer", "tech", "ada"):
        phone = room.phone(name)
        phone.pull()
        answer = phone.sync(verify=True)
        phone.take(answer.body)
        same(answer["digests"], sums(phone.held.values()), f"the digests of what {name} holds")
        page = phone.sync(verify=True, cursor=None, limit=1)
        holds(page["more"] and "digests" not in page.body, "no digests before the last page", list(page.body))
        holds("digests" not in phone.sync().body, "no digests without verify")


@case
def D3_what_differs_is_found_by_parts(room: Room) -> None:
    """Parts by the last byte of the id, then ids with their @ and digest: together they name the record that differs."""
    a = room.phone("writer")
    record = room.make(a)
    name, part = record["collection"], record["id"][-2:]
    parts = ask(a, collections=[name])["parts"][name]
    mine = [r for r in a.all(name) if r["id"].endswith(part)]
    same(parts[part], sums(mine)[name], "count and sum of one part")
    whole = sum(int(said["sum"]) for said in parts.values()) % 2**64
    same(str(whole), sums(a.all(name))[name]["sum"], "the sum over all parts")
    ids = ask(a, parts={name: [part]})["ids"][name]
    same(ids, {r["id"]: [r["vv"]["@"], str(digest(r))] for r in mine}, "the ids of the part")


@case
def D3_what_differs_is_fetched_in_a_sync(room: Room) -> None:
    """`fetch` gives each of these ids with the last page: the record, or that it is gone; not what one may not see."""
    a, tech, other = room.phones("writer", "tech", "tech2")
    own = room.place.model["roles"]["own_only"]
    record = room.make(a)
    secret = room.make(tech, own["kind"], record["id"], **own["set"])
    other.pull()
    unknown = new_id()
    answer = other.sync(fetch=[record["id"], unknown, secret["id"]])
    other.take(answer.body)
    came = {r["id"]: r for r in answer["fetched"]}
    same(came[record["id"]], other.held[record["id"]], "a record that is there")
    for id_ in (unknown, secret["id"]):
        same(came[id_], {"collection": "", "id": id_, "gone": True}, "one that is not there for this reader")
    refused(other.sent({**other.request(), "fetch": [new_id() for _ in range(1001)]}), 400, "invalid")


@case
def D3_a_report_is_noted_once(room: Room) -> None:
    """A report of what differed is noted, and again when it comes again."""
    a = room.phone("writer")
    report = {"id": new_id(), "found": {"task": {"missing": 1, "extra": 0, "changed": 0}}, "mended": True}
    for _ in range(2):
        same(ask(a, **report), {"noted": True}, "the answer to a report")
