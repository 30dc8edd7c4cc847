"""Each request has an id and one line in the log, and no error leaves the server as anything but JSON.

The line says what was asked for without saying by whom: method, the first words of the path (ids and tokens come after
them), status, size, milliseconds.
"""

import time
from typing import NoReturn

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.clock import World
from server.errors import WorkbayError
from server.web.errors import answer_for

log = structlog.get_logger()
PATH_WORDS_LOGGED = 2
HUNG_UP = 499  # No answer was given, for nobody was there any more; the number is the one that nginx writes.


class Requests:
    """Middleware around everything but the headers."""

    def __init__(self, app: ASGIApp, *, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._world.token(9)
        scope.setdefault("state", {})["request_id"] = request_id
        line = _Line(scope, request_id, send)
        try:
            await self._app(scope, receive, line.send)
        except WorkbayError as error:
            await line.answer_error(error, receive)
        except ClientDisconnect:
            line.hung_up()
        except Exception as error:
            if line.began and isinstance(error.__cause__, WorkbayError):
                line.broken_off(error.__cause__)
            log.error("request_failed", request=request_id, where=line.where, exc_info=error)
            await line.answer_error(WorkbayError(), receive)
        finally:
            line.write()


class _Line:
    """What is known of one request for its log line; passes the answer on and counts."""

    def __init__(self, scope: Scope, request_id: str, send: Send) -> None:
        self._scope, self._request_id, self._send = scope, request_id, send
        self._started = time.perf_counter()
        self._status, self._bytes = 0, 0
        words = scope["path"].split("/")[1 : 1 + PATH_WORDS_LOGGED]
        self.where = "/" + "/".join(words) if scope["path"].startswith("/api/") else "/" + words[0]

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message["headers"] = [*message["headers"], (b"x-request-id", self._request_id.encode())]
        elif message["type"] == "http.response.body":
            self._bytes += len(message.get("body", b""))
        await self._send(message)

    async def answer_error(self, error: WorkbayError, receive: Receive) -> None:
        """Answer with the error, unless an answer has begun: then all that is left is to break it off."""
        if self._status:
            raise error
        await answer_for(error, self._request_id)(self._scope, receive, self.send)

    @property
    def began(self) -> bool:
        """Whether a part of the answer is out."""
        return bool(self._status)

    def broken_off(self, error: WorkbayError) -> NoReturn:
        """A file could not be read on while it was sent. Whoever asked sees the connection end and knows that it is not whole."""
        log.error("answer_broken_off", request=self._request_id, where=self.where, error=type(error).__name__)
        raise error

    def hung_up(self) -> None:
        """Whoever asked is gone before their request was whole: every bad network does that, and it is no error of ours."""
        self._status = HUNG_UP

    def write(self) -> None:
        level = log.info if self.where.startswith("/api/") or self._status >= 500 else log.debug
        level(
            "request",
            method=self._scope["method"],
            where=self.where,
            status=self._status,
            bytes=self._bytes,
            ms=round((time.perf_counter() - self._started) * 1000, 1),
            request=self._request_id,
        )
