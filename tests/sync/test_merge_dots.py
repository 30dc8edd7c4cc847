"""Saying the same thing again and again leaves no more behind than saying it once (V6, V7)."""

from __future__ import annotations

from sync.changeset import Write
from sync.policy import Incoming, agree
from sync.vector import Dot


def test_V7_a_newer_dot_stands_for_the_older_ones_of_its_replica() -> None:
    write = Write((Dot("ra", 1, 1),), 5)
    for n in range(1, 100):
        at = 3 if n % 2 else 9
        verdict = agree({"bay": "x"}, write, Incoming({"bay": "x"}, Dot("rb", n, n + 1), at, {}))
        assert verdict.write is not None
        write = verdict.write
    assert len(write.dots) <= 3
    assert {dot.replica for dot in write.dots} == {"ra", "rb"}
    assert Dot("rb", 99, 100) in write.dots
