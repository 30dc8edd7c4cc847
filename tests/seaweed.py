"""A real S3 server for a run of tests: SeaweedFS on free ports of this machine, with its files in a folder that goes with it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

BUCKET = "workbay-test"
KEYS = {"AWS_ACCESS_KEY_ID": "workbay", "AWS_SECRET_ACCESS_KEY": "workbay-secret"}
READY_S = 60.0
PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
)
OFF = (
    "-master.telemetry=false",
    "-webdav=false",
    "-admin.ui=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
)
IDENTITY = {
    "name": "workbay",
    "credentials": [
        {"accessKey": KEYS["AWS_ACCESS_KEY_ID"], "secretKey": KEYS["AWS_SECRET_ACCESS_KEY"]},
    ],
    "actions": ["Admin", "Read", "Write", "List", "Tagging"],
}


@dataclass(frozen=True, slots=True)
class Seaweed:
    """The running server; its credentials are `KEYS`, to be put into the environment."""

    port: int

    def url(self, prefix: str = "") -> str:
        """The setting WORKBAY_BLOBS_URL for a prefix of the bucket."""
        return f"s3://{BUCKET}/{prefix}?endpoint=http://127.0.0.1:{self.port}&region=us-east-1"


@contextmanager
def running() -> Iterator[Seaweed]:
    """Start it, wait until it serves the bucket, and end it after."""
    folder = Path(tempfile.mkdtemp(prefix="workbay-s3-"))
    ports = free_ports(len(PORTS))
    process = _start(folder, dict(zip(PORTS, ports, strict=True)))
    try:
        seaweed = Seaweed(ports[PORTS.index("s3.port")])
        _wait_until_ready(seaweed, process, folder / "log")
        yield seaweed
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder)


def _start(folder: Path, ports: dict[str, int]) -> subprocess.Popen[bytes]:
    (folder / "data").mkdir()
    (folder / "s3.json").write_text(json.dumps({"identities": [IDENTITY]}))
    words = [
        str(Path(sysconfig.get_path("scripts")) / "weed"),
        "mini",
        f"-dir={folder / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-bucket={BUCKET}",
        f"-s3.config={folder / 's3.json'}",
        f"-s3.localSocket={folder / 's3.sock'}",
        f"-filer.localSocket={folder / 'filer.sock'}",
        *OFF,
        *(f"-{name}={port}" for name, port in ports.items()),
    ]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(words, cwd=folder, stdout=log, stderr=log, env={**os.environ, **KEYS})


def _wait_until_ready(seaweed: Seaweed, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it keeps a file and hands it out again: its parts come up one after the other."""
    from datetime import timedelta

    import obstore
    from obstore.store import S3Store

    store = S3Store(
        BUCKET,
        endpoint=f"http://127.0.0.1:{seaweed.port}",
        access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        client_options={"allow_http": True},
        retry_config={"max_retries": 1000, "retry_timeout": timedelta(seconds=READY_S)},
    )
    obstore.put(store, "ready", b"yes", use_multipart=False)
    assert process.poll() is None, log.read_text(errors="replace")
    obstore.delete(store, "ready")


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
