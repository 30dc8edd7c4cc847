"""Disks that are full, that fail to sync, and that lose their power: what was answered is there, and reads go on."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest

from server.db.postmaster import runs
from tests.chaos import disk, oracle
from tests.chaos.figures import Figures
from tests.chaos.phone import Handset
from tests.chaos.place import Mould, Place, opened
from tests.chaos.serving import Launcher

FULL = (503, 507)
POWER_CUTS = 3


def a_lot(place: Place, phone: Handset, chance: random.Random) -> None:
    """An action of about 40 KB that nothing makes smaller, so that a disk is full soon."""
    place.new_order(phone, chance.randbytes(2_000).hex())
    phone.create("note", customer=place.shop.customers[0], text=chance.randbytes(9_000).hex())


async def until_full(place: Place, phone: Handset, refusals: int) -> None:
    """Push until there is no room, so many times in a row."""
    chance, refused = random.Random(4), 0
    for _ in range(600):
        if refused == 0:
            a_lot(place, phone, chance)
        answer = await phone.ask()
        if answer is not None and answer.status_code == 200:
            refused = 0
            continue
        assert answer is None or answer.status_code in FULL, answer.text[:300]
        assert answer is None or int(answer.headers["retry-after"]) > 0
        refused += 1
        if refused == refusals:
            return
    raise AssertionError("the disk does not get full")


async def test_C13_on_a_full_disk_pushes_wait_and_reads_go_on(
    mould: Mould, launcher: Launcher, figures: Figures
) -> None:
    held: list[disk.Small] = []

    @contextmanager
    def data(var: Path) -> Iterator[None]:
        """The data on a small disk, the log of PostgreSQL's writes beside it where there is room."""
        folder, log = var / "postgres" / "data", var / "postgres" / "wal"
        (folder / "pg_wal").rename(log)
        (folder / "pg_wal").symlink_to(log)
        with disk.small(folder, 24) as made:
            held.append(made)
            yield

    async with opened(mould, launcher, data) as place:
        await place.serve()
        phone, reader = await place.sign_in("tech"), await place.sign_in("admin")
        await phone.drain()
        await reader.drain()
        held[0].fill(room=1 << 20)
        await until_full(place, phone, refusals=3)
        for _ in range(5):
            answer = await phone.ask()
            assert answer is not None
            assert answer.status_code == 507, answer.text[:300]
            assert int(answer.headers["retry-after"]) > 0
            read = await reader.ask()
            assert read is not None
            assert read.status_code == 200, "reads go on"
            figures.add("disk full: pushes answered 507, reads 200")
        oracle.check_log(place)
        assert phone.replica.waiting
        held[0].make_room()
        await phone.drain()
        await oracle.check_all(place)


async def test_C13_when_the_disk_of_the_write_ahead_log_is_full_nothing_is_lost(
    mould: Mould, launcher: Launcher, figures: Figures
) -> None:
    held: list[disk.Small] = []

    @contextmanager
    def log(var: Path) -> Iterator[None]:
        with disk.small(var / "postgres" / "data" / "pg_wal", 24) as made:
            held.append(made)
            yield

    async with opened(mould, launcher, log) as place:
        await place.serve()
        phone = await place.sign_in("tech")
        await phone.drain()
        held[0].fill()
        await until_full(place, phone, refusals=1)
        figures.add("disk of the write-ahead log full: PostgreSQL down, phones wait")
        held[0].make_room()
        if not runs(place.cluster.data):
            await place.cluster.start_again()
        await place.cluster.answers()
        oracle.check_log(place)
        await phone.drain()
        await oracle.check_all(place)


@pytest.mark.parametrize("files", ["/pg_wal/", "/base/"])
async def test_C13_when_an_fsync_fails_what_was_answered_is_there(
    mould: Mould, launcher: Launcher, figures: Figures, files: str
) -> None:
    held: list[disk.Fsync] = []

    @contextmanager
    def shimmed(var: Path) -> Iterator[None]:
        with disk.breaking_fsync(var.parent / "shim") as made:
            held.append(made)
            yield

    async with opened(mould, launcher, shimmed) as place:
        await place.serve()
        phone, chance = await place.sign_in("tech"), random.Random(files)
        for _ in range(3):
            place.act(phone, chance)
            # The server has to find the database again, so that what comes next reaches the disk.
            await phone.drain()
            place.act(phone, chance)
            held[0].fail_once(files)
            if files == "/base/":
                with pytest.raises(psycopg.OperationalError):
                    place.cluster.ask("CHECKPOINT")
            answer = await phone.ask()
            assert answer is None or answer.status_code in (200, 503), answer.text[:300]
            assert held[0].failed
            await place.cluster.answers()
            oracle.check_log(place)
            figures.add(f"fsync failed on {files.strip('/')}")
        assert "PANIC" in (place.var / "postgres" / "log").read_text()
        await phone.drain()
        await oracle.check_all(place)


@contextmanager
def powered(held: list[disk.Cuttable], var: Path) -> Iterator[None]:
    """The data on a disk whose power can be cut."""
    with disk.cuttable(var / "postgres" / "data", var.parent / "image") as made:
        held.append(made)
        yield


async def work_and_cut(
    place: Place, power: disk.Cuttable, phones: list[Handset], chance: random.Random
) -> None:
    """Some rounds of pushes, and a power cut into the last of them; then the database is started again."""
    for _ in range(10):
        for phone in phones:
            place.act(phone, chance)
        await asyncio.gather(*(phone.ask() for phone in phones))
    on_its_way = [asyncio.create_task(phone.ask()) for phone in phones]
    await asyncio.sleep(0)
    postmaster = place.cluster.pid
    power.cut()
    await asyncio.gather(*on_its_way)
    await asyncio.to_thread(place.cluster.end_by_power, postmaster)
    power.power_on()
    await place.cluster.start_again()


async def test_C13_after_a_power_cut_what_was_answered_is_there(
    mould: Mould, launcher: Launcher, figures: Figures
) -> None:
    held: list[disk.Cuttable] = []
    async with opened(mould, launcher, partial(powered, held)) as place:
        await place.serve()
        chance = random.Random(8)
        phones = [await place.sign_in(who) for who in ("tech", "admin")]
        for _ in range(POWER_CUTS):
            await work_and_cut(place, held[0], phones, chance)
            figures.add("power cuts")
            figures.add("power cuts: answers held to the log", oracle.check_log(place)["answers"])
        for phone in phones:
            await phone.drain()
        await oracle.check_all(place)


async def test_a_database_that_does_not_wait_for_its_disk_is_found_out_by_a_power_cut(
    mould: Mould, launcher: Launcher, figures: Figures
) -> None:
    """The test of the test: with the waiting switched off the same cut loses what was answered, and that is seen."""
    held: list[disk.Cuttable] = []
    async with opened(mould, launcher, partial(powered, held)) as place:
        for setting in ("synchronous_commit = off", "wal_writer_delay = '10s'"):
            place.cluster.tell(f"ALTER SYSTEM SET {setting}")
        place.cluster.tell("SELECT pg_reload_conf()")
        await place.serve()
        phones = [await place.sign_in("tech")]
        await work_and_cut(place, held[0], phones, random.Random(9))
        with pytest.raises(AssertionError, match="lost after it was answered"):
            oracle.check_log(place)
        figures.add("planted: a power cut without syncing is seen")
