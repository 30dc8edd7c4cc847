"""`python -m tests.chaos.launch SOCKET`: starts real servers quickly, by forking a process that has imported everything.

A start costs two seconds of imports otherwise, and a lane that kills a hundred servers would do nothing else. What is
forked runs the command line itself (`server.cli.main.run`) in a process of its own. It differs from `python -m server`
in what the test asked for: a trap at a named point (see `points`), or a clock that is wrong by what a file says.

An order is a line of JSON with the end of a pipe beside it, which becomes the output of the server. The server first says
its process id there, and the pipe ends when it is gone.
"""

import ctypes
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

ORDER_BYTES_MAX = 65_536
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Take orders until the test hangs up."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    import uvloop  # noqa: F401

    import server.app
    import server.cli.first_run
    import server.cli.main
    import server.cli.serve
    import server.demo.make  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # The system buries the children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        text, files, _, _ = socket.recv_fds(orders, ORDER_BYTES_MAX, 1)
        if not text:
            return
        if os.fork() == 0:
            orders.close()
            _become(json.loads(text), files[0])
        os.close(files[0])


def _become(order: dict[str, Any], output: int) -> None:
    """Run the command line in this process, and end it as the interpreter would."""
    os.setsid()
    _end_with_the_launcher()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)
    sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1, closefd=False)
    print(f"chaos: pid {os.getpid()}")
    os.environ.clear()
    os.environ.update(order["environment"])
    if order["trap"] is not None:
        from tests.chaos.points import set_trap

        set_trap(*order["trap"])
    if order["clock"] is not None:
        _go_wrong(Path(order["clock"]))
    code = 70
    try:
        from server.cli.main import run

        code = run(order["words"])
    finally:
        print(f"chaos: code {code}")
        os._exit(code)


def _end_with_the_launcher() -> None:
    """A lane that is killed hangs up on the launcher, and its servers go with it: by SIGKILL, for one may be stopped."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _go_wrong(file: Path) -> None:
    """Let the machine's clock be wrong by as many seconds as the file says."""
    from server.clock import SystemWorld

    def now_ms(_: SystemWorld) -> int:
        return time.time_ns() // 1_000_000 + 1000 * int(file.read_text())

    SystemWorld.now_ms = now_ms  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    main()
