"""What every place for files must do. An implementation joins with a class of its own that offers the fixture `blobs`."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

import pytest

from server.media.blobs import CHUNK_BYTES, Blobs, Missing

SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * 1024 * 1024 + 5, 6 * 1024 * 1024)


def content_of(size: int, seed: int = 0) -> bytes:
    """Bytes that are the same in each run, and nowhere repeat."""
    return hashlib.shake_128(f"{seed}:{size}".encode()).digest(size)


async def in_pieces(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


class Broke(Exception):
    """The source failed."""


async def breaking(content: bytes) -> AsyncIterator[bytes]:
    """All of `content`, and then it fails."""
    async for piece in in_pieces(content):
        yield piece
    raise Broke


async def read(blobs: Blobs, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in await blobs.get(key, start, end)])


async def listed(blobs: Blobs, prefix: str = "") -> list[tuple[str, int]]:
    return sorted([(key, size) async for key, size, _ in blobs.list(prefix)])


class BlobsContract:
    """The suite."""

    @pytest.mark.parametrize("size", SIZES)
    async def test_what_was_put_is_read(self, blobs: Blobs, size: int) -> None:
        content = content_of(size)
        await blobs.put("a/whole", content)
        await blobs.put("a/streamed", in_pieces(content))
        for key in ("a/whole", "a/streamed"):
            assert await read(blobs, key) == content
            assert await blobs.size(key) == size

    async def test_it_comes_in_chunks(self, blobs: Blobs) -> None:
        await blobs.put("a/b", content_of(2_000_000))
        sizes = [len(piece) async for piece in await blobs.get("a/b")]
        assert len(sizes) > 1
        assert sum(sizes) == 2_000_000

    @pytest.mark.parametrize(
        ("start", "end"), [(0, 1), (5, 9), (0, None), (700_000, None), (999_999, None), (1, 999_999)]
    )
    async def test_a_range_is_read(self, blobs: Blobs, start: int, end: int | None) -> None:
        content = content_of(1_000_000)
        await blobs.put("a/b", content)
        assert await read(blobs, "a/b", start, end) == content[start:end]

    async def test_what_is_not_there_is_missing(self, blobs: Blobs) -> None:
        await blobs.put("a/b", b"there")
        for key in ("a/c", "a", "a/b/c", "z"):
            with pytest.raises(Missing):
                await read(blobs, key)
            assert await blobs.size(key) is None
            await blobs.delete(key)
        assert await read(blobs, "a/b") == b"there"

    async def test_a_later_put_stands(self, blobs: Blobs) -> None:
        for size in (6_000_000, 3, 1_000_000):
            await blobs.put("a/b", in_pieces(content_of(size)))
            assert await read(blobs, "a/b") == content_of(size)

    @pytest.mark.parametrize("size", [0, 10, 12_000_000])
    async def test_a_source_that_fails_changes_nothing(self, blobs: Blobs, size: int) -> None:
        for there in (False, True):
            if there:
                await blobs.put("a/b", b"before")
            with pytest.raises(Broke):
                await blobs.put("a/b", breaking(content_of(size)))
            assert await listed(blobs) == ([("a/b", 6)] if there else [])

    async def test_a_put_that_is_called_off_changes_nothing(self, blobs: Blobs) -> None:
        asked = asyncio.Event()

        async def waiting() -> AsyncIterator[bytes]:
            yield content_of(1_000_000)
            asked.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(blobs.put("a/b", waiting()))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await listed(blobs) == []

    async def test_deleted_is_deleted_and_its_neighbours_stay(self, blobs: Blobs) -> None:
        for key in ("s/p/parts/0-x", "s/p/parts/9-y", "s/p/original", "s/pp/original"):
            await blobs.put(key, b"x")
        await blobs.delete("s/p/parts/0-x")
        await blobs.delete("s/p/parts/9-y")
        assert await listed(blobs, "s/p/") == [("s/p/original", 1)]
        await blobs.delete("s/p/original")
        await blobs.put("s/p/parts/0-z", b"again")
        assert await listed(blobs) == [("s/p/parts/0-z", 5), ("s/pp/original", 1)]

    async def test_a_list_is_of_the_prefix_and_tells_sizes_and_times(self, blobs: Blobs) -> None:
        assert await listed(blobs) == []
        for number in range(30):
            await blobs.put(f"a/{number}/original", bytes(number))
        await blobs.put("ab/original", b"x")
        assert await listed(blobs, "a/") == sorted((f"a/{n}/original", n) for n in range(30))
        assert await listed(blobs, "a/7/") == [("a/7/original", 7)]
        assert await listed(blobs, "none/") == []
        times = {changed // 86_400_000 async for _, _, changed in blobs.list("a/")}
        assert len(times) <= 2
        assert min(times) > 20_000

    async def test_many_at_once(self, blobs: Blobs) -> None:
        async def one(number: int) -> None:
            key = f"a/{number % 4}/parts/{number}-t"
            await blobs.put(key, content_of(1000, number))
            assert await read(blobs, key) == content_of(1000, number)
            await blobs.delete(key)

        await asyncio.gather(*map(one, range(40)))
        assert await listed(blobs) == []

    @pytest.mark.parametrize(
        "key",
        ["", "/", "../x", "a/../../x", "a//b", "/etc/passwd", "a/.b", "a\\b", "a/b\0", "a/b\n", "a/", "é"],
    )
    async def test_a_key_names_no_other_place(self, blobs: Blobs, key: str) -> None:
        for asked in (blobs.put(key, b""), blobs.get(key), blobs.size(key), blobs.delete(key)):
            with pytest.raises(ValueError, match="no key"):
                await asked
