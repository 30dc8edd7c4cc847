"""Reads a stream of server-sent events in a thread of its own, and keeps each event with the moment at which it came."""

from __future__ import annotations

import http.client
import threading
import time
from contextlib import suppress
from types import TracebackType

from tests.conformance.client import Door, Exchange, Failed, Phone


class Listening:
    """One open stream, for one block."""

    def __init__(self, phone: Phone) -> None:
        door: Door = phone.door
        self.events: list[tuple[float, str, str]] = []
        self.ended = threading.Event()
        self._news = threading.Condition()
        self._connection = door.connect()
        self._connection.timeout = 90
        headers = door.called({"Accept": "text/event-stream"}, phone.token)
        self._connection.request("GET", "/api/sync/live", headers=headers)
        # Taken before the answer: when that says `Connection: close`, the connection lets go of its socket at once.
        self._socket = self._connection.sock
        self.response = self._connection.getresponse()
        self.status = self.response.status
        door.log.append(
            Exchange("GET /api/sync/live", f"{self.status} {self.response.getheader('content-type')}")
        )
        self._log = door.log
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Listening:
        if self.status == 200:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._socket is not None:
            with suppress(OSError):  # The other end may have been quicker.
                self._socket.shutdown(2)
        if self._thread.is_alive():
            self._thread.join(5)
        self.response.close()
        self._connection.close()

    def _read(self) -> None:
        kind, data = "message", ""
        try:
            for raw in self.response:
                line = raw.decode().rstrip("\r\n")
                if line.startswith("event:"):
                    kind = line[6:].strip()
                elif line.startswith("data:"):
                    data = line[5:].strip()
                elif not line and (data or kind != "message"):
                    self._came(kind, data)
                    kind, data = "message", ""
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass  # Cut off, by us or by the server: either way it ended.
        self.ended.set()

    def _came(self, kind: str, data: str) -> None:
        with self._news:
            self.events.append((time.monotonic(), kind, data))
            self._log.append(Exchange("", f"event: {kind}, data: {data}"))
            self._news.notify_all()

    def wait(self, kind: str, count: int = 1, seconds: float = 5) -> str:
        """The data of the newest event of that kind, when `count` of them have come."""
        with self._news:
            if not self._news.wait_for(lambda: self.count(kind) >= count, seconds):
                raise Failed(f"{count} events {kind!r} within {seconds:.0f} s", [e[1:] for e in self.events])
            return next(data for _, came, data in reversed(self.events) if came == kind)

    def count(self, kind: str) -> int:
        return sum(1 for _, came, _ in self.events if came == kind)
