"""`scripts/bench machines`: more than one process for real, as docs/operating.md describes it, on one machine.

Two `serve` processes in production settings, each with its database through PgBouncer (transaction pooling) and its listening
connection past it, and nginx before both, unbuffered. Then twenty phones work through the proxy, and one edit is followed from one
process to a phone on the other. Without PgBouncer and nginx on the path it says so and measures nothing.
"""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from server.clock import SystemWorld
from server.db.embedded import EmbeddedPostgres, Urls
from server.db.migrate import migrate
from server.settings import new_secret_key
from tests.bench import orders
from tests.bench.client import Connection, Device, Place
from tests.bench.figures import Cost, Figure, quantile
from tests.bench.fill import fill
from tests.bench.sync import together
from tests.bench.world import (
    PASSWORD,
    free_port,
    make_shops,
    process,
    served,
    temporary_folder,
    wait_until_it_answers,
)

PHONES = 20
PROCESSES = ("one", "two")
SHOP = "floor"
HEARD_S = 5.0
POOLER = """[databases]
{database} = host={socket} port={port} dbname={database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = plain
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 10
max_client_conn = 200
"""
PROXY = """pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
daemon off;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream workbay {{ {servers} keepalive 64; }}
  server {{
    listen 127.0.0.1:{own};
    client_max_body_size 2m;
    location / {{
      proxy_pass http://workbay;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
    }}
    location = /api/sync/live {{
      proxy_pass http://workbay;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_buffering off;
      proxy_read_timeout 1h;
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Machines:
    """What runs: the processes' own ports, the proxy's, the shop's links."""

    processes: list[int]
    proxy: int
    host: str
    links: list[str]


async def measure(*, quick: bool, found: Callable[[Figure | Cost], None]) -> None:
    async with running() as machines:
        phones = await signed_in(machines)
        ids = await fill(phones[0], 100 if quick else 500)
        for phone in phones:
            await phone.catch_up()
        seconds = 2.0 if quick else 10.0
        ended = await together(phones, ids, seconds)
        took = [each * 1000 for _, each in ended]
        found(Figure("two_processes_roundtrips", "a second", [len(ended) / seconds]))
        found(Figure("two_processes_roundtrips_ms", "ms", took))
        crossed = await across(machines, phones, ids, 20 if quick else 100)
        found(Figure("across_processes", "ms", crossed))
        found(Figure("across_processes_p95", "ms", [quantile(crossed, 0.95)], aim="<=50"))
        await agreed(phones, ids)


async def signed_in(machines: Machines) -> list[Device]:
    """The phones of the shop, all through the proxy, which gives their requests to one process or the other."""
    place = Place(machines.proxy, machines.host)
    return [
        await Device.sign_in(place, kind="staff", link=link, password=PASSWORD) for link in machines.links
    ]


async def across(machines: Machines, phones: list[Device], ids: list[str], times: int) -> list[float]:
    """Milliseconds from the start of a push to one process until a phone that listens at the other has it."""
    writer, reader = phones[0], phones[1]
    await writer.catch_up()
    await reader.catch_up()
    writer.connection = Connection(Place(machines.processes[0], machines.host))
    reader.connection = Connection(Place(machines.processes[1], machines.host))
    there, proxied = (
        await listening(machines.processes[1], machines, reader),
        await listening(machines.proxy, machines, reader),
    )
    took = []
    for number in range(times):
        there.clear()
        proxied.clear()
        id_ = ids[number % len(ids)]
        started = time.perf_counter()
        await writer.sync([orders.patch(id_, writer.vectors[id_], bay=f"{number}")])
        await asyncio.wait_for(there.wait(), HEARD_S)
        if not (await reader.sync())["records"]:
            raise RuntimeError("The reader was poked and got nothing.")
        took.append((time.perf_counter() - started) * 1000)
        # The proxy hands on each poke at once, too.
        await asyncio.wait_for(proxied.wait(), HEARD_S)
    return took


async def listening(port: int, machines: Machines, reader: Device) -> asyncio.Event:
    """Set by each poke that comes over a stream opened at this port; the stream has said hello."""
    poked, hello = asyncio.Event(), asyncio.Event()

    def heard(data: bytes) -> None:
        hello.set()
        if b"event: poke" in data:
            poked.set()

    stream = await Connection.open(Place(port, machines.host))
    stream.listen("/api/sync/live", reader.headers, heard)
    await asyncio.wait_for(hello.wait(), HEARD_S)
    return poked


async def agreed(phones: list[Device], ids: list[str]) -> None:
    """Every phone ends with the same state of every order, whichever processes it spoke to."""
    for phone in phones:
        await phone.catch_up()
    first = {id_: phones[0].vectors[id_] for id_ in ids}
    for phone in phones:
        if {id_: phone.vectors[id_] for id_ in ids} != first:
            raise RuntimeError("Two phones hold different states.")


@asynccontextmanager
async def running() -> AsyncIterator[Machines]:
    """PostgreSQL, PgBouncer, two processes, nginx; all ends with the block."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        urls = stack.enter_context(EmbeddedPostgres(folder / "var"))
        migrate(urls.owner, urls.app)
        keys = new_secret_key(SystemWorld())
        shop = (await make_shops(urls, keys, {SHOP: ["admin"] * PHONES}))[SHOP]
        pooled = stack.enter_context(pooler(folder, urls))
        for name in PROCESSES:
            (folder / name / "var").mkdir(parents=True)
        through = Urls(owner=urls.owner, app=pooled, superuser=urls.superuser)
        processes = [
            stack.enter_context(served(place, through, keys, listen=urls.app))[0]
            for place in map(folder.joinpath, PROCESSES)
        ]
        proxy = stack.enter_context(proxied(folder, processes))
        yield Machines(processes, proxy, shop.host, shop.links)


@contextmanager
def pooler(folder: Path, urls: Urls) -> Iterator[str]:
    """PgBouncer before the database: the URL of the app role through it."""
    app, own = urlsplit(urls.app), free_port()
    place = dict(parse_qsl(app.query))
    database = app.path.lstrip("/")
    (folder / "users.txt").write_text(f'"{app.username}" "{app.password}"\n')
    (folder / "pgbouncer.ini").write_text(
        POOLER.format(
            database=database,
            socket=place["host"],
            port=place.get("port", app.port or 5432),
            own=own,
            folder=folder,
        )
    )
    words = [wanted("pgbouncer"), *account(Path(place["host"])), str(folder / "pgbouncer.ini")]
    with process(words, folder / "pooler.out", {}) as started:
        wait_until_it_listens(started, own, folder / "pooler.out")
        yield f"postgresql://{app.username}:{app.password}@127.0.0.1:{own}/{database}"


def wait_until_it_listens(started: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Connect until it works; a process that ended is told with its last words."""
    end = time.monotonic() + HEARD_S
    while time.monotonic() < end:
        if started.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"It does not listen:\n{log.read_text()[-2000:]}")


@contextmanager
def proxied(folder: Path, processes: list[int]) -> Iterator[int]:
    """Nginx before the processes: its port."""
    own = free_port()
    servers = " ".join(f"server 127.0.0.1:{port};" for port in processes)
    (folder / "nginx.conf").write_text(PROXY.format(folder=folder, own=own, servers=servers))
    with process([wanted("nginx"), "-c", str(folder / "nginx.conf")], folder / "nginx.out", {}) as started:
        wait_until_it_answers(started, f"http://127.0.0.1:{own}/healthz", folder / "nginx.log")
        yield own


def account(folder: Path) -> list[str]:
    """PgBouncer refuses to be root; then it runs as who owns the socket of the database."""
    return ["-u", pwd.getpwuid(folder.stat().st_uid).pw_name] if os.geteuid() == 0 else []


def wanted(program: str) -> str:
    """Where the program is, also in the folders that only root has on the path."""
    found = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError(f"This wants {program}: on Debian, apt-get install pgbouncer nginx-light.")
    return found
