"""What was there before the first job: customers, machines, stock. And what goes on beside the jobs: shifts, a count,
a timer that runs."""

from __future__ import annotations

from collections.abc import Iterator

from server.demo.calendar import MINUTE, Calendar
from server.demo.content.shapes import Customer, Machine, Part, ShopContent
from server.demo.names import Names
from server.demo.stories import Action, hash_of
from sync.changeset import Op

# The shop took Workbay up so many days ago.
SINCE = 60
SHIFT_DAYS = 10
COUNTED_DAYS_AGO = 12


def opening(shop: ShopContent, names: Names, calendar: Calendar) -> list[Action]:
    """The records every story stands on, in order."""
    first = calendar.at(SINCE, 0.5)
    known = [Action(first, shop.desk, "", (_customer(names, c),)) for c in shop.customers]
    known += [Action(first + MINUTE, shop.desk, "", (_machine(names, m),)) for m in shop.machines]
    stocked = calendar.at(SINCE, 2)
    known += [Action(stocked, shop.counter, "", _part(names, p, stocked)) for p in shop.parts]
    for place, (customer, who, text) in enumerate(shop.customer_notes):
        note = {"customer": names.id(customer), "text": text}
        op = names.create("note", f"{customer}/note/{place}", note)
        known.append(Action(calendar.at(SINCE - 2, 1), who, names.id(customer), (op,)))
    return known


def beside(shop: ShopContent, names: Names, calendar: Calendar) -> Iterator[Action]:
    """What nobody tells of a job: a count of one shelf, the shifts of the techs, the timer that runs now."""
    yield _count(shop, names, calendar)
    for tech in (p.key for p in shop.people if p.role == "tech"):
        for days_ago in range(1, SHIFT_DAYS + 1):
            if calendar.at(days_ago, 0) != calendar.at(days_ago + 1, 0):
                yield _shift(names, calendar, tech, days_ago)
    job = next((j for j in shop.jobs if j.key == shop.runs), None)
    if job is not None and job.tech is not None:
        place = min(job.done, len(job.tasks) - 1)
        started = calendar.now - 25 * MINUTE
        entry = {
            "kind": "work",
            "work_order": names.id(job.id),
            "task": names.id(f"{job.id}/task/{place}"),
            "started_at": started,
        }
        op = names.create("time_entry", f"{job.id}/running", entry)
        yield Action(started, job.tech, names.id(job.id), (op,))


def _customer(names: Names, customer: Customer) -> Op:
    values = {
        "name": customer.name,
        "company": customer.company,
        "emails": {"add": [customer.email]},
        "phones": {"add": [customer.phone]},
        "address": customer.address,
        "area": customer.area,
        "tags": {"add": list(customer.tags)} if customer.tags else None,
        "language": "en",
    }
    return names.create("customer", customer.key, values)


def _machine(names: Names, machine: Machine) -> Op:
    values = {
        "customer": names.id(machine.customer),
        "kind": machine.kind,
        "make": machine.make,
        "model": machine.model,
        "serial": machine.serial,
        "tag": machine.tag,
        "meter": machine.meter,
        "meter_unit": machine.meter_unit,
        "out_of_service": True if machine.out_of_service else None,
        "reason": machine.out_of_service,
        "service_every_months": machine.service_every_months,
    }
    return names.create("equipment", machine.key, values)


def _part(names: Names, part: Part, at: int) -> tuple[Op, ...]:
    values = {
        "number": part.number,
        "name": part.name,
        "barcodes": {"add": [part.barcode]} if part.barcode else None,
        "bin": part.bin,
        "reorder_level_milli": part.reorder * 1000,
        "price_cents": part.price_cents,
        "cost_cents": part.cost_cents,
    }
    received = {"part": names.id(part.key), "kind": "receive", "quantity_milli": part.lies * 1000, "at": at}
    made = names.create("part", part.key, values)
    return (made, names.create("part_movement", f"{part.key}/first", {**received, "reason": "First stock"}))


def _count(shop: ShopContent, names: Names, calendar: Calendar) -> Action:
    """One part was counted, and a piece was missing."""
    part, at = shop.parts[0], calendar.at(COUNTED_DAYS_AGO, 8)
    values = {
        "part": names.id(part.key),
        "kind": "count",
        "quantity_milli": (part.lies - 2) * 1000,
        "at": at,
        "reason": "Shelf counted",
    }
    op = names.create("part_movement", f"{part.key}/count", values)
    return Action(at, shop.counter, "", (op,))


def _shift(names: Names, calendar: Calendar, tech: str, days_ago: int) -> Action:
    drift = hash_of(f"{tech}/{days_ago}") % 20
    begun, ended = calendar.at(days_ago, drift / 60), calendar.at(days_ago, 8.5 + drift / 60)
    entry = {"kind": "shift", "started_at": begun, "ended_at": ended}
    op = names.create("time_entry", f"{tech}/shift/{days_ago}", entry)
    return Action(ended, tech, "", (op,))
