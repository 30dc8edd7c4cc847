"""Files of photos in backups: with the dump before phones let go, put back with it, and let go of with the oldest (R8, I10)."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from server.auth.gate import server_of
from server.cli import backup as room
from server.cli import files
from server.cli.backup import Desk
from server.errors import StorageFull
from server.media import upkeep
from tests.server.cli.desks import served
from tests.server.media.sending import Sent, new_photo
from tests.server.premises import Phone, Premises
from tests.worlds import CountingWorld

pytestmark = pytest.mark.usefixtures("only_ours")


async def _tech(premises: Premises) -> Phone:
    return await (await premises.sign_in(await premises.open_shop("repair"), "tech")).sync()


def _in_store(desk: Desk, photo: Sent) -> Path:
    return desk.settings.var / "blobs" / str(photo.phone.shop.id) / photo.id / "original"


def _in_backup(dump: Path, photo: Sent) -> Path:
    return dump.parent / "files" / str(photo.phone.shop.id) / photo.id / "original"


@pytest.fixture(params=["linked", "copied"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """On one file system a file gets a second name; across two it is copied."""

    def across(*_: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    way: str = request.param
    if way == "copied":
        monkeypatch.setattr(os, "link", across)
    return way


async def test_I10_a_restore_gives_back_the_files_too(desk: Desk, either_way: str) -> None:
    async with served(desk, []) as premises:
        tech = await _tech(premises)
        photo, half = await new_photo(tech, 500_000, 1), await new_photo(tech, 500_000, 2)
        await photo.whole()
        await half.post()
        await half.patch(0, 300_000)
        path = await room.backup(desk, None)
        again = await room.backup(desk, None)
    kept = _in_backup(path, photo)
    assert kept.read_bytes() == photo.content
    assert (kept.stat().st_ino == _in_store(desk, photo).stat().st_ino) == (either_way == "linked")
    assert not _in_backup(path, half).exists()
    assert path.with_name(path.name + ".files").read_text() == f"{tech.shop.id}/{photo.id}/original\n"
    assert again.parent == path.parent
    shutil.rmtree(desk.settings.var / "blobs")
    lines = await room.restore(desk, path, yes=True)
    assert "1 files of photos were put back." in lines
    assert _in_store(desk, photo).read_bytes() == photo.content
    async with served(desk, [tech]):
        assert (await photo.post()).headers["Upload-Receipt"] == photo.receipt
        assert await half.post() is not None
        assert (await half.patch(await half.stands())).status_code in (204, 409)
        assert (await half.patch(await half.stands())).headers["Upload-Receipt"] == half.receipt


async def test_I10_a_file_that_is_nowhere_is_asked_of_the_phones_at_once(desk: Desk) -> None:
    async with served(desk, []) as premises:
        tech = await _tech(premises)
        photo, other = await new_photo(tech, 1000, 1), await new_photo(tech, 1000, 2)
        for one in (photo, other):
            await one.whole()
        async with premises.app.state.database.transaction(server_of(tech.shop.id)) as tx:
            await tx.execute("UPDATE file SET state = 'ready'")
        path = await room.backup(desk, None)
    for place in (_in_backup(path, photo), _in_store(desk, photo)):
        place.unlink()
    lines = await room.restore(desk, path, yes=True)
    assert "1 files of photos are not in the backup: phones that still have them are asked." in lines
    async with served(desk, [tech]) as premises:
        await upkeep.scrub(premises.app.state.depot, tech.shop.id)
        assert (await photo.media(), await photo.stands()) == ("waiting", 0)
        assert (await other.head()).headers["Upload-Receipt"] == other.receipt
        assert (await photo.whole()).headers["Upload-Receipt"] == photo.receipt
        await room.backup(desk, None)
    assert _in_backup(path, photo).read_bytes() == photo.content


async def test_after_a_restore_by_other_means_every_file_is_looked_for(desk: Desk) -> None:
    async with served(desk, []) as premises:
        tech = await _tech(premises)
        photo = await new_photo(tech, 1000)
        await photo.whole()
        async with premises.app.state.database.transaction(server_of(tech.shop.id)) as tx:
            await tx.execute("UPDATE file SET state = 'ready'")
        _in_store(desk, photo).unlink()
        await upkeep.scrub(premises.app.state.depot, tech.shop.id)
        assert (await photo.head()).headers["Upload-Receipt"] == photo.receipt
    await room.restored(desk)
    async with served(desk, [tech]) as premises:
        await upkeep.scrub(premises.app.state.depot, tech.shop.id)
        assert await photo.stands() == 0


async def test_a_file_that_came_anew_is_backed_up_anew(desk: Desk) -> None:
    async with served(desk, []) as premises:
        photo = await new_photo(await _tech(premises), 1000)
        await photo.whole()
        path = await room.backup(desk, None)
        damaged = _in_backup(path, photo)
        damaged.unlink()
        damaged.write_bytes(b"rotten")
        await room.backup(desk, None)
    assert damaged.read_bytes() == photo.content


async def test_what_no_backup_names_goes_with_the_oldest(desk: Desk) -> None:
    assert isinstance(desk.world, CountingWorld)
    async with served(desk, []) as premises:
        tech = await _tech(premises)
        old, kept = await new_photo(tech, 1000, 1), await new_photo(tech, 1000, 2)
        await old.whole()
        await kept.whole()
        path = await room.backup(desk, None)
        async with premises.app.state.database.transaction(server_of(tech.shop.id)) as tx:
            await tx.execute("DELETE FROM file WHERE id = %s", (old.id,))
        for _ in range(room.KEPT - 1):
            desk.world.pass_time(hours=1)
            await room.backup(desk, None)
        assert _in_backup(path, old).exists()
        desk.world.pass_time(hours=1)
        await room.backup(desk, None)
    assert not path.exists()
    assert not path.with_name(path.name + ".files").exists()
    assert not _in_backup(path, old).parent.exists()
    assert _in_backup(path, kept).read_bytes() == kept.content


async def test_R8_phones_let_go_of_nothing_when_the_files_find_no_room(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with served(desk, []) as premises:
        tech = await _tech(premises)
        await (await new_photo(tech, 1000)).whole()
        monkeypatch.setattr(os, "link", full)
        monkeypatch.setattr(shutil, "copy2", full)
        with pytest.raises(StorageFull, match="files of photos"):
            await room.backup(desk, None)
        await tech.sync()
        assert tech.replica.kept != ()


async def test_of_files_in_a_bucket_a_backup_says_that_it_has_none(desk: Desk) -> None:
    settings = desk.settings.changed(blobs_url=f"s3://bucket/{uuid4().hex}")
    elsewhere = Desk(settings, desk.all_seeing, desk.world)
    assert room.unheld(elsewhere) == [files.IN_A_BUCKET]
    assert room.unheld(desk) == []
    assert files.keep(settings, Path("nowhere.dump"), []) == []
