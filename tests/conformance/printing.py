"""The report for people: a line a case while it runs, then the sums, and a page that names every rule."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.conformance.run import Verdict


def verdict(said: Verdict) -> None:
    """One line for a case, and for one that failed what was wanted and what came."""
    mark = "ok  " if said.passed else "lack" if said.lacking else "FAIL"
    print(f"{mark} {said.case.name}  {said.seconds * 1000:.0f} ms", flush=True)
    if said.lacking:
        print(f"       the set-up lacks {said.lacking}")
    elif not said.passed:
        print(f"       wanted {said.wanted}\n       came   {said.came}", flush=True)


def summary(entries: Sequence[dict[str, Any]]) -> str:
    counts = Counter(entry["result"] for entry in entries)
    lines = [
        f"{entry['rule']:<4} {entry['result']}"
        for entry in entries
        if entry["result"] in ("failed", "set-up lacks")
    ]
    sums = ", ".join(f"{count} {result}" for result, count in counts.most_common())
    return "\n".join(["", *lines, f"{len(entries)} rules: {sums}"])


def page(entries: Sequence[dict[str, Any]], as_json: bool) -> str:
    """The whole report, every rule in the order of docs/protocol.md."""
    if as_json:
        return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"
    return "# Conformance\n" + summary(entries) + "\n" + "".join(map(_section, entries))


def _section(entry: dict[str, Any]) -> str:
    lines = [f"\n## {entry['rule']}: {entry['result']}\n"]
    if "why" in entry:
        lines.append(f"{entry['why']}. {entry['where']}".strip() + "\n")
    for case in entry.get("cases", ()):
        lines.append(
            f"- {'passed' if case['passed'] else '**failed**'} `{case['case']}`: {case['sentence']}\n"
        )
        if "wanted" in case:
            lines.append(f"\n  Wanted {case['wanted']}.\n  Came {case['came']}.\n")
            lines += [f"\n  ```\n  > {e['sent']}\n  < {e['came']}\n  ```\n" for e in case["exchanges"]]
    if "rest" in entry:
        lines.append(f"- not shown from outside: {entry['rest']['why']}. {entry['rest']['where']}\n")
    return "".join(lines)
