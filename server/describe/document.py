"""The collections as a page for people: docs/model.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from server.work.steps import Steps
from sync.collection import STAFF_ROLES, Collection, Field, Policy, Shown, Type

HEAD = """\
# The model

What a shop's data is, who may do what, and how it merges. This page is written by `scripts/generate` from the
declarations in `server/`; what the policies mean is told in [protocol.md](protocol.md).

- `*_at` is milliseconds since 1970 in UTC, `*_on` a date in the shop's zone, `*_cents` money, `*_minutes` time,
  `*_milli` thousandths of a quantity. There are no fractions anywhere.
- Rights: r read, c create, u change, d delete; letters after a slash hold for one's own records only.
- Notes on a field: ⏱ an instant that a phone measured, which the server sets right; *personal* is sealed in the
  database and in the change log; *customer* says when the customer concerned sees it. A group is set together and
  merges together.
- Every record also has `id` and `vv`.
"""

SEEN = {Shown.ALWAYS: "customer", Shown.PRICES: "customer, with prices", Shown.NAMES: "customer, with names"}


def document(collections: Mapping[str, Collection], steps: Mapping[str, Iterable[Steps]]) -> str:
    """The whole of docs/model.md."""
    parts = [HEAD, *map(_section, collections.values())]
    parts.extend(_steps(name, rows) for name, rows in steps.items())
    return "\n".join(parts)


def _section(collection: Collection) -> str:
    rows = [f"## `{collection.name}`", "", _about(collection), ""]
    rows += ["| field | holds | merges | group | notes |", "|---|---|---|---|---|"]
    rows += [_row(f) for f in collection.fields]
    rows += ["", "| " + " | ".join((*STAFF_ROLES, "customer")) + " |", "|---" * 6 + "|"]
    rows += ["| " + " | ".join(_right(collection, role) for role in (*STAFF_ROLES, "customer")) + " |", ""]
    return "\n".join(rows)


def _about(collection: Collection) -> str:
    said = []
    if collection.parents:
        said.append(f"Hangs on {_listed(collection.parents, ', else ')}.")
    if collection.required:
        said.append(f"Never without {_listed(collection.required, ' and ')}.")
    if collection.own and collection.own != "id":
        said.append(f"Belongs to `{collection.own}`.")
    if collection.shared_if:
        conditions = (f"`{name}` is `{str(value).lower()}`" for name, value in collection.shared_if.items())
        said.append(f"Customers see it when {' and '.join(conditions)}.")
    return " ".join(said) or "Stands alone."


def _listed(names: Iterable[str], word: str) -> str:
    return word.join(f"`{name}`" for name in names)


def _row(f: Field) -> str:
    return f"| `{f.name}` | {_holds(f)} | {f.policy.value} | {f.group or ''} | {'; '.join(_notes(f))} |"


def _holds(f: Field) -> str:
    if f.type is Type.CHOICE:
        return " · ".join(f.choices)
    return f"→ `{f.ref}`" if f.ref else f.type.value


def _notes(f: Field) -> list[str]:
    notes = ["⏱"] if f.measured else []
    notes += ["personal"] if f.personal else []
    notes += [SEEN[f.customer]] if f.customer in SEEN else []
    notes += [f"hidden from {', '.join(sorted(f.hidden_from))}"] if f.hidden_from else []
    notes += [f"not changed by {', '.join(sorted(f.not_by))}"] if f.not_by else []
    notes += [f"at first `{str(f.default).lower()}`"] if f.default is not None else []
    return notes if f.policy is not Policy.SERVER else [*notes, "set by the server"]


def _right(collection: Collection, role: str) -> str:
    letters = collection.rights.get(role, "")
    only = collection.only.get(role)
    return (letters or "–") + (f" ({', '.join(sorted(only))})" if only else "")


def _steps(name: str, rows: Iterable[Steps]) -> str:
    lines = [f"## Steps of `{name}`", "", "| from | to | who | needs |", "|---|---|---|---|"]
    for row in rows:
        cells = (row.origins, row.targets, row.who, row.needs)
        lines.append("| " + " | ".join(", ".join(cell) for cell in cells) + " |")
    return "\n".join([*lines, ""])
