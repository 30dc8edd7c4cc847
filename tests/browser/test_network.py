"""The journeys' own tools: a cut network is cut, and a killed browser keeps its profile.

A journey that passed because its proxy let everything through would prove nothing, so these run first.
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Playwright

from tests.browser.chromium import PHONE, Device
from tests.browser.proxy import Proxy


class Hello(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked += 1  # type: ignore[attr-defined]
        body = b"<title>Hello</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hello() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    server.daemon_threads = True
    server.asked = 0  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def network(hello: ThreadingHTTPServer) -> Iterator[Proxy]:
    proxy = Proxy(hello.server_address[1])
    yield proxy
    proxy.close()


def ask(proxy: Proxy) -> bytes:
    with urlopen(f"http://127.0.0.1:{proxy.port}/", timeout=1) as answer:
        return bytes(answer.read())


def test_it_passes_requests_on_and_back(network: Proxy) -> None:
    assert b"Hello" in ask(network)


def test_refused_means_nobody_answers_until_restored(network: Proxy) -> None:
    network.refuse()
    with pytest.raises(OSError):
        ask(network)
    network.restore()
    assert b"Hello" in ask(network)


def test_a_black_hole_takes_requests_and_gives_nothing(network: Proxy, hello: ThreadingHTTPServer) -> None:
    network.blackhole()
    with pytest.raises(OSError):
        ask(network)
    assert hello.asked == 0  # type: ignore[attr-defined]
    network.restore()
    assert b"Hello" in ask(network)


def test_a_dropped_answer_was_a_request_that_arrived(network: Proxy, hello: ThreadingHTTPServer) -> None:
    network.drop_answers()
    with pytest.raises(OSError):
        ask(network)
    assert hello.asked == 1  # type: ignore[attr-defined]


def test_a_killed_browser_keeps_what_was_stored(
    playwright: Playwright, network: Proxy, tmp_path: Path
) -> None:
    """Killed with SIGKILL by its pid and started again, the profile has what a strict transaction wrote."""
    device = Device(playwright, tmp_path / "profile", PHONE)
    page = device.open(f"http://localhost:{network.port}/")
    page.evaluate(WRITE)
    device.kill()
    page = device.open(f"http://localhost:{network.port}/")
    assert page.evaluate(READ) == "kept"
    device.close()


OPEN = """const db = await new Promise((done, fail) => {
  const asked = indexedDB.open("t", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("s");
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => fail(asked.error);
});"""
WRITE = f"""async () => {{ {OPEN}
  const work = db.transaction("s", "readwrite", {{ durability: "strict" }});
  work.objectStore("s").put("kept", "k");
  await new Promise((done) => {{ work.oncomplete = done; }});
}}"""
READ = f"""async () => {{ {OPEN}
  const asked = db.transaction("s").objectStore("s").get("k");
  return new Promise((done) => {{ asked.onsuccess = () => done(asked.result); }});
}}"""
