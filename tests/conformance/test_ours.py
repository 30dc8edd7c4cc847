"""Our own server keeps every rule: each case of the book is a test. Those that mostly wait run beside the others."""

from collections.abc import Iterator

import pytest

from tests.conformance.place import Place
from tests.conformance.rulebook import BOOK
from tests.conformance.run import Beside, Verdict, put

QUICK = [case for case in BOOK.values() if not case.slow]
SLOW = [case for case in BOOK.values() if case.slow]


@pytest.fixture(scope="module")
def waiting(place: Place) -> Iterator[dict[str, Beside]]:
    begun = {case.name: Beside(place, case) for case in SLOW}
    yield begun
    for beside in begun.values():
        beside.verdict()


def _holds(verdict: Verdict) -> None:
    said = "\n".join(f"> {e.sent}\n< {e.came}" for e in verdict.exchanges[-3:])
    assert not verdict.lacking, f"the set-up lacks {verdict.lacking}"
    assert verdict.passed, f"wanted {verdict.wanted}\ncame {verdict.came}\n{said}"


@pytest.mark.parametrize("name", [case.name for case in QUICK])
def test_case(name: str, place: Place, waiting: dict[str, Beside]) -> None:
    _holds(put(place, BOOK[name]))


@pytest.mark.parametrize("name", [case.name for case in SLOW])
def test_slow_case(name: str, waiting: dict[str, Beside]) -> None:
    _holds(waiting[name].verdict())
