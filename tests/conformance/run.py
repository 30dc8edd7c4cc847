"""Runs cases against a place and gathers verdicts; the report names every rule of the page, none is silently missing."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.conformance import load
from tests.conformance.client import Exchange, Failed, Lacking
from tests.conformance.elsewhere import ELSEWHERE
from tests.conformance.place import Place, Room
from tests.conformance.rulebook import BOOK, Case, cases_of, rules_of_the_page

SHOWN_EXCHANGES = 4
SHOWN_CHARACTERS = 1500

load.all_cases()


@dataclass
class Verdict:
    """What came of one case. `lacking`: the set-up gave too little to put it."""

    case: Case
    passed: bool
    seconds: float
    wanted: str = ""
    came: str = ""
    lacking: str = ""
    exchanges: list[Exchange] = field(default_factory=list)


Say = Callable[[Verdict], None]


def run(place: Place, only: Sequence[str] = (), say: Say = lambda _: None) -> list[Verdict]:
    """Put the cases of the rules named (all, when none is) to a server; slow ones wait beside the others."""
    cases = cases_of(only) if only else list(BOOK.values())
    waiting = [Beside(place, case) for case in cases if case.slow]
    verdicts = []
    for case in cases:
        if not case.slow:
            verdicts.append(put(place, case))
            say(verdicts[-1])
    for beside in waiting:
        verdicts.append(beside.verdict())
        say(verdicts[-1])
    return verdicts


class Beside:
    """A case in a thread of its own."""

    def __init__(self, place: Place, case: Case) -> None:
        self._found: list[Verdict] = []
        self._thread = threading.Thread(target=lambda: self._found.append(put(place, case)), name=case.name)
        self._thread.start()

    def verdict(self) -> Verdict:
        self._thread.join()
        return self._found[0]


def put(place: Place, case: Case) -> Verdict:
    """One case. Whatever stops it is a failure, and the phones of a failed one begin anew."""
    room, started = Room(place), time.monotonic()
    verdict = Verdict(case, False, 0, exchanges=room.log)
    try:
        case.run(room)
        verdict.passed = True
    except Lacking as error:
        verdict.lacking = str(error)
    except Failed as error:
        verdict.wanted, verdict.came = error.wanted, repr(error.came)
    except Exception as error:  # An answer of another shape trips the case anywhere.
        where = traceback.extract_tb(error.__traceback__)[-1]
        verdict.wanted = "an answer of the form of W4"
        verdict.came = f"{type(error).__name__}: {error} (at {where.name}:{where.lineno})"
    verdict.seconds = time.monotonic() - started
    room.give_back(anew=not verdict.passed)
    return verdict


def report(verdicts: Sequence[Verdict], only: Sequence[str] = ()) -> list[dict[str, Any]]:
    """An entry for each rule of the page: passed, failed, not shown from outside, or not built yet."""
    return [
        _entry(rule, planned, verdicts)
        for rule, planned in rules_of_the_page().items()
        if not only or rule in only
    ]


def _entry(rule: str, planned: bool, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    mine = [v for v in verdicts if rule in v.case.rules]
    if not mine:
        return _unshown(rule, planned)
    lacking = [v.lacking for v in mine if v.lacking]
    failed = [v for v in mine if not v.passed and not v.lacking]
    result = "failed" if failed else "set-up lacks" if lacking else "passed"
    entry: dict[str, Any] = {"rule": rule, "result": result, "cases": [_told(v) for v in mine]}
    if rule in ELSEWHERE:
        entry["rest"] = {"why": ELSEWHERE[rule].why, "where": ELSEWHERE[rule].where}
    return entry


def _unshown(rule: str, planned: bool) -> dict[str, Any]:
    if rule in ELSEWHERE:
        said = ELSEWHERE[rule]
        return {"rule": rule, "result": "not shown from outside", "why": said.why, "where": said.where}
    if planned:
        return {
            "rule": rule,
            "result": "planned",
            "why": "the page says that it is not built yet",
            "where": "",
        }
    return {"rule": rule, "result": "not asked", "why": "this run did not put its cases", "where": ""}


def _told(verdict: Verdict) -> dict[str, Any]:
    said: dict[str, Any] = {
        "case": verdict.case.name,
        "sentence": verdict.case.sentence,
        "passed": verdict.passed,
        "ms": round(verdict.seconds * 1000),
    }
    if verdict.lacking:
        said["set-up lacks"] = verdict.lacking
    elif not verdict.passed:
        last = verdict.exchanges[-SHOWN_EXCHANGES:]
        said |= {"wanted": verdict.wanted, "came": verdict.came}
        said["exchanges"] = [{"sent": _cut(e.sent), "came": _cut(e.came)} for e in last]
    return said


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}… ({len(text)} characters)"
