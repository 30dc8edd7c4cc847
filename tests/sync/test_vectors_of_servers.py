"""The vectors that authors of servers need, read by the Python core: covering, pruning, requests, merging (tests/vectors)."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sync import wire
from sync.changeset import Op
from sync.collection import Collection, Field, Policy, Type
from sync.errors import Malformed, Refusal, TooLarge
from sync.merge import Applied, Stamp, apply
from sync.vector import Dot, covers_all, prune

VECTORS = Path(__file__).parents[1] / "vectors"
ID = "01930000-0000-7000-8000-000000000001"


def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return read


def _cases(name: str) -> Any:
    cases = _read(name)["cases"]
    return pytest.mark.parametrize("case", cases, ids=[f"{'_'.join(c['rules'])}_{c['name']}" for c in cases])


@_cases("covers")
def test_vector_of_what_a_base_covers(case: dict[str, Any]) -> None:
    dots = [Dot(**said) for said in case["dots"]]
    assert covers_all(case["base"], dots, case["writer"], case["n"]) is case["covered"]


@_cases("prune")
def test_vector_of_a_pruned_vector(case: dict[str, Any]) -> None:
    assert prune(case["vv"], case["settled"]) == case["pruned"]


@_cases("wire")
def test_vector_of_a_request(case: dict[str, Any]) -> None:
    body = {**_read("wire")["request"], **case["change"]}
    assert (
        _parsed({name: value for name, value in body.items() if name not in case["drop"]}, case)
        == case["wanted"]
    )


def _parsed(body: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    try:
        request = wire.parse(body)
    except Malformed as error:
        status = 413 if isinstance(error, TooLarge) else 400
        return {"status": status, **({"at": error.at} if error.at else {})}
    changesets = [_told_of(changeset) for changeset in request.changesets]
    limit = {"limit": request.limit} if "limit" in case["change"] else {}
    return {"status": 200, **limit, "changesets": changesets}


def _told_of(changeset: Any) -> dict[str, Any]:
    if not isinstance(changeset, wire.Unreadable):
        return {"n": changeset.n}
    named = (("op", changeset.op), ("field", changeset.field))
    at = {name: value for name, value in named if value is not None}
    return {"n": changeset.n, "code": changeset.code, **({"at": at} if at else {})}


def _thing() -> Collection:
    read = _read("merge")
    fields = tuple(_field(name, said) for name, said in read["fields"].items())
    return Collection("thing", fields, {}, required=tuple(read["required"]))


def _field(name: str, said: dict[str, Any]) -> Field:
    steps = {old: frozenset(new) for old, new in said["steps"].items()} if "steps" in said else None
    return Field(name, Type(said["type"]), Policy(said["policy"]), group=said.get("group"), steps=steps)


@_cases("merge")
def test_vector_of_merging(case: dict[str, Any]) -> None:
    thing, record, ids = _thing(), None, count(1)
    for write in case["writes"]:
        op = Op(write["op"]["op"], "thing", ID, write["op"].get("base", {}), write["op"].get("set", {}))
        dot = Dot(write["replica"], write["n"], write["seq"])
        stamp = Stamp(dot, write["at"], lambda: f"conflict {next(ids)}", write.get("saw", {}))
        try:
            applied = apply(thing, record, op, stamp)
            record, told = applied.record, _told(applied)
        except Refusal as refusal:
            told = {"refused": refusal.code}
        assert told == write["wanted"]


def _told(applied: Applied) -> dict[str, Any]:
    record = applied.record
    state = {"gone": True} if record.gone else {"data": record.data, "vv": record.vector}
    texts = [{"unit": m.unit, "mine": m.mine, "theirs": m.theirs} for m in applied.merged]
    return {
        **state,
        "opened": [{"conflict": o.conflict, "unit": o.unit, "value": dict(o.value)} for o in applied.opened],
        "closed": list(applied.closed),
        "overtaken": [
            {"unit": o.unit, "which": "incoming" if o.mine else "standing"} for o in applied.overtaken
        ],
        **({"merged": texts} if texts else {}),
    }
