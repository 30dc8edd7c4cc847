"""A server that prunes its vectors and one that never does give the same outcome on every trace, restores included (V16).

Two worlds live the same history: phones that edit, sync, lose answers, are copied and rolled back, and a server that is
backed up and restored to the newest backup. `durable` is as rule R8 has it. In both every outcome, every record and every
conflict must be the same.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.overlay import Draft
from sync.replica import Replica
from tests.sync.things import ID, OTHER_ID, PROPERTY, THING
from tests.sync.toyshop import ToyShop

IDS = (ID, OTHER_ID)


class World:
    """One server and its phones. Both worlds are driven by the same dice."""

    def __init__(self, seed: int, *, prunes: bool) -> None:
        self.r, self.shop = Random(seed), ToyShop(prunes)
        self.phones = [Replica(self.shop.name(), "e0", {"thing": THING}) for _ in range(3)]
        self.earlier: list[tuple[int, Replica]] = []
        self.acts, self.told = 0, list[Any]()
        for id_ in IDS:
            self._act(0, Draft("create", "thing", id_, {"name": "thing"}))
        self._sync(0, lost=False)
        self.shop.back_up(verified=False)

    def step(self) -> None:
        r = self.r
        who = r.randrange(len(self.phones))
        match r.choices(
            ("edit", "sync", "back up", "restore", "copy", "keep", "roll back"), (40, 38, 8, 5, 2, 4, 3)
        )[0]:
            case "edit":
                self._edit(who)
            case "sync":
                self._sync(who, lost=r.random() < 0.15)
            case "back up":
                self.shop.back_up(verified=r.random() < 0.7)
            case "restore":
                self.shop.restore()
            case "copy" if len(self.phones) < 5:
                self.phones.append(self.phones[who])
            case "keep":
                self.earlier.append((who, self.phones[who]))
            case "roll back" if self.earlier:
                whose, before = self.earlier.pop()
                self.phones[whose] = before

    def _edit(self, who: int) -> None:
        r, id_ = self.r, self.r.choice(IDS)
        word = r.choice("abcdef")
        name = r.choice(("name", "body", "notes", "meter", "tags"))
        values = {"meter": r.randrange(30), "tags": {r.choice(("add", "remove")): [word]}}
        value = values.get(name, f"{word}{r.randrange(9)}")
        if self.phones[who].shown(id_) is not None:
            self._act(who, Draft("patch", "thing", id_, {name: value}))

    def _act(self, who: int, draft: Draft) -> None:
        self.acts += 1
        id_ = f"01930000-0000-7000-9000-{self.acts:012x}"
        self.phones[who] = self.phones[who].act([draft], id=id_, at=1000 * self.acts)

    def _sync(self, who: int, *, lost: bool) -> None:
        asked = self.phones[who].request(10**6)
        status, said = self.shop.answer(asked)
        self.told.append((status, said.get("code"), said.get("results")))
        if not lost:
            self.phones[who] = self.phones[who].answer(asked, status, said)

    def rest(self) -> None:
        for _ in range(12):
            for who in range(len(self.phones)):
                self._sync(who, lost=False)

    def standing(self) -> Any:
        """Everything but the entries that pruning leaves out."""
        records = self.shop.data.records.values()
        sides = [
            {u: {r: (s.value, s.write.dots) for r, s in found.items()} for u, found in one.meta.sides.items()}
            for one in records
        ]
        return [(r.id, r.seq, r.data) for r in records], sides, [p.n for p in self.phones]


def _lives(seed: int, steps: int) -> tuple[World, World]:
    worlds = World(seed, prunes=True), World(seed, prunes=False)
    for _ in range(steps):
        for world in worlds:
            world.step()
    for world in worlds:
        world.rest()
    return worlds


@settings(PROPERTY, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(10, 120))
def test_V16_V15_pruning_changes_no_outcome(seed: int, steps: int) -> None:
    pruning, keeping = _lives(seed, steps)
    assert pruning.told == keeping.told
    assert pruning.standing() == keeping.standing()


def test_V15_the_histories_do_prune_and_restore() -> None:
    entries, restores, conflicts = [0, 0], 0, 0
    for seed in range(12):
        for place, world in enumerate(_lives(seed, 80)):
            entries[place] += sum(len(record.vv) for record in world.shop.data.records.values())
            restores += world.shop.restores
            conflicts += sum(r.get("opened", 0) for _, _, results in world.told for r in results or ())
    assert entries[0] < entries[1] * 0.9
    assert restores > 30
    assert conflicts > 20
