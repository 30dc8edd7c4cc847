"""Version vectors: what a state contains, and what an editor had seen.

A *dot* `(replica, n, seq)` names one accepted write; `seq` is the commit at which it was accepted. A *vector*
maps `"@"` to a seq and replicas to their newest n. Rules V1 to V9 of docs/protocol.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

Vector = Mapping[str, int]
SERVER = "@"


class Dot(NamedTuple):
    """Where an accepted write stands: the replica's n and the shop's seq."""

    replica: str
    n: int
    seq: int


def covers(base: Vector, dot: Dot, writer: str = "", n: int = 0) -> bool:
    """Whether a write by `writer` at its own `n`, made over `base`, had seen `dot`.

    True when the base's `@` reaches the dot's commit, when the base names that replica's n, or when both writes
    came from one replica in that order (ops of one changeset see the ops before them).
    """
    if dot.seq <= base.get(SERVER, -1):
        return True
    if dot.n <= base.get(dot.replica, 0) and dot.replica != SERVER:
        return True
    return dot.replica == writer and dot.n <= n


def covers_all(base: Vector, dots: Iterable[Dot], writer: str = "", n: int = 0) -> bool:
    """Whether every one of `dots` was seen: what a merge made is covered only when all that is in it is."""
    return all(covers(base, dot, writer, n) for dot in dots)


def join(left: Vector, right: Vector) -> dict[str, int]:
    """The smallest vector that contains both."""
    joined = dict(left)
    for replica, n in right.items():
        if n > joined.get(replica, -1):
            joined[replica] = n
    return joined


def advance(vector: Vector, dot: Dot) -> dict[str, int]:
    """The vector after the write `dot`: `@` moves to its commit, its replica's entry to its n."""
    after = {**vector, SERVER: max(dot.seq, vector.get(SERVER, 0))}
    if dot.replica != SERVER:
        after[dot.replica] = max(dot.n, vector.get(dot.replica, 0))
    return after


def prune(vector: Vector, settled: Vector) -> dict[str, int]:
    """Without the entries that `@` alone stands for: `settled` gives each replica's newest n that is both
    confirmed by the replica and durable."""
    return {r: n for r, n in vector.items() if r == SERVER or n > settled.get(r, 0)}


def smallest(bases: Iterable[Vector]) -> dict[str, int]:
    """A vector that covers no more than each of `bases` does: the entry-wise minimum."""
    result: dict[str, int] | None = None
    for base in bases:
        result = (
            dict(base) if result is None else {r: min(n, base[r]) for r, n in result.items() if r in base}
        )
    return result or {}
