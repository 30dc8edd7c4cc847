"""L: the stream of pokes."""

from __future__ import annotations

import json
from contextlib import ExitStack

from tests.conformance.client import patch
from tests.conformance.listening import Listening
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, same, slow_case


@case
def L1_L2_a_commit_pokes_the_staff(room: Room) -> None:
    """The stream begins with hello; a commit brings a poke with its seq and nothing else, to whoever listens."""
    a, b = room.phones("writer", "tech")
    with Listening(b) as stream:
        same(stream.status, 200, "the status")
        holds(
            str(stream.response.getheader("content-type")).startswith("text/event-stream"),
            "text/event-stream",
        )
        stream.wait("hello")
        same(stream.events[0][1], "hello", "the first event")
        seq = accepted(a.push(room.op("top")))["seq"]
        data = json.loads(stream.wait("poke"))
        same(set(data), {"seq"}, "what a poke carries")
        holds(data["seq"] >= seq, f"a seq of {seq} or later", data)


@case
def L1_eight_streams_a_device(room: Room) -> None:
    """The ninth stream of one device is answered 429 with Retry-After, another device still listens."""
    a, b = room.fresh("writer"), room.fresh("writer")
    with ExitStack() as streams:
        for _ in range(8):
            streams.enter_context(Listening(a)).wait("hello")
        ninth = streams.enter_context(Listening(a))
        same(ninth.status, 429, "the status of the ninth")
        holds(ninth.response.getheader("retry-after"), "Retry-After", dict(ninth.response.getheaders()))
        same(streams.enter_context(Listening(b)).status, 200, "the status of another device's first")


@slow_case
def L2_a_beat_every_20_seconds(room: Room) -> None:
    """A quiet stream beats every 20 s."""
    a = room.fresh("writer")
    with Listening(a) as stream:
        stream.wait("beat", 2, seconds=50)
        first, second = (at for at, kind, _ in stream.events if kind == "beat")
        holds(17 < second - first < 25, "about 20 s between two beats", round(second - first, 1))


@case
def L3_the_stream_ends_with_the_session(room: Room) -> None:
    """Signing out ends the stream; so does the revocation of the device."""
    admin = room.phone("admin")
    for how in ("sign out", "revoke"):
        a = room.fresh("tech")
        with Listening(a) as stream:
            stream.wait("hello")
            if how == "sign out":
                a.door.send("DELETE", "/api/session", token=a.token)
            else:
                admin.door.send("DELETE", f"/api/devices/{a.replica}", token=admin.token)
            holds(stream.ended.wait(10), f"the stream to end after: {how}")


@case
def L5_a_poke_is_only_a_hint(room: Room) -> None:
    """Who hears no poke gets everything by pulling; who pulls after a poke that came late gets nothing twice."""
    a, b = room.phones("writer", "tech")
    record = room.make(a)
    holds(b.see(record["id"]), "the record without a poke")
    same(b.pull(), [], "what a second pull brings")


@case
def X4_X5_customers_are_poked_for_what_they_see(room: Room) -> None:
    """A customer's poke says {}; an internal change brings none, a visible one does."""
    writer, ada = room.phone("writer"), room.phone("ada")
    order = room.make(writer)
    ada.look(order["id"])
    with Listening(ada) as stream:
        stream.wait("hello")
        accepted(writer.push(patch(writer.look(order["id"]), room.place.model["customer_unseen"]["set"])))
        room.make(writer, "note", order["id"])
        accepted(writer.push(patch(writer.look(order["id"]), room.place.model["customer_seen"]["set"])))
        same(json.loads(stream.wait("poke")), {}, "what the poke carries")
        ada.look(order["id"])
        stream.ended.wait(0.5)
        same(stream.count("poke"), 1, "pokes for one visible change among three")
