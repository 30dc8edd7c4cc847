"""Requests that nobody's app would send: refused with a reason, quickly, and nothing changes (rules W, V18, C12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.auth.gate import server_of
from tests.server.premises import Phone, Premises, Shop


async def _state(premises: Premises, shop: Shop) -> list[Any]:
    """Every record with its commit, as it is stored."""
    async with premises.app.state.database.transaction(server_of(shop.id)) as tx:
        query = "SELECT id::text, seq, data::text FROM record WHERE shop = %s ORDER BY id"
        return await (await tx.execute(query, (shop.id,))).fetchall()


def _edit(tech: Phone, **changed: Any) -> dict[str, Any]:
    """A request with one patch of the shop's first customer; `changed` replaces parts of the op."""
    tech.replica = tech.replica.__class__(**{**vars(tech.replica), "outbox": (), "n": tech.replica.n})
    asked = tech.replica.request(tech.now())
    customer = tech.shop.customers[0]
    base = tech.replica.confirmed[customer].vv
    op = {"op": "patch", "collection": "customer", "id": customer, "base": base, "set": {"company": "x"}}
    changeset = {"n": 1, "id": str(tech.premises.world.new_id()), "schema": 1, "at": tech.now()}
    return {**asked, "changesets": [{**changeset, "ops": [{**op, **changed}]}]}


def _nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a number": b"5",
    "not UTF-8": b'{"protocol": "\xff\xfe"}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "NaN": b'{"protocol": NaN}',
    "huge number": b'{"protocol": 1' + b"0" * 5_000 + b"}",
    "key twice": b'{"protocol": 1, "protocol": 1}',
}


async def test_W14_a_body_that_cannot_be_read_is_400(tech: Phone) -> None:
    for name, body in BODIES.items():
        answer = await tech.post(body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), name
        assert {"code", "message", "at", "request"} <= answer.json().keys()


async def test_W12_a_key_that_appears_twice_makes_the_request_unreadable(tech: Phone) -> None:
    text = json.dumps(_edit(tech))
    assert (await tech.post(text.replace('{"n": 1', '{"n": 1, "n": 2').encode())).status_code == 400
    assert (
        await tech.post(text.replace('"company"', '"company": "y", "company"').encode())
    ).status_code == 400


async def test_W11_more_than_a_mebibyte_is_413_before_it_is_read(tech: Phone) -> None:
    answer = await tech.post(b" " * (2**20 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


FORGED: tuple[dict[str, Any], ...] = (
    {"base": {"@": 10**6}},
    {"base": {"@": 2**53 - 1}},
    {"base": {"@": 2**53}},
    {"base": {"@": -1}},
    {"base": {"@": 1.5}},
    {"base": {"@": "1"}},
    {"base": {"rzzzzzzzzzzzz": 1}},
    {"base": {"r": 1}},
    {"base": []},
    {"set": {"company": 2**53}},
    {"set": {"company": 1e400}},
    {"set": {"company": "nul\0"}},
    {"set": {"company": "half \ud83d"}},
    {"set": {"company": _nested(20)}},
    {"set": {"company": _nested(400)}},
    {"set": {"company": "x" * 300_000}},
    {"set": {"nobody": "x"}},
    {"set": {"phones": {"add": None}}},
    {"set": {"phones": {"add": ["\0"]}}},
    {"set": {"sms_consent": "true"}},
    {"set": {"\0": 1}},
    {"set": {"'; DROP TABLE record; --": 1}},
    {"collection": "customer'; DROP TABLE record; --"},
    {"collection": "nobody"},
    {"collection": "work_order"},
    {"collection": "conflict", "set": {"open": False}},
    {"id": "00000000-0000-0000-0000-000000000000"},
    {"id": "01930000-0000-7000-8000-0000000000AB"},
    {"id": "\0"},
    {"op": "drop"},
    {"op": "delete", "set": {}},
    {"op": "create"},
    {"junk": {"\ud800": "\0"}, "set": {"company": 5}},
    {"junk": _nested(400), "set": {"company": 5}},
)


async def test_C12_a_forged_op_is_rejected_and_changes_nothing(tech: Phone) -> None:
    before = await _state(tech.premises, tech.shop)
    for n, changed in enumerate(FORGED, 1):
        body = _edit(tech, **changed)
        body["changesets"][0]["n"] = n
        answer = await tech.post(json.dumps(body).encode())
        assert answer.status_code == 200, (changed, answer.text)
        (result,) = answer.json()["results"]
        assert result["outcome"] == "rejected", changed
        assert result["code"] in ("invalid", "gone", "forbidden", "exists", "too_large"), changed
        assert result["message"]
        assert answer.json()["applied"] == n
    assert await _state(tech.premises, tech.shop) == before


async def test_V18_an_entry_above_what_its_replica_pushed_is_invalid(tech: Phone) -> None:
    desk = await (await tech.premises.sign_in(tech.shop, "service_writer")).sync()
    desk.patch("customer", tech.shop.customers[0], company="desk")
    await desk.sync()
    await tech.sync()
    assert tech.replica.confirmed[tech.shop.customers[0]].vv[desk.replica.replica] == 1
    for entry, outcome in ((2, "rejected"), (1, "accepted")):
        body = _edit(tech, base={"@": 1, desk.replica.replica: entry})
        body["changesets"][0]["n"] = 3 - entry
        (result,) = (await tech.post(body)).json()["results"]
        assert result["outcome"] == outcome, result


MALFORMED = (
    ("at", -1),
    ("at", 2**53),
    ("schema", "1"),
    ("id", "x"),
    ("ops", [None]),
    ("ops", "x"),
    ("was", "perhaps"),
    ("id", "\ud800"),
)


async def test_C12_a_malformed_changeset_uses_up_its_number(tech: Phone) -> None:
    for n, (name, value) in enumerate(MALFORMED, 1):
        body = _edit(tech)
        body["changesets"][0] |= {"n": n, name: value}
        (result,) = (await tech.post(json.dumps(body).encode())).json()["results"]
        assert (result["n"], result["outcome"], result["code"]) == (n, "rejected", "invalid"), name
        (again,) = (await tech.post(json.dumps(body).encode())).json()["results"]
        assert again == result


async def test_C12_two_phones_may_both_send_something_malformed_under_the_same_number(tech: Phone) -> None:
    other = await (await tech.premises.sign_in(tech.shop, "tech2")).sync()
    for phone in (tech, other):
        body = _edit(phone)
        body["changesets"][0]["id"] = None
        (result,) = (await phone.post(body)).json()["results"]
        assert (result["n"], result["outcome"], result["code"]) == (1, "rejected", "invalid")


@pytest.mark.parametrize("at", [0, 2**53 - 1])
async def test_M2_times_that_no_clock_shows_are_taken_as_now_or_earlier(tech: Phone, at: int) -> None:
    body = _edit(tech)
    body["changesets"][0]["at"] = at
    assert (await tech.post(body)).json()["results"][0]["outcome"] == "accepted"
    await tech.sync()
    assert (tech.data(tech.shop.customers[0]) or {})["updated_at"] <= tech.premises.world.now_ms()


async def test_W16_another_content_type_or_a_foreign_page_is_refused(tech: Phone) -> None:
    body = json.dumps(_edit(tech)).encode()
    url = f"http://{tech.shop.slug}.localhost/api/sync"
    signed = {"Authorization": f"Bearer {tech.token}"}
    before = await _state(tech.premises, tech.shop)
    for headers in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json", "Origin": "https://evil.test"},
        {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"},
    ):
        answer = await tech.premises.client.post(url, content=body, headers={**signed, **headers})
        assert answer.status_code in (400, 403, 415), headers
    assert await _state(tech.premises, tech.shop) == before


async def test_W14_without_a_session_or_with_a_broken_one_it_is_401(tech: Phone) -> None:
    for token in (None, "", "x", tech.token[:-3] + "abc", tech.token.split(".")[0] + ".e30."):
        answer = await tech.premises.post("/api/sync", _edit(tech), token, tech.shop)
        assert answer.status_code == 401


HOSTILE: tuple[Any, ...] = (
    None, True, -1, 0, 2**53, 2**64, 10**400, 1.5, "", "\0", "\ud800", "x" * 30_000, "'; --", "../..", "@", [], [[]], {},
    {"@": 2**53 - 1}, {"\0": "\0"}, {"add": None}, ["\0"], _nested(300), "00000000-0000-0000-0000-000000000000",
)  # fmt: skip


def _places(value: Any) -> list[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in _places(value[key])]


async def test_W14_anything_at_any_place_is_answered_and_never_breaks_the_server(tech: Phone) -> None:
    """Every place of a good request with every hostile value in it; afterwards the phone goes on as if nothing was."""
    outcomes, applied = set(), 0
    good = _edit(tech, set={"company": "x", "phones": {"add": ["1"], "remove": ["2"]}})
    for place in range(len(_places(good))):
        for value in HOSTILE:
            body = json.loads(json.dumps(good))
            body["changesets"][0] |= {"n": applied + 1, "id": str(tech.premises.world.new_id())}
            where, key = _places(body)[place]
            where[key] = value
            answer = await tech.post(json.dumps(body).encode())
            assert answer.status_code < 500, (key, value, answer.text)
            outcomes |= {result.get("code") for result in answer.json().get("results", ())}
            applied = answer.json().get("applied", applied)
    assert outcomes == {None, "invalid", "forbidden", "gone", "exists", "too_large"} & outcomes
    assert applied > 200
    good["changesets"][0] |= {"n": applied + 1, "id": str(tech.premises.world.new_id())}
    good["changesets"][0]["ops"][0]["set"] = {"company": "still alive"}
    (result,) = (await tech.post(good)).json()["results"]
    assert result["outcome"] == "accepted"
