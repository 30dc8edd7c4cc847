"""Passwords, hashed with argon2id in a thread so that the event loop goes on meanwhile.

An address nobody has is answered with as much work as a wrong password: it is verified against a hash made for
nobody, so that neither the answer nor its time tells which addresses exist.
"""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.errors import Invalid

SHORTEST = 10
LONGEST = 256
# Hashing is made to be heavy: a crowd signing in must not take all the memory and every thread of the process.
AT_ONCE = 4


class Passwords:
    """Hashes and verifies. The defaults are those OWASP recommends for argon2id; tests ask for lighter ones."""

    def __init__(self, *, time_cost: int = 2, memory_kib: int = 19_456, lanes: int = 1) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes)
        self._turn = asyncio.Semaphore(AT_ONCE)
        # Made here and not when it is first wanted, for then the first unknown address would take twice as long.
        self._nobody = self._hasher.hash("a password that nobody has")

    async def hash(self, password: str) -> str:
        """The text to keep instead of the password."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, check_password(password))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one that was hashed; with nothing kept it takes as long and is false."""
        async with self._turn:
            return await asyncio.to_thread(self._matches, kept, password)

    def is_outdated(self, kept: str) -> bool:
        """Whether a kept hash was made with weaker settings than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _matches(self, kept: str | None, password: str) -> bool:
        try:
            self._hasher.verify(kept or self._nobody, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None and len(password) <= LONGEST


def check_password(password: str) -> str:
    """The password, if it is one that can be set."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(f"A password has {SHORTEST} to {LONGEST} characters.")
    return password
