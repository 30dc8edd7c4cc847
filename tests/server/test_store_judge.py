"""A changeset meets a scene in memory: whole or not at all, children with their parents, closed bases (rules M15, M23, C1)."""

from __future__ import annotations

from itertools import count
from typing import Any

from server.store.judge import Bench, judge
from server.store.rules import Actor, Change, Rules
from server.store.scene import Scene
from sync.changeset import Changeset, Op, Outcome
from sync.errors import RULE, Refusal
from tests.sync.things import ID, OTHER_ID, THING, A

THIRD_ID = "01930000-0000-7000-8000-000000000003"
_ids = count(1)


class Short(Rules):
    """A rule of a room: no thing is called long."""

    def check(self, scene: Scene, change: Change) -> None:
        if change.after is not None and change.after.data["name"] == "long":
            raise Refusal(f"{RULE}short", "Choose a shorter name.")


class Table:
    """One replica's changesets over one scene."""

    def __init__(self) -> None:
        self.scene = Scene(
            {"thing": THING}, (), shop={}, numbers={}, now=1000, new_id=lambda: f"c{next(_ids)}"
        )
        self.n = 0

    def push(self, *ops: Op) -> Outcome:
        self.n += 1
        bench = Bench({"thing": THING}, {"thing": Short()}, Actor("p1", "admin", "Ann", A), self.n - 1, 0)
        return judge(self.scene, bench, Changeset(self.n, f"id{self.n}", 1, 1000, ops), self.n, 1000)

    def there(self, id_: str) -> bool:
        return self.scene.get(id_) is not None


def _create(id_: str, **values: Any) -> Op:
    return Op("create", "thing", id_, {}, {"name": "x", **values})


def _family() -> Table:
    """A parent with one child, both made by one changeset, the child first."""
    table = Table()
    assert table.push(_create(ID), _create(OTHER_ID, parent=ID)).accepted
    return table


def test_C1_a_changeset_is_whole_or_absent() -> None:
    table = Table()
    outcome = table.push(_create(ID), Op("patch", "thing", OTHER_ID, {}, {"name": "nobody"}))
    assert (outcome.code, outcome.op) == ("gone", 1)
    assert not table.there(ID)


def test_M23_living_children_are_deleted_with_their_parent_or_keep_it() -> None:
    table = _family()
    parent, child = (Op("delete", "thing", id_, {"@": 1}) for id_ in (ID, OTHER_ID))
    assert table.push(parent).code == "has_children"
    assert table.there(ID)
    assert table.push(parent, child).accepted
    assert not table.there(ID)
    assert not table.there(OTHER_ID)


def test_M23_a_child_that_was_not_seen_keeps_both() -> None:
    table = _family()
    assert table.push(_create(THIRD_ID, parent=ID)).accepted
    both = [Op("delete", "thing", id_, {"@": 1}) for id_ in (ID, OTHER_ID)]
    assert table.push(*both).code == "has_children"
    assert table.there(OTHER_ID)


def test_M26_a_parent_that_is_not_there_or_gone_is_missing() -> None:
    table = _family()
    assert table.push(_create(THIRD_ID, parent=THIRD_ID[:-1] + "9")).code == "missing_parent"
    assert table.push(*(Op("delete", "thing", id_, {"@": 9}) for id_ in (OTHER_ID, ID))).code == "invalid"
    assert table.push(*(Op("delete", "thing", id_, {"@": 1}) for id_ in (OTHER_ID, ID))).accepted
    assert table.push(_create(THIRD_ID, parent=ID)).code == "missing_parent"
    for no_id in ("x", "", ID[1:], 7):
        assert (
            table.push(_create(THIRD_ID, parent=no_id)).code == "invalid"
        )  # no id at all, whatever is there


def test_M15_a_record_that_breaks_a_rule_of_its_room_is_refused_by_its_name() -> None:
    table = _family()
    outcome = table.push(Op("patch", "thing", ID, {"@": 1}, {"name": "long"}))
    assert (outcome.code, outcome.message) == ("rule:short", "Choose a shorter name.")


def test_V18_a_base_above_what_was_given_out_is_invalid() -> None:
    table = _family()
    for base in ({"@": 5}, {A: 7}, {"rzzzzzzzzzzzz": 1}):
        assert table.push(Op("patch", "thing", ID, base, {"name": "y"})).code == "invalid"
