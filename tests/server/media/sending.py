"""A phone that sends files of photos: through the real routes, over a network that can be cut at any byte."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from server.media.blobs import Blobs
from server.media.tus import BODY
from tests.contracts.blobs import content_of
from tests.server.premises import Phone

TUS = {"Tus-Resumable": "1.0.0"}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def metadata(**said: str) -> str:
    return ",".join(f"{name} {encoded(value)}" for name, value in said.items())


def checksum(content: bytes, name: str = "sha256") -> str:
    return f"{name} {base64.b64encode(hashlib.new(name, content).digest()).decode()}"


@dataclass
class Sent:
    """One photo of a phone, and the file that belongs to it."""

    phone: Phone
    id: str
    content: bytes
    type: str = "image/jpeg"

    @property
    def uuid(self) -> UUID:
        return UUID(self.id)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def receipt(self) -> str:
        return f"sha256={self.sha256}; bytes={len(self.content)}"

    def by(self, phone: Phone) -> Sent:
        """The same photo, in somebody else's hands."""
        return Sent(phone, self.id, self.content, self.type)

    async def ask(
        self, method: str, path: str | None = None, body: bytes | None = None, **headers: str | None
    ) -> httpx.Response:
        """Any request. A header that is None is left out."""
        said: dict[str, str | None] = {
            "Authorization": f"Bearer {self.phone.token}", **TUS, **({"Content-Type": BODY} if body is not None else {})
        }  # fmt: skip
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://{self.phone.shop.slug}.localhost{path or f'/api/uploads/{self.id}'}"
        given = {name: value for name, value in said.items() if value is not None}
        return await self.phone.premises.client.request(method, url, content=body, headers=given)

    async def post(self, body: bytes | None = None, **headers: str | None) -> httpx.Response:
        said = {
            "Upload_Length": str(len(self.content)),
            "Upload_Metadata": metadata(photo=self.id, sha256=self.sha256, type=self.type),
        }
        return await self.ask("POST", "/api/uploads", body, **{**said, **headers})

    async def head(self) -> httpx.Response:
        return await self.ask("HEAD")

    async def patch(self, offset: int, end: int | None = None, **headers: str | None) -> httpx.Response:
        """The bytes from `offset` up to `end`."""
        return await self.ask("PATCH", None, self.content[offset:end], Upload_Offset=str(offset), **headers)

    async def stands(self) -> int:
        answer = await self.head()
        assert answer.status_code == 200, answer.headers
        return int(answer.headers["Upload-Offset"])

    async def cut(self, offset: int, pieces: Sequence[bytes], **headers: str) -> None:
        """A PATCH whose connection breaks after `pieces`."""
        app = self.phone.premises.app
        messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        messages.append({"type": "http.disconnect"})
        answers: list[Any] = []

        async def receive() -> Any:
            return messages.pop(0)

        async def send(message: Any) -> None:
            answers.append(message)

        said = {
            "Host": f"{self.phone.shop.slug}.localhost", "Authorization": f"Bearer {self.phone.token}", **TUS,
            "Content-Type": BODY, "Content-Length": str(len(self.content) - offset), "Upload-Offset": str(offset), **headers,
        }  # fmt: skip
        scope = {
            "type": "http", "method": "PATCH", "path": f"/api/uploads/{self.id}", "raw_path": b"", "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in said.items()],
            "scheme": "http", "http_version": "1.1", "server": ("x", 80), "client": ("127.0.0.1", 1), "root_path": "",
        }  # fmt: skip
        await app(scope, receive, send)
        assert answers == [], answers

    async def whole(self) -> httpx.Response:
        """All of it at once; the last answer."""
        answer = await self.post()
        assert answer.status_code == 201, answer.text
        return await self.patch(int(answer.headers["Upload-Offset"]))

    async def media(self) -> str | None:
        """What the record says of the file, as this phone is told."""
        await self.phone.sync()
        said: str | None = (self.phone.data(self.id) or {}).get("media")
        return said


async def new_photo(phone: Phone, size: int = 600_000, seed: int = 0, **values: Any) -> Sent:
    """A photo of a new work order, with a file of that many bytes, confirmed by the shop."""
    content = content_of(size, seed)
    order = phone.create("work_order", customer=phone.shop.customers[0], complaint="noise")
    file = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": size, "type": "image/jpeg"}
    id_ = phone.create(
        "photo", **{"work_order": order, "kind": "before", "taken_at": phone.now(), **file, **values}
    )
    await phone.sync()
    assert phone.data(id_) is not None
    return Sent(phone, id_, content)


async def keys(blobs: Blobs) -> list[str]:
    return sorted([key async for key, _, _ in blobs.list("")])
