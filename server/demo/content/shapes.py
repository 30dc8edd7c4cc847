"""The words in which the demo's content is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    """Who works in a shop. `key` is the name before the @ of their address; `devices` is what they sign in on."""

    key: str
    name: str
    role: str
    skills: tuple[str, ...] = ()
    device: str = "Phone"


@dataclass(frozen=True, slots=True)
class Customer:
    """Who brings work. A company has a name of its own and a person to talk to."""

    key: str
    name: str
    email: str
    phone: str
    address: str
    company: str | None = None
    area: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """What is worked on."""

    key: str
    customer: str
    kind: str
    make: str
    model: str
    serial: str | None = None
    tag: str | None = None
    meter: int | None = None
    meter_unit: str | None = None
    service_every_months: int | None = None
    out_of_service: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part on the shelf: received once, `lies` pieces, seldom counted."""

    key: str
    number: str
    name: str
    bin: str
    price_cents: int
    cost_cents: int
    lies: int
    reorder: int
    barcode: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a job: labour in thousandths of an hour, parts by key, fees."""

    kind: str
    what: str
    quantity_milli: int = 1000
    price_cents: int | None = None
    declined: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture drawn by pictures.py: what it shows, and in which state."""

    kind: str
    shows: str
    note: str | None = None
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """The story of one work order, told by where it stands today.

    came: days ago. done: how many tasks are ticked when it is still worked on. promised: days from today. reason:
    why it is on hold or was canceled. minutes: what the work took, where it was other than the tasks say.
    """

    key: str
    came: int
    customer: str
    machine: str | None
    status: str
    tech: str | None
    complaint: str
    diagnosis: str = ""
    correction: str = ""
    tasks: tuple[tuple[str, int], ...] = ()
    done: int = 0
    lines: tuple[Line, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    photos: tuple[Photo, ...] = ()
    priority: str = "normal"
    promised: int | None = None
    tags: tuple[str, ...] = ()
    service_type: str | None = None
    area: str | None = None
    bay: str | None = None
    reason: str = ""
    goodwill: tuple[int, str] | None = None

    @property
    def id(self) -> str:
        """The key under which the work order goes: a machine may be called the same."""
        return f"job/{self.key}"


@dataclass(frozen=True, slots=True)
class ShopContent:
    """A whole demo shop. `settings` are fields of its shop record; `runs` is the job with a timer running now."""

    slug: str
    settings: Mapping[str, Any]
    people: tuple[Person, ...]
    customers: tuple[Customer, ...]
    machines: tuple[Machine, ...]
    parts: tuple[Part, ...]
    jobs: tuple[Job, ...]
    desk: str = "writer"
    checks: str = "manager"
    counter: str = "parts"
    runs: str | None = None
    hour_cents: int = 6800
    customer_notes: tuple[tuple[str, str, str], ...] = field(default=())


def labour(what: str, hours: float, price_cents: int | None = None) -> Line:
    return Line("labour", what, round(hours * 1000), price_cents)


def part(key: str, pieces: float = 1, *, declined: bool = False) -> Line:
    return Line("part", key, round(pieces * 1000), declined=declined)


def fee(what: str, price_cents: int) -> Line:
    return Line("fee", what, 1000, price_cents)
