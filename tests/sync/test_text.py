"""Merging texts by words: nobody's words are lost, nothing is done twice, and doubt is left to a person (rule M9)."""

from __future__ import annotations

import time
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.text import changes, merged, words
from tests.sync.things import PROPERTY

ANY_TEXT = st.text(st.sampled_from("ab .,\n\r\t-'5é東京ｱﾞ\u3000👍🏽👩‍👧e\u0301\u00a0ß"), max_size=40)
REPEATING = st.lists(st.sampled_from(["the", "pump", " ", "\n", ".", "東"]), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("seen", "one", "other", "expected"),
    [
        ("Pump leaks", "Pump leaks badly", "The pump leaks", "The pump leaks badly"),
        ("a b c", "x b c", "a b y", "x b y"),
        ("the big car", "the huge car", "the big truck", "the huge truck"),
        ("one\ntwo\nthree", "one\ntwo\nthree\nfour", "zero\none\ntwo\nthree", "zero\none\ntwo\nthree\nfour"),
        ("Pump leeks", "Pump leaks", "Pump leeks\nOrdered a seal.", "Pump leaks\nOrdered a seal."),
        ("Pump leaks badly", "Pump leaks", "Pump drips badly", "Pump drips"),
        ("first last", "New: first last", "First last", "New: First last"),
        ("東京に行く。", "東京へ行く。", "東京に行く。明日", "東京へ行く。明日"),
        ("ok ok ok ok", "ok! ok ok ok", "ok ok ok", None),
        ("ok then ok", "fine then ok", "ok then fine", "fine then fine"),
        ("a b c", "a b c", "x", "x"),
        ("a b c", "x", "a b c", "x"),
        ("", "a", "a", "a"),
        ("a b c d e", "a X c d e", "a b c d", "a X c d"),
        ("keep this", "", "keep this", ""),
    ],
)
def test_M9_words_of_both_are_in_what_stands(seen: str, one: str, other: str, expected: str | None) -> None:
    assert merged(seen, one, other) == expected
    assert merged(seen, other, one) == expected


@pytest.mark.parametrize(
    ("seen", "one", "other"),
    [
        pytest.param("a b c", "x b c", "y b c", id="the same word"),
        pytest.param("", "mine", "yours", id="two first texts"),
        pytest.param("a", "a\nmine", "a\nyours", id="two ends, whose order nobody said"),
        pytest.param("a b c", "", "a x c", id="cleared and changed"),
        pytest.param("p q", "p new q", "p2 new q", id="the same word put in, told in two ways"),
        pytest.param(
            "one two three four", "all of it rewritten", "one two or three four", id="put into what is gone"
        ),
        pytest.param("東京", "西京", "東海", id="two halves of a word that no space ends"),
        pytest.param("12.5", "13.5", "12.7", id="two halves of a number"),
        pytest.param("a b", "a leaks and drips", "a b and smells", id="both made more of one place"),
    ],
)
def test_M9_where_the_same_words_changed_a_person_decides(seen: str, one: str, other: str) -> None:
    assert merged(seen, one, other) is None
    assert merged(seen, other, one) is None


@given(ANY_TEXT)
@PROPERTY
def test_M9_words_keep_every_character(text: str) -> None:
    assert "".join(words(text)) == text


def test_M9_a_word_is_what_a_reader_takes_for_one() -> None:
    found = words("don't (12.5V), 東京tower e\u0301 👩‍👩‍👧!\r\n\nx-ray: 2026-11-21")
    assert [word for word in found if not word.isspace()] == [
        *(
            "don't",
            "(",
            "12.5V",
            ")",
            ",",
            "東",
            "京",
            "tower",
            "e\u0301",
            "👩‍👩‍👧",
            "!",
            "x-ray",
            ":",
            "2026-11-21",
        )
    ]


@given(REPEATING | ANY_TEXT, REPEATING | ANY_TEXT)
@PROPERTY
def test_M9_changes_make_the_new_text_of_the_old(old: str, new: str) -> None:
    before = words(old)
    found = changes(before, words(new))
    between = ("".join(before[left.high : right.low]) for left, right in pairwise(found))
    assert not any(map(str.isspace, between))
    assert all(left.high < right.low for left, right in pairwise(found))
    for change in reversed(found):
        before[change.low : change.high] = change.new
    assert "".join(before) == new


def test_M9_words_that_a_stretch_has_once_divide_it_and_its_parts() -> None:
    found = changes(words("1 k 2 U 3 k 4 V 5"), words("6 k 7 U 8 k 9 V 0"))
    assert [(change.low, change.new) for change in found] == [
        (place, (new,)) for place, new in ((0, "6"), (4, "7"), (8, "8"), (12, "9"), (16, "0"))
    ]


def test_M9_one_more_or_less_of_what_repeats_is_told_as_early_as_it_can_be() -> None:
    assert changes(words("no no end"), words("no no no end")) == [(0, 0, ("no", " "))]
    assert changes(words("no no no end"), words("no no end")) == [(0, 2, ())]
    assert merged("no no end", "no no no end", "no no no end.") == "no no no end."


@given(REPEATING | ANY_TEXT, REPEATING | ANY_TEXT, REPEATING | ANY_TEXT)
@PROPERTY
def test_M9_laws_of_merging(seen: str, one: str, other: str) -> None:
    assert merged(seen, one, other) == merged(seen, other, one)
    assert merged(seen, seen, other) == other
    assert merged(seen, one, one) == one


EDITS = st.lists(
    st.tuples(st.integers(0, 11), st.sampled_from(["put", "cut", "change"]), st.integers(1, 3)), max_size=5
)


def _edited(old: list[str], edits: list[tuple[int, str, int]], mark: str) -> tuple[list[str], set[int]]:
    """Words after edits, each new one marked as its author's; and which old ones went."""
    after, gone = {place: [word] for place, word in enumerate(old)}, set[int]()
    for count, (place, what, many) in enumerate(edits):
        if place >= len(old):
            continue
        new = [f"{mark}{count}{i}" for i in range(many)]
        if what != "put":
            gone.add(place)
        after[place] = {
            "put": [*new, *after[place]],
            "cut": after[place][:-1],
            "change": [*after[place][:-1], *new],
        }[what]
    return [word for place in range(len(old)) for word in after[place]], gone


@given(st.integers(0, 12), EDITS, EDITS)
@PROPERTY
def test_M9_no_word_of_either_is_lost_and_nothing_else_changes(
    size: int, ones: list[tuple[int, str, int]], others: list[tuple[int, str, int]]
) -> None:
    old = [f"w{i}" for i in range(size)]
    one, gone = _edited(old, ones, "a")
    other, missing = _edited(old, others, "b")
    both = merged(" ".join(old), " ".join(one), " ".join(other))
    if both is None:
        return
    found = both.split()
    # Without the other's words, and with the old ones that the other took away, it is what the author wrote.
    assert [w for w in found if w not in other or w in one] == [w for w in one if w in found]
    assert [w for w in found if w not in one or w in other] == [w for w in other if w in found]
    assert {w for w in one if w[0] == "a"} | {w for w in other if w[0] == "b"} <= set(found)
    assert {w for w in found if w[0] == "w"} == {f"w{i}" for i in range(size) if i not in gone | missing}
    assert len(found) == len(set(found))


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 5))
@PROPERTY
def test_M9_what_both_did_alike_is_done_once_beside_what_each_did_alone(
    alike: int, mine: int, yours: int
) -> None:
    old = [f"w{i}" for i in range(18)]
    one, other, expected = list(old), list(old), list(old)
    for whose, place, word in (
        ((one, other), alike, "both"),
        ((one,), 6 + mine, "a"),
        ((other,), 12 + yours, "b"),
    ):
        for text in (*whose, expected):
            text[place] = word
    assert merged(" ".join(old), " ".join(one), " ".join(other)) == " ".join(expected)


def _hostile() -> dict[str, tuple[str, str, str]]:
    chance, size = Random(9), 20_000
    plain = ["".join(chr(0x4E00 + i) for i in range(size))]
    mixed = list(plain[0])
    chance.shuffle(mixed)
    letters = [" ".join(chance.choice("ab") for _ in range(size // 2)) for _ in range(3)]
    prose = [f"w{chance.randrange(400)}" for _ in range(3800)]
    return {
        "one word again and again": ("x " * 10_000, "y " + "x " * 9_000 + "y ", "z " + "x " * 9_500 + "z "),
        "one long word": ("x" * size, "x" * (size - 1) + "y", "z" + "x" * (size - 1)),
        "all characters in another order": (plain[0], "".join(mixed), plain[0][::-1]),
        "two words by chance": (letters[0], letters[1], letters[2]),
        "nothing but signs": ("." * size, "." * 9_999 + "!" + "." * 9_999, "a" + "." * (size - 1)),
        "emoji without spaces": ("👍🏽" * 10_000, "👍🏽" * 9_990 + "👎", "👩‍👩‍👧" * 4_000),
        "nothing but white space": (" " * size, "\n" * size, " \n" * 10_000),
        "prose": (
            " ".join(prose),
            " ".join([*prose[:9], "new", *prose[9:]]),
            " ".join([*prose[:3000], "end"]),
        ),
    }


@pytest.mark.parametrize("name", _hostile())
def test_M9_no_text_takes_long(name: str) -> None:
    """Milliseconds alone on a core; the bound is far above that, and far below what a pass too many would take."""
    seen, one, other = _hostile()[name]
    began = time.process_time()
    merged(seen, one, other)
    assert time.process_time() - began < 1.0


def test_M9_prose_of_full_length_merges() -> None:
    seen, one, other = _hostile()["prose"]
    assert merged(seen, one, other) == " ".join([*one.split()[:3001], "end"])
