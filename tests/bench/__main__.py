"""`scripts/bench [sync] [phone] [scale] [machines] [media] [--json] [--quick] [--only a,b] [--set name=value]`: what is printed, and what is measured in which order."""

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable

from server.cli.listen import _loop_factory
from tests.bench import machines, media, scale, scale_sizes, sync
from tests.bench.figures import HEADING, Cost, Figure

PARTS = ("sync", "phone", "scale", "machines", "media")


def main() -> int:
    wanted = arguments()
    # Whoever is told to stop by SIGTERM ends as by Ctrl-C, so that nothing that was started stays behind.
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    tell = print_lines if wanted.json else print_row
    if not wanted.json:
        print(HEADING, flush=True)
    try:
        for part in wanted.parts:
            RUN[part](wanted, tell)
    except KeyboardInterrupt:
        return 130
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure Workbay on this machine.")
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="part",
        help="sync, phone, scale, machines, media; the first two when none is named",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that everything works")
    parser.add_argument(
        "--only", default="", help="of sync, scale or media some figures only, for instance push,incremental"
    )
    parser.add_argument(
        "--set", action="append", default=[], help="of scale another size, for instance shops=1,20"
    )
    wanted = parser.parse_args()
    wanted.only = set(filter(None, wanted.only.split(",")))
    wanted.parts = wanted.parts or (["sync"] if wanted.only else ["sync", "phone"])
    figures = {"scale": scale.PARTS, "media": media.PARTS}.get(wanted.parts[0], sync.PARTS)
    for what, said, known in (("part", wanted.parts, PARTS), ("figure", wanted.only, figures)):
        if unknown := set(said) - set(known):
            parser.error(f"there is no {what} {unknown.pop()}: choose from {', '.join(known)}")
    return wanted


def print_lines(found: Figure | Cost) -> None:
    print(*found.lines(), sep="\n", flush=True)


def print_row(found: Figure | Cost) -> None:
    print(found.row(), flush=True)


def measure_sync(wanted: argparse.Namespace, tell: Callable[[Figure | Cost], None]) -> None:
    sizes = sync.QUICK if wanted.quick else sync.Sizes()
    # The client holds what a hundred phones hold; its collector going through all that would be measured as the server's.
    gc.disable()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(sync.measure(wanted.only, sizes, tell))


def measure_phone(wanted: argparse.Namespace, tell: Callable[[Figure | Cost], None]) -> None:
    from tests.bench import phone

    phone.run(quick=wanted.quick, found=tell)


def measure_scale(wanted: argparse.Namespace, tell: Callable[[Figure | Cost], None]) -> None:
    sizes = scale_sizes.changed(scale_sizes.QUICK if wanted.quick else scale_sizes.Sizes(), wanted.set)
    gc.disable()
    for name, part in scale.PARTS.items():
        if not wanted.only or name in wanted.only:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(part(sizes, tell))


def measure_machines(wanted: argparse.Namespace, tell: Callable[[Figure | Cost], None]) -> None:
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(machines.measure(quick=wanted.quick, found=tell))


def measure_media(wanted: argparse.Namespace, tell: Callable[[Figure | Cost], None]) -> None:
    # Playwright starts processes, which uvloop's child watcher does not let it.
    with asyncio.Runner() as runner:
        runner.run(media.measure(wanted.only, quick=wanted.quick, found=tell))


RUN = {
    "sync": measure_sync,
    "phone": measure_phone,
    "scale": measure_scale,
    "machines": measure_machines,
    "media": measure_media,
}

if __name__ == "__main__":
    sys.exit(main())
