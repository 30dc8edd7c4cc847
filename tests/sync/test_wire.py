"""Requests are read whole, or refused, and nothing else happens (rules W2 to W18, C12)."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.changeset import Changeset, Op, Outcome
from sync.errors import Malformed, TooLarge
from sync.wire import JUNK_DEPTH_MAX, Request, Unreadable, dump_outcome, parse
from tests.sync.things import ID, PROPERTY, A, B

CHANGESET_ID = "01930000-0000-7000-8000-0000000000aa"
PATCH = {"op": "patch", "collection": "thing", "id": ID, "base": {"@": 5, A: 1}, "set": {"name": "x"}}


def _changeset(n: int = 1, **changed: Any) -> dict[str, Any]:
    return {"n": n, "id": CHANGESET_ID, "schema": 1, "at": 1000, "ops": [copy.deepcopy(PATCH)], **changed}


def _request(*changesets: Any, **changed: Any) -> dict[str, Any]:
    fixed = {"protocol": 1, "schema": 1, "epoch": "e1", "replica": A, "confirmed": 0, "sent": 2000}
    return {**fixed, "cursor": None, "limit": 10, "changesets": list(changesets), **changed}


def _one(**changed: Any) -> Changeset | Unreadable:
    return parse(_request(_changeset(**changed))).changesets[0]


def _unreadable(**changed: Any) -> Unreadable:
    read = _one(**changed)
    assert isinstance(read, Unreadable), read
    return read


def test_W3_a_request_is_read_into_values() -> None:
    request = parse(_request(_changeset(), verify=True, fetch=[ID], want=[ID]))
    assert (request.fetch, request.want) == ((ID,), (ID,))
    assert (request.replica, request.epoch, request.limit, request.verify) == (A, "e1", 10, True)
    op = Op("patch", "thing", ID, {"@": 5, A: 1}, {"name": "x"})
    assert request.changesets == (Changeset(1, CHANGESET_ID, 1, 1000, (op,)),)


def test_W3_a_pull_alone_names_no_changesets() -> None:
    body = _request()
    del body["changesets"], body["cursor"]
    assert parse(body).changesets == ()


@pytest.mark.parametrize("body", [None, [], "x", 5, True])
def test_W14_a_body_that_is_no_object_is_unreadable(body: Any) -> None:
    with pytest.raises(Malformed):
        parse(body)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("protocol", [2, "1", None, 1.5]),
        ("schema", [0, -1, "1", None, True, 2**53]),
        ("epoch", ["", "e 1", "e" * 65, None, 5, "é"]),
        ("replica", ["", "@", "x" * 13, A.upper(), A + "a", None, 5, [A]]),
        ("confirmed", [-1, None, "0", 2**53, False]),
        ("sent", [-1, None, 1.5, 2**53]),
        ("limit", [-1, None, "all", True]),
        ("former", [None, A, [A.upper()], [5], [A] * 101]),
        ("cursor", [5, "c" * 2001, {}]),
        ("seen", [5, "c" * 2001, {}]),
        ("verify", [1, "yes", None]),
        ("fetch", [None, "x", [5], ["x"], [ID] * 1001]),
        ("want", [None, "x", [5], ["x"], [ID] * 51]),
        ("changesets", [{}, "x", None]),
    ],
)
def test_W14_what_the_request_itself_lacks_is_named(field: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(Malformed) as malformed:
            parse(_request(**{field: value}))
        assert malformed.value.at == {"field": field}


def test_W11_a_limit_above_a_thousand_is_a_thousand() -> None:
    assert parse(_request(limit=2**53 - 1)).limit == 1000


def test_W3_a_limit_of_nothing_asks_for_a_push_alone() -> None:
    pushes = parse(_request(limit=0, former=[B]))
    assert (pushes.only_pushes, pushes.former) == (True, (B,))
    assert not parse(_request(limit=1)).only_pushes


def test_W11_five_hundred_changesets_fit_and_no_more() -> None:
    assert len(parse(_request(*(_changeset(n, ops=[]) for n in range(1, 501)))).changesets) == 500
    with pytest.raises(TooLarge):
        parse(_request(*(_changeset(n, ops=[]) for n in range(1, 502))))


@pytest.mark.parametrize("numbers", [(1, 3), (2, 1), (1, 1), (5, 6, 8)])
def test_W11_numbers_follow_each_other(numbers: tuple[int, ...]) -> None:
    with pytest.raises(Malformed) as malformed:
        parse(_request(*map(_changeset, numbers)))
    assert "changeset" in malformed.value.at


@pytest.mark.parametrize("changeset", [None, 5, [], {}, {"n": 0}, {"n": "1"}, {"n": 2**53}, {"n": True}])
def test_W15_without_a_number_the_request_is_unreadable(changeset: Any) -> None:
    with pytest.raises(Malformed) as malformed:
        parse(_request(changeset))
    assert malformed.value.at["changeset"] == 0


def test_W15_junk_that_is_nested_too_deeply_to_be_kept_is_unreadable() -> None:
    junk: Any = "?"
    for _ in range(JUNK_DEPTH_MAX + 1):
        junk = [junk]
    with pytest.raises(Malformed) as malformed:
        parse(_request(_changeset(), {"n": 2, "ops": junk}))
    assert malformed.value.at == {"changeset": 1}


def test_C12_a_malformed_changeset_does_not_block_its_neighbours() -> None:
    first, bad, last = parse(_request(_changeset(7), {"n": 8, "ops": "?"}, _changeset(9))).changesets
    assert isinstance(first, Changeset)
    assert isinstance(last, Changeset)
    assert isinstance(bad, Unreadable)
    assert (bad.n, bad.code, bad.said) == (8, "invalid", {"n": 8, "ops": "?"})


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"id": "x"}, "id"),
        ({"id": None}, "id"),
        ({"id": CHANGESET_ID.upper()}, "id"),
        ({"schema": -1}, "schema"),
        ({"at": 1.5}, "at"),
        ({"at": 2**53}, "at"),
        ({"was": "lost"}, "was"),
        ({"was": ["accepted"]}, "was"),
        ({"ops": None}, "ops"),
        ({"ops": [PATCH] * 501}, "ops"),
    ],
)
def test_C12_a_changeset_says_what_is_wrong_with_it(changed: dict[str, Any], field: str) -> None:
    bad = _unreadable(**changed)
    assert (bad.code, bad.op, bad.field) == ("invalid", None, field)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"op": "upsert"}, "op"),
        ({"op": None}, "op"),
        ({"op": ["patch"]}, "op"),
        ({"collection": "Thing"}, "collection"),
        ({"collection": "thing; drop"}, "collection"),
        ({"collection": None}, "collection"),
        ({"id": 5}, "id"),
        ({"id": "01930000-0000-7000-8000-00000000000G"}, "id"),
        ({"set": None}, "set"),
        ({"set": []}, "set"),
        ({"set": {"Name": 1}}, "set"),
        ({"set": {"": 1}}, "set"),
        ({"op": "delete"}, "set"),
        ({"base": None}, "base"),
        ({"base": {"@": -1}}, "base"),
        ({"base": {"@": 2**53}}, "base"),
        ({"base": {"@": True}}, "base"),
        ({"base": {"somebody": 1}}, "base"),
        ({"base": {f"r{i:012d}": 1 for i in range(1001)}}, "base"),
    ],
)
def test_W15_an_op_says_what_is_wrong_with_it(changed: dict[str, Any], field: str) -> None:
    bad = _unreadable(ops=[PATCH, {**PATCH, **changed}])
    assert (bad.op, bad.field) == (1, field)


@pytest.mark.parametrize("id_", ["ABCDEF00" + ID[8:], ID.replace("-", ""), f"{{{ID}}}", ID[:-1], f"{ID} "])
def test_W18_ids_are_uuids_in_lower_case_with_hyphens(id_: str) -> None:
    assert _unreadable(id=id_).field == "id"
    assert _unreadable(ops=[{**PATCH, "id": id_}]).field == "id"


def test_W7_a_create_and_a_patch_have_a_set_and_a_delete_has_none() -> None:
    for kind in ("create", "patch"):
        bare = {"op": kind, "collection": "thing", "id": ID}
        assert _unreadable(ops=[bare]).field == "set"
    assert isinstance(_one(ops=[{"op": "delete", "collection": "thing", "id": ID, "base": {}}]), Changeset)
    assert _unreadable(ops=["patch"]).op == 0


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": [value]}
    return value


@pytest.mark.parametrize(
    "value",
    [1.5, 2**53, -(2**53), "nul\0", "half \ud83d", "\udc00", {"a": "\0"}, ["\ud800"], {"\0": 1}, {"ä": 1}, _nested(7)],
)  # fmt: skip
def test_W12_a_value_that_may_not_travel_is_named(value: Any) -> None:
    bad = _unreadable(ops=[{**PATCH, "set": {"name": value}}])
    assert (bad.code, bad.op, bad.field) == ("invalid", 0, "name")


@pytest.mark.parametrize("value", [None, True, 2**53 - 1, -(2**53) + 1, "🔧 ä 𝄞", "", {"a": [1]}, _nested(6)])
def test_W2_what_may_travel_travels(value: Any) -> None:
    read = _one(ops=[{**PATCH, "set": {"name": value}}])
    assert isinstance(read, Changeset)
    assert read.ops[0].set == {"name": value}


@pytest.mark.parametrize(
    "value",
    ["x" * 262_144, ["x" * 1000] * 262, {"a": {"b": ["x" * 262_144]}}, "ä" * 131_072, {"add": ["x" * 131_072] * 2}],
)  # fmt: skip
def test_W11_a_changeset_is_measured_as_it_is_written(value: Any) -> None:
    assert _unreadable(ops=[{**PATCH, "set": {"name": value}}]).code == "too_large"
    assert isinstance(_one(ops=[{**PATCH, "set": {"name": "x" * 261_000}}]), Changeset)


def test_W11_bases_count_too() -> None:
    base = {f"r{i:012d}": 2**52 for i in range(1000)}
    assert _unreadable(ops=[{**PATCH, "base": base}] * 10).code == "too_large"


def test_W17_no_ops_at_all_are_fine() -> None:
    assert _one(ops=[], was="rejected") == Changeset(1, CHANGESET_ID, 1, 1000, (), "rejected")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(PROPERTY, max_examples=200)
@given(json_values)
def test_W14_any_json_is_read_or_malformed(body: Any) -> None:
    read = _read(body)
    assert isinstance(read, Request) or read.message


def _read(body: Any) -> Request | Malformed:
    try:
        return parse(body)
    except Malformed as malformed:
        return malformed


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place inside a JSON value that something else could stand in."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in _places(value[key])]


@settings(PROPERTY, max_examples=400)
@given(st.integers(0, 100), json_values)
def test_W14_a_request_with_anything_at_any_place_is_read_or_malformed(place: int, value: Any) -> None:
    body = _request(_changeset(1), _changeset(2))
    where, key = _places(body)[place % len(_places(body))]
    where[key] = value
    read = _read(body)
    for changeset in read.changesets if isinstance(read, Request) else ():
        assert isinstance(changeset, Changeset) or (changeset.code and changeset.message)


def test_W14_unknown_keys_however_deep_are_passed_over() -> None:
    deep = json.loads("[" * 900 + "]" * 900)
    request = parse(_request(_changeset(junk=deep), junk=deep))
    assert isinstance(request.changesets[0], Changeset)


def test_W9_outcomes_are_written_out() -> None:
    accepted = Outcome(4, True, 17, ("c1",), ({"field": "name"},))
    assert dump_outcome(accepted) == {
        "n": 4,
        "outcome": "accepted",
        "seq": 17,
        "conflicts": ["c1"],
        "overtaken": [{"field": "name"}],
    }
    rejected = Outcome(5, False, code="gone", message="It is gone.", op=0, field="name")
    said = {"n": 5, "outcome": "rejected", "code": "gone", "message": "It is gone."}
    assert dump_outcome(rejected) == {**said, "at": {"op": 0, "field": "name"}}
    assert dump_outcome(Outcome(5, False, code="gone", message="It is gone.")) == said
