"""What the peers harness found, as the table of docs/performance.md: a row for each peer, a column for each figure.

Of several runs of one workload the newest of the same size counts. Bold is the best of a column. A dash is a workload that the peer
has not, or that it did not finish.
"""

from collections.abc import Callable, Sequence
from typing import Any

Result = dict[str, Any]
Read = Callable[[Result], float | None]


def storm(name: str) -> Read:
    """Edits of a conflict storm that are shown, or kept for a person."""

    def kept(result: Result) -> float | None:
        found = result[name]
        return float(found["visible"] + found["kept_hidden"])

    return kept


def each(*names: str) -> Read:
    """Milliseconds of processor time a record, of server with database and client."""
    return lambda result: round(sum(result[name] for name in names) * 1000 / result["n"], 2)


# heading, workload, what is read, whether more is better
COLUMNS: Sequence[tuple[str, str, Read, bool]] = (
    ("W1 up, records/s", "W1", lambda r: r["records_s"], True),
    ("server CPU ms each", "W1", each("server_cpu_s"), False),
    ("bytes up", "W1", lambda r: r["up_bytes_rec"], False),
    ("W2 down, records/s", "W2", lambda r: r["records_s"], True),
    ("bytes down", "W2", lambda r: r["down_bytes_rec"], False),
    ("W3 100 changed, ms", "W3", lambda r: r["p50_ms"], False),
    ("W4 round trips/s", "W4", lambda r: r["roundtrips_s"], True),
    ("p99 ms", "W4", lambda r: r["p99_ms"], False),
    ("W5 live, ms", "W5", lambda r: r["p50_ms"], False),
    ("p99 ms", "W5", lambda r: r["p99_ms"], False),
    ("W6 fields: kept of 1,000", "W6", storm("fields"), True),
    ("W6 same: kept of 1,000", "W6", storm("same"), True),
)


def markdown(results: Sequence[Result]) -> str:
    newest = {(r["peer"], r["variant"], r["workload"]): r for r in results if r.get("ok")}
    peers = list(dict.fromkeys((r["peer"], r["variant"]) for r in results))
    peers.sort(key=lambda peer: (peer[0] != "workbay", peer))
    cells = {peer: [cell(newest, peer, column) for column in COLUMNS] for peer in peers}
    best = [
        best_of([row[i] for row in cells.values()], more_is_better)
        for i, (*_, more_is_better) in enumerate(COLUMNS)
    ]
    lines = [
        "| peer | " + " | ".join(heading for heading, *_ in COLUMNS) + " |",
        "|---|" + "---|" * len(COLUMNS),
    ]
    for peer, row in cells.items():
        said = (shown(value, value == best[i]) for i, value in enumerate(row))
        lines.append(f"| {named(peer)} | " + " | ".join(said) + " |")
    return "\n".join(lines)


def cell(
    newest: dict[tuple[str, str, str], Result], peer: tuple[str, str], column: tuple[str, str, Read, bool]
) -> float | None:
    _, workload, read, _ = column
    found = newest.get((*peer, workload))
    return None if found is None or "unsupported" in found else read(found)


def best_of(values: Sequence[float | None], more_is_better: bool) -> float | None:
    known = [value for value in values if value is not None]
    return None if not known else max(known) if more_is_better else min(known)


def named(peer: tuple[str, str]) -> str:
    name, variant = peer
    return name if variant == "default" else f"{name} ({variant})"


def shown(value: float | None, best: bool) -> str:
    if value is None:
        return "–"
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"**{text}**" if best else text
