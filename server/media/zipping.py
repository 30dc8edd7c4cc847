"""ZIP archives that are made while they are sent: nothing lies on a disk, and a piece of one file at most in memory.

Pictures are stored as they are, for they are compressed already. A file that the store has lost is left out, and the archive
says so. One that cannot be read to its end breaks the archive off: a download that fails is tried again, one that ends early
with a good ending is believed. Rooms say which files go in and
under which names; `safe_name` and `apart` make names that every system can unpack.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from server.clock import as_datetime
from server.errors import WorkbayError
from server.media.blobs import Blobs

# Most file systems end a name at 255 bytes, and rooms put a number and a date behind this.
NAME_BYTES_MAX = 120
KEPT = frozenset("-_.")
# The clock of a ZIP begins here.
FIRST_MS = 315_532_800_000
REMARK = "read-me.txt"


class ReadCut(WorkbayError):
    """A file could not be read to its end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive. `at`: the ms that it bears as its time, on the shop's own clock if it is to be read as
    that. `size`: how many bytes it must have; None: as many as the store says."""

    name: str
    key: str
    at: int
    size: int | None = None


async def zipped(blobs: Blobs, entries: Sequence[Entry], remark: str = "") -> AsyncIterator[bytes]:
    """The archive piece by piece. `remark` goes in as a text of its own, for what people should know of it, with the names
    of files that the store does not have.

    Raises what the store raises, and ReadCut for a file that ends before it should."""
    sink, lost = _Sink(), []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for entry in entries:
            stored = await blobs.size(entry.key)
            if stored is None:
                lost.append(entry.name)
                continue
            size = entry.size if entry.size is not None else stored
            with archive.open(_info(entry.name, entry.at), "w") as file:
                read = 0
                async for piece in await blobs.get(entry.key):
                    read += len(piece)
                    file.write(piece)
                    if ready := sink.taken():
                        yield ready
                if read != size:
                    raise ReadCut
        if words := remark + _lost(lost):
            archive.writestr(_info(REMARK, max((e.at for e in entries), default=FIRST_MS)), words)
    yield sink.taken()


def _lost(names: Sequence[str]) -> str:
    """What people should know of files that are not there."""
    if not names:
        return ""
    told = "".join(f"- {name}\r\n" for name in names)
    return f"The shop's storage has lost these files, so they are not in this archive:\r\n{told}"


def _info(name: str, at: int) -> zipfile.ZipInfo:
    moment = as_datetime(max(at, FIRST_MS))
    info = zipfile.ZipInfo(name, moment.timetuple()[:6])
    info.external_attr = 0o644 << 16
    return info


class _Sink:
    """What the archive is written to: it cannot go back, and gives away what it got."""

    def __init__(self) -> None:
        self._got = bytearray()

    def write(self, data: bytes) -> int:
        self._got += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """What was written since it was last asked."""
        got, self._got = bytes(self._got), bytearray()
        return got


def safe_name(text: str, instead: str = "file") -> str:
    """A name for a file that leads nowhere and means nothing to any system: letters, digits, `-_.`, no point in front."""
    whole = unicodedata.normalize("NFC", text)
    spelled = "".join(c if _is_kept(c) else "-" for c in whole)
    name = "-".join(part for part in (part.strip(".") for part in spelled.split("-")) if part)
    return name.encode()[:NAME_BYTES_MAX].decode(errors="ignore").strip("-.") or instead


def _is_kept(character: str) -> bool:
    """Letters with their marks and digits of every script; nothing that is not seen or turns the line around."""
    return character in KEPT or unicodedata.category(character)[0] in "LMN"


def attachment(name: str) -> str:
    """The Content-Disposition of a download under this safe name, for browsers that know no letters but ASCII's too."""
    plain = name.encode("ascii", "replace").decode().replace("?", "-")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


def apart(names: Sequence[str]) -> list[str]:
    """The same names, those that came before (in capitals or small) with a number behind them."""
    taken: set[str] = set()
    found = []
    for name in names:
        stem, point, ending = name.rpartition(".")
        other, count = name, 1
        while other.casefold() in taken:
            count += 1
            other = f"{stem}-{count}{point}{ending}" if point else f"{name}-{count}"
        taken.add(other.casefold())
        found.append(other)
    return found
