"""A job's story becomes what people did and when: timed actions, each by one person, each all or nothing.

Pure: the time now comes in, actions come out in the order in which they happened; `play.py` pushes them. A story has
up to five chapters, each on a day of its own: taken in, looked at, agreed, worked on, handed over.

Words: an *action* is one changeset to be; the *clock* of a story only goes forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from server.demo.calendar import MINUTE, Calendar
from server.demo.content.shapes import Job, Line, Photo, ShopContent
from server.demo.files import described
from server.demo.names import Names
from server.demo.pictures import preview
from sync.changeset import Op

# How a job came to where it stands, after it was taken in and looked at.
AGREED = {"waiting_approval": ("waiting_approval",), "approved": ("waiting_approval", "approved")}
HANDED_OVER = {
    "waiting_parts": ("waiting_parts",),
    "on_hold": ("on_hold",),
    "qc": ("qc",),
    "ready": ("qc", "ready"),
    "closed": ("qc", "ready", "closed"),
}
FINISHED = frozenset({"qc", "ready", "closed"})
BY_DESK = frozenset({"approved", "closed", "canceled"})
BEFORE = ("before", "damage", "screenshot")
AFTER = ("during", "after", "repair")
# A closed job took so many days from one end to the other.
DAYS_TAKEN = 3


@dataclass(frozen=True, slots=True)
class Action:
    """One changeset of a person, at a time in ms. What is about the same thing, `about`, keeps its order."""

    at: int
    who: str
    about: str
    ops: tuple[Op, ...]


def tell(shop: ShopContent, names: Names, calendar: Calendar, job: Job) -> list[Action]:
    """All that was done for one job, in order."""
    story = _Story(shop, names, calendar, job)
    story.taken_in()
    if job.status != "new":
        story.looked_at()
    if job.status == "canceled":
        story.step("canceled", job.reason)
    for status in AGREED.get(job.status, ()):
        story.step(status)
    if job.status in HANDED_OVER or job.status == "in_progress":
        story.worked_on()
        story.handed_over()
    return story.actions


@dataclass(slots=True)
class _Story:
    shop: ShopContent
    names: Names
    calendar: Calendar
    job: Job
    actions: list[Action] = field(default_factory=list)
    clock: int = 0

    def taken_in(self) -> None:
        """The desk takes the machine in: what is wrong, what is to be done, until when."""
        job, names = self.job, self.names
        self._morning(0)
        order = names.create(
            "work_order",
            job.id,
            {
                "customer": names.id(job.customer),
                "equipment": names.id(job.machine) if job.machine else None,
                "complaint": job.complaint,
                "priority": job.priority,
                "promised_at": None if job.promised is None else self.calendar.coming(job.promised),
                "assignee": names.person(job.tech) if job.tech else None,
                "tags": {"add": list(job.tags)} if job.tags else None,
                "service_type": job.service_type,
                "area": job.area,
                "bay": job.bay,
            },
        )
        self._act(self.shop.desk, order, *(self._task(place) for place in range(len(job.tasks))))
        for place, (who, text) in enumerate(job.notes):
            note = {"work_order": names.id(job.id), "text": text}
            self._act(who, names.create("note", f"{job.id}/note/{place}", note))

    def looked_at(self) -> None:
        """The tech looks for what is wrong and shows it; the desk writes what it will cost."""
        self._morning(1)
        self.step("diagnosing")
        self._photographed(BEFORE)
        if self.job.diagnosis:
            self._write(diagnosis=self.job.diagnosis)
        lines = [self._line(place, line) for place, line in enumerate(self.job.lines)]
        if lines:
            self._act(self.shop.desk, *lines)

    def worked_on(self) -> None:
        """The tech takes parts, works task by task, and writes down what was done."""
        job = self.job
        self._morning(2)
        self.step("in_progress")
        if job.status != "waiting_parts":
            issued = [op for place, line in enumerate(job.lines) for op in self._issue(place, line)]
            if issued:
                self._act(self._tech, *issued)
        for place in range(len(job.tasks) if job.status in FINISHED else job.done):
            self._ticked(place)
        self._photographed(AFTER)
        if job.correction:
            self._write(correction=job.correction)

    def handed_over(self) -> None:
        if self.job.goodwill:
            cents, why = self.job.goodwill
            self._write(self.shop.desk, goodwill_cents=cents, goodwill_reason=why)
        for status in HANDED_OVER.get(self.job.status, ()):
            if status != "qc":
                self._morning(3)
            self.step(status, self.job.reason)

    def step(self, status: str, reason: str = "") -> None:
        who = self.shop.checks if status == "ready" else self.shop.desk if status in BY_DESK else self._tech
        reason_given = (reason or None) if status in ("on_hold", "canceled") else None
        self._tick()
        self._write(who, status=status, status_reason=reason_given, status_at=self.clock)

    @property
    def _tech(self) -> str:
        return self.job.tech or self.shop.desk

    def _morning(self, chapter: int) -> None:
        """Go to the day of a chapter; the clock never goes back."""
        job = self.job
        taken = min(job.came, DAYS_TAKEN) if job.status in ("closed", "canceled") else job.came
        days_ago = job.came - taken * chapter // 3
        hours = (hash_of(job.key) % 7) / 4 + chapter
        if days_ago < job.came and not self.calendar.is_past(days_ago, hours + 1):
            days_ago += 1
        self.clock = max(self.clock, self.calendar.at(days_ago, hours))

    def _tick(self, minutes: int = 6) -> None:
        self.clock = min(self.clock + minutes * MINUTE, self.calendar.now - MINUTE)

    def _act(self, who: str, *ops: Op) -> None:
        self._tick()
        self.actions.append(Action(self.clock, who, self.names.id(self.job.id), ops))

    def _write(self, who: str | None = None, **values: object) -> None:
        self._act(who or self._tech, self.names.patch("work_order", self.job.id, values))

    def _task(self, place: int) -> Op:
        title, minutes = self.job.tasks[place]
        values = {
            "work_order": self.names.id(self.job.id),
            "position": place + 1,
            "title": title,
            "estimated_minutes": minutes,
        }
        return self.names.create("task", f"{self.job.id}/task/{place}", values)

    def _line(self, place: int, line: Line) -> Op:
        is_part, is_labour = line.kind == "part", line.kind == "labour"
        values = {
            "work_order": self.names.id(self.job.id),
            "position": place + 1,
            "kind": line.kind,
            "part": self.names.id(line.what) if is_part else None,
            "description": None if is_part else line.what,
            "quantity_milli": line.quantity_milli,
            "minutes": line.quantity_milli * 60 // 1000 if is_labour else None,
            "price_cents": line.price_cents or (self.shop.hour_cents if is_labour else None),
            "declined": line.declined or None,
        }
        return self.names.create("line_item", f"{self.job.id}/line/{place}", values)

    def _issue(self, place: int, line: Line) -> Iterator[Op]:
        if line.kind == "part" and not line.declined:
            values = {
                "part": self.names.id(line.what),
                "kind": "issue",
                "quantity_milli": -line.quantity_milli,
                "work_order": self.names.id(self.job.id),
                "line_item": self.names.id(f"{self.job.id}/line/{place}"),
                "at": self.clock,
            }
            yield self.names.create("part_movement", f"{self.job.id}/issue/{place}", values)

    def _ticked(self, place: int) -> None:
        """A task is done and ticked, with the time it took: now a bit less, now a bit more than was thought."""
        key, minutes = f"{self.job.id}/task/{place}", self.job.tasks[place][1]
        took = max(5, minutes + hash_of(key) % 13 - 5)
        begun, ended = self.calendar.work(self._tech, self.clock, took)
        entry = {
            "kind": "work",
            "work_order": self.names.id(self.job.id),
            "task": self.names.id(key),
            "started_at": begun,
            "ended_at": ended,
        }
        self.clock = max(self.clock, ended - 6 * MINUTE)
        self._act(
            self._tech,
            self.names.create("time_entry", f"{self.job.id}/time/{place}", entry),
            self.names.patch("task", key, {"done": True, "done_at": ended}),
        )

    def _photographed(self, kinds: tuple[str, ...]) -> None:
        for place, photo in enumerate(self.job.photos):
            if photo.kind in kinds:
                self._act(self._tech, self._photo(place, photo))

    def _photo(self, place: int, photo: Photo) -> Op:
        values = {
            "work_order": self.names.id(self.job.id),
            "kind": photo.kind,
            "taken_at": self.clock,
            "note": photo.note,
            "preview": preview(photo.shows),
            "visible_to_customer": photo.visible,
            **described(photo.shows),
        }
        return self.names.create("photo", photo_key(self.job, place), values)


def photo_key(job: Job, place: int) -> str:
    """What the content calls the photo at this place of a job."""
    return f"{job.id}/photo/{place}"


def hash_of(key: str) -> int:
    """A number that looks drawn and is the same in every run."""
    return sum((place + 1) * ord(letter) for place, letter in enumerate(key))
