"""What a file is, by its first bytes: never by its name, and never by what its sender says of it.

Pure. `sniff` wants the first `HEAD_BYTES` of a file, `pdf_problem` the first and the last of them. Who serves files
serves only what was made here from pictures, so this is not the last line of defence; it is the one that costs nothing.
"""

from __future__ import annotations

JPEG, PNG, HEIC, PDF = "image/jpeg", "image/png", "image/heic", "application/pdf"
PICTURES = (JPEG, PNG, HEIC)

HEAD_BYTES = 4096
TAIL_BYTES = 4096
PDF_BYTES_MIN = 64

# What browsers look at when they guess a type. A file that is one thing by its first bytes and another thing in here is
# made to be taken for both; no camera writes these words there.
GUESSED_FROM_BYTES = 1445
OTHER_THINGS = (
    b"<!doctype",
    b"<html",
    b"<head",
    b"<body",
    b"<script",
    b"<svg",
    b"<iframe",
    b"<?php",
    b"%pdf-",
)

PNG_BEGINS = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
# After the first marker of a JPEG comes another: a table, a frame, a comment or an application's own segment.
JPEG_MARKERS = frozenset({0xDB, 0xC4, 0xC0, 0xC1, 0xC2, 0xDD, 0xFE, *range(0xE0, 0xF0)})
# A still picture in HEVC. The general brands are also those of AVIF and others, so beside them one of these must stand.
HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
GENERAL_BRANDS = frozenset({b"mif1", b"msf1", b"MiHE"})


def sniff(head: bytes) -> str | None:
    """The type of a file that begins with `head`, or None for one that is not taken in."""
    kind = _kind(head)
    if kind is None or _is_something_else_too(head, kind):
        return None
    return kind


def _kind(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff") and len(head) > 3 and head[3] in JPEG_MARKERS:
        return JPEG
    if head.startswith(PNG_BEGINS):
        return PNG
    if _is_heic(head):
        return HEIC
    # Elsewhere the header may stand in the first kilobyte; here it must come first, or any picture could be a PDF too.
    return PDF if head.startswith((b"%PDF-1.", b"%PDF-2.")) else None


def _is_heic(head: bytes) -> bool:
    length = int.from_bytes(head[:4], "big")
    if head[4:8] != b"ftyp" or not 16 <= length <= 512 or length % 4:
        return False
    major, brands = head[8:12], {head[at : at + 4] for at in range(16, length, 4)}
    return major in HEVC_BRANDS or (major in GENERAL_BRANDS and bool(brands & HEVC_BRANDS))


def _is_something_else_too(head: bytes, kind: str) -> bool:
    seen = head[:GUESSED_FROM_BYTES].lower()
    return any(seen.find(word, 1) >= 0 for word in OTHER_THINGS if not (kind == PDF and word == b"%pdf-"))


def pdf_problem(head: bytes, tail: bytes, size: int) -> str | None:
    """Why a PDF of `size` bytes with these first and last bytes is no whole one, or None. It is not read any further."""
    if sniff(head) != PDF or size < PDF_BYTES_MIN:
        return "This is no PDF."
    if b"startxref" not in tail or b"%%EOF" not in tail:
        return "This PDF is cut off."
    return None
