"""A real clamd, and all that is not `stream: OK`: found, over its limits, killed over a file, hanging, away."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.errors import SettingError
from server.media.scan import Clamd as Client
from server.media.scan import Unscanned, Verdict, read_answer, scanner_of
from server.settings import Settings, load_settings
from tests.clamd import EICAR, NAME, STREAM_BYTES_MAX, Clamd
from tests.server.media import pictures


async def pieces(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


def nested(content: bytes, times: int) -> bytes:
    for _ in range(times):
        content = pictures.zipped(content, "a.zip")
    return content


async def test_a_picture_is_clean(scanner: Clamd) -> None:
    assert await Client(scanner.url).scan(pieces(pictures.jpeg())) == Verdict("clean")
    assert await Client(scanner.url).scan(pieces(b"")) == Verdict("clean")


@pytest.mark.parametrize(
    "content",
    [
        EICAR,
        pictures.zipped(EICAR),
        pictures.jpeg() + EICAR,
        pictures.jpeg() + pictures.zipped(EICAR),
        nested(EICAR, 4),
    ],
    ids=["plain", "zipped", "appended", "zip_appended", "nested"],
)
async def test_eicar_is_found(scanner: Clamd, content: bytes) -> None:
    verdict = await Client(scanner.url).scan(pieces(content))
    assert verdict.kind == "infected"
    assert NAME in verdict.reason


async def test_eicar_is_found_across_two_pieces(scanner: Clamd) -> None:
    content = pictures.jpeg() + EICAR
    assert (await Client(scanner.url).scan(pieces(content, len(content) - 30))).kind == "infected"


async def test_over_its_limits_is_refused(scanner: Clamd) -> None:
    too_long = await Client(scanner.url).scan(pieces(b"x" * (STREAM_BYTES_MAX + 1_000_000)))
    too_deep = await Client(scanner.url).scan(pieces(nested(EICAR, 20)))
    assert (too_long.kind, too_deep.kind) == ("refused", "refused")
    assert "virus scanner" in too_long.reason


async def test_away_is_said_and_back_is_noticed(scanner: Clamd) -> None:
    scanner.kill()
    assert (await Client(scanner.url).scan(pieces(b"hello"))).kind == "away"
    assert not await Client(scanner.url).answers()
    scanner.start()
    assert (await Client(scanner.url).scan(pieces(b"hello"))).kind == "clean"


async def test_killed_over_a_file_it_is_away(scanner: Clamd) -> None:
    async def killing() -> AsyncIterator[bytes]:
        yield b"begun"
        scanner.kill()
        yield b"x" * 65_536

    assert (await Client(scanner.url).scan(killing())).kind == "away"


async def test_a_scanner_that_hangs_is_away(scanner: Clamd) -> None:
    scanner.freeze()
    try:
        assert (await Client(scanner.url, scan_s=0.2).scan(pieces(b"hello"))).kind == "away"
    finally:
        scanner.kill()


class Odd:
    """Something that answers as it likes, over TCP, to whoever asks for a scan, and PONG to a ping."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    async def __aenter__(self) -> Client:
        self.server = await asyncio.start_server(self._answered, "127.0.0.1", 0)
        return Client(f"tcp://127.0.0.1:{self.server.sockets[0].getsockname()[1]}", scan_s=5)

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        await self.server.wait_closed()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readuntil(b"\0") == b"zPING\0":
            writer.write(b"PONG\0")
        else:
            while length := int.from_bytes(await reader.readexactly(4), "big"):
                await reader.readexactly(length)
            writer.write(self.answer)
        writer.close()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"stream: OK\0", "clean"),
        (b"stream: OK", "broken"),
        (b"stream: OK\n", "broken"),
        (b"stream: OK \0", "broken"),
        (b" stream: OK\0", "broken"),
        (b"STREAM: OK\0", "broken"),
        (b"OK\0", "broken"),
        (b"", "broken"),
        (b"\0", "broken"),
        (b"PONG\0", "broken"),
        (b"stream: Can't allocate memory ERROR\0", "broken"),
        (b"UNKNOWN COMMAND\0", "broken"),
        (b"\xff\xfe\0", "broken"),
        (b"x" * 100_000 + b"\0", "broken"),
        (b"stream: Win.Test FOUND\0", "infected"),
        (b"stream: OK\0stream: Win.Test FOUND\0", "infected"),
        (b"stream: Win.Test FOUND\0stream: OK\0", "broken"),
        (b"INSTREAM size limit exceeded. ERROR\0", "refused"),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", "refused"),
    ],
)
async def test_only_one_answer_is_clean(answer: bytes, kind: str) -> None:
    async with Odd(answer) as client:
        assert (await client.scan(pieces(b"hello"))).kind == kind


async def test_what_it_said_before_it_hung_up_on_too_much_counts() -> None:
    """It answers at the first piece and reads no more, so its end of the connection is a reset."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readuntil(b"\0") == b"zPING\0":
            writer.write(b"PONG\0")
        else:
            await reader.readexactly(4)
            writer.write(b"INSTREAM size limit exceeded. ERROR\0")
        writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    client = Client(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", scan_s=5)
    found = {(await client.scan(pieces(b"x" * 2_000_000))).kind for _ in range(40)}
    server.close()
    assert found == {"refused"}


async def test_nobody_at_that_port_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert (await Client(f"tcp://127.0.0.1:{port}").scan(pieces(b"hello"))).kind == "away"


def test_a_found_name_is_never_long() -> None:
    assert len(read_answer(f"stream: {'x' * 5000} FOUND").reason) < 200


async def test_the_policy_says_whether_one_is_asked(settings: Settings, tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/nobody"
    assert isinstance(scanner_of(settings), Unscanned)
    assert isinstance(scanner_of(settings.changed(clamd_url=url)), Client)
    assert isinstance(scanner_of(settings.changed(clamd_url=url, scan="required")), Client)
    assert isinstance(scanner_of(settings.changed(clamd_url=url, scan="off")), Unscanned)
    assert await Unscanned().scan(pieces(EICAR)) == Verdict("clean")
    with pytest.raises(SettingError, match="WORKBAY_CLAMD_URL"):
        scanner_of(settings.changed(scan="required"))


def test_required_without_a_scanner_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="WORKBAY_CLAMD_URL is not set"):
        load_settings(var=tmp_path, scan="required")
