"""Turns an original into what is served: a display size, a thumbnail, and a preview that travels with the record.

The work is done by a child process (`server.media.decoder`), for decoders of pictures are where strangers' bytes do harm.
Here it is started, given its limits and its wall clock, and killed when it oversteps; what it says is checked as if a
stranger said it. A refusal is a value with a reason for people. A PDF is looked at from outside and never decoded.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import shutil
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from server.media.sniff import HEAD_BYTES, PDF, TAIL_BYTES, pdf_problem, sniff

CHILD = Path(__file__).with_name("decoder.py")
# No setting, no key and no address of ours. One arena, so that the limit of memory is spent on pictures.
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}
PREVIEW_CHARACTERS_MAX = 10_924
SIDE_MAX = 2**31
PREFIX = "data:image/jpeg;base64,"

NO_PICTURE = "This is no JPEG, PNG or HEIC picture, and no PDF."
UNREADABLE = "This picture could not be read."
TOO_SLOW = "This picture takes too long to be read."
TOO_LARGE = "This file is too large."


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. `wall_s` is generous, for the machine may be busy; `cpu_s` is the file's own doing."""

    file_bytes: int = 10_000_000
    pixels: int = 50_000_000
    memory_bytes: int = 1_000_000_000
    cpu_s: int = 20
    wall_s: float = 45.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """What was made, as files in the folder that was given; a PDF has `document` only, and no pixels."""

    kind: str
    files: tuple[str, ...]
    width: int | None = None
    height: int | None = None
    preview: str | None = None
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """Not taken in, and why, for people. `died`: the child was lost over it, which another time might not happen."""

    reason: str
    died: bool = False
    memory_bytes: int = 0


class Converter:
    """One child at a time, started when it is first wanted. One file after another; `close` it when there are no more."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._child: asyncio.subprocess.Process | None = None
        self._busy = asyncio.Lock()

    async def convert(self, original: Path, into: Path) -> Sizes | Refused:
        """The sizes of `original`, in the folder `into`, or why there are none."""
        kind = _looked_at(original, into, self.limits.file_bytes)
        if not isinstance(kind, str):
            return kind
        async with self._busy:
            said = await self._asked(original, kind, into)
        return _believed(said, kind, into)

    async def close(self) -> None:
        """Let the child go, whatever it is doing."""
        child, self._child = self._child, None
        if child is not None:
            # The child leads a group of its own, and its forks are in it.
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
            if child.stdin is not None:
                child.stdin.close()

    async def _asked(self, original: Path, kind: str, into: Path) -> dict[str, Any]:
        """What the child says; one that says nothing in time, or nothing that can be read, is replaced."""
        job = {
            "original": str(original), "type": kind, "into": str(into), "pixels": self.limits.pixels,
            "memory_bytes": self.limits.memory_bytes, "cpu_s": self.limits.cpu_s,
        }  # fmt: skip
        try:
            async with asyncio.timeout(self.limits.wall_s):
                said = orjson.loads(await self._answer(orjson.dumps(job) + b"\n"))
            return said if isinstance(said, dict) else {"died": 0}
        except (TimeoutError, OSError, ValueError):
            await self.close()
            return {"died": 0}
        except BaseException:
            # Cancelled in the midst of it: the answer to this file must not be taken for that to the next one.
            await asyncio.shield(self.close())
            raise

    async def _answer(self, job: bytes) -> bytes:
        child = self._child or await self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(job)
        await child.stdin.drain()
        return await child.stdout.readline()

    async def _started(self) -> asyncio.subprocess.Process:
        self._child = await asyncio.create_subprocess_exec(
            sys.executable, "-I", str(CHILD),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=ENVIRONMENT, cwd="/", start_new_session=True,
        )  # fmt: skip
        return self._child


def _looked_at(original: Path, into: Path, bytes_max: int) -> str | Sizes | Refused:
    """The type of a picture that is to be decoded, or what is known without that."""
    size = original.stat().st_size
    if size > bytes_max:
        return Refused(TOO_LARGE)
    with original.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(0, size - TAIL_BYTES))
        tail = file.read(TAIL_BYTES)
    kind = sniff(head)
    if kind is None:
        return Refused(NO_PICTURE)
    return kind if kind != PDF else _document(original, into, pdf_problem(head, tail, size))


def _document(original: Path, into: Path, problem: str | None) -> Sizes | Refused:
    if problem:
        return Refused(problem)
    shutil.copyfile(original, into / "document.pdf")
    return Sizes(PDF, ("document.pdf",))


def _believed(said: dict[str, Any], kind: str, into: Path) -> Sizes | Refused:
    """The child's answer, if it is one; whoever took over a fork could say anything."""
    used = said.get("memory_bytes")
    memory = used if isinstance(used, int) else 0
    match said:
        case {"refused": str(reason)} if 0 < len(reason) <= 200:
            return Refused(reason, memory_bytes=memory)
        case {"width": int(width), "height": int(height), "preview": str(preview)} if (
            0 < width < SIDE_MAX and 0 < height < SIDE_MAX and _is_preview(preview) and _are_made(into)
        ):
            files = ("display.jpg", "thumb.jpg")
            return Sizes(kind, files, width, height, PREFIX + preview, memory)
        case {"died": int(code)} if code == -signal.SIGXCPU:
            return Refused(TOO_SLOW, memory_bytes=memory)
    return Refused(UNREADABLE, died=True, memory_bytes=memory)


def _is_preview(preview: str) -> bool:
    try:
        raw = base64.b64decode(preview, validate=True)
    except binascii.Error:
        return False
    return len(preview) <= PREVIEW_CHARACTERS_MAX and raw.startswith(b"\xff\xd8\xff")


def _are_made(into: Path) -> bool:
    """Both files are there and begin as JPEG does; nothing else would be served."""
    for name in ("display.jpg", "thumb.jpg"):
        path = into / name
        if path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as file:
            if file.read(3) != b"\xff\xd8\xff":
                return False
    return True
