"""Starts a server of ours on a free port with a fresh database, and makes the set-up by its command line.

Nothing of the server is imported here: it is started as anybody starts it, and its commands are run as anybody runs them
(many in one process, because each start of Python costs seconds).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conformance.client import Door, new_id, now_ms
from tests.conformance.place import Place

ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C stops it."
START_S = 120
PASSWORD = "conformance and nothing else"
ADDRESS = "{}@conformance.test"
ROLES = {
    "manager": "manager", "writer": "service_writer", "tech": "tech", "tech2": "tech", "parts": "parts",
    "spare": "tech", "newcomer": "tech",
}  # fmt: skip
CUSTOMERS = {"ada": 5, "bob": 3}
COMMANDS = "import json, sys; from server.cli.main import run; [run(words) for words in json.load(sys.stdin)]"
TOKEN = re.compile(r"#([A-Za-z0-9_-]+)")


@contextmanager
def served() -> Iterator[Place]:
    """A place of our own for the length of the block."""
    var = Path(tempfile.mkdtemp(prefix="workbay-conformance-"))
    var.chmod(0o755)  # The embedded PostgreSQL does not run as root, and has to get in.
    environment = {
        **os.environ,
        "WORKBAY_VAR": str(var),
        "WORKBAY_DEMO": "false",
        "WORKBAY_LOG_LEVEL": "warning",
    }
    for name in ("WORKBAY_DATABASE_URL", "WORKBAY_OWNER_DATABASE_URL", "WORKBAY_PUBLIC_URL", "WORKBAY_ENV"):
        environment.pop(name, None)
    with open(var / "server.log", "w") as log:
        words = [sys.executable, "-m", "server", "serve", "--port", "0", "--no-demo"]
        process = subprocess.Popen(
            words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        said = _until_ready(process, var)
        yield Place(_set_up(said, environment))
    finally:
        process.terminate()
        process.communicate(timeout=60)
        shutil.rmtree(var, ignore_errors=True)


def _until_ready(process: subprocess.Popen[str], var: Path) -> str:
    assert process.stdout is not None
    said, until = "", time.monotonic() + START_S
    for line in process.stdout:
        said += line
        if READY in line or time.monotonic() > until:
            break
    if READY not in said:
        raise RuntimeError(f"The server did not start: {said}{(var / 'server.log').read_text()[-2000:]}")
    return said


def _set_up(said: str, environment: dict[str, str]) -> dict[str, Any]:
    """The set-up file as a value: two shops, people, customers with links (docs/conformance.md)."""
    port = int(re.findall(r"serves on http://localhost:(\d+)", said)[0])
    url = f"http://127.0.0.1:{port}"
    commands = [["user", ADDRESS.format(name), "--role", role] for name, role in ROLES.items()]
    commands += [["shop", "second", "--name", "Second shop"]]
    links = TOKEN.findall(_run(commands, environment))
    shops: dict[str, Any] = {
        "first": {"url": url, "people": {}, "customers": {}},
        "second": {"url": url, "host": f"second.localhost:{port}", "people": {}},
    }
    people = shops["first"]["people"]
    first, second = Door(url), Door(url, shops["second"]["host"])
    people["admin"] = _with_password(first, "admin@shop.test", TOKEN.findall(said)[0])
    for name, link in zip(ROLES, links, strict=False):
        address = ADDRESS.format(name)
        people[name] = (
            {"email": address, "links": [link]}
            if name == "newcomer"
            else _with_password(first, address, link)
        )
    shops["second"]["people"]["admin"] = _with_password(second, "admin@second.test", links[-1])
    shops["first"]["customers"] = _customers(first, people["admin"], environment)
    return {"shops": shops}


def _with_password(door: Door, email: str, link: str) -> dict[str, str]:
    body = {"kind": "staff", "link": link, "password": PASSWORD, "device": {"name": "Set-up"}}
    answer = door.send("POST", "/api/session", body)
    assert answer.status == 201, answer.text
    return {"email": email, "password": PASSWORD}


def _customers(door: Door, admin: dict[str, str], environment: dict[str, str]) -> dict[str, Any]:
    """Customers made by the sync itself, and their links by the command line."""
    signed = door.send("POST", "/api/session", {**admin, "device": {"name": "Set-up"}, "token": True}).body
    made = {name: new_id() for name in CUSTOMERS}
    ops = [
        {
            "op": "create", "collection": "customer", "id": id_,
            "set": {"name": name.title(), "emails": {"add": [ADDRESS.format(name)]}},
        }
        for name, id_ in made.items()
    ]  # fmt: skip
    request = {
        "protocol": 1, "schema": 1, "epoch": signed["epoch"], "replica": signed["replica"], "confirmed": 0,
        "sent": now_ms(), "cursor": None, "limit": 1,
        "changesets": [{"n": 1, "id": new_id(), "schema": 1, "at": now_ms(), "ops": ops}],
    }  # fmt: skip
    answer = door.send("POST", "/api/sync", request, token=signed["token"])
    assert answer.body["results"][0]["outcome"] == "accepted", answer.text
    commands = [["link", ADDRESS.format(name)] for name, count in CUSTOMERS.items() for _ in range(count)]
    links = TOKEN.findall(_run(commands, environment))
    found = {}
    for name, count in CUSTOMERS.items():
        found[name] = {"id": made[name], "links": links[:count]}
        links = links[count:]
    return found


def _run(commands: list[list[str]], environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS], cwd=ROOT, env=environment, input=json.dumps(commands),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout
