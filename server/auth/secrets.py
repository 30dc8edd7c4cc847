"""The vault: seals personal fields, indexes addresses blindly, signs session tokens.

The store seals personal fields through it, sign-in finds accounts by it, sessions carry its signature. A *token* of a
sealed value reads `<key id>.<base64 of nonce and ciphertext>`; it opens only together with the associated data it was
sealed with, so that a token copied into another row or another shop is refused.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.auth.keys import KeyRing
from server.clock import SystemWorld, World
from server.errors import Unauthenticated, WorkbayError

NONCE_BYTES = 12
_ALGORITHM = "HS256"


class SealBroken(WorkbayError):
    """A sealed value does not open: it was changed, belongs elsewhere, or its key left the ring."""


class TokenRefused(Unauthenticated):
    """Please sign in again."""


class Vault:
    """All that is done with the secret keys. Made once per process; safe to share between tasks and threads."""

    def __init__(self, ring: KeyRing, world: World | None = None) -> None:
        self._ring = ring
        self._token = (world or SystemWorld()).token
        # Making an AESGCM object costs more than using it, so that one per key is kept.
        self._ciphers = {key.id: AESGCM(key.derive("seal")) for key in ring.keys}
        self._newest = self._ciphers[ring.newest.id]
        self._prefix = ring.newest.id + "."
        self._signing = {key.id: key.derive("sign") for key in ring.keys}
        self._indexing = [key.derive("index") for key in ring.keys]

    @classmethod
    def of(cls, secret_keys: str | None, world: World | None = None) -> "Vault":
        """The vault for the text of the setting."""
        return cls(KeyRing.parse(secret_keys or ""), world)

    def seal(self, plaintext: bytes, aad: bytes) -> str:
        """Encrypt with the newest key."""
        nonce = base64.urlsafe_b64decode(self._token(NONCE_BYTES))
        sealed = nonce + self._newest.encrypt(nonce, plaintext, aad)
        return self._prefix + base64.urlsafe_b64encode(sealed).decode("ascii")

    def open(self, token: str, aad: bytes) -> bytes:
        """Decrypt with the key the token names, an old one of the ring too."""
        key_id, _, encoded = token.partition(".")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SealBroken
        try:
            sealed = base64.urlsafe_b64decode(encoded)
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
        except (InvalidTag, binascii.Error, ValueError) as cause:
            raise SealBroken from cause

    def is_current(self, token: str) -> bool:
        """Whether the newest key sealed this token; one that is not may be sealed anew when it is next written."""
        return token.startswith(self._prefix)

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one more purpose, from the newest key."""
        return self._ring.newest.derive(purpose)

    def blind_index(self, value: str, scope: str = "") -> bytes:
        """What equal values have in common and what says nothing about them; `scope` keeps shops apart."""
        return self.blind_indexes(value, scope)[0]

    def blind_indexes(self, value: str, scope: str = "") -> list[bytes]:
        """The index under every key of the ring, newest first: a row written before a change of keys is still found."""
        message = f"{scope}\x1f{value}".encode()
        return [hmac.digest(key, message, hashlib.sha256) for key in self._indexing]

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT signed with the newest key, which its header names."""
        newest = self._ring.newest.id
        return jwt.encode(dict(claims), self._signing[newest], algorithm=_ALGORITHM, headers={"kid": newest})

    def verify(
        self, token: str, *, require: tuple[str, ...] = (), now_ms: int | None = None
    ) -> dict[str, Any]:
        """The claims of a token that one of our keys signed and that has not expired.

        The algorithm is ours to say, never the token's: `none` and public-key tricks fail here. With `now_ms` the
        expiry is judged by the caller's clock instead of the machine's.
        """
        try:
            key = self._signing.get(str(jwt.get_unverified_header(token).get("kid")))
            if key is None:
                raise TokenRefused
            options: Any = {"require": list(require), "verify_exp": now_ms is None, "verify_iat": False}
            claims: dict[str, Any] = jwt.decode(token, key, algorithms=[_ALGORITHM], options=options)
        except jwt.InvalidTokenError as cause:
            raise TokenRefused from cause
        if now_ms is not None and not _lasts(claims.get("exp"), now_ms):
            raise TokenRefused
        return claims


def _lasts(expires: object, now_ms: int) -> bool:
    """Whether the `exp` of a token, in seconds, lies ahead of now; a token without one never ends by itself."""
    return expires is None or (isinstance(expires, int) and expires * 1000 > now_ms)
