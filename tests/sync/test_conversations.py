"""Scripted conversations that every client can be put through (tests/vectors/conversations.json), here with the Python replica."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync.collection import Collection, Policy, elements, text
from sync.overlay import Draft
from sync.replica import Replica

READ = json.loads((Path(__file__).parents[1] / "vectors" / "conversations.json").read_text(encoding="utf-8"))
WORK_ORDER = Collection("work_order", (elements("tags"), text("complaint", Policy.LATEST)), {})
SENT = 1_793_229_000_000


class Talk:
    """One phone in a conversation; `ids` are what `$1` and the like stand for."""

    def __init__(self) -> None:
        self.phone = Replica("raaaaaaaaaaaa", "e1", {"work_order": WORK_ORDER})
        self.ids: dict[str, str] = {}
        self.forms: dict[str, Any] = {}

    def step(self, said: dict[str, Any]) -> None:
        match said:
            case {"act": name, "drafts": drafts}:
                self.ids[name] = f"01930000-0000-7000-8000-0000000000{len(self.ids) + 16:02x}"
                made = [
                    Draft(
                        d["op"], d["collection"], d["id"], d.get("set", {}), self.forms.get(d.get("form", ""))
                    )
                    for d in drafts
                ]
                self.phone = self.phone.act(made, id=self.ids[name], at=SENT)
            case {"form": name, "of": id_}:
                self.forms[name] = self.phone.form(id_)
            case {"sync": turns}:
                for turn in turns:
                    self.turn(turn)
            case {"shown": id_, "data": data}:
                shown = self.phone.shown(id_)
                assert (shown.data if shown else None) == data
            case {"parked": names}:
                assert [w.changeset.id for w in self.phone.parked] == [self.ids[name] for name in names]

    def turn(self, turn: dict[str, Any]) -> None:
        asked = self.phone.request(SENT)
        wanted = turn["request"]
        for name, value in wanted.items():
            came = asked[name] if name != "changesets" else self._named(asked[name], value)
            assert came == value, name
        self.phone = self.phone.answer(asked, turn["status"], turn["answer"])

    def _named(self, sent: list[Any], wanted: list[Any]) -> list[Any]:
        """The changesets as the script writes them: members it does not name left out, ids by their names."""
        names = {id_: name for name, id_ in self.ids.items()}
        told = [
            {**c, "id": names.get(c["id"], c["id"]), "ops": [self._plain(op) for op in c["ops"]]}
            for c in sent
        ]
        keys = (
            [wanted[place].keys() | {"was"} for place in range(len(wanted))]
            if len(wanted) == len(told)
            else []
        )
        return [
            {k: v for k, v in c.items() if k in keep} for c, keep in zip(told, keys, strict=False)
        ] or told

    def _plain(self, op: dict[str, Any]) -> dict[str, Any]:
        """An op; of a delete's base the own entry may be there or not (V14)."""
        if op["op"] != "delete":
            return op
        return {**op, "base": {r: n for r, n in op["base"].items() if r != self.phone.replica}}


@pytest.mark.parametrize("case", READ["cases"], ids=lambda c: f"{'_'.join(c['rules'])}_{c['name']}")
def test_conversation(case: dict[str, Any]) -> None:
    talk = Talk()
    for said in case["steps"]:
        talk.step(said)
