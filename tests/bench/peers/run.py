"""`scripts/bench peers --harness PATH [peer …]`: the peers harness with Workbay as one more peer, all in one go.

The peers harness is a folder of its own, with its README: six workloads, written once, against the systems a user would pick
instead. This copies it to a folder for work, puts Workbay's adapter beside the others, gets what the named peers want (their
packages from npm, the harness's own from PyPI, a Node of version 24), runs every workload, and prints the table. The folder
stays, so that the next run gets nothing again; results are appended, and `--table` prints what there is.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.peers.table import markdown

ROOT = Path(__file__).resolve().parents[3]
ADAPTER = Path(__file__).with_name("workbay")
WORKLOADS = ("W1", "W2", "W3", "W4", "W5", "W6")
# What the harness's own README asks for: the store that does not crash, a batch that fits a body limit.
WORDS = {"triplit": ["--variant", "lmdb"], "rxdb": ["--batch", "50"]}
NODE = "24"


def main() -> int:
    wanted = arguments()
    work: Path = wanted.work
    results = work / "results.jsonl"
    if wanted.table:
        print(markdown(read(results)))
        return 0
    work.mkdir(parents=True, exist_ok=True)
    # PostgreSQL runs as another user below it.
    work.chmod(0o755)
    harness = copied(wanted.harness, work)
    environment = prepared(harness, work)
    installed(harness, environment, wanted.peers, work)
    for peer in wanted.peers:
        for workload in wanted.only:
            measure(harness, environment, peer, workload, wanted, results)
    print(markdown(read(results)))
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench peers", description="Run the peers harness with Workbay in it."
    )
    parser.add_argument(
        "peers", nargs="*", metavar="peer", help="those of the harness; workbay when none is named"
    )
    parser.add_argument("--harness", type=Path, help="the folder of the peers harness")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "workbay-peers")
    parser.add_argument("--only", default=",".join(WORKLOADS), help="workloads, for instance W1,W6")
    parser.add_argument("--n", type=int, default=10_000, help="records of W1 to W3")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=10, help="how long W4 goes on")
    parser.add_argument("--retries", type=int, default=2, help="repeats of a run that others disturbed")
    parser.add_argument("--limit", type=float, default=400, help="seconds after which one run is given up")
    parser.add_argument(
        "--table", action="store_true", help="measure nothing, print the table of what was measured"
    )
    wanted = parser.parse_args()
    wanted.only = wanted.only.split(",")
    wanted.peers = wanted.peers or ["workbay"]
    if not wanted.table and not (wanted.harness and (wanted.harness / "run_peer.py").exists()):
        parser.error("--harness must name the folder of the peers harness, where run_peer.py is")
    return wanted


def copied(harness: Path, work: Path) -> Path:
    """The harness with Workbay's adapter among its peers, in a folder that may be written to."""
    copy = work / "harness"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(harness, copy, copy_function=shutil.copyfile)
    shutil.copytree(ADAPTER, copy / "peers" / "workbay", copy_function=shutil.copyfile)
    return copy


def prepared(harness: Path, work: Path) -> dict[str, str]:
    """The environment in which harness and peers run, made when it is not there: its Python, its Node."""
    if not (work / "venv" / "made").exists():
        call([sys.executable, "-m", "venv", str(work / "venv")])
        # pkg_resources, which an old peer imports, is in setuptools no longer.
        pip = [str(work / "venv" / "bin" / "pip"), "install", "-q"]
        call([*pip, "-r", str(harness / "requirements.txt"), "setuptools<81"])
        (work / "venv" / "made").touch()
    node = work / "node" / "node_modules" / "node" / "bin"
    if not (node / "node").exists():
        (work / "node").mkdir(exist_ok=True)
        call(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(work / "node"), f"node@{NODE}"])
    return {
        **os.environ,
        "PATH": f"{node}{os.pathsep}{os.environ['PATH']}",
        "PEERS_NODE": os.environ.get("PEERS_NODE", str(node / "node")),
        "PEERS_NPM": shutil.which("npm") or "npm",
        "PEERS_WORK": str(work / "peers"),
        "WORKBAY_ROOT": str(ROOT),
        "WORKBAY_PYTHON": sys.executable,
    }


def installed(harness: Path, environment: dict[str, str], peers: list[str], work: Path) -> None:
    """The packages of each peer that are not there yet; Workbay needs none of its own."""
    names = {peer.partition(":")[0] for peer in peers} - {"workbay"}
    lacking = [p for p in sorted(names) if not (work / "peers" / "npm" / p / "node_modules").exists()]
    if lacking:
        call([str(work / "venv" / "bin" / "python"), str(harness / "install.py"), *lacking], environment)


def measure(
    harness: Path,
    environment: dict[str, str],
    peer: str,
    workload: str,
    wanted: argparse.Namespace,
    results: Path,
) -> None:
    python = harness.parent / "venv" / "bin" / "python"
    peer, _, variant = peer.partition(":")
    words = ["--peer", peer, "--workload", workload, "--runs", str(wanted.runs), "--limit", str(wanted.limit)]
    if workload in ("W1", "W2", "W3"):
        words += ["--n", str(wanted.n)]
    words += ["--seconds", str(wanted.seconds), "--retry-noisy", str(wanted.retries), "--out", str(results)]
    words += ["--variant", variant] if variant else WORDS.get(peer, [])
    call([str(python), str(harness / "run_peer.py"), *words], environment, cwd=harness)


def call(words: list[str], environment: dict[str, str] | None = None, cwd: Path | None = None) -> None:
    subprocess.run(words, env=environment, cwd=cwd, check=True)


def read(results: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in results.read_text().splitlines()]


if __name__ == "__main__":
    sys.exit(main())
