"""What a file is, told by its first bytes alone."""

import pytest

from server.media.sniff import HEAD_BYTES, HEIC, JPEG, PDF, PNG, pdf_problem, sniff
from tests.server.media import pictures


def box(major: bytes, *brands: bytes) -> bytes:
    body = b"ftyp" + major + b"\0\0\0\0" + b"".join(brands)
    return (len(body) + 4).to_bytes(4, "big") + body + b"\0\0\0\x10meta" + b"\0" * 8


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pictures.jpeg(), JPEG),
        (pictures.jpeg(exif=pictures.exif()), JPEG),
        (pictures.png(), PNG),
        (pictures.heic(), HEIC),
        (pictures.PDF, PDF),
        (box(b"heic", b"mif1", b"heic"), HEIC),
        (box(b"mif1", b"mif1", b"heic"), HEIC),
        (box(b"msf1", b"hevc", b"msf1"), HEIC),
        (box(b"heix", b"mif1"), HEIC),
    ],
)
def test_what_is_taken_in_is_known_by_its_bytes(content: bytes, kind: str) -> None:
    assert sniff(content[:HEAD_BYTES]) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\x00",
        pictures.png()[:15],
        b"GIF89a/*" + b"\0" * 100 + b"*/=1;alert(1)//",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><title>x</title>",
        b" %PDF-1.4",
        b"%PDF-9.9",
        b"%!PS-Adobe",
        b"PK\x03\x04",
        b"BM" + b"\0" * 60,
        box(b"avif", b"mif1", b"miaf"),
        box(b"mif1", b"avif", b"miaf"),
        box(b"isom", b"mp42"),
        b"\0\0\x20\0ftypheic" + b"\0" * 40,
        b"\0\0\0\0ftypheic" + b"\0" * 40,
    ],
)
def test_everything_else_is_not(content: bytes) -> None:
    assert sniff(content) is None


@pytest.mark.parametrize("inside", [b"<script>x</script>", b"<HTML>", b"<?php", b"%PDF-1.4", b"<svg "])
def test_what_begins_as_two_things_is_neither(inside: bytes) -> None:
    comment = b"\xff\xfe" + (len(inside) + 2).to_bytes(2, "big") + inside
    for content in (
        pictures.jpeg()[:2] + comment + pictures.jpeg()[2:],
        pictures.png_of(8, 8, pictures.chunk(b"tEXt", b"Title\0" + inside)),
    ):
        assert sniff(content[:HEAD_BYTES]) is None
    assert sniff(b"%PDF-1.4\n%" + inside.replace(b"%PDF-1.4", b"<script")) is None


def test_a_pdf_is_looked_at_from_outside() -> None:
    def problem(content: bytes) -> str | None:
        return pdf_problem(content[:HEAD_BYTES], content[-HEAD_BYTES:], len(content))

    assert problem(pictures.PDF) is None
    assert problem(pictures.PDF[:200]) == "This PDF is cut off."
    assert problem(b"%PDF-1.4") == "This is no PDF."
    assert problem(pictures.jpeg()) == "This is no PDF."
