"""What counts as an answer of the protocol, and what is somebody else's page (rule T11)."""

from typing import Any

import pytest

from sync.answer import understood

RESULT = {"n": 1, "outcome": "accepted", "seq": 9}
RECORD = {"collection": "thing", "id": "i", "vv": {"@": 1}, "data": {}}
GONE = {"collection": "thing", "id": "i", "gone": True}
PAGE: dict[str, Any] = {
    "results": [RESULT],
    "records": [RECORD, GONE],
    "cursor": "c",
    "more": False,
    "reset": False,
    "durable": 0,
}


def test_T11_a_page_of_the_protocol_is_understood() -> None:
    assert understood(200, PAGE)


@pytest.mark.parametrize("left_out", sorted(PAGE))
def test_T11_a_page_without_one_of_its_parts_is_not(left_out: str) -> None:
    assert not understood(200, {name: value for name, value in PAGE.items() if name != left_out})


@pytest.mark.parametrize(
    "odd",
    [
        {"results": [{"n": 1, "outcome": "ok"}]},
        {"results": [{"n": "1", "outcome": "accepted"}]},
        {"results": ["accepted"]},
        {"records": [{"collection": "thing", "vv": {}, "data": {}}]},
        {"records": [{"collection": "thing", "id": "i", "vv": {"@": 1}}]},
        {"records": [{"id": "i", "gone": True}]},
        {"cursor": None},
    ],
)
def test_T11_a_page_that_only_looks_like_one_is_not(odd: dict[str, Any]) -> None:
    assert not understood(200, {**PAGE, **odd})


@pytest.mark.parametrize("said", [None, "<html>", [], {"status": "ok"}, {"code": 7}])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 409, 511])
def test_T11_what_a_portal_says_is_no_answer(status: int, said: Any) -> None:
    assert not understood(status, said)


def test_W14_refusals_of_a_whole_request_are_understood() -> None:
    assert understood(401, {"code": "unauthenticated"})
    assert understood(403, {"code": "forbidden", "results": [RESULT]})
    assert understood(409, {"code": "gap", "expected": 3})
    assert understood(409, {"code": "forked", "n": 3})
    assert understood(413, {})
    assert not understood(302, {"code": "moved"})
    assert not understood(409, {"code": "gap"})
    assert not understood(403, {"code": "forbidden", "results": "none"})
