"""S: sessions, links, devices, and which shop is meant."""

from __future__ import annotations

import re
import statistics
import time
from typing import Any

from tests.conformance.cases_wire import refused
from tests.conformance.client import Door, new_id
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, same

REPLICA = re.compile(r"r[a-z2-7]{12}")


def form(body: dict[str, Any]) -> None:
    """The members that every answer about a session has (S1)."""
    holds({"replica", "epoch", "principal", "shop"} <= set(body), "replica, epoch, principal, shop", body)
    same(set(body["principal"]), {"kind", "role", "name", "id"}, "members of principal")
    same(set(body["shop"]), {"id", "name"}, "members of shop")
    holds(REPLICA.fullmatch(str(body["replica"])), "r and 12 characters of base32", body["replica"])


@case
def S1_signing_in(room: Room) -> None:
    """201, who one is, an HttpOnly cookie that is a session, and a token only for who asks for one."""
    person = room.person("writer")
    body = {"email": person["email"], "password": person["password"], "device": {"name": "A"}}
    answer = room.door().send("POST", "/api/session", body)
    same(answer.status, 201, "the status")
    form(answer.body)
    same(answer["principal"]["kind"], "staff", "kind")
    holds("token" not in answer.body, "no token without asking", list(answer.body))
    cookie = answer.headers["set-cookie"]
    holds("httponly" in cookie.lower(), "HttpOnly", cookie)
    asked = room.door().send("GET", "/api/session", Cookie=cookie.partition(";")[0])
    same((asked.status, asked.body), (200, answer.body), "GET /api/session by the cookie")
    token = room.sign_in("writer")["token"]
    same(room.door().send("GET", "/api/session", token=token).status, 200, "GET /api/session by the token")


@case
def S2_a_device_keeps_its_replica(room: Room) -> None:
    """Who names its replica keeps it; somebody else who names it gets another."""
    a = room.fresh("writer")
    same(room.sign_in("writer", replica=a.replica)["replica"], a.replica, "the same person's replica")
    holds(
        room.sign_in("tech", replica=a.replica)["replica"] != a.replica, "another replica for somebody else"
    )
    holds(room.sign_in("writer")["replica"] != a.replica, "another replica for another device")
    holds(REPLICA.fullmatch(room.sign_in("writer", replica="nonsense")["replica"]), "a new one for nonsense")


@case
def S3_who_is_signed_in(room: Room) -> None:
    """GET says so in the same form, else 401; DELETE ends the session, and may be said again."""
    a = room.fresh("writer")
    answer = a.door.send("GET", "/api/session", token=a.token)
    form(answer.body)
    same(answer.body, {k: v for k, v in a.signed.items() if k != "token"}, "GET /api/session")
    for _ in range(2):
        same(a.door.send("DELETE", "/api/session", token=a.token).status, 204, "DELETE /api/session")
    refused(a.door.send("GET", "/api/session", token=a.token), 401, "unauthenticated")


@case
def S4_a_customers_link(room: Room) -> None:
    """A link lets its customer in once, with the same body; opening pages spends nothing, the second use is refused."""
    link = room.place.link("first", "customers", "ada")
    for path in ("/customer/login", f"/customer/login?link={link}"):
        room.door().send("GET", path)
    body = {"kind": "customer", "link": link, "device": {"name": "Hers"}}
    first = room.door().send("POST", "/api/session", body)
    same(first.status, 201, "the status")
    form(first.body)
    same(first["principal"]["kind"], "customer", "kind")
    holds(400 <= room.door().send("POST", "/api/session", body).status < 500, "the second use refused")
    wrong = {**body, "link": link[:-4] + "AAAA"}
    holds(400 <= room.door().send("POST", "/api/session", wrong).status < 500, "another link refused")


@case
def S5_refusals_say_nothing(room: Room) -> None:
    """A wrong password and an unknown address get the same status, code and words, in about the same time."""
    person = room.person("tech2")
    device = {"device": {"name": "A"}}
    asked = {
        "wrong": {"email": person["email"], "password": "not the password", **device},
        "unknown": {"email": f"{new_id()}@nowhere.test", "password": person["password"], **device},
    }
    said, times = {}, {}
    for name, body in asked.items():
        spent = []
        for _ in range(3):
            started = time.monotonic()
            answer = room.door().send("POST", "/api/session", body)
            spent.append(time.monotonic() - started)
            said[name] = (answer.status, answer["code"], answer["message"], answer["at"])
        times[name] = statistics.median(spent)
    same(said["unknown"], said["wrong"], "what an unknown address is told")
    same(said["wrong"][:2], (401, "unauthenticated"), "status and code")
    ratio = max(times.values()) / min(times.values())
    holds(ratio < 3, "times that do not tell them apart", {k: round(v, 3) for k, v in times.items()})


@case
def S6_devices_are_listed_and_revoked(room: Room) -> None:
    """Who runs the shop sees all devices, others their own; each has replica, name, person and when last seen."""
    admin, a, b = room.fresh("admin"), room.fresh("tech"), room.fresh("tech2")
    all_ = a.door.send("GET", "/api/devices", token=admin.token)["devices"]
    holds({a.replica, b.replica} <= {d["replica"] for d in all_}, "everybody's devices for the admin")
    own = a.door.send("GET", "/api/devices", token=a.token)["devices"]
    holds(a.replica in {d["replica"] for d in own}, "the own device")
    same([d["replica"] for d in own if d["person"] != a.me], [], "devices of others")
    mine = next(d for d in own if d["replica"] == a.replica)
    holds(mine["name"] == "Conformance" and isinstance(mine["seen_at"], int), "name and seen_at", mine)
    refused(a.door.send("DELETE", f"/api/devices/{b.replica}", token=a.token), 404, "gone")
    same(b.sync(limit=1).status, 200, "the other's device after the attempt")
    same(
        a.door.send("DELETE", f"/api/devices/{b.replica}", token=admin.token).status,
        204,
        "the admin's DELETE",
    )


@case
def S7_refused_from_the_next_request_on(room: Room) -> None:
    """The first request after a revocation is refused, at the sync as elsewhere."""
    a = room.fresh("tech")
    a.sync(limit=1)
    same(
        a.door.send("DELETE", f"/api/devices/{a.replica}", token=a.token).status,
        204,
        "revoking the own device",
    )
    same(a.sync(limit=1).status, 403, "the next sync")
    holds(a.door.send("GET", "/api/devices", token=a.token).status in (401, 403), "the devices list refused")


@case
def S8_a_link_sets_a_password(room: Room) -> None:
    """A staff link sets the password and lets its owner in; spent, it does nothing; the password works."""
    link, person = room.place.link("first", "people", "newcomer"), room.person("newcomer")
    password = f"set by the case {new_id()}"
    body = {"kind": "staff", "link": link, "password": password, "device": {"name": "New"}}
    first = room.door().send("POST", "/api/session", body)
    same(first.status, 201, "the status")
    form(first.body)
    holds(400 <= room.door().send("POST", "/api/session", body).status < 500, "the second use refused")
    again = {"email": person["email"], "password": password, "device": {"name": "New"}}
    same(room.door().send("POST", "/api/session", again).status, 201, "signing in with the password")


@case
def S9_a_new_session_each_time(room: Room) -> None:
    """A sign-in makes a new session and ends the one whose token came with it."""
    a = room.fresh("writer")
    person = room.person("writer")
    body = {"email": person["email"], "password": person["password"], "device": {"name": "A"}, "token": True}
    answer = a.door.send("POST", "/api/session", body, token=a.token)
    same(answer.status, 201, "the status")
    holds(answer["token"] != a.token, "another token")
    refused(a.door.send("GET", "/api/session", token=a.token), 401, "unauthenticated")
    same(a.door.send("GET", "/api/session", token=answer["token"]).status, 200, "the new session")


@case
def S10_W14_guesses_are_counted(room: Room) -> None:
    """Ten wrong passwords for one address from one place; the next is 429 rate_limited with Retry-After. Another address
    still gets in."""
    body = {"email": f"{new_id()}@nowhere.test", "password": "a guess", "device": {"name": "A"}}
    tries = [room.door().send("POST", "/api/session", body) for _ in range(12)]
    same([t.status for t in tries[:8]], [401] * 8, "the first guesses")
    refused(tries[-1], 429, "rate_limited")
    holds(int(tries[-1].headers.get("retry-after", "0")) > 0, "Retry-After in seconds", tries[-1].headers)
    same(room.sign_in("writer").status, 201, "an honest sign-in from the same place")


@case
def S11_the_host_decides_the_shop(room: Room) -> None:
    """People of one shop are unknown in the other, and a session of one is none in the other."""
    a, other = room.fresh("writer"), room.fresh("admin", "second")
    holds(a.signed["shop"]["id"] != other.signed["shop"]["id"], "two shops")
    first, second = room.door(), room.door("second")
    refused(second.send("GET", "/api/session", token=a.token), 401, "unauthenticated")
    refused(first.send("GET", "/api/session", token=other.token), 401, "unauthenticated")
    crossed = Door(second.url, second.host, room.log).send("POST", "/api/sync", a.request(), token=a.token)
    refused(crossed, 401, "unauthenticated")
    accepted(a.push(room.op("top")))
