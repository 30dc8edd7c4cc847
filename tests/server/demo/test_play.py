"""Turns: everybody's own order and everything's own order hold, in few pushes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.demo.play import PUSHED_AT_ONCE, turns
from server.demo.stories import Action

PEOPLE, THINGS = st.sampled_from("abc"), st.sampled_from("xyz")
ACTIONS = st.lists(st.tuples(st.integers(0, 30), PEOPLE, THINGS), max_size=40)


@given(ACTIONS)
def test_nobody_and_nothing_goes_back_in_time(drawn: list[tuple[int, str, str]]) -> None:
    actions = [Action(at, who, about, ()) for at, who, about in drawn]
    played = [action for _, turn in turns(actions) for action in turn]
    assert sorted(map(id, played)) == sorted(map(id, actions))
    for key in ("who", "about"):
        for value in {getattr(action, key) for action in actions}:
            times = [action.at for action in played if getattr(action, key) == value]
            assert times == sorted(times)


def test_who_need_not_wait_goes_on() -> None:
    actions = [Action(at, "ab"[at % 2], f"thing {at % 2}", ()) for at in range(40)]
    assert len(list(turns(actions))) == 2


def test_a_turn_fits_into_a_push() -> None:
    actions = [Action(at, "a", "x", ()) for at in range(PUSHED_AT_ONCE + 1)]
    assert [len(turn) for _, turn in turns(actions)] == [PUSHED_AT_ONCE, 1]
