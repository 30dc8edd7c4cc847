"""Pictures of every kind become sizes that stand upright and tell nothing; what is too much or broken is refused in words."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from server.media import decoder
from server.media.convert import (
    NO_PICTURE,
    TOO_LARGE,
    TOO_SLOW,
    UNREADABLE,
    Converter,
    Limits,
    Refused,
    Sizes,
)
from server.media.decoder import CUT_OFF
from tests.server.media import pictures

RED, WHITE = (220, 20, 20), (255, 255, 255)


class Place:
    """A converter with a folder for originals and one for what is made of each."""

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self.folder, self.converter, self.count = folder, Converter(limits or Limits()), 0

    async def convert(self, content: bytes) -> Sizes | Refused:
        self.count += 1
        self.into = self.folder / str(self.count)
        self.into.mkdir()
        original = self.folder / f"{self.count}.original"
        original.write_bytes(content)
        return await self.converter.convert(original, self.into)

    async def sizes(self, content: bytes) -> Sizes:
        said = await self.convert(content)
        assert isinstance(said, Sizes), said
        return said

    async def refused(self, content: bytes) -> Refused:
        said = await self.convert(content)
        assert isinstance(said, Refused), said
        return said

    def made(self, name: str = "display.jpg") -> Image.Image:
        picture = Image.open(self.into / name)
        picture.load()
        return picture


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    made = Place(tmp_path)
    yield made
    await made.converter.close()


def near(found: Any, wanted: tuple[int, int, int], by: int = 16) -> bool:
    return all(abs(a - b) <= by for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
async def test_three_sizes(place: Place, kind: str) -> None:
    said = await place.sizes(pictures.saved(pictures.picture(2100, 1400), kind))
    assert (said.width, said.height, said.files) == (2100, 1400, ("display.jpg", "thumb.jpg"))
    assert (place.made().size, place.made("thumb.jpg").size) == ((1600, 1067), (200, 200))
    assert near(place.made().getpixel((50, 50)), RED)
    assert near(place.made("thumb.jpg").getpixel((10, 10)), RED)
    assert said.preview is not None
    head, _, body = said.preview.partition(",")
    preview = base64.b64decode(body)
    assert head == "data:image/jpeg;base64"
    assert len(preview) <= 8192
    assert Image.open(io.BytesIO(preview)).size == (256, 171)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (1600, 1), (1, 9000), (9000, 3), (640, 480)])
async def test_small_and_odd_shapes_are_not_made_larger(place: Place, size: tuple[int, int]) -> None:
    said = await place.sizes(pictures.saved(Image.new("RGB", size, RED), "PNG"))
    assert (said.width, said.height) == size
    assert place.made().size == tuple(max(1, round(side * min(1, 1600 / max(size)))) for side in size)
    assert place.made("thumb.jpg").size == (200, 200)


@pytest.mark.parametrize("size", [(1600, 1200), (1600, 1199), (977, 733), (400, 300), (2000, 1500), (1, 1)])
def test_made_smaller_in_bands_it_is_as_if_made_at_once(size: tuple[int, int]) -> None:
    whole = pictures.picture(2000, 1500)
    at_once = whole.resize(size, Image.Resampling.HAMMING, reducing_gap=1.0)
    differs = ImageChops.difference(decoder._smaller(whole, size), at_once)
    assert differs.size == size
    assert max(most for _, most in differs.getextrema()) <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_every_orientation_stands_upright(place: Place, kind: str, orientation: int) -> None:
    # As a camera that was held so would have stored it: turned the other way round.
    turned = pictures.picture(400, 300)
    if orientation in decoder.UPRIGHT:
        back = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
        turned = turned.transpose(back.get(orientation, decoder.UPRIGHT[orientation]))
    said = await place.sizes(pictures.saved(turned, kind, exif=pictures.exif(orientation)))
    assert (said.width, said.height) == (400, 300)
    assert near(place.made().getpixel((20, 20)), RED)
    assert not near(place.made().getpixel((380, 280)), RED)


async def test_a_heic_that_was_turned_is_turned_once(place: Place) -> None:
    said = await place.sizes(pictures.heic(400, 300, exif=pictures.exif(6)))
    assert (said.width, said.height) == (300, 400)
    assert near(place.made().getpixel((280, 20)), RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
async def test_nothing_of_the_camera_is_left(place: Place, kind: str) -> None:
    content = pictures.saved(
        pictures.picture(), kind, exif=pictures.exif(), xmp=b"<x:xmpmeta>Canary</x:xmpmeta>"
    )
    said = await place.sizes(content)
    assert b"Canary" in content
    made = [(place.into / name).read_bytes() for name in said.files]
    made.append(base64.b64decode((said.preview or "").partition(",")[2]))
    for written in made:
        assert b"Canary" not in written
        assert b"Exif" not in written
        picture = Image.open(io.BytesIO(written))
        assert not picture.getexif()
        assert not set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


async def test_long_comments_are_left_behind(place: Place) -> None:
    """Comments may hold 64 KiB each, and a preview that took one along would be larger than all else."""
    plain = pictures.jpeg()
    comment = b"\xff\xfe\xff\xff" + b"Canary ".ljust(65_533, b"x")
    said = await place.sizes(plain[:2] + 3 * comment + plain[2:])
    made = [(place.into / name).read_bytes() for name in said.files]
    made.append(base64.b64decode((said.preview or "").partition(",")[2]))
    assert not any(b"Canary" in written for written in made)
    assert len(made[-1]) <= 8192


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
async def test_every_mode_becomes_a_picture(place: Place, mode: str) -> None:
    drawn = Image.new("L", (300, 200), 255)
    drawn.paste(0, (0, 0, 150, 100))
    image = (
        drawn.convert("I").point(lambda value: value * 257) if mode.startswith("I") else drawn.convert(mode)
    )
    kind = "JPEG" if mode == "CMYK" else "PNG"
    await place.sizes(pictures.saved(image.convert(mode) if mode == "I;16" else image, kind))
    assert place.made().mode == "RGB"
    assert near(place.made().getpixel((40, 40)), (0, 0, 0))
    assert near(place.made().getpixel((250, 150)), WHITE)


async def test_what_can_be_seen_through_is_white(place: Place) -> None:
    clear = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    await place.sizes(pictures.saved(clear, "PNG"))
    assert near(place.made().getpixel((150, 100)), WHITE)
    palette = Image.new("P", (300, 200), 0)
    palette.putpalette([0, 0, 0, 255, 255, 255])
    await place.sizes(pictures.saved(palette, "PNG", transparency=0))
    assert near(place.made().getpixel((150, 100)), WHITE)


async def test_colours_of_another_profile_become_those_of_srgb(place: Place) -> None:
    plain = Image.new("RGB", (64, 64), (100, 150, 200))
    await place.sizes(pictures.saved(plain, "PNG"))
    same = place.made().getpixel((32, 32))
    await place.sizes(pictures.saved(plain, "PNG", icc_profile=pictures.profile()))
    assert near(same, (100, 150, 200), 4)
    assert not near(place.made().getpixel((32, 32)), (100, 150, 200))
    await place.sizes(pictures.saved(plain, "JPEG", icc_profile=b"no profile at all" * 20))
    assert near(place.made().getpixel((32, 32)), (100, 150, 200), 4)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
@pytest.mark.parametrize("share", [0.999, 0.7, 0.3])
async def test_what_is_cut_off_is_called_that(place: Place, kind: str, share: float) -> None:
    content = pictures.saved(pictures.picture(), kind)
    said = await place.refused(content[: int(len(content) * share)])
    assert (said.reason, said.died) == (CUT_OFF, False)


async def test_a_picture_of_48_megapixels_passes_and_one_of_51_does_not(place: Place) -> None:
    large = Image.new("RGB", (8000, 6000), RED)
    said = await place.sizes(pictures.saved(large, "JPEG"))
    assert (said.width, said.height, place.made().size) == (8000, 6000, (1600, 1200))
    assert said.memory_bytes < 200_000_000
    said = await place.sizes(pictures.saved(large.convert("RGBA"), "PNG"))
    assert place.made().size == (1600, 1200)
    over = await place.refused(pictures.saved(Image.new("L", (8500, 6000)), "JPEG"))
    assert over.reason == "This picture has more than 50 megapixels."


async def test_what_is_no_picture_or_too_large_never_reaches_the_child(place: Place, tmp_path: Path) -> None:
    assert (await place.refused(b"<svg/>")).reason == NO_PICTURE
    assert (await place.refused(b"")).reason == NO_PICTURE
    assert (await place.refused(b"x" * 10_000_001)).reason == TOO_LARGE
    assert (await place.refused(pictures.PDF[:200])).reason == "This PDF is cut off."
    assert await place.sizes(pictures.PDF) == Sizes("application/pdf", ("document.pdf",))
    assert place.converter._child is None


async def test_memory_is_limited(tmp_path: Path) -> None:
    place = Place(tmp_path, Limits(memory_bytes=200_000_000))
    said = await place.refused(pictures.saved(Image.new("RGB", (7000, 7000), RED), "PNG"))
    assert said.reason == decoder.TOO_MUCH_MEMORY
    assert said.memory_bytes < 200_000_000
    await place.sizes(pictures.jpeg())
    await place.converter.close()


async def test_processor_time_is_limited(tmp_path: Path) -> None:
    place = Place(tmp_path, Limits(cpu_s=1))
    said = await place.refused(pictures.scan_bomb(500))
    assert (said.reason, said.died) == (TOO_SLOW, False)
    await place.converter.close()


async def test_time_on_the_wall_is_limited_and_the_next_picture_is_done(tmp_path: Path) -> None:
    place = Place(tmp_path)
    await place.sizes(pictures.jpeg())
    child = place.converter._child
    assert child is not None
    child.send_signal(signal.SIGSTOP)  # It hangs, and does not even use up its processor time.
    place.converter.limits = replace(place.converter.limits, wall_s=0.3)
    said = await place.refused(pictures.jpeg())
    assert (said.reason, said.died) == (UNREADABLE, True)
    assert child.returncode == -signal.SIGKILL
    place.converter.limits = Limits()
    await place.sizes(pictures.jpeg())
    await place.converter.close()


async def test_cancelled_in_the_midst_it_gives_no_answer_to_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.sizes(pictures.jpeg())
    asked, real = asyncio.Event(), Converter._answer

    async def answer(self: Converter, job: bytes) -> bytes:
        asked.set()
        return await real(self, job)

    monkeypatch.setattr(Converter, "_answer", answer)
    task = asyncio.create_task(place.convert(pictures.jpeg(2000, 1500)))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    said = await place.sizes(pictures.jpeg(320, 240))
    assert (said.width, said.height) == (320, 240)


async def test_a_killed_child_is_replaced(place: Place) -> None:
    await place.sizes(pictures.jpeg())
    child = place.converter._child
    assert child is not None
    child.kill()
    await child.wait()
    assert (await place.refused(pictures.jpeg())).died
    await place.sizes(pictures.jpeg())
    assert place.converter._child is not child


def looked_into(pid: int) -> tuple[bytes, set[str]]:
    """The environment of a process, and the files it has open."""
    process = Path(f"/proc/{pid}")
    return (process / "environ").read_bytes(), {os.readlink(path) for path in (process / "fd").iterdir()}


async def test_the_child_has_no_secrets_and_no_files_of_ours(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBAY_SECRET_KEYS", "canary")
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        await place.sizes(pictures.jpeg())
    child = place.converter._child
    assert child is not None
    environment, opened = looked_into(child.pid)
    names = {entry.partition(b"=")[0] for entry in environment.split(b"\0") if entry}
    assert names == {b"PATH", b"LANG", b"MALLOC_ARENA_MAX"}
    assert not [path for path in opened if str(tmp_path) in path]
    assert os.getpgid(child.pid) == child.pid


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"no json\n",
        b"[]\n",
        b"{}\n",
        b'{"refused": ""}\n',
        b'{"refused": 1}\n',
        b'{"width": 0, "height": 1, "preview": "/9j/"}\n',
        b'{"width": 1, "height": 1, "preview": "<script>"}\n',
        b'{"width": 1, "height": 1, "preview": "AAAA"}\n',
        b'{"width": 1, "height": 1, "preview": "/9j/"}\n',
        b'{"refused": "' + b"x" * 201 + b'"}\n',
        b'{"died": "yes"}\n',
    ],
)
async def test_what_the_child_says_is_not_believed(
    place: Place, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    """The last answer but three would be right, if only the files were there."""

    async def answer(self: Converter, job: bytes) -> bytes:
        return said

    monkeypatch.setattr(Converter, "_answer", answer)
    assert await place.refused(pictures.jpeg()) == Refused(UNREADABLE, died=True)


async def test_files_that_are_no_jpeg_are_not_taken_from_the_child(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(self: Converter, job: bytes) -> bytes:
        (place.into / "display.jpg").write_bytes(b"<script>")
        (place.into / "thumb.jpg").symlink_to("/etc/passwd")
        return b'{"width": 1, "height": 1, "preview": "/9j/"}\n'

    monkeypatch.setattr(Converter, "_answer", answer)
    assert (await place.refused(pictures.jpeg())).died
