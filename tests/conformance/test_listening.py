"""Whoever stops listening is heard to hang up, also where the answer said `Connection: close`."""

import socket
import threading
import time
from typing import Any

import pytest

from tests.conformance.client import Door, Phone
from tests.conformance.listening import Listening

SIGNED = {"token": "t", "replica": "r", "epoch": "e", "principal": {"id": "me"}}
HANGS_UP_WITHIN_S = 4


@pytest.mark.parametrize("connection", ["close", "keep-alive"])
def test_a_listener_that_leaves_ends_its_stream(connection: str) -> None:
    heard: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_stream_until_they_hang_up, args=(server, connection, heard))
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with Listening(Phone(Door(url), "tech", SIGNED)) as stream:
            stream.wait("hello")
            leaving = time.monotonic()
        assert time.monotonic() - leaving < HANGS_UP_WITHIN_S
        assert stream.ended.is_set()
        thread.join(HANGS_UP_WITHIN_S)
        assert heard == [b""]


def _stream_until_they_hang_up(server: socket.socket, connection: str, heard: list[Any]) -> None:
    """Say hello, and then nothing until the other end is gone."""
    with server.accept()[0] as stream:
        stream.recv(65_536)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: {connection}\r\n"
        body = "event: hello\r\ndata: {}\r\n\r\n"
        chunk = f"{len(body):x}\r\n{body}\r\n"
        stream.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n{chunk}".encode())
        heard.append(stream.recv(1))
