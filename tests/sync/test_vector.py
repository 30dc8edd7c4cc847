"""Laws of version vectors: what a base covers, and that joining and pruning lose nothing (rules V)."""

from hypothesis import given
from hypothesis import strategies as st

from sync.vector import SERVER, Dot, advance, covers, covers_all, join, prune, smallest
from tests.sync.things import PROPERTY, A, B, C

counts = st.integers(0, 6)
names = st.sampled_from([SERVER, A, B, C])
vectors = st.dictionaries(names, counts, max_size=4)
dots = st.builds(Dot, st.sampled_from([A, B, C]), st.integers(1, 6), st.integers(1, 6))


def test_V3_covered_by_commit() -> None:
    assert covers({"@": 5}, Dot(A, 9, 5))
    assert not covers({"@": 4}, Dot(A, 9, 5))


def test_V3_covered_by_the_writers_entry() -> None:
    assert covers({A: 9}, Dot(A, 9, 5))
    assert not covers({A: 8, B: 9}, Dot(A, 9, 5))


def test_V3_covered_by_an_earlier_number_of_the_same_replica() -> None:
    assert covers({}, Dot(A, 3, 5), A, 3)
    assert not covers({}, Dot(A, 4, 5), A, 3)
    assert not covers({}, Dot(B, 1, 5), A, 3)


def test_V3_a_write_of_the_server_is_covered_by_its_commit_alone() -> None:
    assert covers({"@": 7}, Dot("@", 7, 7))
    assert not covers({"@": 6}, Dot("@", 7, 7))


def test_V7_a_merge_is_covered_only_when_all_in_it_is() -> None:
    both = (Dot(A, 1, 5), Dot(B, 1, 6))
    assert covers_all({"@": 6}, both)
    assert covers_all({"@": 5, B: 1}, both)
    assert not covers_all({"@": 5}, both)


@PROPERTY
@given(vectors, vectors, vectors)
def test_V_join_is_the_smallest_that_contains_both(left: dict, right: dict, third: dict) -> None:
    both = join(left, right)
    assert both == join(right, left)
    assert join(both, third) == join(left, join(right, third))
    assert join(both, left) == both == join(both, both)


@PROPERTY
@given(vectors, vectors, dots)
def test_V3_a_join_covers_what_either_covers(left: dict, right: dict, dot: Dot) -> None:
    assert covers(join(left, right), dot) == (covers(left, dot) or covers(right, dot))


@PROPERTY
@given(vectors, dots, dots)
def test_V9_advance_covers_the_write_and_all_it_covered(vector: dict, written: Dot, before: Dot) -> None:
    after = advance(vector, written)
    assert covers(after, written)
    assert covers(after, before) or not covers(vector, before)


def test_V9_a_server_write_leaves_no_entry_beside_its_commit() -> None:
    assert advance({"@": 3, A: 2}, Dot("@", 9, 9)) == {"@": 9, A: 2}


@PROPERTY
@given(vectors, st.dictionaries(names, counts, max_size=4))
def test_V15_pruning_takes_settled_entries_only(vector: dict, settled: dict) -> None:
    pruned = prune(vector, settled)
    assert pruned.get("@") == vector.get("@")
    assert all(pruned[r] == n for r, n in vector.items() if n > settled.get(r, 0))
    assert prune(pruned, settled) == pruned


@PROPERTY
@given(vectors, dots, st.dictionaries(names, counts, max_size=4))
def test_V15_within_a_lineage_the_commit_covers_what_is_pruned(vector: dict, dot: Dot, settled: dict) -> None:
    honest = advance(vector, dot)  # what a record's vector is: `@` has reached every write it names
    assert covers(prune(honest, settled), dot)


@PROPERTY
@given(st.lists(vectors, min_size=1, max_size=4), dots)
def test_V14_the_smallest_covers_no_more_than_each(bases: list[dict], dot: Dot) -> None:
    if covers(smallest(bases), dot):
        assert all(covers(base, dot) for base in bases)


def test_V14_the_smallest_of_nothing_has_seen_nothing() -> None:
    assert smallest([]) == {}
    assert smallest([{"@": 5, A: 3}, {"@": 4, A: 9, B: 1}]) == {"@": 4, A: 3}
