"""Every wrong server is found out by a case of the rule it breaks, and the proxy alone by none."""

import pytest

from tests.conformance import broken, broken_files, broken_wire
from tests.conformance.place import Place
from tests.conformance.proxy import Wrong, standing
from tests.conformance.rulebook import cases_of
from tests.conformance.run import put

WRONG = broken.WRONG
SEEN_THROUGH_IT = sorted({kind.rule for kind in WRONG.values()})
assert broken_wire.WRONG is broken_files.WRONG is WRONG, "all parts stand in one list"


@pytest.fixture(scope="module")
def behind(place: Place) -> Place:
    """The same shops for all wrong servers, with phones of their own."""
    return Place(place.setup)


def test_there_are_enough_of_them() -> None:
    assert len(WRONG) >= 25


@pytest.mark.parametrize("name", WRONG)
def test_wrong_server(name: str, behind: Place) -> None:
    wrong = WRONG[name]()
    with standing(wrong, behind.setup["shops"]["first"]["url"]) as behind.url:
        verdicts = [put(behind, case) for case in cases_of([wrong.rule]) if not case.slow]
    assert not [v.lacking for v in verdicts if v.lacking]
    assert [v.case.name for v in verdicts if not v.passed], f"nothing found: {wrong.__doc__}"


@pytest.mark.parametrize("rule", SEEN_THROUGH_IT)
def test_the_proxy_alone_breaks_nothing(rule: str, behind: Place) -> None:
    with standing(Wrong(), behind.setup["shops"]["first"]["url"]) as behind.url:
        verdicts = [put(behind, case) for case in cases_of([rule]) if not case.slow]
    assert {v.case.name: v.wanted + v.came for v in verdicts if not v.passed} == {}
