"""The ring of secret keys, as the setting `WORKBAY_SECRET_KEYS` gives it.

The setting reads `id:base64key,id:base64key`, the newest first. The newest key seals and signs; every key of the ring
opens and verifies, so that a key is changed by putting a new one in front and dropping the old one once nothing
sealed with it is left. No key is used as it is: each purpose gets its own, derived with HKDF, so that what leaks from
one use says nothing about another.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.errors import SettingError

KEY_BYTES = 32
_SETTING = "WORKBAY_SECRET_KEYS"
_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_WANTED = (
    "it must be id:base64key,id:base64key, newest first, each key of 32 bytes, each id of letters or digits"
)


@dataclass(frozen=True, slots=True)
class SecretKey:
    """One key of the ring; its bytes stay out of any printed form."""

    id: str
    secret: bytes = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """The 32 bytes that this key stands for where `purpose` is concerned."""
        return _derive(self.secret, purpose)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys, newest first."""

    keys: tuple[SecretKey, ...]

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read the setting; a bad one is told without showing the secret."""
        keys = tuple(_parse_key(part.strip()) for part in text.split(",") if part.strip())
        if not keys or len({key.id for key in keys}) != len(keys):
            raise _bad_setting()
        return cls(keys)

    @property
    def newest(self) -> SecretKey:
        return self.keys[0]

    def get(self, key_id: str) -> SecretKey | None:
        """The key of that id, or nothing when it left the ring."""
        return next((key for key in self.keys if key.id == key_id), None)


def _parse_key(text: str) -> SecretKey:
    key_id, _, encoded = text.partition(":")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise _bad_setting() from None
    if not _ID.fullmatch(key_id) or len(secret) != KEY_BYTES:
        raise _bad_setting()
    return SecretKey(key_id, secret)


def _bad_setting() -> SettingError:
    return SettingError(_SETTING, "…", _WANTED)


@cache
def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"workbay " + purpose.encode()).derive(secret)
