"""Uploads to a server that is a process: by a client that is not ours, over connections that break, to one that is killed."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.media.receiving import PART_BYTES
from server.settings import Settings
from tests.browser.serving import Served
from tests.conftest import SECRET_KEYS
from tests.server.media.sending import Sent, checksum, metadata, new_photo
from tests.server.premises import running
from tests.worlds import CountingWorld

SIZE = 3_000_000
WAIT_S = 60.0


class Shop:
    """A served shop with a tech's photo, and how to ask it."""

    def __init__(self, served: Served, photo: Sent, folder: Path) -> None:
        self.served, self.photo, self.folder = served, photo, folder
        self.headers = {"Authorization": f"Bearer {photo.phone.token}", "Tus-Resumable": "1.0.0"}

    @property
    def url(self) -> str:
        return f"{self.served.url}/api/uploads/{self.photo.id}"

    def ask(self, method: str, body: bytes | None = None, **headers: str) -> httpx.Response:
        said = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None:
            said["Content-Type"] = "application/offset+octet-stream"
        return httpx.request(method, self.url, content=body, headers=said, timeout=WAIT_S)

    def begin(self) -> None:
        said = metadata(photo=self.photo.id, sha256=self.photo.sha256, type="image/jpeg")
        answer = httpx.post(
            f"{self.served.url}/api/uploads",
            headers={**self.headers, "Upload-Length": str(SIZE), "Upload-Metadata": said},
        )
        assert answer.status_code == 201, answer.text

    def stands(self) -> int:
        answer = self.ask("HEAD")
        assert answer.status_code == 200, answer.headers
        return int(answer.headers["Upload-Offset"])

    def until_it_stands(self, at: int) -> None:
        until = time.monotonic() + WAIT_S
        while self.stands() < at:
            assert time.monotonic() < until

    def connection(self, sent: int) -> socket.socket:
        """A PATCH of all the file of which so many bytes went out, and that stays open."""
        words = {**self.headers, "Host": f"localhost:{self.served.port}", "Upload-Offset": "0",
                 "Content-Type": "application/offset+octet-stream", "Content-Length": str(SIZE)}  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in words.items())
        opened = socket.create_connection(("localhost", self.served.port), WAIT_S)
        opened.sendall(f"PATCH /api/uploads/{self.photo.id} HTTP/1.1\r\n{head}\r\n".encode())
        opened.sendall(self.photo.content[:sent])
        return opened

    def kept(self) -> bytes:
        (path,) = [p for p in (self.folder / "blobs").rglob("*") if p.is_file() and self.photo.id in str(p)]
        assert path.name == "original"
        return path.read_bytes()

    async def foreign(self, **told: Any) -> asyncio.subprocess.Process:
        """The other client at work in a process of its own."""
        content = self.folder / "picture.jpg"
        content.write_bytes(self.photo.content)
        words = {
            "endpoint": f"{self.served.url}/api/uploads", "token": self.photo.phone.token, "file": str(content),
            "storage": str(self.folder / "urls.json"),
            "metadata": {"photo": self.photo.id, "sha256": self.photo.sha256, "type": "image/jpeg"}, **told,
        }  # fmt: skip
        script = str(Path(__file__).with_name("foreign.mjs"))
        return await asyncio.create_subprocess_exec(
            "node", script, json.dumps(words), stdout=asyncio.subprocess.PIPE
        )

    async def foreign_ends(self, **told: Any) -> dict[str, Any]:
        return await said_last(await self.foreign(**told))


async def said_last(process: asyncio.subprocess.Process) -> dict[str, Any]:
    output, _ = await asyncio.wait_for(process.communicate(), WAIT_S)
    said: dict[str, Any] = json.loads(output.splitlines()[-1])
    return said


@pytest.fixture
async def shop(settings: Settings) -> AsyncIterator[Shop]:
    assert settings.database_url is not None
    assert settings.owner_database_url is not None
    now = CountingWorld(now_ms=time.time_ns() // 1_000_000)
    async with running(settings, now) as premises:
        made = await premises.open_shop("repair")
        photo = await new_photo(await (await premises.sign_in(made, "tech")).sync(), SIZE)
    served = await asyncio.to_thread(
        Served,
        settings.var,
        WORKBAY_DATABASE_URL=settings.database_url,
        WORKBAY_OWNER_DATABASE_URL=settings.owner_database_url,
        WORKBAY_SECRET_KEYS=SECRET_KEYS,
        WORKBAY_DEMO="false",
    )
    with served:
        yield Shop(served, photo, settings.var)


async def test_I10_another_client_stops_goes_on_and_the_bytes_are_the_same(shop: Shop) -> None:
    stopped = await shop.foreign_ends(stopAt=1_000_000, chunk=300_000)
    assert stopped == {"is": "stopped", "url": shop.url}
    assert 0 < shop.stands() < SIZE
    again = await shop.foreign_ends(stopAt=2_000_000, chunk=300_000)
    assert again["is"] == "stopped"
    done = await shop.foreign_ends(chunk=700_001)
    assert done == {"is": "done", "url": shop.url, "receipt": shop.photo.receipt}
    assert shop.kept() == shop.photo.content


async def test_another_client_sends_with_the_creation_and_calls_off(shop: Shop) -> None:
    gone = await shop.foreign_ends(stopAt=500_000, chunk=400_000, early=True, terminate=True)
    assert gone["is"] == "stopped"
    assert shop.ask("HEAD").status_code == 404
    done = await shop.foreign_ends(early=True)
    assert (done["is"], done["receipt"]) == ("done", shop.photo.receipt)
    assert shop.kept() == shop.photo.content


async def test_I10_another_client_outlives_a_server_that_is_killed(shop: Shop) -> None:
    process = await shop.foreign(chunk=100_000, retries=[100] * 300, say=True)
    assert process.stdout is not None
    while int(await process.stdout.readline()) < 700_000:
        pass
    await asyncio.to_thread(shop.served.kill)
    await asyncio.to_thread(shop.served.start_again)
    done = await said_last(process)
    assert (done["is"], done["receipt"]) == ("done", shop.photo.receipt)
    assert shop.kept() == shop.photo.content


async def test_I10_a_server_killed_in_the_middle_of_a_body_loses_less_than_a_part(shop: Shop) -> None:
    sent = 5 * PART_BYTES + 100_000
    await asyncio.to_thread(shop.begin)
    with shop.connection(sent):
        await asyncio.to_thread(shop.until_it_stands, 5 * PART_BYTES)
        await asyncio.to_thread(shop.served.kill)
    await asyncio.to_thread(shop.served.start_again)
    assert shop.stands() == 5 * PART_BYTES
    rest = shop.photo.content[5 * PART_BYTES :]
    last = shop.ask("PATCH", rest, Upload_Offset=str(5 * PART_BYTES))
    assert last.headers["Upload-Receipt"] == shop.photo.receipt


async def test_I10_of_a_connection_that_is_reset_all_that_came_is_kept(shop: Shop) -> None:
    sent = 2 * PART_BYTES + 12_345
    await asyncio.to_thread(shop.begin)
    opened = shop.connection(sent)
    await asyncio.to_thread(shop.until_it_stands, 2 * PART_BYTES)
    opened.shutdown(socket.SHUT_WR)
    await asyncio.to_thread(shop.until_it_stands, sent)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    opened.close()
    assert shop.stands() == sent
    done = shop.ask("PATCH", shop.photo.content[sent:], Upload_Offset=str(sent))
    assert done.headers["Upload-Receipt"] == shop.photo.receipt


async def test_refusals_reach_a_client_that_is_still_sending(shop: Shop) -> None:
    await asyncio.to_thread(shop.begin)
    wrong = shop.ask("PATCH", shop.photo.content[:-1], Upload_Offset="1")
    assert (wrong.status_code, wrong.headers["Upload-Offset"]) == (409, "0")
    damaged = shop.ask("PATCH", shop.photo.content, Upload_Offset="0", Upload_Checksum=checksum(b"x"))
    assert (damaged.status_code, damaged.json()["code"]) == (460, "checksum")
    over = shop.ask("PATCH", shop.photo.content + b"x", Upload_Offset="0")
    assert over.status_code == 413
    assert shop.stands() == 0
