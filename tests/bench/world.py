"""The world that is measured: a PostgreSQL of its own with fsync, shops with people, and the server as production runs it.

All of it lies in a temporary folder and ends with the block. The server is a process of its own (`python -m server
serve`), with the settings of production, so that its log is what a shop's operator gets; the log goes to a file.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from server.cli.listen import bound
from server.cli.office import Office
from server.clock import SystemWorld
from server.db.embedded import EmbeddedPostgres, Urls
from server.db.migrate import migrate
from server.db.session import Database
from server.settings import Settings, new_secret_key
from tests.bench.client import Device, Place

ROOT = Path(__file__).resolve().parents[2]
PUBLIC_HOST = "bench.example"
PASSWORD = "a password for benches"
START_S = 60.0


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop and the tokens with which its people set their passwords."""

    id: UUID
    host: str
    links: list[str]


@dataclass(frozen=True, slots=True)
class World:
    """Everything that runs, and where."""

    urls: Urls
    shops: dict[str, Shop]
    place: Place
    bare: Place
    server_pid: int
    postgres_pid: int
    keys: str
    var: Path
    signed_in: dict[str, list[Device]] = field(default_factory=dict)

    async def devices(self, shop: str) -> list[Device]:
        """The people of a shop, each on a device of their own, signed in when first asked for."""
        if shop not in self.signed_in:
            found = self.shops[shop]
            place = Place(self.place.port, found.host)
            self.signed_in[shop] = [
                await Device.sign_in(place, kind="staff", link=link, password=PASSWORD)
                for link in found.links
            ]
        return self.signed_in[shop]


@asynccontextmanager
async def running(people: dict[str, list[str]], *, browser: bool = False) -> AsyncIterator[World]:
    """The world with a shop of each name, and people with these roles in each. For a browser the server is served as on a
    developer's machine, since production wants HTTPS."""
    with temporary_folder() as folder, EmbeddedPostgres(folder / "var") as urls:
        migrate(urls.owner, urls.app)
        keys = new_secret_key(SystemWorld())
        shops = await make_shops(urls, keys, people)
        with served(folder, urls, keys, browser=browser) as (port, pid), bare_route(folder) as bare:
            place, bare_place = Place(port, PUBLIC_HOST), Place(bare, PUBLIC_HOST)
            yield World(urls, shops, place, bare_place, pid, postmaster(folder / "var"), keys, folder / "var")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that the account of PostgreSQL may reach."""
    folder = Path(tempfile.mkdtemp(prefix="workbay-bench-"))
    folder.chmod(0o755)
    (folder / "var").mkdir(mode=0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def make_shops(urls: Urls, keys: str, people: dict[str, list[str]]) -> dict[str, Shop]:
    """Make the shops and their people through the store, as the command line does."""
    world = SystemWorld()
    database = await Database.open(urls.app, size=2)
    try:
        office = Office.over(database, Settings(secret_keys=keys), world)
        return {slug: await make_shop(office, slug, roles) for slug, roles in people.items()}
    finally:
        await database.close()


async def make_shop(office: Office, slug: str, roles: list[str]) -> Shop:
    shop = await office.make_shop(slug, slug.title())
    links = [
        await office.staff_link(shop, f"p{i}@{slug}.test", f"Person {i}", role)
        for i, role in enumerate(roles)
    ]
    return Shop(shop, f"{slug}.{PUBLIC_HOST}", links)


@contextmanager
def served(
    folder: Path, urls: Urls, keys: str, *, browser: bool = False, listen: str | None = None
) -> Iterator[tuple[int, int]]:
    """The server in a process of its own: its port and its process id. `listen`: the database past a pooler."""
    port = free_port()
    settings = {
        "PORT": str(port), "VAR": str(folder / "var"), "SECRET_KEYS": keys, "DEMO": "false",
        "DATABASE_URL": urls.app, "OWNER_DATABASE_URL": urls.owner,
    }  # fmt: skip
    if not browser:
        settings |= {"ENV": "production", "PUBLIC_URL": f"https://{PUBLIC_HOST}"}
    if listen is not None:
        settings["LISTEN_DATABASE_URL"] = listen
    words = [sys.executable, "-m", "server", "serve"]
    with process(words, folder / "server.log", settings) as started:
        wait_until_it_answers(started, f"http://127.0.0.1:{port}/healthz", folder / "server.log")
        yield port, started.pid


@contextmanager
def bare_route(folder: Path) -> Iterator[int]:
    """The trivial route of the same server stack: its port."""
    port = free_port()
    with process([sys.executable, "-m", "tests.bench.bare", str(port)], folder / "bare.log", {}) as started:
        wait_until_it_answers(started, f"http://127.0.0.1:{port}/", folder / "bare.log")
        yield port


@contextmanager
def process(words: list[str], log: Path, settings: dict[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    """A process with nothing of the caller's own settings; it is told to stop when the block ends."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("WORKBAY_")}
    given = {f"WORKBAY_{key}": value for key, value in settings.items()}
    with log.open("wb") as file:
        started = subprocess.Popen(
            words, cwd=ROOT, env={**kept, **given}, stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )
        try:
            yield started
        finally:
            started.terminate()
            started.wait(timeout=30)


def wait_until_it_answers(started: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    """Ask until there is an answer; a process that ended is told with its last words."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if started.poll() is not None:
            raise RuntimeError(f"It stopped before it served:\n{log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"No answer from {url} within {START_S:.0f} s:\n{log.read_text()[-2000:]}")


def free_port() -> int:
    with bound("127.0.0.1", 0) as made:
        return int(made.getsockname()[1])


def postmaster(var: Path) -> int:
    """The process id of the PostgreSQL under `var`, out of its own file."""
    file = next(var.rglob("postmaster.pid"))
    return int(file.read_text().splitlines()[0])
