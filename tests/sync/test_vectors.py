"""The cases that Python and TypeScript both read: canonical text, digests, overlay, bases."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync.changeset import Changeset, Op
from sync.collection import Collection, Policy, elements, text
from sync.digest import canonical, changeset_digest, record_digest, sum_digests
from sync.overlay import Held, Waiting, base_of, layers, show

VECTORS = Path(__file__).parents[1] / "vectors"
WORK_ORDER = Collection("work_order", (elements("tags"), text("complaint", Policy.LATEST)), {})


def _cases(name: str) -> Any:
    read = json.loads((VECTORS / f"{name}.json").read_text())
    return pytest.mark.parametrize("case", [pytest.param(case, id=_named(case)) for case in read["cases"]])


def _named(case: dict[str, Any]) -> str:
    return f"{'_'.join(case['rules'])}_{case['name'].replace(' ', '_')}"


@_cases("canonical")
def test_vector_of_canonical_text(case: dict[str, Any]) -> None:
    assert canonical(case["value"]).decode() == case["canonical"]


@_cases("changeset_digest")
def test_vector_of_a_changesets_digest(case: dict[str, Any]) -> None:
    said = case["changeset"]
    changeset = Changeset(said["n"], said["id"], said["schema"], said["at"], _ops(said["ops"]))
    assert changeset_digest(changeset).hex() == case["sha256"]


@_cases("record_digest")
def test_vector_of_a_records_digest(case: dict[str, Any]) -> None:
    records = case.get("records") or [case["record"]]
    digests = [record_digest(r["collection"], r["id"], r["vv"]["@"], r["data"]) for r in records]
    assert str(sum_digests(digests)) == (case.get("sum") or case["digest"])


@_cases("overlay")
def test_vector_of_what_is_shown_and_its_bases(case: dict[str, Any]) -> None:
    held = Held(**case["confirmed"]) if case["confirmed"] else None
    id_ = held.id if held else "01930000-0000-7000-8000-000000000001"
    over = layers(held, [_waiting(said) for said in case["outbox"]], id_)
    shown = show(held, over, {"work_order": WORK_ORDER})
    assert (shown.data if shown else None) == case["shown"]
    assert {name: base_of(held, over, name) for name in case["bases"]} == case["bases"]


def _waiting(said: dict[str, Any]) -> Waiting:
    changeset = Changeset(said["n"], "", 1, 0, _ops(said["ops"]), said.get("was"))
    accepted = said["accepted"]
    if accepted is None:
        return Waiting(said["replica"], changeset)
    return Waiting(said["replica"], changeset, accepted["seq"], {"outcome": "accepted"})


def _ops(given: list[dict[str, Any]]) -> tuple[Op, ...]:
    return tuple(Op(o["op"], o["collection"], o["id"], o.get("base", {}), o.get("set", {})) for o in given)
