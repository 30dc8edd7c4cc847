"""The app as served: `python -m server serve` as a process of its own, with its own `var/` and a free port.

Two of these on one `var/` are two server processes on one database. Used by the fixtures of this folder and by
`scripts/pictures`.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

from tests.browser.proxy import free_port

ROOT = Path(__file__).resolve().parents[2]
START_S = 90
STOP_S = 20
READY = "Ctrl-C stops it."


class Served:
    """One server process. `lines` is what it printed so far, `port` where it listens, `root` whose code it runs."""

    def __init__(self, var: Path, *, root: Path = ROOT, **settings: str) -> None:
        self.var = var
        self.root = root
        self.port = free_port()
        self.lines: list[str] = []
        self._settings = settings
        self._process = self._start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def printed(self) -> str:
        return "".join(self.lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask it to stop, as Ctrl-C does, and wait until it has."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=STOP_S)

    def kill(self) -> None:
        """As the system kills: at once, whatever it is doing."""
        self._process.kill()
        self._process.wait(timeout=STOP_S)

    def start_again(self) -> None:
        """Start on the same port and `var/` as before."""
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "serve"],
            cwd=self.root,
            env=environment(self.var, WORKBAY_PORT=str(self.port), **self._settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._wait_until_ready(process)
        return process

    def _wait_until_ready(self, process: "subprocess.Popen[str]") -> None:
        """Return when it has printed its last line, which it does when it answers."""
        heard: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._hear, args=(process, heard), daemon=True).start()
        while (line := heard.get(timeout=START_S)) is not None:
            if READY in line:
                return
        process.wait(timeout=STOP_S)
        raise AssertionError(f"The server stopped before it served:\n{self.printed}")

    def _hear(self, process: "subprocess.Popen[str]", heard: "queue.Queue[str | None]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.lines.append(line)
                heard.put(line)
        heard.put(None)


def environment(var: Path, **settings: str) -> dict[str, str]:
    """The environment for a server of a test: nothing of the caller's own settings, its own `var/`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("WORKBAY_")}
    return {**kept, "WORKBAY_VAR": str(var), "PYTHONUNBUFFERED": "1", **settings}


def workbay(var: Path, port: int, *words: str) -> str:
    """Run one `workbay` command on the same `var/`, for a shop that is found at `port`; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "server", *words],
        cwd=ROOT,
        env=environment(var, WORKBAY_PORT=str(port)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"workbay {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout
