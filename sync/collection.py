"""Collections: which fields a kind of record has, how each merges, who sees and who writes it.

A room declares its collection once with the words below; merge, projections, row guards, the generated
TypeScript and the docs table are all computed from that one value. Nothing here reads a database or a clock.

Words: a *unit* is what merges as one, a field or a group of fields set together; a *role* is one of the
shop's staff roles or `customer`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

STAFF_ROLES = ("admin", "manager", "service_writer", "parts", "tech")
INTEGER_MAX = 2**53 - 1
TEXT_MAX = 20_000
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SET_MAX = 200


class Policy(StrEnum):
    """What concurrent writes of a unit become (docs/protocol.md, section M)."""

    LATEST = "latest"
    STEPS = "steps"
    KEEP_BOTH = "keep_both"
    TEXT = "text"
    ELEMENTS = "elements"
    GREATEST = "greatest"
    FIRST = "first"
    SERVER = "server"


class Type(StrEnum):
    """The values a field takes: text, whole number, true or false, ms UTC, ISO date, id of a record, …"""

    TEXT = "text"
    INTEGER = "integer"
    FLAG = "flag"
    INSTANT = "instant"
    DATE = "date"
    REF = "ref"
    CHOICE = "choice"
    SET = "set"
    JSON = "json"


class Shown(StrEnum):
    """When the customer concerned sees a field."""

    NEVER = "never"
    ALWAYS = "always"
    PRICES = "prices"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `hidden_from` roles neither read nor write it; `not_by` roles read it but do not write it."""

    name: str
    type: Type
    policy: Policy
    customer: Shown = Shown.NEVER
    ref: str | None = None
    choices: tuple[str, ...] = ()
    steps: Mapping[str, frozenset[str]] | None = None
    group: str | None = None
    personal: bool = False
    measured: bool = False
    hidden_from: frozenset[str] = frozenset()
    not_by: frozenset[str] = frozenset()
    default: Any = None
    size_max: int = TEXT_MAX

    @property
    def unit(self) -> str:
        """The name under which this field merges: its group's, else its own."""
        return self.group or self.name

    def problem(self, value: Any) -> str | None:
        """Why `value` cannot stand in this field, in words, or None when it can. None always clears a field."""
        if value is None:
            return None
        return _CHECKS[self.type](self, value)


def _text(f: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        return "must be text"
    return f"must have at most {f.size_max} characters" if len(value) > f.size_max else None


def _integer(_: Field, value: Any) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "must be a whole number"
    return None if -INTEGER_MAX <= value <= INTEGER_MAX else "must be within ±(2^53 - 1)"


def _set(_: Field, value: Any) -> str | None:
    if not isinstance(value, list) or len(value) > SET_MAX:
        return f"must be a list of at most {SET_MAX} texts"
    fits = all(isinstance(v, str) and 0 < len(v) <= 200 for v in value)
    return None if fits else "must hold texts of 1 to 200 characters"


def _date(_: Field, value: Any) -> str | None:
    """Only days that the calendar has: a database would choke on the 31st of February."""
    try:
        real = isinstance(value, str) and DATE.fullmatch(value) and datetime.date.fromisoformat(value)
    except ValueError:
        real = None
    return None if real else "must be a date like 2026-11-21"


_CHECKS: dict[Type, Callable[[Field, Any], str | None]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.INSTANT: _integer,
    Type.FLAG: lambda f, v: None if isinstance(v, bool) else "must be true or false",
    Type.DATE: _date,
    Type.REF: lambda f, v: None if isinstance(v, str) and UUID.fullmatch(v) else "must be the id of a record",
    Type.CHOICE: lambda f, v: None if v in f.choices else f"must be one of {', '.join(f.choices)}",
    Type.SET: _set,
    Type.JSON: lambda f, v: None if isinstance(v, (dict, list, str, int)) else "must be an object or a list",
}


@dataclass(frozen=True)
class Collection:
    """One kind of synced record.

    rights: role → letters out of r c u d; letters after a slash hold for own records only ("rc/ud").
    only:   role → the only fields this role may write when it patches.
    parents: reference fields (policy first) a record hangs on; the first that is set decides its view.
    own:    the field naming the staff user a record belongs to ("id": the record itself, None: created_by).
    customer_from: where the customer concerned is found: "id", a field, "parent", or None for nobody.
    shared_if: field values that must hold for that customer to see the record at all.
    """

    name: str
    fields: tuple[Field, ...]
    rights: Mapping[str, str]
    parents: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    own: str | None = None
    customer_from: str | None = None
    shared_if: Mapping[str, Any] = field(default_factory=dict)
    inside_if: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    @cached_property
    def units(self) -> dict[str, tuple[Field, ...]]:
        """unit → its fields, in order of declaration; one that has steps leads its group."""
        found: dict[str, list[Field]] = {}
        for f in self.fields:
            found.setdefault(f.unit, []).append(f)
        return {unit: tuple(fields) for unit, fields in found.items()}

    @cached_property
    def sets(self) -> tuple[str, ...]:
        """Units whose elements merge one by one."""
        return self._under(Policy.ELEMENTS)

    @cached_property
    def stepping(self) -> tuple[str, ...]:
        """Units that move by steps."""
        return self._under(Policy.STEPS)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Units that merge by words."""
        return self._under(Policy.TEXT)

    def _under(self, policy: Policy) -> tuple[str, ...]:
        return tuple(unit for unit, fields in self.units.items() if fields[0].policy is policy)

    @cached_property
    def personal(self) -> frozenset[str]:
        return frozenset(f.name for f in self.fields if f.personal)

    def hidden(self, role: str) -> frozenset[str]:
        """Fields that `role` never receives."""
        return frozenset(f.name for f in self.fields if role in f.hidden_from)

    def may(self, role: str, letter: str, *, owner: bool = False) -> bool:
        """Whether `role` has the right `letter` (r c u d) here, on a record it owns or on any."""
        everyone, _, own = self.rights.get(role, "").partition("/")
        return letter in everyone or (owner and letter in own)

    def may_set(self, role: str, name: str, *, creating: bool) -> bool:
        """Whether `role` may write the field `name`; rights on the record itself are `may`'s question."""
        f = self.by_name[name]
        if f.policy is Policy.SERVER or role in f.hidden_from or (role in f.not_by and not creating):
            return False
        return creating or role not in self.only or name in self.only[role]

    def parent_of(self, data: Mapping[str, Any]) -> str | None:
        """The id of the record this one hangs on, or None for a record that stands alone."""
        return next((data[name] for name in self.parents if data.get(name)), None)


# The words in which rooms declare. Each makes one Field; keyword arguments are Field's own.


def text(name: str, policy: Policy, **more: Any) -> Field:
    return _field(name, Type.TEXT, policy, **more)


def integer(name: str, policy: Policy, **more: Any) -> Field:
    return _field(name, Type.INTEGER, policy, **more)


def flag(name: str, policy: Policy, **more: Any) -> Field:
    return _field(name, Type.FLAG, policy, **more)


def instant(name: str, policy: Policy, **more: Any) -> Field:
    return _field(name, Type.INSTANT, policy, **more)


def date(name: str, policy: Policy, **more: Any) -> Field:
    return _field(name, Type.DATE, policy, **more)


def ref(name: str, to: str, policy: Policy, **more: Any) -> Field:
    return _field(name, Type.REF, policy, ref=to, **more)


def choice(name: str, choices: tuple[str, ...], policy: Policy, **more: Any) -> Field:
    return _field(name, Type.CHOICE, policy, choices=choices, **more)


def elements(name: str, **more: Any) -> Field:
    return _field(name, Type.SET, Policy.ELEMENTS, **more)


def json(name: str, policy: Policy, **more: Any) -> Field:
    return _field(name, Type.JSON, policy, **more)


def group(name: str, *fields: Field) -> tuple[Field, ...]:
    """Fields that are set together and merge together; the first one's policy is the group's."""
    return tuple(replace(f, group=name, policy=fields[0].policy) for f in fields)


def _field(name: str, type_: Type, policy: Policy, **more: Any) -> Field:
    for key in ("hidden_from", "not_by"):
        if key in more:
            more[key] = frozenset(more[key])
    return Field(name, type_, policy, **more)
