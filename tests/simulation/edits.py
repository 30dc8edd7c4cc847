"""What people of a repair shop do on their phones: each kind of edit, drawn from what is on the screen.

An edit gives drafts, or None when the screen offers nothing for it. Texts bear a number that no other edit has, so that
the checker knows each value again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

from server.work.steps import GRAPH
from sync.overlay import Draft
from tests.simulation.devices import Device

Drafts = Sequence[Draft] | None
WORDS = ("pump", "belt", "valve", "smoke", "fan", "cable", "screen", "leak")
PRIORITIES = ("low", "normal", "high", "urgent")
TAGS = ("warranty", "rush", "fleet", "recall", "vip")
MINUTE_MS = 60_000


class Desk:
    """Draws edits. `customers` and `staff` are ids that are surely there."""

    def __init__(
        self,
        random: Random,
        new_id: Callable[[], str],
        customers: Sequence[str],
        staff: Sequence[str],
        shop: str,
        more: Mapping[str, int],
    ) -> None:
        self.random, self.new_id, self.customers, self.staff, self.shop = (
            random, new_id, customers, staff, shop,
        )  # fmt: skip
        self._numbers = count(1)
        self.kinds = [
            kind for kind, weight in self.KINDS.items() for _ in range(more.get(kind.__name__, weight))
        ]

    def word(self, device: Device) -> str:
        return f"{self.random.choice(WORDS)} {next(self._numbers)} by {device.who}"

    def pick(self, device: Device, collection: str) -> tuple[str, Mapping[str, Any]] | None:
        """A record on the screen; the older ones more often, so that people meet."""
        return device.pick(collection, self.random.random(), self.random.random())

    def draw(self, device: Device) -> Drafts:
        return self.random.choice(self.kinds)(self, device)

    # Work orders.

    def new_order(self, device: Device) -> Drafts:
        id_ = self.new_id()
        order = {"customer": self.random.choice(self.customers), "complaint": self.word(device)}
        note = {"text": self.word(device), "work_order": id_}
        task = {"title": self.word(device), "work_order": id_}
        drafts = [
            Draft("create", "work_order", id_, order),
            Draft("create", "note", self.new_id(), note),
            Draft("create", "task", self.new_id(), task),
        ]
        return drafts[: self.random.choice((1, 3, 3))]

    def order_text(self, device: Device) -> Drafts:
        field = self.random.choice(("complaint", "diagnosis", "diagnosis", "correction"))
        return self._patch(device, "work_order", {field: self.word(device)})

    def order_field(self, device: Device) -> Drafts:
        given: dict[str, Any] = self.random.choice(
            (
                {"bay": self.word(device)},
                {"area": self.word(device)},
                {"priority": self.random.choice(PRIORITIES)},
                {"assignee": self.random.choice(self.staff)},
                {"bay": self.word(device), "correction": self.word(device)},
            )
        )
        return self._patch(device, "work_order", given)

    def urgency(self, device: Device) -> Drafts:
        """One of two values, so that people write the same without knowing of each other."""
        return self._patch(device, "work_order", {"priority": self.random.choice(PRIORITIES[2:])})

    def order_step(self, device: Device) -> Drafts:
        found = self.pick(device, "work_order")
        if found is None:
            return None
        after = sorted(GRAPH[found[1].get("status", "new")]) or ["in_progress"]
        status = self.random.choice(after)
        given = {"status": status, "status_reason": self.word(device), "status_at": device.now()}
        return [Draft("patch", "work_order", found[0], given)]

    def order_tags(self, device: Device) -> Drafts:
        add, remove = self.random.choice(TAGS), self.random.choice(TAGS)
        change = self.random.choice(
            ({"add": [add]}, {"remove": [remove]}, {"add": [add], "remove": [remove]})
        )
        return None if add == remove else self._patch(device, "work_order", {"tags": change})

    # What hangs on them.

    def new_child(self, device: Device) -> Drafts:
        found = self.pick(device, "work_order")
        if found is None:
            return None
        collection, given = self.random.choice(
            (
                ("note", {"text": self.word(device)}),
                ("task", {"title": self.word(device)}),
                ("line_item", {"kind": "labour", "description": self.word(device), "minutes": 30}),
                ("photo", {"kind": "before", "note": self.word(device), "taken_at": device.now()}),
                ("time_entry", {"kind": "work", "started_at": device.now()}),
            )
        )
        return [Draft("create", collection, self.new_id(), {**given, "work_order": found[0]})]

    def note_text(self, device: Device) -> Drafts:
        """A word more at an end of the text, or another text, so that two people's merge or meet."""
        found = self.pick(device, "note")
        if found is None:
            return None
        words, more = str(found[1].get("text", "")).split()[:30], self.word(device)
        text = self.random.choice((" ".join([*words, more]), " ".join([more, *words]), more))
        return [Draft("patch", "note", found[0], {"text": text})]

    def task_edit(self, device: Device) -> Drafts:
        done = {"done": self.random.random() < 0.7, "done_at": device.now()}
        given: Any = self.random.choice((done, {"title": self.word(device)}))
        return self._patch(device, "task", given)

    def line_edit(self, device: Device) -> Drafts:
        number = next(self._numbers)
        given = self.random.choice(
            ({"description": self.word(device)}, {"quantity_milli": number}, {"minutes": number})
        )
        return self._patch(device, "line_item", given)

    def photo_edit(self, device: Device) -> Drafts:
        given = self.random.choice(
            ({"note": self.word(device)}, {"visible_to_customer": self.random.random() < 0.5})
        )
        return self._patch(device, "photo", given)

    def delete(self, device: Device) -> Drafts:
        collection = self.random.choice(("note", "task", "photo", "line_item"))
        found = self.pick(device, collection)
        return found and [Draft("delete", collection, found[0])]

    def stop_timer(self, device: Device) -> Drafts:
        for id_, data in device.all("time_entry"):
            if data.get("ended_at") is None and data.get("staff") in (None, device.person):
                end = max(device.now(), data.get("started_at", 0))
                given = {"started_at": data["started_at"], "ended_at": end, "correction_reason": None}
                return [Draft("patch", "time_entry", id_, given)]
        return None

    # Customers, equipment, parts.

    def new_equipment(self, device: Device) -> Drafts:
        given = {"customer": self.random.choice(self.customers), "kind": self.word(device), "meter": 1}
        return [Draft("create", "equipment", self.new_id(), given)]

    def meter(self, device: Device) -> Drafts:
        return self._patch(device, "equipment", {"meter": self.random.randrange(10_000)})

    def equipment_edit(self, device: Device) -> Drafts:
        given = self.random.choice(
            (
                {"serial": self.word(device)},
                {"out_of_service": self.random.random() < 0.5, "reason": self.word(device)},
            )
        )
        return self._patch(device, "equipment", given)

    def customer_edit(self, device: Device) -> Drafts:
        address = f"a{next(self._numbers)}@x.test"
        given = self.random.choice(
            ({"emails": {"add": [address]}}, {"name": self.word(device)}, {"company": self.word(device)})
        )
        return self._patch(device, "customer", given)

    def new_part(self, device: Device) -> Drafts:
        """What it costs the shop not everybody may read."""
        given = {"name": self.word(device), "price_cents": 100}
        cost = {"cost_cents": 60} if device.who in ("admin", "manager") else {}
        return [Draft("create", "part", self.new_id(), {**given, **cost})]

    def movement(self, device: Device) -> Drafts:
        part, order = self.pick(device, "part"), self.pick(device, "work_order")
        if part is None:
            return None
        kind, sign = self.random.choice((("issue", -1), ("return", 1), ("receive", 1)))
        given = {"part": part[0], "kind": kind, "quantity_milli": sign * 1000 * self.random.randrange(1, 5)}
        given |= {"at": device.now(), **({"work_order": order[0]} if order and kind != "receive" else {})}
        return [Draft("create", "part_movement", self.new_id(), given)]

    # Conflicts and bad changesets.

    def settle(self, device: Device) -> Drafts:
        """Close a conflict that is shown, with a third value or one of the two."""
        still = [data for _, data in device.all("conflict") if data.get("open")]
        if not still:
            return None
        conflict = self.random.choice(still)
        (shown,) = device.look([(conflict["collection"], conflict["record"])])
        if shown is None or conflict["collection"] == "time_entry":
            return None
        sides = [side["value"] for side in conflict["sides"]]
        value = self.random.choice(
            (*sides, {name: self.word(device) for name in sides[0] if isinstance(sides[0][name], str)})
        )
        return [Draft("patch", conflict["collection"], conflict["record"], value)] if value else None

    def poison(self, device: Device) -> Drafts:
        """What no shop can take, with something good beside it; those behind it must not wait."""
        found = self.pick(device, "work_order")
        if found is None:
            return None
        good = Draft("create", "note", self.new_id(), {"text": self.word(device), "work_order": found[0]})
        bad: dict[str, Any] = self.random.choice(
            (
                {"no_such_field": "x"},
                {"priority": self.word(device)},
                {"bay": "y" * 200 + self.word(device)},
                {"customer": self.new_id()},
            )
        )
        return [good, Draft("patch", "work_order", found[0], bad)]

    def file(self, device: Device) -> Drafts:
        """The file of a photo, named once and for all."""
        found = self.pick(device, "photo")
        if found is None:
            return None
        number = next(self._numbers)
        given = {"sha256": f"{number:064x}", "bytes": number, "type": "image/jpeg"}
        return [Draft("patch", "photo", found[0], given)]

    def setting(self, device: Device) -> Drafts:
        """The office changes what customers see."""
        if device.look([("shop", self.shop)]) == [None]:
            return None
        given = self.random.choice(
            (
                {"show_prices": self.random.random() < 0.5},
                {"show_names": self.random.random() < 0.5},
                {"ready_needs_tasks": self.random.random() < 0.3},
            )
        )
        return [Draft("patch", "shop", self.shop, given)]

    def _patch(self, device: Device, collection: str, given: Mapping[str, Any]) -> Drafts:
        found = self.pick(device, collection)
        return found and [Draft("patch", collection, found[0], given)]

    KINDS: Mapping[Callable[[Desk, Device], Drafts], int] = {
        new_order: 3, order_text: 14, order_field: 11, urgency: 2, order_step: 7, order_tags: 6, new_child: 9, note_text: 5,
        task_edit: 6, line_edit: 4, photo_edit: 3, delete: 3, stop_timer: 2, new_equipment: 1, meter: 5,
        equipment_edit: 4, customer_edit: 3, new_part: 1, movement: 3, settle: 5, poison: 2, file: 3, setting: 1,
    }  # fmt: skip
