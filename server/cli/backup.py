"""`workbay backup`, `workbay restore` and `workbay restored`: made, looked at, put back, and what is lost said plainly.

A backup is verified by restoring it beside the running database and reading it through; only then may phones let go of
what it holds. A restore is made ready beside too, and takes the place of the old database in the last step, so that
whatever goes wrong before leaves that one as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from server.cli import files
from server.cli.database import ready_database
from server.clock import SystemWorld, World
from server.db import dumps, migrate
from server.db.dumps import Manifest, database_of, named
from server.db.embedded import EmbeddedPostgres
from server.db.session import Context, Database
from server.errors import StartError, StorageFull
from server.media.open import folder_of
from server.settings import Settings, load_settings
from server.store import backups, found, heads
from server.store.audit import audit
from server.store.backups import Known
from server.store.lineage import Restored

FOLDER = "backups"
KEPT = 7

LIMITS = """\
What a restore cannot give back:
- an edit that the backup lacks comes back only from a phone that still has it: not from one that was wiped, lost its
  storage, or was itself rolled back to before the edit;
- devices that were revoked, links that were spent and passwords that were set after the backup are as they were at it:
  look through the devices once more;
- if the database and the folder var are both put back by other means, tell it with `workbay restored`."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where backups are made: the settings with their URLs, and a connection that sees every row."""

    settings: Settings
    all_seeing: str
    world: World

    @property
    def name(self) -> str:
        return database_of(self.all_seeing)

    @property
    def app(self) -> str:
        return self.settings.database_url or ""


@contextmanager
def desk() -> Iterator[Desk]:
    """A desk over the database that the settings name; an embedded one runs for the length of the block."""
    world = SystemWorld()
    with ready_database(load_settings(world)) as settings:
        embedded = EmbeddedPostgres(settings.var) if load_settings(world).database_url is None else None
        if embedded is None:
            yield Desk(settings, settings.owner_database_url or settings.database_url or "", world)
            return
        with embedded as urls:
            yield Desk(settings, named(urls.superuser, database_of(urls.app)), world)


async def backup(here: Desk, to: Path | None) -> Path:
    """Make a backup, verify it, and let go of the oldest where they are kept by themselves."""
    version = dumps.check_sees_all(here.all_seeing)
    folder = to or here.settings.var / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    id_, now = here.world.new_id(), here.world.now_ms()
    path = folder / f"workbay-{datetime.fromtimestamp(now / 1000, UTC):%Y%m%d-%H%M%S}-{str(id_)[-6:]}.dump"
    shops = await _noted(here, id_, now)
    try:
        dumps.dump(here.all_seeing, path)
    except OSError as error:
        raise StorageFull(f"The backup could not be written to {folder}: {error.strerror}.") from error
    written = Manifest(str(id_), path.name, now, path.stat().st_size, dumps.hash_of(path), version, shops)
    dumps.write_manifest(path, written)
    await _verify(here, path)
    if to is None:
        _let_go(folder)
    return path


async def _noted(here: Desk, id_: UUID, now: int) -> dict[str, int]:
    database = await Database.open(here.app, size=1)
    try:
        seqs = {}
        for shop in await found.shops_of(database):
            async with database.transaction(Context(shop=shop, kind="server")) as tx:
                seqs[str(shop)] = await backups.note(tx, shop, id_, now)
        return seqs
    finally:
        await database.close()


async def _verify(here: Desk, path: Path) -> None:
    """Restore it beside, read the change logs through, and make durable what it holds."""
    manifest = dumps.read_manifest(path)
    beside = f"{here.name}_check_{manifest.id[-6:]}"
    dumps.load(here.all_seeing, path, beside)
    try:
        held = await _read_through(named(here.all_seeing, beside))
        await _with_files(here, path, named(here.all_seeing, beside))
    finally:
        dumps.drop(here.all_seeing, beside)
    database = await Database.open(here.app, size=1)
    try:
        for shop, has in held.items():
            async with database.transaction(Context(shop=shop, kind="server")) as tx:
                await backups.verified(tx, shop, UUID(manifest.id), has, here.world.now_ms())
    finally:
        await database.close()


async def _with_files(here: Desk, path: Path, beside: str) -> None:
    """Before phones may let go of photos too, their files are where the backup is."""
    database = await Database.open(beside, size=1)
    try:
        files.keep(here.settings, path, await files.known(database))
    except OSError as error:
        raise StorageFull(
            f"The files of photos could not be kept with the backup: {error.strerror}."
        ) from error
    finally:
        await database.close()


async def _read_through(url: str) -> dict[UUID, backups.Holds]:
    """shop → what a restored copy has of it; refused when its log does not hold together."""
    database = await Database.open(url, size=1)
    try:
        held = {}
        for shop in await found.shops_of(database):
            async with database.transaction(Context(shop=shop, kind="server"), snapshot=True) as tx:
                looked = await audit(tx, shop, None)
                if looked.breaks:
                    raise StartError(f"The backup does not hold together: {looked.breaks[0].said}")
                held[shop] = await backups.holds(tx, shop)
        return held
    finally:
        await database.close()


def unheld(here: Desk) -> list[str]:
    """What backups cannot hold."""
    return [files.IN_A_BUCKET] if folder_of(here.settings) is None else []


def _let_go(folder: Path) -> None:
    """Of the backups that are kept by themselves the newest stay."""
    for path in sorted(folder.glob("workbay-*.dump"))[:-KEPT]:
        path.with_name(path.name + dumps.TAIL).unlink(missing_ok=True)
        files.unlisted(path)
        path.unlink()
    files.let_go(folder)


async def restore(here: Desk, path: Path, *, yes: bool) -> list[str]:
    """Put a backup in the place of the database, in a new epoch; what there is to say of it comes back."""
    manifest = dumps.read_manifest(path)
    dumps.check_sees_all(here.all_seeing)
    if dumps.others(here.all_seeing, here.name):
        raise StartError("Somebody is connected to the database: stop every `workbay serve` first.")
    warnings = await _warnings(here, manifest)
    if not yes:
        raise StartError("\n".join([*warnings, "Nothing was done. Say --yes to put this backup in place."]))
    stamp = manifest.id[-6:]
    new, old = f"{here.name}_new_{stamp}", f"{here.name}_before_{here.world.now_ms()}"
    dumps.load(here.all_seeing, path, new)
    try:
        url = named(here.all_seeing, new)
        await _read_through(url)
        migrate.migrate(url, here.app)
        begun = await _begun(here, url)
        photos = await _files_back(here, path, url)
        dumps.grant_connect(here.all_seeing, new, dumps.role_of(here.app))
        dumps.swap(here.all_seeing, here.name, new, old)
    except BaseException:
        dumps.drop(here.all_seeing, new)
        raise
    lines = [
        f"{shop}: epoch {one.epoch}, cut {one.cut}, goes on at {one.first}." for shop, one in begun.items()
    ]
    kept = f"The database as it was is kept as {old}; drop it when nobody misses anything."
    return [*warnings, *lines, *photos, kept, LIMITS]


async def _begun(here: Desk, url: str) -> dict[UUID, Restored]:
    """The new epoch in the restored copy, above all that the old database and the note beside it have given out."""
    seen = await _heads(here)
    database = await Database.open(url, size=1)
    try:
        return await found.tell(database, here.world, here.settings.var, seen)
    finally:
        await database.close()


async def _files_back(here: Desk, path: Path, url: str) -> list[str]:
    database = await Database.open(url, size=1)
    try:
        return await files.put_back(here.settings, path, database)
    finally:
        await database.close()


async def _heads(here: Desk) -> dict[UUID, int]:
    """How far the database that is replaced had come, where it can still be read."""
    try:
        database = await Database.open(here.app, size=1)
    except StartError:
        return {}
    try:
        seen = {}
        for shop in await found.shops_of(database):
            async with database.transaction(Context(shop=shop, kind="server")) as tx:
                stands = await heads.standing(tx, shop)
            seen[shop] = stands.seq if stands else 0
        return seen
    finally:
        await database.close()


async def _warnings(here: Desk, manifest: Manifest) -> list[str]:
    """A backup older than the newest verified one lacks what phones have let go of since."""
    database = await Database.open(here.app, size=1)
    try:
        known = []
        for shop in await found.shops_of(database):
            async with database.transaction(Context(shop=shop, kind="server")) as tx:
                known.append(await backups.newest(tx, shop))
    finally:
        await database.close()
    newer = [one for one in known if isinstance(one, Known) and one.at > manifest.at]
    if not newer:
        return []
    when = datetime.fromtimestamp(max(one.at for one in newer) / 1000, UTC)
    return [
        f"WARNING: a newer verified backup was made at {when:%Y-%m-%d %H:%M} UTC. Phones have let go of what it holds: "
        "what was made between this backup and that one is lost unless you restore that one."
    ]


async def restored(here: Desk) -> list[str]:
    """Say that the database was put back by other means: a new epoch in every shop."""
    database = await Database.open(here.app, size=1)
    try:
        begun = await found.tell(database, here.world, here.settings.var)
        await files.suspect_all(database)
    finally:
        await database.close()
    lines = [
        f"{shop}: epoch {one.epoch}, cut {one.cut}, goes on at {one.first}." for shop, one in begun.items()
    ]
    return [*lines, LIMITS]
