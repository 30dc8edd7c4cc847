"""The lanes of `scripts/test`: what each runs, and how its tests are counted.

A lane is a list of steps. A step that is no test runner (a linter, a type checker) counts as one test. A skipped test counts as
failed: a lane that could not look has not seen that all is well.
"""

import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import _setup

BIN = _setup.VENV / "bin"
TYPED_TESTS = (
    "tests/conftest.py",
    "tests/postgres.py",
    "tests/worlds.py",
    "tests/server/db",
    "tests/server/web",
    "tests/server/cli",
    "tests/browser",
    "tests/chaos",
)
PASSED_IN_NODE = re.compile(r"^\S pass (\d+)$", re.MULTILINE)
FAILED_IN_NODE = re.compile(r"^\S (?:fail|cancelled|skipped|todo) (\d+)$", re.MULTILINE)

LANES = ("lint", "python", "pwa", "browser", "simulation", "chaos", "conformance", "isolation")
NEEDS = {
    "lint": {"python": True, "node": True},
    "python": {"python": True, "node": True, "clamd": True},
    "pwa": {"python": True, "node": True},
    "browser": {"python": True, "pwa": True, "browser": True},
    "simulation": {"python": True, "node": True},
    "chaos": {"python": True, "chaos": True},
    "conformance": {"python": True},
    "isolation": {"python": True},
}


class Count:
    """How many tests passed and failed, and the names of the steps that failed."""

    def __init__(self, passed=0, failed=0, troubles=()):
        self.passed, self.failed, self.troubles = passed, failed, list(troubles)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.troubles += other.troubles


def run_lane(lane, words):
    """Run all steps of a lane, also when one fails, so that one run tells everything; `words` go to pytest."""
    total = Count()
    for step in STEPS[lane](words):
        total.add(step())
    return total


def lint(_words):
    """Form, types, arrows, and files that are computed from others."""
    return [
        command("ruff check", [BIN / "ruff", "check", "."]),
        command("ruff format", [BIN / "ruff", "format", "--check", "."]),
        command("mypy", [BIN / "mypy"]),
        command("mypy of the shared fixtures", [BIN / "mypy", *existing(TYPED_TESTS)]),
        command("import-linter", [BIN / "lint-imports", "--no-cache"]),
        command("generated files", [_setup.PYTHON, _setup.ROOT / "scripts" / "generate", "--check"]),
        command("biome", ["npm", "run", "--silent", "lint"], _setup.PWA),
        command("tsc", ["npm", "run", "--silent", "check"], _setup.PWA),
    ]


def python(words):
    """The core with every branch of it, the server on a real PostgreSQL, and the house."""
    beside = ["-n", "2", "--dist", "worksteal"]
    if any(word.startswith("tests/") for word in words):
        return [lambda: pytest([*beside, *words])]
    whole = ["--cov=sync", "--cov-branch", "--cov-fail-under=100", "--cov-report=term-missing:skip-covered"]
    return [
        lambda: pytest([*beside, *whole, "tests/sync", *words]),
        lambda: pytest([*beside, "tests/server", "tests/house", *words]),
    ]


def pwa(words):
    """The replica core under Node."""
    return [lambda: node(words)]


def browser(words):
    """The journeys in Chromium, against the app as served; each worker has a server and shops of its own."""
    return [lambda: pytest(["-n", "2", "--dist", "worksteal", *chosen(words, "tests/browser")])]


def chaos(words):
    """Real processes, killed and cut, on a PostgreSQL with fsync; `--kills N` for more of them. They mostly wait, so there are
    more workers than cores, and the order in which they begin is that of `tests/chaos/conftest.py`."""
    shared = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
    return [lambda: pytest([*shared, *chosen(words, "tests/chaos")])]


def conformance(words):
    """Every rule as a case against our own server, from documents alone, and wrong servers that must be found out."""
    return [lambda: pytest(["-n", "2", "--dist", "loadfile", *chosen(words, "tests/conformance")])]


def isolation(words):
    """Every table, route and role of two shops, and each guard against a leak taken away alone."""
    return [lambda: pytest(["-n", "2", "--dist", "worksteal", *chosen(words, "tests/isolation")])]


def simulation(words):
    """Shops from seeds, held to the promises; then the bugs planted on purpose, each to be found."""
    simulate = [_setup.PYTHON, "-m", "tests.simulation"]
    return [
        lambda: pytest(chosen(words, "tests/simulation")),
        command("50 seeds", [*simulate, "--seeds", "50", "--edits", "1010", "--score"]),
        # Twice the minute that is aimed at: a busy machine is slower, and the seconds of each are printed.
        command("planted bugs", [*simulate, "--planted", "--seconds", "120"]),
    ]


STEPS = {
    "lint": lint,
    "python": python,
    "pwa": pwa,
    "browser": browser,
    "simulation": simulation,
    "chaos": chaos,
    "conformance": conformance,
    "isolation": isolation,
}


def command(name, words, cwd=_setup.ROOT):
    """A step that passes when its program does."""

    def step():
        print(f"  {name} …", flush=True)
        code = subprocess.run([str(word) for word in words], cwd=cwd, check=False).returncode
        return Count(passed=1) if code == 0 else Count(failed=1, troubles=[name])

    return step


def pytest(words):
    """Run pytest and count by the report it writes for machines."""
    folder = Path(tempfile.mkdtemp(prefix="workbay-report-"))
    report = folder / "report.xml"
    arguments = [_setup.PYTHON, "-m", "pytest", "--junitxml", report, "-ra", *words]
    code = subprocess.run([str(word) for word in arguments], cwd=_setup.ROOT, check=False).returncode
    count = Count() if not report.exists() else count_junit(report)
    report.unlink(missing_ok=True)
    folder.rmdir()
    if code != 0 and count.failed == 0:
        count.add(Count(failed=1, troubles=[f"pytest ended with the code {code}"]))
    return count


def count_junit(report):
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    passed = failed = 0
    for suite in suites:
        bad = sum(int(suite.get(kind, 0)) for kind in ("failures", "errors", "skipped"))
        failed += bad
        passed += int(suite.get("tests", 0)) - bad
    return Count(passed, failed, [f"{failed} tests"] if failed else [])


def node(words):
    """Run the PWA's tests and count by the summary that node prints."""
    process = subprocess.Popen(
        ["npm", "test", "--silent", "--", *words],
        cwd=_setup.PWA,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=dict(os.environ, NODE_OPTIONS="--test-reporter=spec"),  # It repeats at the end what failed.
    )
    said = []
    for line in process.stdout:
        print(line, end="", flush=True)
        said.append(line)
    code = process.wait()
    text = "".join(said)
    passed = sum(map(int, PASSED_IN_NODE.findall(text)))
    failed = sum(map(int, FAILED_IN_NODE.findall(text)))
    if code != 0 and failed == 0:
        failed = 1
    return Count(passed, failed, [f"{failed} tests"] if failed else [])


def chosen(words, *places):
    """The words for pytest: with the lane's own folders, unless they name something to run themselves."""
    named = any(word.startswith("tests/") for word in words)
    return [*words] if named else [*existing(places), *words]


def existing(places):
    """Without folders that are not there, so that a lane can run while a part is still being made."""
    return [place for place in places if (_setup.ROOT / place).exists()]
