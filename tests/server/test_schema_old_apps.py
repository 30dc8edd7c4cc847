"""Apps of schema 1 and 2 with a server of schema 3: what they send is taken, what they get they can read (rule C21).

The traffic is in `schema/pushes.json`, the shapes and what led from one to the next in `schema/fixture.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from server.auth.gate import server_of
from server.collections import SCHEMA
from sync import wire
from sync.schema import Schema
from sync.schema_steps import Renamed
from tests.server.premises import Phone, Premises, Shop
from tests.server.schema.fixture import FIXTURE

CASES = json.loads((Path(__file__).parent / "schema" / "pushes.json").read_text())["cases"]


@dataclass
class Desk:
    """A person with an app of today and one of before, and the ids that recorded traffic names."""

    now: Phone
    old: Phone
    ids: dict[str, str]

    async def send(
        self, schema: int, ops: list[dict[str, Any]], *, app: int = 0, n: int = 1, **more: Any
    ) -> Any:
        """What the old app sends as its changeset `n`, and the whole answer."""
        based = [
            op if op["op"] == "create" else {"base": self.base(op["id"]), **op} for op in self.named(ops)
        ]
        changeset = {
            "n": n,
            "id": self.ids[f"change{n}"],
            "schema": schema,
            "at": self.old.now(),
            "ops": based,
        }
        asked = {
            **self.old.replica.request(self.old.now()),
            "schema": app or schema,
            "changesets": [changeset],
        }
        return (await self.old.post({**asked, **more})).json()

    def base(self, id_: str) -> dict[str, int]:
        return {"@": self.now.replica.confirmed[id_].vv["@"]}

    def named(self, said: Any) -> Any:
        """`said` with ids in the place of their names."""
        text = json.dumps(said)
        for name, id_ in self.ids.items():
            text = text.replace(f'"${name}"', f'"{id_}"')
        return json.loads(text)


@pytest.fixture
async def desk(premises: Premises, repair: Shop) -> Desk:
    now = await (await premises.sign_in(repair, "manager")).sync()
    ann, ben = repair.customers[:2]
    now.patch("customer", ann, address="Old Road 7")
    gear = now.create("equipment", customer=ann, make="De Witt", model="9 plus")
    order = now.create("work_order", customer=ann, equipment=gear, complaint="noise")
    note = now.create("note", work_order=order, text="Rattles")
    now.patch("work_order", order, status="diagnosing", status_reason="why", status_at=3)
    await now.sync()
    old = await premises.sign_in(repair, "manager")
    premises.app.state.store.schema = FIXTURE
    now.replica = replace(now.replica, schema=FIXTURE.number)
    new = {name: str(premises.world.new_id()) for name in ("new", "other", "change1", "change2", "change3")}
    return Desk(now, old, {"order": order, "note": note, "gear": gear, "ann": ann, "ben": ben, **new})


def _has(record: dict[str, Any], expected: dict[str, Any]) -> None:
    data = record["data"]
    assert {name: data.get(name) for name in expected["has"]} == expected["has"]
    assert not set(expected.get("lacks", ())) & set(data)


def _record(answer: Any, expected: dict[str, Any]) -> dict[str, Any]:
    (found,) = [
        r for r in answer["records"] if (r["collection"], r["id"]) == (expected["collection"], expected["id"])
    ]
    record: dict[str, Any] = found
    return record


@pytest.mark.parametrize("case", CASES, ids=[case["name"].replace(" ", "_") for case in CASES])
async def test_C21_what_an_old_app_sends_is_taken_and_what_it_gets_it_can_read(
    case: dict[str, Any], desk: Desk
) -> None:
    if "before" in case:
        desk.now.patch("work_order", desk.ids["order"], **case["before"])
        await desk.now.sync()
    answer = await desk.send(case["schema"], case["ops"])
    (result,) = answer["results"]
    expected = desk.named(case.get("result", {"outcome": "accepted", "overtaken": []}))
    assert {name: result.get(name) for name in expected} == expected, result
    assert len(result.get("conflicts", ())) == case.get("opens", 0)
    _has(_record(answer, desk.named(case["given"])), desk.named(case["given"]))
    await desk.now.sync()
    stands = desk.named(case["stands"])
    held = desk.now.replica.confirmed[stands["id"]]
    assert held.collection == stands["collection"]
    _has({"data": held.data}, stands)


@pytest.mark.parametrize("case", CASES, ids=[case["name"].replace(" ", "_") for case in CASES])
async def test_C21_C9_sent_again_to_a_newer_server_it_has_its_outcome(
    case: dict[str, Any], desk: Desk, premises: Premises
) -> None:
    first = (await desk.send(case["schema"], case["ops"]))["results"]
    await desk.now.sync()
    seq = max(held.vv["@"] for held in desk.now.replica.confirmed.values())
    further = (Renamed("note", "text", "words"),)
    premises.app.state.store.schema = replace(FIXTURE, steps=(*FIXTURE.steps, further))
    again = (await desk.send(case["schema"], case["ops"]))["results"]
    premises.app.state.store.schema = FIXTURE
    assert again == first
    await desk.now.sync()
    assert max(held.vv["@"] for held in desk.now.replica.confirmed.values()) == seq


async def test_C21_the_log_keeps_what_was_sent_under_its_schema(desk: Desk, premises: Premises) -> None:
    await desk.send(
        1, [{"op": "patch", "collection": "work_order", "id": "$order", "set": {"fax": "555"}}], app=2
    )
    async with premises.app.state.database.transaction(server_of(desk.now.shop.id)) as tx:
        query = "SELECT schema, ops FROM change WHERE shop = %s AND id = %s"
        row = await (await tx.execute(query, (desk.now.shop.id, desk.ids["change1"]))).fetchone()
    assert row is not None
    assert row[0] == 1
    assert list(row[1][0]["set"]) == ["fax"]
    assert row[1][0]["set"]["fax"] != "555", "nobody knows any more whether it was personal"


async def test_C21_an_app_that_is_updated_in_the_middle_of_its_outbox(desk: Desk) -> None:
    """Made under 2 and under 3, sent by the app of 3; the one before was sent by the app of 2."""
    first = {"op": "patch", "collection": "equipment", "id": "$gear", "set": {"device": "Grind X200"}}
    answer = await desk.send(2, [first])
    own = desk.old.replica.replica
    based = {**desk.base(desk.ids["gear"]), own: 1}
    both = [
        {
            "n": 2,
            "id": desk.ids["change2"],
            "schema": 2,
            "at": desk.old.now(),
            "ops": [{**first, "base": based, "set": {"device": "Grind X300"}}],
        },
        {
            "n": 3,
            "id": desk.ids["change3"],
            "schema": 3,
            "at": desk.old.now(),
            "ops": [{**first, "base": {**based, own: 2}, "set": {"make": "Grynd"}}],
        },
    ]
    asked = {**desk.old.replica.request(desk.old.now()), "schema": 3, "cursor": answer["cursor"]}
    after = (await desk.old.post({**asked, "changesets": desk.named(both)})).json()
    assert [r["outcome"] for r in after["results"]] == ["accepted", "accepted"]
    assert after["reset"], "what it holds has the old names, so it starts over"
    gear = _record(after, desk.named({"collection": "equipment", "id": "$gear"}))["data"]
    assert (gear["make"], gear["model"]) == ("Grynd", "X300")


async def test_C21_a_server_that_is_updated_gives_an_old_app_the_feed_on(desk: Desk) -> None:
    answer = await desk.send(1, [])
    desk.now.patch("work_order", desk.ids["order"], complaint="Louder")
    await desk.now.sync()
    asked = {
        **desk.old.replica.request(desk.old.now()),
        "schema": 1,
        "cursor": answer["cursor"],
        "verify": True,
    }
    after = (await desk.old.post({**asked, "confirmed": 1})).json()
    assert not after["reset"]
    assert [r["data"]["fault"] for r in after["records"]] == ["Louder"]
    assert "digests" not in after, "sums are of today's shape, which it does not have"


async def test_C21_conflicts_and_notices_name_what_the_app_knows(desk: Desk) -> None:
    desk.now.patch("work_order", desk.ids["order"], complaint="Louder")
    base = desk.base(desk.ids["order"])
    await desk.now.sync()
    said = {
        "op": "patch",
        "collection": "work_order",
        "id": "$order",
        "base": base,
        "set": {"fault": "Quieter"},
    }
    answer = await desk.send(1, [said])
    (conflict,) = answer["results"][0]["conflicts"]
    data = _record(answer, {"collection": "conflict", "id": conflict})["data"]
    assert (data["collection"], data["field"]) == ("work_order", "fault")
    assert [side["value"] for side in data["sides"]] == [{"fault": "Louder"}, {"fault": "Quieter"}]


async def test_C21_M9_texts_of_an_old_and_a_new_app_are_merged(desk: Desk) -> None:
    desk.now.patch("note", desk.ids["note"], text="Rattles on the left")
    base = desk.base(desk.ids["note"])
    await desk.now.sync()
    said = {
        "op": "patch",
        "collection": "remark",
        "id": "$note",
        "base": base,
        "set": {"text": "Belt rattles: Rattles"},
    }
    answer = await desk.send(1, [said])
    assert answer["results"][0]["merged"] == [
        desk.named({"collection": "remark", "id": "$note", "field": "text"})
    ]
    own = {**base, desk.old.replica.replica: 1}
    again = {**said, "base": own, "set": {"text": "Belt rattles: Rattles. Urgent"}}
    await desk.send(1, [again], n=2)
    await desk.now.sync()
    assert desk.now.replica.confirmed[desk.ids["note"]].data["text"] == "Belt rattles: Rattles on the left"
    assert len(desk.now.records("conflict")) == 1, "both put in words at the end"


async def test_C15_what_builds_on_a_refused_change_of_before_is_refused(desk: Desk) -> None:
    said = {"op": "patch", "collection": "work_order", "id": "$order", "set": {"fault": 7}}
    await desk.send(1, [said])
    base = {**desk.base(desk.ids["order"]), desk.old.replica.replica: 1}
    answer = await desk.send(3, [{**said, "base": base, "set": {"complaint": "seven"}}], n=2)
    assert answer["results"][0]["code"] == "blocked_by"


async def test_W14_C21_too_old_is_said_after_the_push(desk: Desk, premises: Premises) -> None:
    premises.app.state.store.schema = replace(FIXTURE, oldest=2)
    said = {"op": "patch", "collection": "work_order", "id": "$order", "set": {"fault": "Rattles"}}
    answer = await desk.send(1, [said])
    assert (answer["code"], answer["results"][0]["outcome"], answer["applied"]) == ("schema", "accepted", 1)
    assert "records" not in answer
    await desk.now.sync()
    assert desk.now.replica.confirmed[desk.ids["order"]].data["complaint"] == "Rattles"


async def test_C21_an_app_newer_than_the_server_is_told_so(desk: Desk) -> None:
    """What the server knows is taken; what it does not know is parked on the phone, with the reason, to be sent again."""
    known = {"op": "patch", "collection": "work_order", "id": "$order", "set": {"complaint": "Rattles"}}
    answer = await desk.send(9, [known])
    assert (answer["results"][0]["outcome"], answer["schema"]) == ("accepted", 3)
    answer = await desk.send(9, [{**known, "set": {"hologram": "x"}}], n=2)
    assert answer["results"][0]["code"] == "invalid"
    assert "newer than the shop's server" in answer["results"][0]["message"]
    assert "schema" not in await desk.send(3, [], n=3)


async def test_T13_what_a_phone_does_not_know_stays_with_it_and_is_never_sent_back(desk: Desk) -> None:
    order = desk.ids["order"]
    held = desk.now.replica.confirmed[order]
    unknown = {"gate_code": "4711", "gates": [{"side": "left"}]}
    told = {"collection": "work_order", "id": order, "vv": held.vv, "data": {**held.data, **unknown}}
    asked = desk.now.replica.request(desk.now.now())
    said = (await desk.now.post(asked)).json()
    desk.now.replica = desk.now.replica.answer(asked, 200, {**said, "records": [told]})
    desk.now.patch("work_order", order, complaint="Louder")
    (changeset,) = desk.now.replica.request(desk.now.now())["changesets"]
    assert changeset["ops"][0]["set"] == {"complaint": "Louder"}
    shown = desk.now.data(order) or {}
    assert {name: shown[name] for name in unknown} == unknown


def test_the_schema_of_the_wire_is_that_of_the_collections() -> None:
    assert SCHEMA.number == wire.SCHEMA
    assert Schema().number == 1
