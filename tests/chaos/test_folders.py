"""What a killed run left is removed by the next one, and what somebody still works on is not."""

import subprocess
import sys
from pathlib import Path

from server.db.postmaster import runs
from tests.browser.serving import ROOT
from tests.chaos.folders import clean_up_after_killed_runs, folder

A_RUN = """
import sys
from server.db.embedded import EmbeddedPostgres
from tests.chaos.folders import folder
with folder() as made:
    EmbeddedPostgres(made / "var").start()
    print(made, flush=True)
    sys.stdin.read()
"""


def test_a_folder_goes_with_its_database_when_its_owner_was_killed() -> None:
    words = [sys.executable, "-c", A_RUN]
    with (
        folder() as mine,
        subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run,
    ):
        assert run.stdout is not None
        made = Path(run.stdout.readline().strip())
        data = made / "var" / "postgres" / "data"
        clean_up_after_killed_runs()
        assert runs(data), "somebody works on it"
        run.kill()
        run.wait()
        assert runs(data), "a killed process does not take the database with it"
        postmaster = int((data / "postmaster.pid").read_text().splitlines()[0])
        clean_up_after_killed_runs()
        assert not made.exists()
        assert not Path(f"/proc/{postmaster}").exists() or _is_zombie(postmaster)
        assert mine.exists()


def _is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
