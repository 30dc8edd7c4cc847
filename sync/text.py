"""Merging two texts by words over the text that both began from (rule M9 of docs/protocol.md).

A text is cut into *words* (what stands between white space, its punctuation apart; one character where a script has no
spaces), and each author's edit into *changes*: a stretch of the old words and what stands there now. Changes of both
authors go into one text when they concern different words. Where that is in doubt there is no merge: a person decides.
Time is bounded whatever the texts are: every pass is linear, and there is a fixed number of them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

DIVISIONS_MAX = 2  # how often a stretch without common ends is divided before it counts as rewritten whole

_PUNCTUATION = r"!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u2027\u2030-\u205e"
# Han, kana, full-width forms and their punctuation: no spaces part words there, so each character is one.
_SINGLE = r"\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003134f"
_MARKS = r"\u3099\u309a\uff9e\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_WORDS = re.compile(
    rf"\n|[^\S\n]+|[{_SINGLE}][{_MARKS}]*"
    rf"|[^\s{_SINGLE}{_PUNCTUATION}](?:[^\s{_SINGLE}]*[^\s{_SINGLE}{_PUNCTUATION}])?|."
)

Range = tuple[int, int, int, int]


class Change(NamedTuple):
    """Old words `low` to `high` give way to `new`; none of them where something is only put in."""

    low: int
    high: int
    new: tuple[str, ...]


def words(text: str) -> list[str]:
    """The words of a text with what stands between them; put together again they are the text."""
    return _WORDS.findall(text)


def merged(seen: str, one: str, other: str) -> str | None:
    """The text with what `one` and `other` each changed in `seen`; None where they changed the same words.

    It is the same whichever comes first. What both changed alike is changed once.
    """
    if one == other or seen == other:
        return one
    if seen == one:
        return other
    old = words(seen)
    both = sorted({*changes(old, words(one)), *changes(old, words(other))})
    if not all(_apart(old, left, right) for left, right in pairwise(both)):
        return None
    return _changed(old, both)


def _changed(old: Sequence[str], made: Sequence[Change]) -> str:
    parts: list[str] = []
    done = 0
    for low, high, new in made:
        parts += old[done:low]
        parts += new
        done = high
    return "".join((*parts, *old[done:]))


def _apart(old: Sequence[str], left: Change, right: Change) -> bool:
    """Whether both changes may be made: there are old words between them, or they only touch and are surely not the
    same edit twice, nor two halves of one word, nor two things put in at one place, whose order nobody said."""
    if left.high < right.low:
        return True
    touch = left.high == right.low and not (_grows(left) and _grows(right))
    if not touch or not _said(left.new).isdisjoint(_said(right.new)):
        return False
    before = left.new[-1] if left.new else old[left.low - 1] if left.low else " "
    after = right.new[0] if right.new else old[right.high] if right.high < len(old) else " "
    return before.isspace() or after.isspace()


def _grows(change: Change) -> bool:
    return len(change.new) > change.high - change.low


def _said(new: Sequence[str]) -> set[str]:
    return {word for word in new if not word.isspace()}


def changes(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """What changed from `old` to `new`, in order. Between two changes stands an old word that is no white space, for only
    such words divide a text: who changed the words on both sides of a space has changed what is between them."""
    found: list[Change] = []
    i = j = 0
    for low, high, start in (*_kept(old, new), (len(old), len(old), len(new))):
        if (i, j) != (low, start):
            found.append(_raised(old, new, (i, low, j, start), found[-1].high if found else 0))
        i, j = high, start + high - low
    return found


def _raised(old: Sequence[str], new: Sequence[str], change: Range, floor: int) -> Change:
    """The change as early as it can stand. Where words repeat, one more or one less of them can be told at several
    places; two authors who did the same must be found to have done the same."""
    low, high, start, end = change
    if low == high:
        while low > floor and new[start - 1] == new[end - 1]:
            low, high, start, end = low - 1, high - 1, start - 1, end - 1
    elif start == end:
        while low > floor and old[low - 1] == old[high - 1]:
            low, high, start, end = low - 1, high - 1, start - 1, end - 1
    return Change(low, high, tuple(new[start:end]))


def _kept(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """(low, high, start): old words `low` to `high` that stand in `new` from `start` on; in order."""
    kept: list[tuple[int, int, int]] = []
    level: list[Range] = [(0, len(old), 0, len(new))]
    for _ in range(DIVISIONS_MAX):
        level = [part for whole in level for part in _divided(old, new, _trimmed(old, new, whole, kept))]
    for whole in level:
        _trimmed(old, new, whole, kept)
    return sorted(block for block in kept if block[0] < block[1])


def _trimmed(old: Sequence[str], new: Sequence[str], whole: Range, kept: list[tuple[int, int, int]]) -> Range:
    """Keep what both have in common at their ends; the rest comes back."""
    low, high, start, end = whole
    first = _alike(old, new, whole, forward=True)
    kept.append((low, low + first, start))
    low, start = low + first, start + first
    last = _alike(old, new, (low, high, start, end), forward=False)
    kept.append((high - last, high, end - last))
    return low, high - last, start, end - last


def _divided(old: Sequence[str], new: Sequence[str], whole: Range) -> list[Range]:
    """The parts of a stretch, each beginning with a word that both have exactly once; none where there is no such word."""
    low, high, start, end = whole
    cuts = _anchors(old, new, whole) if low < high and start < end else []
    edges = pairwise([(low, start), *cuts, (high, end)])
    return [(i, i_end, j, j_end) for (i, j), (i_end, j_end) in edges] if cuts else []


def _alike(old: Sequence[str], new: Sequence[str], within: Range, *, forward: bool) -> int:
    """How many words both have in common at their beginning, or at their end; found by strides, not word by word."""
    low, high, start, end = within
    most = min(high - low, end - start)
    found, stride = 0, 1
    while stride and found < most:
        stride = min(stride, most - found)
        i, j = (low + found, start + found) if forward else (high - found - stride, end - found - stride)
        same = old[i : i + stride] == new[j : j + stride]
        found, stride = (found + stride, stride * 2) if same else (found, stride // 2)
    return found


def _anchors(old: Sequence[str], new: Sequence[str], within: Range) -> list[tuple[int, int]]:
    """Places in both of words that each has once, as many as stand in the same order in both."""
    low, high, start, end = within
    once = {word for word, count in Counter(old[low:high]).items() if count == 1}
    again = {word for word, count in Counter(new[start:end]).items() if count == 1}
    both = {word for word in once & again if not word.isspace()}
    places = {new[j]: j for j in range(start, end) if new[j] in both}
    return _rising([(i, places[old[i]]) for i in range(low, high) if old[i] in both])


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of `pairs` in which the second numbers rise too."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for place, (_, j) in enumerate(pairs):
        length = bisect_left(tails, j)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [j]
        ends[length : length + 1] = [place]
    run: list[tuple[int, int]] = []
    place = ends[-1] if ends else -1
    while place >= 0:
        run.append(pairs[place])
        place = before[place]
    return run[::-1]
