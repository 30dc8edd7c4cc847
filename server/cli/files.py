"""Files of photos in backups: linked beside the dumps where they lie in a folder, and put back from there.

All backups of a folder share `files/`: a file never changes, so it is there once, as a second name of the same bytes where
the file system can do that, else as a copy. Beside each dump a list says which files it knows; what no list names any more is
let go of with the oldest dump. Files in a bucket are the bucket's to keep.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog

from server.auth.gate import server_of
from server.db.session import Database
from server.media.blobs import ORIGINAL, key_of
from server.media.folder import keep_names, make_folders
from server.media.open import folder_of
from server.settings import Settings
from server.store import found

log = structlog.get_logger()

FOLDER = "files"
LIST = ".files"

KNOWN = "SELECT id, bytes FROM file WHERE shop = %s AND state <> 'receiving'"
SUSPECT = "UPDATE file SET scrubbed_at = 0 WHERE shop = %s AND id = ANY (%s)"
ALL_SUSPECT = "UPDATE file SET scrubbed_at = 0 WHERE shop = %s"

IN_A_BUCKET = "The files of photos lie in a bucket and are not in this backup: keep versions of them there."


@dataclass(frozen=True, slots=True)
class Known:
    """A file that a database says has arrived."""

    shop: UUID
    id: UUID
    bytes: int

    @property
    def key(self) -> str:
        return key_of(self.shop, self.id, ORIGINAL)


async def known(database: Database) -> list[Known]:
    """The files that a database, running or restored beside, says have arrived."""
    all_: list[Known] = []
    for shop in await found.shops_of(database):
        rows = await database.ask(server_of(shop), KNOWN, (shop,))
        all_ += [Known(shop, id_, length) for id_, length in rows]
    return all_


def keep(settings: Settings, dump: Path, files: Sequence[Known]) -> list[Known]:
    """Put the files that a dump knows beside it, and write down which they are; those that are not there come back."""
    folder = folder_of(settings)
    if folder is None:
        return []
    beside = dump.parent / FOLDER
    missing = [file for file in files if not _same_again(folder / file.key, beside / file.key, file.bytes)]
    for file in missing:
        log.error("backup_lacks_file", shop=str(file.shop), photo=str(file.id))
    draft = dump.with_name(f".{dump.name}{LIST}")
    draft.write_text("".join(f"{file.key}\n" for file in files))
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.replace(_list_of(dump))
    keep_names(dump.parent)
    return missing


def let_go(dumps: Path) -> None:
    """Remove what none of the dumps that are left knows."""
    named: set[str] = set()
    for path in dumps.glob(f"*{LIST}"):
        if path.with_name(path.name.removesuffix(LIST)).exists():
            named.update(path.read_text().splitlines())
        else:
            path.unlink()
    for path in sorted((dumps / FOLDER).rglob(ORIGINAL)):
        if path.relative_to(dumps / FOLDER).as_posix() not in named:
            path.unlink()
            with suppress(OSError):
                path.parent.rmdir()


async def put_back(settings: Settings, dump: Path, restored: Database) -> list[str]:
    """Give the store the files that a restored database knows and the store lacks; what there is to say of it comes back.
    Those that the backup lacks too are looked for first when the server runs, and asked of the phones."""
    folder, files = folder_of(settings), await known(restored)
    if folder is None:
        return []
    before = {file.key for file in files if _is_there(folder / file.key, file.bytes)}
    wanted = [file for file in files if file.key not in before]
    lacking = [f for f in wanted if not _same_again(dump.parent / FOLDER / f.key, folder / f.key, f.bytes)]
    for shop in {file.shop for file in lacking}:
        await restored.ask(
            server_of(shop), SUSPECT + " RETURNING id", (shop, [f.id for f in lacking if f.shop == shop])
        )
    lines = (
        [f"{len(wanted) - len(lacking)} files of photos were put back."] if len(wanted) > len(lacking) else []
    )
    if lacking:
        lines.append(
            f"{len(lacking)} files of photos are not in the backup: phones that still have them are asked."
        )
    return lines


async def suspect_all(database: Database) -> None:
    """Let the server look for every file: nobody knows what was put back with the database, and what was not."""
    for shop in await found.shops_of(database):
        await database.ask(server_of(shop), ALL_SUSPECT + " RETURNING id", (shop,))


def _same_again(source: Path, target: Path, length: int) -> bool:
    """Give a file a second name, or copy it where that cannot be; whether it was there with its length."""
    if not _is_there(source, length):
        return False
    if target.exists() and _is_same(source, target):
        return True
    make_folders(target.parent)
    draft = target.with_name(f"{target.name}.draft")
    draft.unlink(missing_ok=True)
    try:
        os.link(source, draft)
    except OSError:
        _copy(source, draft)
    draft.replace(target)
    keep_names(target.parent)
    return True


def _copy(source: Path, draft: Path) -> None:
    shutil.copy2(source, draft)
    with draft.open("rb") as copied:
        os.fsync(copied.fileno())


def _is_there(path: Path, length: int) -> bool:
    return path.is_file() and path.stat().st_size == length


def _is_same(source: Path, target: Path) -> bool:
    """The same bytes under both names, or a copy of them: a file that came anew has another time."""
    one, other = source.stat(), target.stat()
    if (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino):
        return True
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _list_of(dump: Path) -> Path:
    return dump.with_name(dump.name + LIST)


def unlisted(dump: Path) -> None:
    """A dump is let go of, and its list with it."""
    _list_of(dump).unlink(missing_ok=True)
