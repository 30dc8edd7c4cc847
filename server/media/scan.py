"""Asks a virus scanner about a file, and takes only one answer for good news.

The scanner is ClamAV's `clamd`, over TCP or a Unix socket: the file goes there in pieces (INSTREAM), and a line comes back.
Only `stream: OK`, exactly, is clean. A scanner over its limits says so, or just hangs up, and that is never clean either.
Whether one is wanted at all is the setting WORKBAY_SCAN (`scanner_of`).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from server.errors import SettingError
from server.settings import Settings

CONNECT_S = 5.0
SCAN_S = 40.0
LAST_WORDS_S = 2.0
ANSWER_BYTES_MAX = 4096
TCP_PORT = 3310

# What clamd reports, when told to (AlertExceedsMax), of a file of which it has not seen all.
OVER_LIMITS = "Heuristics.Limits.Exceeded"
TOO_MUCH = "There is more in this file than the virus scanner can look at."
NOT_CHECKED = "The virus scanner could not check this file."
FOUND = "The virus scanner found {} in this file."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the scanner says.

    infected, refused: the file is not taken in; `reason` is for people. broken: the scanner is there but failed over this
    file, as another time it might not. away: there is no scanner, so the file waits; `reason` is for the log.
    """

    kind: Literal["clean", "infected", "refused", "broken", "away"]
    reason: str = ""


CLEAN = Verdict("clean")


class Scanner(Protocol):
    """Looks at files."""

    async def scan(self, source: AsyncIterator[bytes]) -> Verdict:
        """The verdict on the bytes of `source`, which lie at hand; it never raises for what the scanner does."""


class Unscanned:
    """The shop goes without a scanner: nobody looks."""

    async def scan(self, source: AsyncIterator[bytes]) -> Verdict:
        return CLEAN


class Clamd:
    """A clamd at `tcp://host:port` or `unix:///path`."""

    def __init__(self, url: str, scan_s: float = SCAN_S) -> None:
        self._parts = urlsplit(url)
        self._scan_s = scan_s

    async def scan(self, source: AsyncIterator[bytes]) -> Verdict:
        try:
            async with asyncio.timeout(self._scan_s):
                answer = await self._asked(source)
        except _Away as error:
            return Verdict("away", str(error))
        except TimeoutError:
            answer = ""
        if answer:
            return read_answer(answer)
        # It hung up or said nothing. Is it gone, or is it this file?
        return Verdict("broken", NOT_CHECKED) if await self.answers() else Verdict("away", "It hung up.")

    async def answers(self) -> bool:
        """Whether somebody is there."""
        try:
            async with asyncio.timeout(CONNECT_S):
                with await self._connected() as connection:
                    loop = asyncio.get_running_loop()
                    await loop.sock_sendall(connection, b"zPING\0")
                    return await _heard(connection) == "PONG"
        except (_Away, OSError, TimeoutError):
            return False

    async def _asked(self, source: AsyncIterator[bytes]) -> str:
        with await self._connected() as connection:
            if await _sent(source, connection):
                return await _heard(connection)
            # It stopped listening, and mostly it has said why.
            async with asyncio.timeout(LAST_WORDS_S):
                return await _heard(connection)

    async def _connected(self) -> socket.socket:
        """A connection, or `_Away`. A plain socket, for a stream of asyncio forgets what came before the other side hung up."""
        try:
            async with asyncio.timeout(CONNECT_S):
                if self._parts.scheme == "unix":
                    return await _connected(socket.AF_UNIX, self._parts.path)
                host, port = self._parts.hostname or "127.0.0.1", self._parts.port or TCP_PORT
                loop = asyncio.get_running_loop()
                (family, *_, address), *_ = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                return await _connected(family, address)
        except (OSError, TimeoutError) as error:
            raise _Away(f"It does not answer ({type(error).__name__}).") from error


class _Away(Exception):
    """Nobody listens there."""


async def _connected(family: int, address: Any) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(connection, address)
    except BaseException:
        connection.close()
        raise
    return connection


async def _sent(source: AsyncIterator[bytes], connection: socket.socket) -> bool:
    """Send the file as INSTREAM wants it: each piece after its length, zero at the end. False when nobody listens."""
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_sendall(connection, b"zINSTREAM\0")
        async for piece in source:
            if piece:
                await loop.sock_sendall(connection, len(piece).to_bytes(4, "big") + piece)
        await loop.sock_sendall(connection, b"\0\0\0\0")
    except OSError:
        return False
    return True


async def _heard(connection: socket.socket) -> str:
    """All that it says until it hangs up, without the NUL at the end; '' for nothing, and for an answer that was cut.

    It may hang up by a reset, when it was sent more than it read; what it said before counts.
    """
    loop, heard = asyncio.get_running_loop(), b""
    with suppress(OSError):
        while piece := await loop.sock_recv(connection, ANSWER_BYTES_MAX):
            heard += piece
            if len(heard) > ANSWER_BYTES_MAX:
                return ""
    return heard[:-1].decode("utf-8", "replace") if heard.endswith(b"\0") else ""


def read_answer(answer: str) -> Verdict:
    """What a line of clamd's means."""
    if answer == "stream: OK":
        return CLEAN
    if answer.startswith("INSTREAM size limit exceeded"):
        return Verdict("refused", TOO_MUCH)
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        name = answer.removeprefix("stream: ").removesuffix(" FOUND")
        if name.startswith(OVER_LIMITS):
            return Verdict("refused", TOO_MUCH)
        return Verdict("infected", FOUND.format(name[:100]))
    return Verdict("broken", NOT_CHECKED)


def scanner_of(settings: Settings) -> Scanner:
    """The scanner that the settings want. Where one is named, files wait while it is away, whatever the policy."""
    if settings.scan == "off":
        return Unscanned()
    if settings.clamd_url is not None:
        return Clamd(settings.clamd_url)
    if settings.scan == "required":
        raise SettingError("WORKBAY_CLAMD_URL", None, "WORKBAY_SCAN=required wants to know where clamd is")
    return Unscanned()
