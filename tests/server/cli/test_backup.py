"""Backups on a real PostgreSQL: made while phones write, verified, put back, refused when they are not whole (R8, R10, R11, R16)."""

import asyncio
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from server.cli import backup as room
from server.cli.backup import Desk
from server.cli.main import run
from server.db import dumps
from server.db.dumps import DumpRefused, named
from server.db.embedded import Urls
from server.errors import StartError
from server.store import heads
from server.store.backups import durable_prefix
from tests.conftest import SECRET_KEYS
from tests.server.cli.desks import served
from tests.server.premises import Phone, Premises, Shop
from tests.worlds import CountingWorld

pytestmark = pytest.mark.usefixtures("only_ours")


async def _opened(premises: Premises) -> tuple[Shop, list[Phone]]:
    shop = await premises.open_shop("repair")
    phones = [await (await premises.sign_in(shop, who)).sync() for who in ("service_writer", "tech")]
    return shop, phones


async def _order(phone: Phone, complaint: str) -> str:
    order = phone.create("work_order", customer=phone.shop.customers[0], complaint=complaint)
    await phone.sync()
    return order


async def test_R8_R10_R12_what_a_restore_misses_comes_back_from_the_phones(desk: Desk) -> None:
    async with served(desk, []) as premises:
        _, phones = await _opened(premises)
        clerk, tech = phones
        first = await _order(clerk, "before the backup")
        assert clerk.replica.kept != ()
        path = await room.backup(desk, None)
        await clerk.sync()
        assert clerk.replica.kept == (), "a verified backup has it, so the phone let go"
        second = await _order(clerk, "after the backup")
        await tech.sync()
        tech.patch("work_order", first, bay="7")
        await tech.sync()
        tech.patch("work_order", second, bay="8")
    lines = await room.restore(desk, path, yes=True)
    assert any("cut" in line for line in lines)
    assert not any("WARNING" in line for line in lines)
    async with served(desk, phones):
        for phone in (tech, clerk, tech, clerk):
            await phone.sync()
        for phone in phones:
            data = [phone.data(id_) or {} for id_ in (first, second)]
            assert [(d.get("complaint"), d.get("bay")) for d in data] == [
                ("before the backup", "7"),
                ("after the backup", "8"),
            ]
            assert phone.codes() == []


async def test_R16_an_older_backup_than_the_newest_is_warned_of(desk: Desk) -> None:
    async with served(desk, []) as premises:
        _, (clerk, _) = await _opened(premises)
        older = await room.backup(desk, None)
        await _order(clerk, "between the two")
        assert isinstance(desk.world, CountingWorld)
        desk.world.pass_time(minutes=5)
        await room.backup(desk, None)
    with pytest.raises(StartError, match=r"(?s)newer verified backup.*Nothing was done"):
        await room.restore(desk, older, yes=False)
    lines = await room.restore(desk, older, yes=True)
    assert "lost unless you restore that one" in lines[0]


@pytest.mark.parametrize("harm", ["cut", "flipped", "no manifest", "no manifest that can be read"])
async def test_R8_a_backup_that_is_not_what_was_written_is_refused_and_nothing_is_touched(
    desk: Desk, harm: str
) -> None:
    async with served(desk, []) as premises:
        _, (clerk, _) = await _opened(premises)
        order = await _order(clerk, "here to stay")
        path = await room.backup(desk, None)
    manifest = path.with_name(path.name + ".json")
    whole = bytearray(path.read_bytes())
    if harm == "cut":
        path.write_bytes(whole[:-100])
    elif harm == "flipped":
        whole[len(whole) // 2] ^= 1
        path.write_bytes(whole)
    elif harm == "no manifest":
        manifest.unlink()
    else:
        manifest.write_text("{}")
    with pytest.raises(DumpRefused):
        await room.restore(desk, path, yes=True)
    async with served(desk, [clerk]):
        await clerk.sync()
        assert clerk.data(order) is not None
        assert clerk.replica.names == ()


async def test_R8_a_dump_that_postgresql_cannot_read_is_refused_and_the_old_data_stays(desk: Desk) -> None:
    """Its manifest fits it, so that only the restore beside the database can find it out."""
    async with served(desk, []) as premises:
        _, (clerk, _) = await _opened(premises)
        path = await room.backup(desk, None)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    manifest = dumps.Manifest("0" * 36, path.name, 0, path.stat().st_size, dumps.hash_of(path), 17, {})
    dumps.write_manifest(path, manifest)
    with pytest.raises(StartError, match="pg_restore failed"):
        await room.restore(desk, path, yes=True)
    async with served(desk, [clerk]):
        await clerk.sync()
        assert clerk.replica.names == ()


async def test_R8_a_backup_is_made_while_phones_write(desk: Desk) -> None:
    async with served(desk, []) as premises:
        _, (clerk, tech) = await _opened(premises)
        making = asyncio.create_task(asyncio.to_thread(lambda: asyncio.run(room.backup(desk, None))))
        written = 0
        while not making.done():
            await _order(clerk, f"number {written}")
            await tech.sync()
            written += 1
        path = await making
        orders = clerk.records("work_order")
        assert written > 0
    await room.restore(desk, path, yes=True)
    async with served(desk, [clerk, tech]):
        await clerk.sync()
        await tech.sync()
        assert clerk.records("work_order") == orders
        assert tech.records("work_order") == orders


async def test_R11_a_restore_is_refused_while_somebody_is_served(desk: Desk) -> None:
    async with served(desk, []) as premises:
        await _opened(premises)
        path = await room.backup(desk, None)
        with pytest.raises(StartError, match="stop every"):
            await room.restore(desk, path, yes=True)


async def test_R8_a_full_disk_leaves_no_half_backup(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(desk, []) as premises:
        _, (clerk, _) = await _opened(premises)
        await _order(clerk, "not in a backup")
        monkeypatch.setattr(dumps, "tool", lambda name: "/bin/false" if name == "pg_dump" else name)
        monkeypatch.setattr(dumps, "check_sees_all", lambda _: 17)
        with pytest.raises(StartError, match="nothing was changed"):
            await room.backup(desk, None)
        await clerk.sync()
        assert clerk.replica.kept != ()
    assert list((desk.settings.var / room.FOLDER).iterdir()) == []


async def test_R8_the_newest_seven_are_kept(desk: Desk) -> None:
    folder = desk.settings.var / room.FOLDER
    folder.mkdir(parents=True)
    for day in range(1, 9):
        for tail in ("", ".json"):
            (folder / f"workbay-202611{day:02}-030000-aaaaaa.dump{tail}").write_text("old")
    room._let_go(folder)
    assert [path.name[8:16] for path in sorted(folder.glob("*.dump"))] == [
        f"202611{day:02}" for day in range(2, 9)
    ]
    assert len(list(folder.iterdir())) == 14


async def test_R11_a_database_that_was_put_back_behind_its_note_is_found_at_the_start(desk: Desk) -> None:
    async with served(desk, []) as premises:
        shop, (clerk, tech) = await _opened(premises)
        path = await room.backup(desk, None)
        order = await _order(clerk, "after the backup")
    outside = heads.read(desk.settings.var, shop.id)
    assert outside is not None
    _put_back_by_hand(desk, path)
    async with served(desk, [clerk, tech]):
        await clerk.sync()
        await tech.sync()
        assert clerk.replica.names != ()
        assert tech.data(order) is not None
        name = clerk.replica.replica
    async with served(desk, [clerk]):
        await clerk.sync()
        assert clerk.replica.replica == name, "it is found once"


async def test_R11_a_database_that_lives_elsewhere_is_found_at_the_start(desk: Desk) -> None:
    async with served(desk, []) as premises:
        _, (clerk, tech) = await _opened(premises)
        path = await room.backup(desk, None)
        order = await _order(clerk, "after the backup")
    _put_back_by_hand(desk, path)
    shutil.rmtree(desk.settings.var / heads.FOLDER)
    async with served(desk, [clerk, tech]):
        await clerk.sync()
        await tech.sync()
        assert tech.data(order) is not None


async def test_R11_R13_one_that_went_on_after_it_was_put_back_is_of_an_uncertain_branch(desk: Desk) -> None:
    async with served(desk, []) as premises:
        shop, (clerk, tech) = await _opened(premises)
        order = await _order(clerk, "noise")
        await tech.sync()
        path = await room.backup(desk, None)
        tech.patch("work_order", order, diagnosis="lost and kept on the phone")
        await tech.sync()
    note = heads.path_of(desk.settings.var, shop.id)
    outside = note.read_bytes()
    _put_back_by_hand(desk, path)
    note.unlink()
    with psycopg.connect(desk.all_seeing) as connection:
        connection.execute("UPDATE head SET home = ''")
    async with served(desk, [clerk]):
        clerk.patch("work_order", order, diagnosis="written in the other branch")
        await clerk.sync()
    note.write_bytes(outside)
    async with served(desk, [clerk, tech]):
        await tech.sync()
        await clerk.sync()
        held = [
            h.data for h in clerk.replica.confirmed.values() if h.collection == "conflict" and h.data["open"]
        ]
        values = {side["value"]["diagnosis"] for conflict in held for side in conflict["sides"]}
        assert values == {"lost and kept on the phone", "written in the other branch"}


def _put_back_by_hand(desk: Desk, path: Path) -> None:
    """As an operator does it who does not know of `workbay restore`."""
    dumps.drop(desk.all_seeing, desk.name)
    dumps.load(desk.all_seeing, path, desk.name)
    dumps.grant_connect(desk.all_seeing, desk.name, dumps.role_of(desk.app))


async def test_R11_restored_is_told_by_hand(desk: Desk) -> None:
    async with served(desk, []) as premises:
        _, (clerk, _) = await _opened(premises)
    lines = await room.restored(desk)
    assert "What a restore cannot give back" in lines[-1]
    async with served(desk, [clerk]):
        await clerk.sync()
        assert clerk.replica.names != ()


def test_R8_the_commands_speak_plainly(
    monkeypatch: pytest.MonkeyPatch, database_urls: Urls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("WORKBAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WORKBAY_VAR", str(tmp_path))
    monkeypatch.setenv("WORKBAY_SECRET_KEYS", SECRET_KEYS)
    monkeypatch.setenv("WORKBAY_DATABASE_URL", database_urls.app)
    monkeypatch.setenv("WORKBAY_OWNER_DATABASE_URL", database_urls.owner)
    assert run(["backup"]) == 2
    assert "held by row security" in capsys.readouterr().err
    superuser: Any = named(database_urls.superuser, dumps.database_of(database_urls.app))
    url = psycopg.conninfo.conninfo_to_dict(superuser)
    host = str(url["host"]).replace("/", "%2F")
    monkeypatch.setenv(
        "WORKBAY_OWNER_DATABASE_URL",
        f"postgresql://{url['user']}:{url['password']}@/{url['dbname']}?host={host}",
    )
    assert run(["backup"]) == 0
    said = capsys.readouterr().out
    assert "is written and verified" in said
    path = said.split(" is written")[0]
    assert run(["restore", path]) == 2
    assert "Say --yes" in capsys.readouterr().err
    assert run(["restore", path, "--yes"]) == 0
    assert "What a restore cannot give back" in capsys.readouterr().out
    assert run(["restored"]) == 0
    assert run(["backup"]) == 0, "two restores with nothing between them leave a whole log"
    monkeypatch.setenv("WORKBAY_OWNER_DATABASE_URL", database_urls.owner)
    assert run(["migrate"]) == 0, "the owner may still connect"


def test_R8_what_is_above_a_hole_is_not_durable() -> None:
    assert [durable_prefix(numbers) for numbers in ((), (1, 2, 3), (1, 3), (2, 3))] == [0, 3, 1, 0]


def test_R8_a_desk_without_a_role_that_sees_all_backs_nothing_up(desk: Desk, database_urls: Urls) -> None:
    with pytest.raises(StartError, match="as a superuser"):
        asyncio.run(room.backup(replace(desk, all_seeing=database_urls.owner), None))
