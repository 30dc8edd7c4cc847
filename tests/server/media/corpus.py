"""Hostile files, made by script: each is a way to hurt who reads pictures, with what must become of it.

`named()` are those that people have thought of; `mutated(seed, count)` are whole pictures with something done to them. Nothing
is kept on disk, and the same seed gives the same files.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from server.media.convert import NO_PICTURE
from server.media.decoder import CUT_OFF
from tests.clamd import EICAR
from tests.server.media import pictures

SIZES = "sizes"
EITHER = "either"
MANY_PIXELS = "This picture has more than 50 megapixels."


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file, and what becomes of it: `SIZES`, a reason, or `EITHER`: sizes or whatever reason."""

    name: str
    content: bytes
    ends: str


def named() -> list[Hostile]:
    """What people have thought of."""
    jpeg, png, heic = pictures.jpeg(), pictures.png(), pictures.heic()
    zipped = pictures.zipped(EICAR)
    text = b"A" * 60_000_000
    bomb = zlib.compress(text, 9)
    return [
        # Small files that say they are large, or unfold to something large.
        Hostile("pixels in a PNG", pictures.png_of(60_000, 60_000, data=b"\0" * 10_000_000), MANY_PIXELS),
        Hostile("just too many pixels", pictures.png_of(50_000, 1_001), MANY_PIXELS),
        Hostile("a wide PNG with nothing in it", pictures.png_of(50_000_000, 1), EITHER),
        Hostile("a PNG of two thousand million", pictures.png_of(2**31 - 1, 2**31 - 1), MANY_PIXELS),
        Hostile("a PNG of no pixels", pictures.png_of(0, 0), EITHER),
        Hostile("a JPEG that says it is huge", with_size_of_jpeg(jpeg, 65_500, 65_500), MANY_PIXELS),
        Hostile("a HEIC that says it is huge", with_size_of_heic(heic, 65_000, 65_000), MANY_PIXELS),
        Hostile("a HEIC larger than can be", with_size_of_heic(heic, 2**31 - 1, 2**31 - 1), EITHER),
        Hostile("a HEIC that lies a little", with_size_of_heic(heic, 6_000, 6_000), EITHER),
        Hostile("a zlib bomb for data", pictures.png_of(16, 16, data=text), EITHER),
        Hostile("a zlib bomb for a profile", of_chunk(b"iCCP", b"p\0\0" + bomb), EITHER),
        Hostile("a zlib bomb for a text", of_chunk(b"zTXt", b"Comment\0\0" + bomb), EITHER),
        Hostile("a zlib bomb for Exif", of_chunk(b"zTXt", b"Raw profile type exif\0\0" + bomb), EITHER),
        Hostile("many texts", of_chunk(b"zTXt", b"c\0\0" + zlib.compress(text[:900_000]), times=200), EITHER),
        Hostile("a scan again and again", pictures.scan_bomb(20), SIZES),
        Hostile("Exif that points to itself", with_exif(jpeg, exif_ring()), SIZES),
        Hostile("Exif full of thumbnails", pictures.jpeg(exif=pictures.exif() + jpeg[:60_000]), SIZES),
        Hostile("a profile that is none", pictures.jpeg(icc_profile=b"\xff" * 60_000), SIZES),
        Hostile("48 megapixels", pictures.saved(Image.new("RGB", (8000, 6000)), "JPEG"), SIZES),
        # Two things at once. A picture becomes sizes, and of what hangs on it nothing is left.
        Hostile("a JPEG with a zip behind", jpeg + zipped, SIZES),
        Hostile("a PNG with a zip behind", png + zipped, SIZES),
        Hostile("a JPEG with HTML behind", jpeg + b"<script>alert(1)</script>", SIZES),
        Hostile("EICAR behind a JPEG", jpeg + EICAR, SIZES),
        Hostile(
            "a JPEG with HTML in front", with_comment(jpeg, b"<html><script>alert(1)</script>"), NO_PICTURE
        ),
        Hostile("a JPEG that is a PDF", with_comment(jpeg, pictures.PDF), NO_PICTURE),
        Hostile(
            "a PDF that is a page",
            pictures.PDF[:9] + b"<html><script>1</script>" + pictures.PDF[9:],
            NO_PICTURE,
        ),
        Hostile("a GIF that is a script", b"GIF89a/*\0\0*/=1;alert(1)//" + b"\0" * 100, NO_PICTURE),
        Hostile("a JPEG that is called HEIC", b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + jpeg, EITHER),
        Hostile("a PNG after a JPEG's first bytes", b"\xff\xd8\xff\xe0" + png, EITHER),
        # Things that are no pictures.
        Hostile("an SVG", b'<?xml version="1.0"?><svg onload="alert(1)"/>', NO_PICTURE),
        Hostile("a page", b"<!doctype html><script>alert(1)</script>", NO_PICTURE),
        Hostile("EICAR", EICAR, NO_PICTURE),
        Hostile("a zip with EICAR", zipped, NO_PICTURE),
        Hostile("nothing", b"", NO_PICTURE),
        Hostile("only zeros", bytes(10_000), NO_PICTURE),
        Hostile("a GIF", pictures.saved(pictures.picture(mode="P"), "GIF"), NO_PICTURE),
        Hostile("a WebP", pictures.saved(pictures.picture(), "WEBP"), NO_PICTURE),
        Hostile("a TIFF", pictures.saved(pictures.picture(), "TIFF"), NO_PICTURE),
        # What ends too early.
        *(
            Hostile(f"{len(whole) // 2} bytes of {len(whole)}", whole[: len(whole) // 2], CUT_OFF)
            for whole in (jpeg, png, heic)
        ),
        Hostile("a HEIC's first bytes", heic[:40], EITHER),
        Hostile("a PDF's first half", pictures.PDF[:150], "This PDF is cut off."),
    ]


def with_comment(jpeg: bytes, comment: bytes) -> bytes:
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + jpeg[2:]


def with_exif(jpeg: bytes, data: bytes) -> bytes:
    data = b"Exif\0\0" + data
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


def exif_ring() -> bytes:
    """A directory whose directories are all itself, and which goes on with itself."""
    entries = [(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8), (0x0112, 3, 1, 0xFFFF0000)]
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + packed + struct.pack("<I", 8)


def with_size_of_jpeg(jpeg: bytes, width: int, height: int) -> bytes:
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def with_size_of_heic(heic: bytes, width: int, height: int) -> bytes:
    at = heic.index(b"ispe") + 8
    return heic[:at] + struct.pack(">II", width, height) + heic[at + 8 :]


def of_chunk(name: bytes, content: bytes, times: int = 1) -> bytes:
    """A small whole PNG with this chunk in it."""
    rows = b"".join(b"\0" + bytes(48) for _ in range(16))
    return pictures.png_of(16, 16, *[pictures.chunk(name, content)] * times, data=rows)


def mutated(seed: int, count: int) -> Iterator[bytes]:
    """Whole pictures, each with one to four things done to it."""
    chance = random.Random(seed)
    whole = _whole()
    for _ in range(count):
        content = chance.choice(whole)
        for _ in range(chance.randint(1, 4)):
            content = chance.choice(MUTATIONS)(content, chance, whole)
        yield content


def _whole() -> list[bytes]:
    """Small ones of every kind, so that many of them can be read in a minute."""
    small = pictures.picture(96, 64)
    return [
        pictures.saved(small, "JPEG"),
        pictures.saved(small, "JPEG", progressive=True, exif=pictures.exif(), icc_profile=pictures.profile()),
        pictures.saved(small.convert("CMYK"), "JPEG", subsampling=0),
        pictures.saved(small, "PNG"),
        pictures.saved(small.convert("P"), "PNG", transparency=3, exif=pictures.exif(3)),
        pictures.saved(small.convert("RGBA"), "PNG", icc_profile=pictures.profile()),
        pictures.saved(small, "HEIF", quality=40),
        pictures.saved(small.convert("RGBA"), "HEIF", quality=40, exif=pictures.exif(8)),
        pictures.PDF,
    ]


def _place(content: bytes, chance: random.Random) -> int:
    """Half of the time near the beginning, where what is said about the rest stands."""
    end = max(1, len(content) if chance.random() < 0.5 else min(len(content), 600))
    return chance.randrange(end)


def _bits(content: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    changed = bytearray(content or b"\0")
    for _ in range(chance.randint(1, 8)):
        changed[_place(changed, chance)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _number(content: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    """A number of one, two, four or eight bytes becomes one at the edge of what it can hold."""
    size = chance.choice((1, 2, 4, 8))
    edges = (0, 1, 2 ** (8 * size) - 1, 2 ** (8 * size - 1), 2 ** (8 * size - 1) - 1, chance.randrange(256))
    at = _place(content, chance)
    return content[:at] + chance.choice(edges).to_bytes(size, "big") + content[at + size :]


def _cut(content: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    return content[: _place(content, chance)] if chance.random() < 0.5 else content[: -chance.randint(1, 64)]


def _left_out(content: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    at = _place(content, chance)
    return content[:at] + content[at + chance.randint(1, 200) :]


def _doubled(content: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    at = _place(content, chance)
    piece = content[at : at + chance.randint(1, 400)]
    return content[:at] + piece * chance.randint(2, 30) + content[at:]


def _noise(content: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    at = _place(content, chance)
    return content[:at] + chance.randbytes(chance.randint(1, 100)) + content[at:]


def _spliced(content: bytes, chance: random.Random, whole: list[bytes]) -> bytes:
    other = chance.choice(whole)
    return content[: _place(content, chance)] + other[_place(other, chance) :]


Mutation = Callable[[bytes, random.Random, list[bytes]], bytes]
MUTATIONS: tuple[Mutation, ...] = (
    _bits,
    _bits,
    _number,
    _number,
    _cut,
    _left_out,
    _doubled,
    _noise,
    _spliced,
)
