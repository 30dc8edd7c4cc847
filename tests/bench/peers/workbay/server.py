"""Workbay for the peers harness: PostgreSQL by the harness, `serve.py` beside this folder in Workbay's own environment.

WORKBAY_ROOT says where Workbay lies and WORKBAY_PYTHON with which Python it runs; `scripts/bench peers` sets both. The harness
loads this file by its path, gives `start` its context, and calls it again after it killed the server (D1).
"""

import json
import os
import subprocess
from typing import Any

import harness

ROLES = (
    "CREATE ROLE workbay_owner LOGIN",
    "CREATE ROLE workbay_app LOGIN",
    "ALTER DATABASE bench OWNER TO workbay_owner",
)
# The most devices that a workload wants (W4: a writer and twenty clients).
DEVICES = "21"
MODULE = ["-m", "tests.bench.peers.serve"]


def start(ctx: Any) -> None:
    python, root = os.environ["WORKBAY_PYTHON"], os.environ["WORKBAY_ROOT"]
    if ctx.pg is None:
        ctx.postgres()
        for statement in ROLES:
            ctx.pg.sql(statement)
        ctx.port = harness.free_port()
        ctx.settings = settings(ctx)
        made = subprocess.run(
            [python, *MODULE, "make", DEVICES],
            cwd=root, env={**os.environ, **ctx.settings}, check=True, capture_output=True, text=True,
        )  # fmt: skip
        ctx.made = json.loads(made.stdout)
        ctx.info["version"] = f"workbay {ctx.made['version']}"
    ctx.spawn([python, *MODULE, "serve"], env=ctx.settings, cwd=root)
    url = f"http://127.0.0.1:{ctx.port}"
    ctx.wait_http(f"{url}/healthz")
    ctx.client_env.update(URL=url, HOST=ctx.made["host"], PEOPLE=json.dumps(ctx.made["links"]))


def settings(ctx: Any) -> dict[str, str]:
    """Those of production, with the database of the harness."""
    url = f"postgresql://{{}}@127.0.0.1:{ctx.pg.port}/bench"
    return {
        "WORKBAY_ENV": "production",
        "WORKBAY_PUBLIC_URL": "https://peers.example",
        "WORKBAY_PORT": str(ctx.port),
        "WORKBAY_VAR": ctx.data,
        "WORKBAY_SECRET_KEYS": "1:" + "A" * 43 + "=",
        "WORKBAY_DATABASE_URL": url.format("workbay_app"),
        "WORKBAY_OWNER_DATABASE_URL": url.format("workbay_owner"),
    }
