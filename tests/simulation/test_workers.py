"""Workers and their Node processes end with whoever started them, in the middle of a seed too."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.postgres import PREFIX
from tests.simulation.workers import ROOT

# Starts a worker, lets it play a seed that takes hours, and waits to be killed.
PARENT = """
import sys
from tests.simulation.bridge import bundle
from tests.simulation.profile import Profile
from tests.simulation.workers import Worker

worker = Worker(sys.argv[1], bundle())
worker.play(1, Profile(edits=5))
worker.begin(2, Profile(edits=1_000_000, more={"restore": 0, "evict": 0}))
print(worker.pid, flush=True)
sys.stdin.read()
"""
WAIT_S = 30.0


def test_a_worker_and_its_node_process_end_when_who_started_them_is_killed() -> None:
    run_id = f"orphan{os.getpid()}"
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, run_id],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout
        worker = int(parent.stdout.readline())
        node = int(Path(f"/proc/{worker}/task/{worker}/children").read_text().split()[0])
        left = {os.pidfd_open(pid): pid for pid in (worker, node)}
        parent.send_signal(signal.SIGKILL)
    try:
        while left and (ended := select.select(list(left), [], [], WAIT_S)[0]):
            for descriptor in ended:
                os.close(descriptor)
                del left[descriptor]
        assert not left, f"still running: {sorted(left.values())}"
    finally:
        for pid in left.values():
            os.kill(pid, signal.SIGKILL)
    assert not (Path(tempfile.gettempdir()) / f"{PREFIX}{run_id}").exists(), "its database was left behind"
