"""Says at the end of a run how much of the protocol is built: a rule that is only planned must not be overlooked."""

import pytest

from tests.house.rules import cited, rules


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    planned = [rule.number for rule in rules() if rule.planned]
    built = len(rules()) - len(planned)
    terminalreporter.write_line(
        f"protocol: {built} rules built, {len(planned)} only planned: {' '.join(planned)}"
    )
    begun = [number for number in planned if number in cited()]
    terminalreporter.write_line(f"protocol: planned, and tested in part already: {' '.join(begun) or 'none'}")
