"""What a request of tus 1.0 says in its headers, read and checked; and what an answer says of an upload.

Pure: `routes.py` calls it with the headers of a request. The numbers are bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from uuid import UUID

from server.errors import Invalid, TooLarge
from server.media.errors import UnknownKind
from sync.collection import UUID as UUID_TEXT

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
ALGORITHMS = ("sha256", "sha1")
BODY = "application/offset+octet-stream"
TYPES = frozenset({"image/jpeg", "image/png", "image/heic", "image/heif", "application/pdf"})
SHA256 = re.compile(r"[0-9a-f]{64}")
METADATA_MAX = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """A file that somebody wants to send: of which photo, its hash, its length, its type."""

    photo: UUID
    sha256: str
    bytes: int
    type: str


@dataclass(frozen=True, slots=True)
class Checksum:
    """The hash that the body of one request must have."""

    name: str
    digest: bytes

    def of(self, content: bytes = b"") -> hashlib._Hash:
        return hashlib.new(self.name, content, usedforsecurity=False)


def asked_of(headers: Mapping[str, str], bytes_max: int) -> Asked:
    """What a creation asks for. Raises Invalid, TooLarge, UnknownKind."""
    length = whole_of(headers, "Upload-Length")
    if length > bytes_max:
        raise TooLarge(f"A file has at most {_in_words(bytes_max)}, and this one has {_in_words(length)}.")
    if not length:
        raise Invalid("The file is empty.", at={"field": "Upload-Length"})
    said = metadata_of(headers.get("Upload-Metadata", ""))
    if not UUID_TEXT.fullmatch(said.get("photo", "")):
        raise Invalid("Upload-Metadata must name the photo by its id.", at={"field": "photo"})
    if not SHA256.fullmatch(said.get("sha256", "")):
        raise Invalid(
            "Upload-Metadata must have the sha256 of the file in 64 hexadecimal digits.",
            at={"field": "sha256"},
        )
    kind = said.get("type", "").lower()
    if kind not in TYPES:
        raise UnknownKind(at={"field": "type"})
    return Asked(UUID(said["photo"]), said["sha256"], length, kind)


def metadata_of(text: str) -> dict[str, str]:
    """`name base64,name base64,…` as names and values. Raises Invalid."""
    if len(text) > METADATA_MAX:
        raise Invalid("Upload-Metadata is too long.")
    found: dict[str, str] = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value.strip(), validate=True).decode()
        except ValueError as error:
            raise Invalid(
                "Upload-Metadata must be names with values in base64.", at={"field": name[:50]}
            ) from error
    return found


def checksum_of(headers: Mapping[str, str]) -> Checksum | None:
    """The hash that the request names for its body, None without one. Raises Invalid."""
    said = headers.get("Upload-Checksum")
    if said is None:
        return None
    name, _, value = said.partition(" ")
    if name not in ALGORITHMS:
        raise Invalid(
            f"Upload-Checksum must be of {' or '.join(ALGORITHMS)}.", at={"field": "Upload-Checksum"}
        )
    try:
        digest = base64.b64decode(value.strip(), validate=True)
    except ValueError as error:
        raise Invalid("Upload-Checksum must be in base64.", at={"field": "Upload-Checksum"}) from error
    return Checksum(name, digest)


def whole_of(headers: Mapping[str, str], name: str) -> int:
    """A header that must be a whole number from 0. Raises Invalid."""
    said = headers.get(name, "")
    if not said.isascii() or not said.isdecimal() or len(said) > 15:
        raise Invalid(f"{name} must be a whole number.", at={"field": name})
    return int(said)


def receipt(sha256: str, length: int) -> str:
    """The words on which a phone may let go of its copy."""
    return f"sha256={sha256}; bytes={length}"


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def _in_words(length: int) -> str:
    return f"{length / 1_000_000:.1f} MB".replace(".0 MB", " MB")
