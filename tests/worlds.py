"""A world that counts: the same seed gives the same times, ids and tokens, and time moves only when it is told to."""

import base64
import hashlib
from uuid import UUID


class CountingWorld:
    """A `server.clock.World` for tests. It starts on 2026-11-02 at 08:00 UTC."""

    def __init__(self, seed: int = 0, now_ms: int = 1_793_606_400_000) -> None:
        self._seed = seed
        self._count = 0
        self._now_ms = now_ms

    def start_again(self) -> None:
        """Be as on the first day: the same times, ids and tokens come again."""
        self.__init__(self._seed)  # type: ignore[misc]

    def now_ms(self) -> int:
        return self._now_ms

    def pass_time(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let time go by."""
        total_s = seconds + 60 * minutes + 3600 * hours + 86_400 * days
        self._now_ms += round(total_s * 1000)

    def new_id(self) -> UUID:
        """A UUIDv7 of the world's time with the count as its tail, so that ids sort in the order they were made."""
        tail = int.from_bytes(self._bytes(4))
        number = (self._now_ms << 80) | (7 << 76) | ((self._count & 0xFFF) << 64) | (2 << 62) | tail
        return UUID(int=number)

    def token(self, nbytes: int) -> str:
        return base64.urlsafe_b64encode(self._bytes(nbytes)).rstrip(b"=").decode()

    def _bytes(self, length: int) -> bytes:
        self._count += 1
        return hashlib.shake_128(f"{self._seed}:{self._count}".encode()).digest(length)
