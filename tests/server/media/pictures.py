"""Pictures made by script, small or large, plain or with what cameras add to them; the same seed gives the same bytes."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageCms

pillow_heif.register_heif_opener()

PDF = b"""%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [] /Count 0>> endobj
xref
0 3
0000000000 65535 f
0000000009 00000 n
0000000056 00000 n
trailer <</Size 3 /Root 1 0 R>>
startxref
103
%%EOF
"""


def picture(width: int = 640, height: int = 480, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """Colours that run into each other, with grain: what a decoder has to do with a photo, and half of it red at the left."""
    small = random.Random(seed).randbytes(24 * 18 * 3)
    drawn = Image.frombytes("RGB", (24, 18), small).resize((width, height), Image.Resampling.BICUBIC)
    drawn.paste((220, 20, 20), (0, 0, width // 2, height // 2))
    return drawn.convert(mode)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file: `JPEG`, `PNG` or `HEIF`."""
    written = io.BytesIO()
    if kind == "HEIF":
        options = {"enc_params": {"preset": "ultrafast"}, **options}
    image.save(written, kind, **options)
    return written.getvalue()


def jpeg(width: int = 640, height: int = 480, seed: int = 1, **options: Any) -> bytes:
    return saved(picture(width, height, seed=seed), "JPEG", **options)


def png(width: int = 640, height: int = 480, mode: str = "RGB", **options: Any) -> bytes:
    return saved(picture(width, height, mode), "PNG", **options)


def heic(width: int = 640, height: int = 480, **options: Any) -> bytes:
    return saved(picture(width, height), "HEIF", **options)


def exif(orientation: int = 6) -> bytes:
    """What a phone writes: how it was held, and where it was."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "Canary Cameras"
    data.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    return data.tobytes()


def profile() -> bytes:
    """A colour profile that is not sRGB: its red and its green are each other's."""
    raw = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    raw = raw[:24] + struct.pack(">6H", 2026, 11, 2, 8, 0, 0) + raw[36:]  # When it was made.
    turned = raw.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ")
    return turned.replace("sRGB".encode("utf-16-be"), "turn".encode("utf-16-be"))


def scan_bomb(scans: int) -> bytes:
    """A JPEG whose last scan comes again and again: some bytes each, and the whole picture to go through for each."""
    raw = saved(Image.new("L", (7000, 7000), 77), "JPEG", progressive=True, quality=50)
    return raw[:-2] + raw[raw.rindex(b"\xff\xda") : -2] * scans + b"\xff\xd9"


def zipped(content: bytes, name: str = "a.txt") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return written.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG with the right sum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of(width: int, height: int, *chunks: bytes, data: bytes = b"\0" * 64, colours: int = 2) -> bytes:
    """A PNG that says it is so large, whatever is in it."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + b"".join(chunks)
        + chunk(b"IDAT", zlib.compress(data, 9))
        + chunk(b"IEND", b"")
    )
