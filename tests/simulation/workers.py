"""Plays many seeds side by side: each worker is a process of its own, with the PostgreSQL of the run and a Node of its own.

A worker is started anew for each planted bug, for what is planted stays in a process. Work goes out one seed at a time, so
that nobody waits for a slow one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import IO, cast

from tests.postgres import running
from tests.simulation.bridge import bundle
from tests.simulation.planting import Patch
from tests.simulation.played import Played
from tests.simulation.profile import Profile

ROOT = Path(__file__).resolve().parents[2]
Task = tuple[int, Profile]


class Worker:
    """A process that plays what it is told, one seed after the other."""

    def __init__(self, run_id: str, host: Path, patches: Iterable[Patch] = ()) -> None:
        words = json.dumps({"run": run_id, "host": str(host), "patches": [asdict(p) for p in patches]})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulation.worker", words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for who started it; a worker ends with that one, in order.
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def play(self, seed: int, profile: Profile) -> Played:
        self.begin(seed, profile)
        line = cast("IO[str]", self._process.stdout).readline()
        if not line:
            raise RuntimeError(f"a worker ended over seed {seed}")
        return Played.read(json.loads(line))

    def begin(self, seed: int, profile: Profile) -> None:
        """Let it play without waiting for what comes of it."""
        stdin = cast("IO[str]", self._process.stdin)
        stdin.write(json.dumps([seed, asdict(profile)]) + "\n")
        stdin.flush()

    def close(self) -> None:
        cast("IO[str]", self._process.stdin).close()
        self._process.wait(60)
        cast("IO[str]", self._process.stdout).close()


@contextmanager
def pool(jobs: int) -> Iterator[Pool]:
    """Workers that share one PostgreSQL and one bundle."""
    run_id = f"sim{os.getpid()}"
    with running(run_id):
        opened = Pool(run_id, jobs)
        try:
            yield opened
        finally:
            opened.close()


class Pool:
    """So many workers; `play` gives what came of tasks in the order in which they end."""

    def __init__(self, run_id: str, jobs: int) -> None:
        self.run_id, self.jobs = run_id, jobs
        self._host = bundle()
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        self._workers = [Worker(run_id, self._host) for _ in range(jobs)]
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(jobs)

    def play(self, tasks: Iterable[Task]) -> Iterator[Played]:
        under_way: set[Future[Played]] = set()
        waiting = iter(tasks)
        while True:
            while len(under_way) < self.jobs and (task := next(waiting, None)) is not None:
                under_way.add(self._threads.submit(self._one, *task))
            if not under_way:
                return
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for one in done:
                yield one.result()

    def _one(self, seed: int, profile: Profile) -> Played:
        worker = self._idle.get()
        try:
            return worker.play(seed, profile)
        finally:
            self._idle.put(worker)

    def planted(self, patches: Iterable[Patch], tasks: Iterable[Task]) -> Iterator[Played]:
        """Play tasks one after the other in a process with a bug planted."""
        patches = list(patches)
        typescript = [patch for patch in patches if not patch.file.endswith(".py")]
        worker = Worker(self.run_id, bundle(typescript) if typescript else self._host, patches)
        try:
            for task in tasks:
                yield worker.play(*task)
        finally:
            worker.close()

    def close(self) -> None:
        self._threads.shutdown()
        for worker in self._workers:
            worker.close()
