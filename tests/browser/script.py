"""A script that speaks the protocol: it sets the scene for a journey and looks at the end at what the shop holds.

Written from docs/protocol.md alone and knowing nothing of the app's code, so that a journey is judged by somebody else.
It bootstraps, pushes one changeset at a time, and keeps `confirmed` in a dict.
"""

import hashlib
import secrets
import string
import time
from typing import Any, Self

import httpx
import uuid_utils

PASSWORD = "workbay-demo"
SCHEMA = 1
Ops = list[dict[str, Any]]


def new_id() -> str:
    return str(uuid_utils.uuid7())


class Script:
    """One replica of one person of a shop, over HTTP with a bearer token. `host` names another shop than the first, `device` how it is told apart."""

    def __init__(
        self,
        url: str,
        email: str,
        password: str = PASSWORD,
        *,
        host: str | None = None,
        device: str = "script",
    ) -> None:
        self._http = httpx.Client(base_url=url, timeout=30, headers={"Host": host} if host else None)
        answer = self._http.post(
            "/api/session",
            json={"email": email, "password": password, "device": {"name": device}, "token": True},
        )
        assert answer.status_code == 201, answer.text
        who = answer.json()
        self._http.headers["Authorization"] = f"Bearer {who['token']}"
        self.replica, self.epoch = who["replica"], who["epoch"]
        self.me: str = who["principal"]["id"]
        self.n = 0
        self.cursor: str | None = None
        self.confirmed: dict[str, dict[str, Any]] = {}
        self.pull()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def now_ms(self) -> int:
        return _now_ms()

    def push(self, ops: Ops) -> dict[str, Any]:
        """Send one changeset; its outcome. What it changed is in `confirmed` afterwards."""
        self.n += 1
        changeset = {"n": self.n, "id": new_id(), "schema": SCHEMA, "at": _now_ms(), "ops": ops}
        outcome = self._sync([changeset])["results"][0]
        self.pull()
        return dict(outcome)

    def create(self, collection: str, **values: Any) -> str:
        """Make one record; its id."""
        id_ = new_id()
        outcome = self.push([{"op": "create", "collection": collection, "id": id_, "set": values}])
        assert outcome["outcome"] == "accepted", outcome
        return id_

    def patch(self, id_: str, **values: Any) -> dict[str, Any]:
        """Change one record as one who sees it as it is now; the outcome."""
        self.pull()
        held = self.confirmed[id_]
        op = {"op": "patch", "collection": held["collection"], "id": id_, "base": held["vv"], "set": values}
        return self.push([op])

    def original(self, photo: str) -> str:
        """The SHA-256 of what the shop gives back as the file of a photo."""
        answer = self._http.get(f"/api/photos/{photo}/original")
        assert answer.status_code == 200, answer.text
        return hashlib.sha256(answer.content).hexdigest()

    def delete(self, id_: str) -> None:
        """Delete one record as one who sees it as it is now."""
        self.pull()
        held = self.confirmed[id_]
        op = {"op": "delete", "collection": held["collection"], "id": id_, "base": held["vv"]}
        outcome = self.push([op])
        assert outcome["outcome"] == "accepted", outcome

    def received(self, photo: str) -> int:
        """How many bytes of the file of a photo the shop has."""
        answer = self._http.head(f"/api/uploads/{photo}", headers={"Tus-Resumable": "1.0.0"})
        return int(answer.headers.get("Upload-Offset", 0))

    def revoke(self, replica: str) -> None:
        """Take a device off the shop's list."""
        assert self._http.delete(f"/api/devices/{replica}").status_code == 204

    def pull(self) -> None:
        """Take in everything that the shop has for this person."""
        more = True
        while more:
            more = self._sync([])["more"]

    def data(self, id_: str) -> dict[str, Any]:
        self.pull()
        return dict(self.confirmed[id_]["data"])

    def all(self, collection: str, **wanted: Any) -> list[dict[str, Any]]:
        """The records of a collection whose fields have the `wanted` values."""
        self.pull()
        return [
            {"id": id_, **held["data"]}
            for id_, held in self.confirmed.items()
            if held["collection"] == collection
            and all(held["data"].get(name) == value for name, value in wanted.items())
        ]

    def _sync(self, changesets: Ops) -> dict[str, Any]:
        asked = {
            "protocol": 1,
            "schema": SCHEMA,
            "epoch": self.epoch,
            "replica": self.replica,
            "confirmed": self.n - len(changesets),
            "sent": _now_ms(),
            "cursor": self.cursor,
            "limit": 1000,
            "changesets": changesets,
        }
        answer = self._http.post("/api/sync", json=asked)
        assert answer.status_code == 200, answer.text
        page = dict(answer.json())
        self._take(page)
        return page

    def _take(self, page: dict[str, Any]) -> None:
        if page["reset"]:
            self.confirmed = {}
        for record in page["records"]:
            if record.get("gone"):
                self.confirmed.pop(record["id"], None)
            else:
                self.confirmed[record["id"]] = record
        self.cursor = page["cursor"]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def unique(word: str) -> str:
    """A text that no other test writes, so that a journey finds its own."""
    return f"{word} {''.join(secrets.choice(string.ascii_lowercase) for _ in range(7))}"
