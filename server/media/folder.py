"""Files in a folder of this machine: written beside their place, made durable, then moved into it.

The folder may lie on a network drive, but what is promised of durability is the file system's. Another process may write
the same folder.
"""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from server.clock import World
from server.errors import StorageFull, Unavailable
from server.media.blobs import CHUNK_BYTES, Missing, checked

FULL = {errno.ENOSPC, errno.EDQUOT}
RETRY_AFTER_S = 60
TRIES = 5


class Folder:
    """Blobs below `root`: the key is the path."""

    def __init__(self, root: Path, world: World) -> None:
        self.root = root
        self._world = world

    async def put(self, key: str, source: AsyncIterator[bytes] | bytes) -> None:
        path = self._path(key)
        draft = path.with_name(f"{path.name}.draft-{self._world.token(9)}")
        with _as_ours():
            if isinstance(source, bytes):
                await asyncio.to_thread(self._put_whole, path, draft, source)
            else:
                await self._put_stream(path, draft, source)

    def _put_whole(self, path: Path, draft: Path, content: bytes) -> None:
        file = self._begin(draft)
        try:
            _write(file, content)
            _finish(file, draft, path)
        except BaseException:
            _drop(file, draft)
            raise

    async def _put_stream(self, path: Path, draft: Path, source: AsyncIterator[bytes]) -> None:
        file = await asyncio.to_thread(self._begin, draft)
        try:
            async for piece in source:
                await asyncio.to_thread(_write, file, piece)
            await asyncio.to_thread(_finish, file, draft, path)
        except BaseException:
            _drop(file, draft)
            raise

    def _begin(self, draft: Path) -> BinaryIO:
        """An open file to write, with the folders above it. One that another process takes away is made again."""
        for left in reversed(range(TRIES)):
            make_folders(draft.parent)
            try:
                return open(draft, "xb", buffering=0)
            except FileNotFoundError:
                if not left:
                    raise
        raise AssertionError("unreachable")

    async def get(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        path = self._path(key)
        with _as_ours():
            if not await asyncio.to_thread(path.is_file):
                raise Missing
        return _read(path, start, end)

    async def size(self, key: str) -> int | None:
        with _as_ours():
            return await asyncio.to_thread(_size, self._path(key))

    async def delete(self, key: str) -> None:
        with _as_ours():
            await asyncio.to_thread(self._delete, self._path(key))

    def _delete(self, path: Path) -> None:
        if path.is_dir():
            return
        with suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()
            keep_names(path.parent)
        # Folders that nothing is in any more go too, for a photo's parts have one of their own.
        for folder in path.parents:
            if folder == self.root or not _removed(folder):
                return

    async def list(self, prefix: str = "") -> AsyncIterator[tuple[str, int, int]]:
        top = self.root / checked(prefix.rstrip("/")) if prefix else self.root
        found = await asyncio.to_thread(lambda: sorted(_files(top)))
        for path, status in found:
            yield path.relative_to(self.root).as_posix(), status.st_size, status.st_mtime_ns // 1_000_000

    async def signed(self, key: str, seconds: int) -> str | None:
        return None

    def path(self, key: str) -> Path:
        """Where a blob lies, for who backs up or reads files by their place."""
        return self._path(key)

    def _path(self, key: str) -> Path:
        return self.root / checked(key)


def _files(top: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for folder, _, names in os.walk(top):
        for path in (Path(folder, name) for name in names):
            with suppress(FileNotFoundError):
                yield path, path.stat()


def _size(path: Path) -> int | None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


async def _read(path: Path, start: int, end: int | None) -> AsyncIterator[bytes]:
    with _as_ours():
        file = await asyncio.to_thread(path.open, "rb")
        try:
            await asyncio.to_thread(file.seek, start)
            left = None if end is None else end - start
            while left is None or left > 0:
                wanted = CHUNK_BYTES if left is None else min(CHUNK_BYTES, left)
                piece = await asyncio.to_thread(file.read, wanted)
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece
        finally:
            file.close()


def _write(file: BinaryIO, piece: bytes) -> None:
    """All of it: an unbuffered file may take less at a time."""
    view = memoryview(piece)
    while view:
        view = view[file.write(view) :]


def _finish(file: BinaryIO, draft: Path, path: Path) -> None:
    """First the bytes, then the name, then the folder that knows the name."""
    os.fsync(file.fileno())
    file.close()
    os.replace(draft, path)
    keep_names(path.parent)


def _drop(file: BinaryIO, draft: Path) -> None:
    file.close()
    with suppress(OSError):
        draft.unlink()


def make_folders(folder: Path) -> None:
    """The folder and those above it; each new name is made durable where it stands."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir()
    with suppress(FileNotFoundError):
        keep_names(folder.parent)


def keep_names(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


@contextmanager
def _as_ours() -> Iterator[None]:
    """What the file system says, in the words of the port."""
    try:
        yield
    except FileNotFoundError as error:
        raise Missing from error
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull(retry_after_s=RETRY_AFTER_S) from error
        raise Unavailable("The folder of the files cannot be used.", retry_after_s=10) from error
