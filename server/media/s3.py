"""Files in a bucket: Amazon's S3, or anything that speaks as it does.

`s3://bucket/prefix?endpoint=https://…&region=…`; the credentials come from the usual `AWS_…` variables of the environment.
Whoever may read a file is sent to the bucket with an address that is good for a minute, so its bytes do not go through here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from server.errors import SettingError, Unavailable
from server.media.blobs import CHUNK_BYTES, DISPLAY, DOCUMENT, THUMB, Missing, checked

if TYPE_CHECKING:
    from obstore import Attributes, BytesStream, GetOptions
    from obstore.store import ClientConfig, RetryConfig

NAME = "WORKBAY_BLOBS_URL"
KNOWN = {"endpoint", "region"}
REGION = "us-east-1"
PIECE_BYTES = 5 * 1024 * 1024
"""The least that a bucket takes as one of many pieces; what is shorter goes in one request."""
AT_ONCE = 2

# A bucket that is away is told to whoever asks: phones try again by themselves.
CLIENT: ClientConfig = {"timeout": timedelta(seconds=60), "connect_timeout": timedelta(seconds=5)}
RETRY: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}

TYPES = {THUMB: "image/jpeg", DISPLAY: "image/jpeg", DOCUMENT: "application/pdf"}


class Bucket:
    """Blobs below the prefix of a bucket."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        said = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        endpoint, region = said.get("endpoint"), said.get("region", REGION)
        if not parts.hostname or parts.username or said.keys() - KNOWN or parts.netloc != parts.hostname:
            raise SettingError(
                NAME, url[:12] + "…", "it must be s3://bucket/prefix?endpoint=https://…&region=…"
            )
        self.bucket, self.prefix = parts.netloc, parts.path.strip("/")
        self._store = S3Store(
            self.bucket,
            prefix=self.prefix or None,
            config={"region": region, **({"endpoint": endpoint} if endpoint else {})},
            client_options={**CLIENT, "allow_http": (endpoint or "").startswith("http://")},
            retry_config=RETRY,
        )
        base = urlsplit(endpoint or f"https://s3.{region}.amazonaws.com")
        self.origin = f"{base.scheme}://{base.netloc}"

    async def put(self, key: str, source: AsyncIterator[bytes] | bytes) -> None:
        checked(key)
        if isinstance(source, bytes):
            with _as_ours():
                await obstore.put_async(
                    self._store, key, source, attributes=_attributes(key), use_multipart=False
                )
            return
        begun = _Begun(source)
        first = await begun.first(PIECE_BYTES)
        if begun.ended:
            await self.put(key, first)
            return
        try:
            with _as_ours():
                await obstore.put_async(
                    self._store,
                    key,
                    begun.rest(first),
                    attributes=_attributes(key),
                    chunk_size=PIECE_BYTES,
                    max_concurrency=AT_ONCE,
                )
        except Unavailable:
            if begun.error is not None:
                raise begun.error from None
            raise

    async def get(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        options: GetOptions = {}
        if end is not None:
            options = {"range": (start, end)}
        elif start:
            options = {"range": {"offset": start}}
        with _as_ours():
            found = await obstore.get_async(self._store, checked(key), options=options)
        return _chunks(found.stream(min_chunk_size=CHUNK_BYTES))

    async def size(self, key: str) -> int | None:
        try:
            with _as_ours():
                return (await obstore.head_async(self._store, checked(key)))["size"]
        except Missing:
            return None

    async def delete(self, key: str) -> None:
        try:
            with _as_ours():
                await obstore.delete_async(self._store, checked(key))
        except Missing:
            pass

    async def list(self, prefix: str = "") -> AsyncIterator[tuple[str, int, int]]:
        top = checked(prefix.rstrip("/")) if prefix else None
        with _as_ours():
            async for page in obstore.list(self._store, prefix=top):
                for found in page:
                    yield found["path"], found["size"], int(found["last_modified"].timestamp() * 1000)

    async def signed(self, key: str, seconds: int) -> str | None:
        with _as_ours():
            return await obstore.sign_async(self._store, "GET", checked(key), timedelta(seconds=seconds))


class _Begun:
    """A source of which the beginning was read, to see whether there is more."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source
        self.ended = False
        self.error: BaseException | None = None

    async def first(self, wanted: int) -> bytes:
        read = bytearray()
        while len(read) <= wanted:
            try:
                read += await anext(self._source)
            except StopAsyncIteration:
                self.ended = True
                break
        return bytes(read)

    async def rest(self, first: bytes) -> AsyncIterator[bytes]:
        """All of it. What it fails with is kept, for it comes back as an error of the bucket's."""
        yield first
        try:
            async for piece in self._source:
                yield piece
        except BaseException as error:
            self.error = error
            raise


def _attributes(key: str) -> Attributes:
    """What a browser that is sent to the bucket is told: pictures of ours are shown, what came from outside never is."""
    kind = TYPES.get(key.rsplit("/", 1)[-1])
    if kind == "image/jpeg":
        return {"Content-Type": kind, "Content-Disposition": "inline"}
    return {"Content-Type": kind or "application/octet-stream", "Content-Disposition": "attachment"}


async def _chunks(stream: BytesStream) -> AsyncIterator[bytes]:
    with _as_ours():
        async for piece in stream:
            yield bytes(piece)


@contextmanager
def _as_ours() -> Iterator[None]:
    """What the bucket says, in the words of the port."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise Missing from error
    except (BaseError, OSError) as error:
        raise Unavailable("The store of the files does not answer.", retry_after_s=10) from error
