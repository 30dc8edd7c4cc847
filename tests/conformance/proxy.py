"""A proxy before a real server, which a wrong server uses to change requests, answers and events on their way.

Headers pass as they are, the Host too, so the server behind still knows which shop is meant. What is packed is unpacked for
the hooks and packed again.
"""

from __future__ import annotations

import copy
import gzip
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

NOT_PASSED = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Reply:
    """An answer on its way back; `body` is what the JSON says."""

    status: int
    headers: dict[str, str]
    body: Any


class Wrong:
    """A server that breaks `rule`. Its docstring says how. This one breaks nothing."""

    rule = ""
    path = "/api/sync"
    """What it changes: this path, and those below it."""
    bare = False
    """Whether it changes answers without a body in JSON too."""

    def asked(self, request: dict[str, Any]) -> dict[str, Any]:
        """A request on its way to the server."""
        return request

    def answered(self, request: dict[str, Any], reply: Reply) -> None:
        """An answer on its way to the client."""

    def event(self, block: str) -> str | None:
        """An event of the stream; None swallows it."""
        return block


@contextmanager
def standing(wrong: Wrong, url: str) -> Iterator[str]:
    """The address of the wrong server before the real one at `url`, for the length of the block."""

    class Handler(_Handler):
        hooks, target = wrong, urlsplit(url)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hooks: Wrong
    target: Any

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def do_DELETE(self) -> None:
        self._pass_on()

    def do_PATCH(self) -> None:
        self._pass_on()

    def do_HEAD(self) -> None:
        self._pass_on()

    def do_OPTIONS(self) -> None:
        self._pass_on()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the cases keep what was said."""

    def _pass_on(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mine = (self.path.partition("?")[0] + "/").startswith(self.hooks.path + "/")
        request = _read(raw) if mine and self.headers.get("Content-Encoding") != "gzip" else None
        if isinstance(request, dict):
            before, request = copy.deepcopy(request), self.hooks.asked(request)
            raw = raw if request == before else json.dumps(request).encode()
        upstream = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=90)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in NOT_PASSED}
        upstream.request(self.command, self.path, raw or None, headers)
        response = upstream.getresponse()
        if (response.getheader("content-type") or "").startswith("text/event-stream"):
            self._stream(response)
        else:
            self._answer(response, request, mine)
        response.close()
        upstream.close()

    def _answer(self, response: http.client.HTTPResponse, request: Any, mine: bool) -> None:
        raw, packed = response.read(), response.getheader("content-encoding") == "gzip"
        reply = Reply(
            response.status, dict(response.getheaders()), _read(gzip.decompress(raw) if packed else raw)
        )
        cookies = response.headers.get_all("Set-Cookie") or []
        if mine and (reply.body is not None or self.hooks.bare):
            before = copy.deepcopy(reply.body)
            self.hooks.answered(request if isinstance(request, dict) else {}, reply)
            if reply.body != before:
                raw = json.dumps(reply.body).encode()
                raw = gzip.compress(raw) if packed else raw
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            if name.lower() not in NOT_PASSED | {"set-cookie"}:
                self.send_header(name, value)
        for cookie in cookies:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _stream(self, response: http.client.HTTPResponse) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        block = ""
        with suppress(OSError, http.client.HTTPException, ValueError):
            for line in response:
                block += line.decode()
                if not line.strip():
                    told = self.hooks.event(block)
                    self.wfile.write((told or "").encode())
                    self.wfile.flush()
                    block = ""


def _read(raw: bytes) -> Any:
    """The JSON of a body, or None: what is none passes as it is."""
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None
