"""Every planted bug still has its place in the source; `scripts/simulate --planted` finds them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.planted import PLANTS, Plant
from tests.simulation.planting import Patch, StalePlant, patched

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: str(plant.name))
def test_a_planted_bug_has_its_place_in_the_source(plant: Plant) -> None:
    for file in {patch.file for patch in plant.patches}:
        source = (ROOT / file).read_text(encoding="utf-8")
        patches = [patch for patch in plant.patches if patch.file == file]
        assert patched(source, patches) != source


def test_there_are_thirty_or_more_and_each_has_a_name_of_its_own() -> None:
    assert len({plant.name for plant in PLANTS}) == len(PLANTS) >= 30


def test_a_plant_whose_text_is_gone_is_an_error() -> None:
    with pytest.raises(StalePlant, match="0 times"):
        patched("one two", [Patch("a.py", "three", "four")])
