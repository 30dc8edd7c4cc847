"""`workbay serve` as a process: two on one database, over HTTPS for phones, and stopped without cutting anybody off."""

import os
import queue
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from server.db.embedded import Urls
from tests.conftest import SECRET_KEYS

READY_S, STOP_S = 60, 30
LAST_LINE = "Ctrl-C stops it."


class Serving:
    """One server process; `said` is what it printed until it was ready, and `said_last` all of it."""

    def __init__(self, environment: dict[str, str], words: tuple[str, ...]) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server", "serve", "--port", "0", *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.said = self._until_ready()

    def url(self, scheme: str = "http", host: str = r"localhost") -> str:
        found = re.search(rf"{scheme}://{host}:\d+", self.said)
        assert found, self.said
        return found[0]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(STOP_S)
        self._reader.join()
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self._lines.put(line)
        self._lines.put("")

    def _until_ready(self) -> str:
        said = ""
        while LAST_LINE not in said:
            line = self._lines.get(timeout=READY_S)
            assert line, f"it stopped before it served:\n{said}"
            said += line
        return said


Start = Callable[..., Serving]


@pytest.fixture
def start(database_urls: Urls, tmp_path: Path) -> Iterator[Start]:
    """Starts servers on the fresh database, and ends those that are left."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKBAY_")}
    environment = kept | {
        "WORKBAY_VAR": str(tmp_path),
        "WORKBAY_DATABASE_URL": database_urls.app,
        "WORKBAY_OWNER_DATABASE_URL": database_urls.owner,
        "WORKBAY_SECRET_KEYS": SECRET_KEYS,
        "WORKBAY_DEMO": "false",
        "PYTHONUNBUFFERED": "1",
    }
    started: list[Serving] = []

    def make(*words: str) -> Serving:
        started.append(Serving(environment, words))
        return started[-1]

    yield make
    for serving in started:
        serving.close()


def _sign_in(client: httpx.Client, serving: Serving) -> None:
    """The first admin's way in, as printed: the link sets a password and signs in."""
    token = serving.said.partition("/login#")[2].split()[0]
    body = {
        "kind": "staff",
        "link": token,
        "password": "a long enough one",
        "device": {"name": "test"},
        "token": True,
    }
    answer = client.post("/api/session", json=body)
    assert answer.status_code == 201, answer.text
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"


def test_two_processes_serve_one_database_and_stop_while_somebody_listens(start: Start) -> None:
    first = start()
    assert "A new, empty shop" in first.said
    with httpx.Client(base_url=first.url()) as client:
        _sign_in(client, first)
        second = start()
        assert "A new, empty shop" not in second.said
        known = client.get(f"{second.url()}/api/session")
        assert known.json()["principal"]["role"] == "admin"
        with client.stream("GET", "/api/sync/live") as live:
            assert live.headers["content-type"].startswith("text/event-stream")
            assert first.stop(signal.SIGINT) == 0
    assert second.stop(signal.SIGTERM) == 0


def test_phones_are_served_over_https_and_told_how_to_trust_it(start: Start, tmp_path: Path) -> None:
    serving = start("--lan")
    number = r"[0-9.]+"
    with httpx.Client() as plain:
        assert "Android" in plain.get(serving.url("http", number)).text
        authority = plain.get(f"{serving.url('http', number)}/ca.crt").text
        assert plain.get(f"{serving.url()}/healthz").json()["status"] == "ok"
    trusting = ssl.create_default_context(cadata=authority)
    with httpx.Client(verify=trusting) as secure:
        answer = secure.get(f"{serving.url('https', number)}/healthz")
        assert answer.json()["database"] is True
    assert serving.stop() == 0
