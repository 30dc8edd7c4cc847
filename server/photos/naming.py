"""What the files of an archive are called: `WO-1017-03-damage-2026-11-26.jpg`, by the shop's own calendar. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from server.clock import as_datetime
from server.media.serving import ENDINGS
from server.media.zipping import apart, safe_name
from server.photos.reading import Photo


def zone_of(name: object) -> tzinfo:
    """The shop's time zone; that of the world where this machine does not know it."""
    try:
        return ZoneInfo(str(name))
    except (ValueError, OSError, LookupError):
        return UTC


def local_ms(ms: int, zone: tzinfo) -> int:
    """The instant whose UTC reading is what the shop's clock showed: archives know no zones."""
    offset = as_datetime(ms).astimezone(zone).utcoffset()
    return ms + round(offset.total_seconds() * 1000) if offset else ms


def photo_names(number: str, photos: Iterable[tuple[Photo, str]], zone: tzinfo) -> list[str]:
    """A name for each photo of that type of file, in their order."""
    listed = list(photos)
    wide = max(2, len(str(len(listed))))
    order = safe_name(number, "photos")
    return apart(
        [
            f"{order}-{place:0{wide}}-{safe_name(photo.kind)}{_day(photo, zone)}.{ENDINGS.get(type_, 'bin')}"
            for place, (photo, type_) in enumerate(listed, 1)
        ]
    )


def _day(photo: Photo, zone: tzinfo) -> str:
    return "" if photo.taken_at is None else f"-{as_datetime(photo.taken_at).astimezone(zone):%Y-%m-%d}"
