"""From arrived to ready or refused, through the store and a real child, and killed in between: nothing is lost or dangles."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from server.auth.gate import server_of
from server.errors import Unavailable
from server.media.convert import NO_PICTURE, UNREADABLE, Converter, Refused, Sizes
from server.media.files import CHANNEL
from server.media.leases import LEASE_MS, Lost
from server.media.pipeline import AGAIN_MS, Pipeline
from server.media.scan import NOT_CHECKED, Verdict
from server.media.scan import Clamd as Client
from server.media.workspace import workspace
from server.settings import Settings
from server.store.commit import Store
from sync.overlay import Draft
from tests.clamd import EICAR, NAME, Clamd
from tests.server.media import pictures
from tests.server.media.arriving import Bench, arrive, arrived, kept, new_photo, row, told
from tests.server.premises import Phone, Premises, Shop
from tests.server.premises import running as running_app
from tests.worlds import CountingWorld

ROOT = Path(__file__).resolve().parents[3]
MADE = {"original", "display.jpg", "thumb.jpg"}


@pytest.fixture
async def bench(premises: Premises, tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(premises, tmp_path)
    yield made
    await made.close()


async def blob(premises: Premises, shop: Shop, photo: str, name: str) -> bytes:
    pieces = await premises.app.state.blobs.get(f"{shop.id}/{photo}/{name}")
    return b"".join([piece async for piece in pieces])


async def test_U3_a_file_that_arrived_becomes_ready(
    tech: Phone, desk: Phone, repair: Shop, bench: Bench
) -> None:
    photo = await arrived(tech, pictures.jpeg(2400, 1800, exif=pictures.exif(6)))
    assert (await told(desk, photo))["media"] == "processing"
    assert await bench.turn() == 1
    said = await told(desk, photo)
    assert (said["media"], said.get("media_reason")) == ("ready", None)
    preview = Image.open(io.BytesIO(base64.b64decode(said["preview"].partition(",")[2])))
    assert preview.size == (192, 256)
    found = await row(bench.premises, repair, photo)
    assert (found["state"], found["sniffed"], found["tries"], found["leased_until"]) == (
        "ready", "image/jpeg", 0, 0,
    )  # fmt: skip
    assert (found["width"], found["height"]) == (1800, 2400)
    display = await blob(bench.premises, repair, photo, "display.jpg")
    thumb = await blob(bench.premises, repair, photo, "thumb.jpg")
    assert Image.open(io.BytesIO(display)).size == (1200, 1600)
    assert Image.open(io.BytesIO(thumb)).size == (200, 200)
    assert found["served_bytes"] == len(display) + len(thumb)
    assert await kept(bench.premises, repair, photo) == MADE
    assert await bench.turn() == 0


async def test_the_phones_own_preview_stays(tech: Phone, bench: Bench) -> None:
    own = "data:image/jpeg;base64," + base64.b64encode(pictures.jpeg(32, 24)).decode()
    photo = await arrived(tech, pictures.jpeg(), preview=own)
    await bench.turn()
    assert (await told(tech, photo))["preview"] == own


async def test_a_pdf_is_ready_as_a_document(tech: Phone, repair: Shop, bench: Bench) -> None:
    photo = await arrived(tech, pictures.PDF)
    await bench.turn()
    assert (await told(tech, photo))["media"] == "ready"
    assert await kept(bench.premises, repair, photo) == {"original", "document.pdf"}
    assert await blob(bench.premises, repair, photo, "document.pdf") == pictures.PDF
    found = await row(bench.premises, repair, photo)
    assert (found["sniffed"], found["width"], found["served_bytes"]) == (
        "application/pdf", None, len(pictures.PDF),
    )  # fmt: skip


async def test_a_file_that_is_none_of_these_is_refused_with_its_reason(
    tech: Phone, repair: Shop, bench: Bench
) -> None:
    html = await arrived(tech, b"<!doctype html><script>alert(1)</script>")
    cut = await arrived(tech, pictures.jpeg()[:-2000])
    assert await bench.turn() == 2
    said = await told(tech, html)
    assert (said["media"], said["media_reason"]) == ("refused", NO_PICTURE)
    assert (await told(tech, cut))["media_reason"] == "This picture is cut off."
    assert (await row(bench.premises, repair, cut))["reason"] == "This picture is cut off."
    assert await kept(bench.premises, repair, cut) == {"original"}


@pytest.mark.parametrize("content", [pictures.jpeg() + EICAR, pictures.jpeg() + pictures.zipped(EICAR)])
async def test_what_the_scanner_finds_is_refused(
    tech: Phone, repair: Shop, bench: Bench, scanner: Clamd, content: bytes
) -> None:
    bench.scanner = Client(scanner.url)
    photo = await arrived(tech, content)
    clean = await arrived(tech, pictures.jpeg())
    assert await bench.turn() == 2
    said = await told(tech, photo)
    assert said["media"] == "refused"
    assert NAME in said["media_reason"]
    assert await kept(bench.premises, repair, photo) == {"original"}
    assert (await told(tech, clean))["media"] == "ready"


async def test_files_wait_while_the_scanner_is_away_and_none_is_served(
    tech: Phone, repair: Shop, bench: Bench, scanner: Clamd, world: CountingWorld
) -> None:
    bench.scanner = Client(scanner.url)
    photos = [await arrived(tech, pictures.jpeg(seed=seed)) for seed in range(3)]
    pipeline = bench.pipeline()
    scanner.kill()
    for _ in range(8):
        # One file asks for all of them; the more often it asked in vain, the longer it waits.
        assert await pipeline.turn(bench.folder, bench.converter()) == 1
        assert await pipeline.turn(bench.folder, bench.converter()) == 0
        world.pass_time(minutes=5)
    for photo in photos:
        assert (await row(bench.premises, repair, photo))["state"] == "arrived"
        assert (await told(tech, photo))["media"] == "processing"
        assert await kept(bench.premises, repair, photo) == {"original"}
    scanner.start()
    world.pass_time(minutes=5)
    assert await pipeline.turn(bench.folder, bench.converter()) == 3
    assert {(await told(tech, photo))["media"] for photo in photos} == {"ready"}


async def test_a_scanner_that_fails_over_a_file_is_asked_three_times(
    tech: Phone, bench: Bench, world: CountingWorld
) -> None:
    class Failing:
        async def scan(self, source: AsyncIterator[bytes]) -> Verdict:
            return Verdict("broken", NOT_CHECKED)

    bench.scanner = Failing()
    photo = await arrived(tech, pictures.jpeg())
    for _ in range(3):
        assert (await told(tech, photo))["media"] == "processing"
        assert await bench.turn() == 1
        assert await bench.turn() == 0
        world.pass_time(seconds=AGAIN_MS / 1000)
    assert (await told(tech, photo))["media_reason"] == NOT_CHECKED
    assert await bench.turn() == 0


async def test_a_child_that_is_killed_each_time_ends_in_a_refusal(
    tech: Phone, repair: Shop, bench: Bench, world: CountingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(self: Converter, job: bytes) -> bytes:
        child = await self._started()
        child.kill()
        await child.wait()
        assert child.stdout is not None
        return await child.stdout.readline()

    photo = await arrived(tech, pictures.jpeg())
    with monkeypatch.context() as patch:
        patch.setattr(Converter, "_answer", killed)
        await bench.turn()
    assert (await row(bench.premises, repair, photo))["tries"] == 1
    world.pass_time(seconds=AGAIN_MS / 1000)
    await bench.turn()
    assert (await told(tech, photo))["media"] == "ready"

    other = await arrived(tech, pictures.jpeg(seed=2))
    monkeypatch.setattr(Converter, "_answer", killed)
    for _ in range(3):
        await bench.turn()
        world.pass_time(seconds=AGAIN_MS / 1000)
    said = await told(tech, other)
    assert (said["media"], said["media_reason"]) == ("refused", UNREADABLE)


class Killed(Exception):
    """The server is gone in this moment."""


async def test_U3_killed_before_the_last_step_it_is_done_again(
    tech: Phone, repair: Shop, bench: Bench, world: CountingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await arrived(tech, pictures.jpeg())

    async def dies(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Store, "act_in", dies)
        with pytest.raises(Killed):
            await bench.turn()
    # The sizes lie there, and neither the row nor the record says so.
    assert await kept(bench.premises, repair, photo) == MADE
    found = await row(bench.premises, repair, photo)
    assert (found["state"], found["tries"]) == ("arrived", 1)
    assert (await told(tech, photo))["media"] == "processing"
    assert await bench.turn() == 0  # Somebody may still be at it.
    world.pass_time(seconds=LEASE_MS / 1000)
    assert await bench.turn() == 1
    assert (await told(tech, photo))["media"] == "ready"
    assert await kept(bench.premises, repair, photo) == MADE


async def test_killed_three_times_over_a_file_it_is_refused_and_its_sizes_go(
    tech: Phone, repair: Shop, bench: Bench, world: CountingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await arrived(tech, pictures.jpeg())

    async def dies(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "_settle", dies)
        for _ in range(3):
            with pytest.raises(Killed):
                await bench.turn()
            world.pass_time(seconds=LEASE_MS / 1000)
    assert await kept(bench.premises, repair, photo) == MADE
    await bench.turn()
    assert (await told(tech, photo))["media_reason"] == UNREADABLE
    assert await kept(bench.premises, repair, photo) == {"original"}


async def test_two_workers_race_and_each_file_is_done_once(
    tech: Phone, repair: Shop, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [await arrived(tech, pictures.jpeg(seed=seed)) for seed in range(6)]
    done: list[str] = []
    real = Converter.convert

    async def counted(self: Converter, original: Path, into: Path) -> Sizes | Refused:
        done.append(original.parent.name)
        return await real(self, original, into)

    monkeypatch.setattr(Converter, "convert", counted)
    counts = await asyncio.gather(*(bench.turn() for _ in range(3)))
    assert sum(counts) == len(done) == 6
    assert {(await told(tech, photo))["media"] for photo in photos} == {"ready"}


async def test_who_was_too_slow_finishes_nothing(
    tech: Phone, repair: Shop, bench: Bench, world: CountingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await arrived(tech, pictures.jpeg())
    real = Converter.convert
    late: list[int] = []

    async def overtaken(self: Converter, original: Path, into: Path) -> Sizes | Refused:
        if not late:
            late.append(1)
            world.pass_time(seconds=LEASE_MS / 1000)
            assert await bench.turn() == 1
            assert (await told(tech, photo))["media"] == "ready"
        return await real(self, original, into)

    seqs = []

    async def committed(self: Pipeline, *words: Any) -> None:
        try:
            await plainly(self, *words)
        except Lost:
            seqs.append("lost")
            raise

    plainly = Pipeline._committed
    monkeypatch.setattr(Converter, "convert", overtaken)
    monkeypatch.setattr(Pipeline, "_committed", committed)
    assert await bench.turn() == 1
    assert seqs == ["lost"]
    assert (await told(tech, photo))["media"] == "ready"


async def test_two_shops_each_see_their_own(premises: Premises, repair: Shop, bench: Bench) -> None:
    other = await premises.open_shop("other")
    phones = [await premises.sign_in(shop, "tech") for shop in (repair, other)]
    ids = [await arrived(phone, pictures.jpeg()) for phone in phones]
    assert await bench.turn() == 2
    for phone, id_ in zip(phones, ids, strict=True):
        assert (await told(phone, id_))["media"] == "ready"
        assert await kept(premises, phone.shop, id_) == MADE


async def test_a_shop_with_many_does_not_hold_up_another(
    premises: Premises, repair: Shop, bench: Bench
) -> None:
    other = await premises.open_shop("other")
    many = await premises.sign_in(repair, "tech")
    for seed in range(3):
        await arrived(many, b"no picture" + bytes([seed]))
    one = await arrived(await premises.sign_in(other, "tech"), b"nor this")
    pipeline = bench.pipeline()
    taken = [await pipeline._take() for _ in range(2)]
    assert [file and file.shop for file in taken] == [repair.id, other.id]
    assert [str(file.id) for file in taken if file][1] == one


@pytest.mark.parametrize("damage", ["missing", "rotten"])
async def test_U5_an_original_that_the_store_lost_is_waited_for_again(
    tech: Phone, repair: Shop, bench: Bench, damage: str
) -> None:
    content = pictures.jpeg()
    photo = await arrived(tech, content)
    blobs, key = bench.premises.app.state.blobs, f"{repair.id}/{photo}/original"
    await (blobs.delete(key) if damage == "missing" else blobs.put(key, content[:-1] + b"\0"))
    await bench.turn()
    assert (await told(tech, photo))["media"] == "waiting"
    found = await row(bench.premises, repair, photo)
    assert (found["state"], found["received"], found["tries"]) == ("receiving", 0, 0)


async def test_a_store_that_is_away_costs_no_try(
    tech: Phone, repair: Shop, bench: Bench, world: CountingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await arrived(tech, pictures.jpeg())
    blobs = bench.premises.app.state.blobs

    async def away(*_: Any) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(blobs, "put", away)
        for _ in range(5):
            assert await bench.turn() == 1
            world.pass_time(seconds=AGAIN_MS / 1000)
    assert (await row(bench.premises, repair, photo))["tries"] == 0
    await bench.turn()
    assert (await told(tech, photo))["media"] == "ready"


async def test_a_photo_deleted_meanwhile_stays_deleted(tech: Phone, desk: Phone, bench: Bench) -> None:
    photo = await arrived(tech, pictures.jpeg())
    await tech.sync()
    tech.act(Draft("delete", "photo", photo))
    await tech.sync()
    assert await bench.turn() == 1
    await desk.sync()
    assert desk.data(photo) is None


async def test_the_app_itself_is_woken_by_an_announcement(
    settings: Settings, world: CountingWorld, working: None
) -> None:
    """The whole application as it runs; the phone hears of it by the shop's own announcement, so nobody waits for a clock."""
    async with running_app(settings, world) as premises:
        shop = await premises.open_shop("repair")
        phone = await (await premises.sign_in(shop, "tech")).sync()
        photo = await new_photo(phone, pictures.jpeg())
        async with asyncio.timeout(30):
            news = premises.app.state.database.listen("workbay")
            await anext(news)
            await arrive(premises, shop, photo, pictures.jpeg())
            async with premises.app.state.database.transaction(server_of(shop.id)) as tx:
                await tx.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(shop.id)))
            while (await told(phone, photo))["media"] != "ready":
                await anext(news)
            await news.aclose()
    assert [path.name for path in (settings.var / "converting").iterdir()] == ["starting.lock"]


DIES = """
import asyncio, os, signal, sys
from pathlib import Path
from server.app import create_app
from server.settings import load_settings
from server.store.commit import Store

async def dies(*_):
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    Store.act_in = dies
    app = create_app(load_settings())
    async with app.router.lifespan_context(app):
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_server_process_killed_between_sizes_and_commit_leaves_nothing_behind(
    tech: Phone, repair: Shop, bench: Bench, settings: Settings, world: CountingWorld
) -> None:
    photo = await arrived(tech, pictures.jpeg())
    environment = {
        "WORKBAY_DATABASE_URL": settings.database_url or "", "WORKBAY_SECRET_KEYS": settings.secret_keys or "",
        "WORKBAY_VAR": str(settings.var), "WORKBAY_DEMO": "false", "PATH": os.defpath,
    }  # fmt: skip
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DIES, cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(server.communicate(), 60)
    assert server.returncode == -signal.SIGKILL, said.decode()
    assert await kept(bench.premises, repair, photo) == MADE
    assert (await row(bench.premises, repair, photo))["state"] == "arrived"
    left = settings.var / "converting"
    assert len(list(left.iterdir())) == 2
    # The machine's clock gave that lease; ours is set to when it is over.
    world.pass_time(
        seconds=((await row(bench.premises, repair, photo))["leased_until"] - world.now_ms()) / 1000
    )
    with workspace(left) as folder:
        assert {path.name for path in left.iterdir()} == {"starting.lock", folder.name}
        assert await bench.pipeline().turn(folder, bench.converter()) == 1
    later = await bench.premises.sign_in(repair, "tech")  # Weeks may lie between the two clocks.
    assert (await told(later, photo))["media"] == "ready"
    assert [path.name for path in left.iterdir()] == ["starting.lock"]
