"""Texts of two authors in one record: whose dots it bears, who is told, and when a person decides (rules M9 and V7)."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.changeset import Op, Record
from sync.collection import Collection, Policy, group, text
from sync.merge import TEXT_TRAIL_MAX, Stamp, apply, assign, shown_at
from sync.vector import Dot
from tests.sync.things import PROPERTY, THING, A, B, C, created, new_id, patched, side_values

SEEN = "the pump leaks on the left"
SAW_CREATE = {"@": 1}


def _two() -> Record:
    """B's text stands, then A's, which had not seen it, is merged: both dots."""
    record = patched(created(notes=SEEN), B, 1, 2, SAW_CREATE, notes=f"{SEEN} side").record
    return patched(record, A, 2, 3, SAW_CREATE, saw=SEEN, notes=f"Again {SEEN}").record


def test_M9_both_texts_are_in_what_stands_and_both_authors_are_told() -> None:
    standing = patched(created(notes=SEEN), B, 1, 2, SAW_CREATE, notes=f"{SEEN} side").record
    result = patched(standing, A, 2, 3, SAW_CREATE, saw=SEEN, notes=f"Again {SEEN}")
    assert result.record.data["notes"] == f"Again {SEEN} side"
    (both,) = result.merged
    assert (both.unit, both.text, both.mine, both.theirs) == ("notes", f"Again {SEEN} side", True, True)
    assert both.value == {"notes": f"{SEEN} side"}
    assert (result.opened, result.overtaken) == ((), ())


@pytest.mark.parametrize(
    ("standing", "incoming", "mine", "theirs"),
    [(SEEN, f"{SEEN} side", False, True), (f"{SEEN} side", SEEN, True, False)],
)
def test_M9_who_reads_just_what_they_wrote_is_told_nothing(
    standing: str, incoming: str, mine: bool, theirs: bool
) -> None:
    record = patched(created(notes=SEEN), B, 1, 2, SAW_CREATE, notes=standing).record
    result = patched(record, A, 2, 3, SAW_CREATE, saw=SEEN, notes=incoming)
    assert result.record.data["notes"] == f"{SEEN} side"
    assert [(m.mine, m.theirs) for m in result.merged] == [(mine, theirs)]


@pytest.mark.parametrize("base", [{"@": 2}, {"@": 1, A: 2}, {"@": 1, B: 1}])
def test_V7_a_merge_is_covered_only_by_who_saw_both(base: dict[str, int]) -> None:
    record = _two()
    assert {dot.replica for dot in record.meta.writes["notes"].dots} == {A, B}
    result = patched(record, C, 1, 4, base, notes="quite another text")
    assert result.record.data["notes"] == f"Again {SEEN} side"
    assert side_values(result.record, "notes") == ["quite another text"]


def test_V4_V7_who_saw_both_replaces_the_merge() -> None:
    result = patched(_two(), C, 1, 4, {"@": 1, A: 2, B: 1}, notes="quite another text")
    assert result.record.data["notes"] == "quite another text"
    assert not result.merged


def test_V8_M9_ones_own_further_text_meets_what_it_was_merged_with() -> None:
    """A writes on, off line, over its own text; B's words that are merged into it meanwhile stay."""
    mine = f"Again {SEEN}"
    result = patched(_two(), A, 3, 4, {"@": 1, A: 2}, saw=mine, notes=mine.replace("left", "right"))
    assert result.record.data["notes"] == "Again the pump leaks on the right side"


@pytest.mark.parametrize("saw", [None, SEEN], ids=["unknown", "clash"])
def test_M9_where_it_is_not_known_or_clashes_it_is_a_conflict(saw: str | None) -> None:
    record = patched(created(notes=SEEN), B, 1, 2, SAW_CREATE, notes="the hose leaks on the left").record
    result = patched(record, A, 2, 3, SAW_CREATE, saw=saw, notes="the belt leaks on the left")
    assert result.record.data["notes"] == "the hose leaks on the left"
    assert side_values(result.record, "notes") == ["the belt leaks on the left"]
    assert [opened.again for opened in result.opened] == [False]


def test_M9_what_would_be_too_long_together_is_a_conflict() -> None:
    seen = "w " * 6_000
    record = patched(created(notes=seen), B, 1, 2, SAW_CREATE, notes=seen + "b" * 7_000).record
    result = patched(record, A, 2, 3, SAW_CREATE, saw=seen, notes="a" * 7_000 + " " + seen)
    assert len(side_values(result.record, "notes")) == 1


def test_M9_texts_of_a_group_are_kept_for_a_person() -> None:
    """Words that belong to another field's value must not move without it."""
    pair = Collection("pair", (*group("said", text("text", Policy.TEXT), text("why", Policy.TEXT)),), {})
    op = Op("create", "pair", "p", {}, {"text": "a b", "why": "c"})
    record = apply(pair, None, op, Stamp(Dot(A, 1, 1), 1, new_id)).record
    for who, seq, said in ((A, 2, "x b"), (B, 3, "a y")):
        op = Op("patch", "pair", "p", {"@": 1}, {"text": said, "why": "c"})
        record = apply(pair, record, op, Stamp(Dot(who, 2, seq), 1, new_id, {"said": "a b"})).record
    assert record.data["text"] == "x b"
    assert len(record.meta.sides["said"]) == 1


def test_M9_while_a_side_is_open_its_further_text_goes_to_that_side() -> None:
    record = patched(created(notes=SEEN), B, 1, 2, SAW_CREATE, notes="the hose leaks on the left").record
    mine = "the belt leaks on the left"
    opened = patched(record, A, 2, 3, SAW_CREATE, saw=SEEN, notes=mine)
    again = patched(opened.record, A, 3, 4, {"@": 1, A: 2}, saw=mine, notes=f"{mine} side")
    assert again.record.data["notes"] == "the hose leaks on the left"
    assert side_values(again.record, "notes") == [f"{mine} side"]
    assert [(o.again, o.conflict) for o in again.opened] == [(True, opened.opened[0].conflict)]


def test_M9_who_stands_with_anothers_side_has_a_side_too() -> None:
    record = patched(created(notes=SEEN), B, 1, 2, SAW_CREATE, notes="the hose leaks on the left").record
    mine = "the belt leaks on the left"
    record = patched(record, A, 2, 3, SAW_CREATE, saw=SEEN, notes=mine).record
    record = patched(record, C, 1, 4, SAW_CREATE, saw=SEEN, notes=mine).record
    record = patched(record, C, 2, 5, {"@": 1, C: 1}, saw=mine, notes=f"{mine} side").record
    assert record.data["notes"] == "the hose leaks on the left"
    assert side_values(record, "notes") == [f"{mine} side", mine]


def test_M18_what_was_merged_unseen_closes_no_conflict() -> None:
    """C chose between two sides, but of a third text it had not seen: that was only merged with C's."""
    record = patched(created(notes=SEEN), B, 1, 2, SAW_CREATE, notes="the hose leaks on the left").record
    record = patched(record, A, 2, 3, SAW_CREATE, saw=SEEN, notes="the belt leaks on the left").record
    record = patched(record, B, 2, 4, {"@": 1, B: 1}, notes="the hose leaks on the left side").record
    result = patched(
        record, C, 1, 5, {"@": 3}, saw="the hose leaks on the left", notes="so the hose leaks on the left"
    )
    assert result.record.data["notes"] == "so the hose leaks on the left side"
    assert result.closed == ()
    after = patched(result.record, C, 2, 6, {"@": 5}, notes="settled")
    assert len(after.closed) == 1


def test_M19_a_merge_that_says_what_a_side_says_closes_it() -> None:
    record = patched(created(notes="a b c"), B, 1, 2, SAW_CREATE, notes="a B c").record
    record = patched(record, A, 2, 3, SAW_CREATE, notes="X B c").record
    assert side_values(record, "notes") == ["X B c"]
    result = patched(record, C, 1, 4, SAW_CREATE, saw="a b c", notes="X b c")
    assert result.record.data["notes"] == "X B c"
    assert len(result.closed) == 1


def test_M9_a_text_that_was_cleared_by_one_is_cleared() -> None:
    record = patched(created(notes=SEEN), B, 1, 2, SAW_CREATE, notes=None).record
    result = patched(record, A, 2, 3, SAW_CREATE, saw=SEEN, notes=SEEN)
    assert "notes" not in result.record.data


@given(st.permutations([(A, 2), (B, 1), (C, 1)]), st.permutations([100, 200, 300]))
@PROPERTY
def test_M9_three_texts_of_different_words_are_one_text_in_any_order(
    order: list[tuple[str, int]], times: list[int]
) -> None:
    record = created(notes="one two three four five six seven")
    told = {A: ("one", "eins"), B: ("four", "vier"), C: ("seven", "sieben")}
    for seq, ((who, n), at) in enumerate(zip(order, times, strict=True), 2):
        new = record_text(*told[who])
        record = patched(record, who, n, seq, SAW_CREATE, at=at, saw=record_text("", ""), notes=new).record
    assert record.data["notes"] == "eins two three vier five six sieben"
    write = record.meta.writes["notes"]
    assert sorted(dot.replica for dot in write.dots) == [A, B, C]
    assert (write.at, write.dots[0].replica) == (300, order[times.index(300)][0])


def record_text(old: str, new: str) -> str:
    text = "one two three four five six seven"
    return text.replace(old, new) if old else text


def test_V17_the_writes_that_changed_a_text_are_known_by_commit() -> None:
    record = _two()
    known: list[Any] = [shown_at(record, "notes", seq) for seq in range(5)]
    assert [dot and dot[:2] for dot in known] == [None, (A, 1), (B, 1), (A, 2), (A, 2)]
    served = assign(THING, record, {"notes": "by the server"}, 9, 100)
    assert shown_at(served, "notes", 9) == Dot("@", 9, 9)


def test_V17_what_is_older_than_the_trail_is_not_known() -> None:
    record = created(notes=SEEN)
    for n in range(2, TEXT_TRAIL_MAX + 3):
        record = patched(record, A, n, n, {"@": n - 1}, notes=f"{SEEN} {n}").record
    assert shown_at(record, "notes", 2) is None
    assert shown_at(record, "notes", 3) == Dot(A, 3, 3)


def test_M9_two_texts_are_the_same_whichever_comes_first() -> None:
    ways = set()
    for first, second in permutations([(A, 2, f"Again {SEEN}"), (B, 1, f"{SEEN} side")]):
        record = created(notes=SEEN)
        for seq, (who, n, said) in enumerate((first, second), 2):
            record = patched(record, who, n, seq, SAW_CREATE, saw=SEEN, notes=said).record
        ways.add(record.data["notes"])
    assert ways == {f"Again {SEEN} side"}
