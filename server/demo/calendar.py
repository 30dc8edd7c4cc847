"""When things happened in a demo shop, told in days ago and times of day. Nothing lies in the future.

The shop opens at eight in the morning, UTC of a Central European winter, and works six days a week.
"""

from __future__ import annotations

from server.clock import as_datetime

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
OPENS = 7 * HOUR
SUNDAY = 6


class Calendar:
    """Times seen from `now` (ms), and who is at which work when."""

    def __init__(self, now: int) -> None:
        self.now = now
        self._midnight = now - now % DAY
        self._busy: dict[tuple[str, int], int] = {}

    def at(self, days_ago: int, hours: float) -> int:
        """`hours` after opening, so many days ago; a Sunday's work was done on Saturday. What would lie ahead of the
        clock was done in the two hours before it."""
        at = self._moment(days_ago, hours)
        return at if at < self.now else self.now - 2 * HOUR + round(hours * 10) * MINUTE

    def is_past(self, days_ago: int, hours: float) -> bool:
        """Whether that time of day has been."""
        return self._moment(days_ago, hours) < self.now

    def coming(self, days: int) -> int:
        """Closing time in so many days, for promises; negative ones were not kept."""
        midnight = self._midnight + days * DAY
        return midnight + OPENS + 9 * HOUR + (DAY if as_datetime(midnight).weekday() == SUNDAY else 0)

    def work(self, who: str, from_: int, minutes: int) -> tuple[int, int]:
        """The next free time of a person from `from_` on: start and end of that much work."""
        key = (who, from_ // DAY)
        begun = max(from_, self._busy.get(key, 0))
        self._busy[key] = begun + minutes * MINUTE
        return self._past(begun), self._past(begun + minutes * MINUTE)

    def _moment(self, days_ago: int, hours: float) -> int:
        midnight = self._midnight - days_ago * DAY
        if as_datetime(midnight).weekday() == SUNDAY:
            midnight -= DAY
        return midnight + OPENS + round(hours * HOUR)

    def _past(self, at: int) -> int:
        return min(at, self.now - MINUTE)
