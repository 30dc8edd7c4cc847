"""A real virus scanner for a run of tests: clamd on a Unix socket, that knows one signature, written here.

It is the one on the path or the one that `scripts/_setup.py` unpacked into `var/clamav`. The signature is that of the EICAR test
file, which every scanner finds and which harms nobody, so no database of viruses is fetched.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNPACKED = ROOT / "var" / "clamav"
READY_S = 60.0
NAME = "Workbay.Test.Eicar"
# In two halves, so that a scanner on the machine of whoever works here leaves this file alone.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
STREAM_BYTES_MAX = 2_000_000

CONFIGURATION = """
LocalSocket {folder}/clamd.sock
PidFile {folder}/clamd.pid
LogFile {folder}/clamd.log
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
Foreground yes
AlertExceedsMax yes
MaxRecursion 10
StreamMaxLength {stream}
SelfCheck 0
"""


@dataclass
class Clamd:
    """The scanner; it can be killed and started again at the same address."""

    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def socket(self) -> Path:
        return self.folder / "clamd.sock"

    @property
    def url(self) -> str:
        """The setting WORKBAY_CLAMD_URL."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.socket.unlink(missing_ok=True)
        program, environment = found()
        self.process = subprocess.Popen(
            [program, f"--config-file={self.folder / 'clamd.conf'}"],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait()

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
        self.socket.unlink(missing_ok=True)

    def freeze(self) -> None:
        """Let it hang: it still takes connections, and says nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def _wait(self) -> None:
        """Until it says PONG. It makes its socket when it has read its signatures, so its log is looked at for nothing."""
        assert self.process is not None
        ends = os.times().elapsed + READY_S
        while os.times().elapsed < ends:
            if self.process.poll() is not None:
                break
            if self.socket.exists() and ping(self.socket):
                return
            try:
                self.process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        log = self.folder / "clamd.log"
        raise AssertionError(
            "clamd does not answer: " + (log.read_text() if log.exists() else "it wrote no log")
        )


def ping(address: Path) -> bool:
    """Whether a clamd answers there."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(READY_S)
            connection.connect(str(address))
            connection.sendall(b"zPING\0")
            return connection.recv(16) == b"PONG\0"
    except OSError:
        return False


def found() -> tuple[str, dict[str, str]]:
    """The program and its environment; a sentence where there is none."""
    if program := shutil.which("clamd"):
        return program, dict(os.environ)
    program = str(UNPACKED / "usr" / "sbin" / "clamd")
    assert os.access(program, os.X_OK), (
        "clamd was not found: run `scripts/test python` once, or install it (on Debian: apt-get install clamav-daemon)."
    )
    libraries = {str(path.parent) for path in UNPACKED.glob("usr/lib/*/libclamav.so.*")}
    return program, dict(os.environ, LD_LIBRARY_PATH=":".join(sorted(libraries)))


@contextmanager
def running(stream_bytes_max: int = STREAM_BYTES_MAX) -> Iterator[Clamd]:
    """A scanner of its own, in a folder that goes with it."""
    # Not below the test's own folder, whose path is too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="workbay-clamd-"))
    signatures = folder / "signatures"
    signatures.mkdir()
    (signatures / "test.ndb").write_text(f"{NAME}:0:*:{EICAR.hex()}\n")
    configuration = CONFIGURATION.format(folder=folder, stream=stream_bytes_max)
    (folder / "clamd.conf").write_text(configuration)
    clamd = Clamd(folder)
    try:
        clamd.start()
        yield clamd
    finally:
        clamd.kill()
        shutil.rmtree(folder)
