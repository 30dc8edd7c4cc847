"""P: the feed of a view, its cursor, bootstraps, and who sees what."""

from __future__ import annotations

import json

from tests.conformance.client import Phone, delete, patch
from tests.conformance.place import Room
from tests.conformance.rulebook import accepted, case, holds, rejected, same


@case
def P1_the_pull_comes_after_the_push(room: Room) -> None:
    """Records of an answer hold what its own changesets did, with its seq."""
    a = room.phone("writer")
    record = room.make(a)
    answer = a.sync(a.changeset(patch(record, room.field("latest")["sets"][0])))
    came = {r["id"]: r for r in a.take(answer.body)}
    same(came[record["id"]]["vv"]["@"], answer["results"][0]["seq"], "the @ of the record just written")


@case
def P3_in_order_of_position_each_once(room: Room) -> None:
    """What changed since the cursor comes once, newest state, in the order of the last change; nothing else comes."""
    a, b = room.phones("writer", "tech")
    one, two, three = (room.make(a) for _ in range(3))
    b.pull()
    for record in (one, two, one):
        accepted(a.push(patch(a.look(record["id"]), room.field("latest")["sets"][a.n % 3])))
    came = b.pull()
    same(
        [r["id"] for r in came if r["id"] in (one["id"], two["id"], three["id"])],
        [two["id"], one["id"]],
        "the order",
    )
    same(len({r["id"] for r in came}), len(came), "each once")
    same(b.held[one["id"]], a.look(one["id"]), "the newest state")
    same(b.pull(), [], "what comes when nothing changed")


@case
def P3_small_pages_lose_nothing(room: Room) -> None:
    """With limit 1 a commit that changed three records comes in pages, `more` until the last, none twice."""
    a, b = room.phones("writer", "tech")
    parent = room.op("top")
    ops = [parent, room.op("child", parent["id"]), room.op("child", parent["id"])]
    accepted(a.push(*ops))
    came: list[str] = []
    more = True
    while more:
        answer = b.sync(limit=1)
        holds(len(answer["records"]) <= 1, "at most one record", answer["records"])
        came += [r["id"] for r in b.take(answer.body)]
        more = answer["more"]
    mine = [id_ for id_ in came if id_ in {op["id"] for op in ops}]
    same(sorted(mine), sorted(op["id"] for op in ops), "the records of the commit")


@case
def P5_P6_a_cursor_is_its_replicas_own(room: Room) -> None:
    """A cursor of another replica, a forged one or none starts a bootstrap; the first page alone says reset."""
    a, b = room.phones("writer", "writer")
    own = a.cursor
    same(a.sync(cursor=own)["reset"], False, "reset with the own cursor")
    forged = str(own)[:-2] + ("AA" if not str(own).endswith("AA") else "BB")
    for cursor in (b.cursor, forged, "1", "", None):
        answer = a.sync(cursor=cursor, limit=1)
        same(
            (answer.status, answer["reset"]), (200, True), f"status and reset with the cursor {cursor!r:.20}"
        )
        if answer["more"]:
            same(a.sync(cursor=answer["cursor"], limit=1)["reset"], False, "reset on the second page")


@case
def P5_a_cursor_is_opaque(room: Room) -> None:
    """The cursor shows neither seq nor ids, and is within 2000 characters."""
    a = room.phone("writer")
    record = room.make(a)
    a.pull()
    text = str(a.cursor)
    holds(0 < len(text) <= 2000, "a text of at most 2000 characters", len(text))
    holds(
        record["id"] not in text and a.replica not in text and a.me not in text,
        "nothing of what it names",
        text,
    )


@case
def P7_a_bootstrap_is_resumed(room: Room) -> None:
    """Pages of a bootstrap give each record once; a page asked for again gives the same; what changes meanwhile follows."""
    a = room.fresh("writer")
    writer = room.phone("tech")
    first = a.sync(limit=5)
    again = [a.sync(cursor=first["cursor"], limit=5) for _ in range(2)]
    same(
        [r["id"] for r in again[0]["records"]],
        [r["id"] for r in again[1]["records"]],
        "a page asked for twice",
    )
    op = room.op("top")
    accepted(writer.push(op))
    came = [r["id"] for r in a.take(first.body)]
    more = True
    while more:
        answer = a.sync(limit=50)
        came += [r["id"] for r in a.take(answer.body)]
        more = answer["more"]
    listed = [id_ for id_ in came if id_ != op["id"]]
    same(len(listed), len(set(listed)), "records of the bootstrap, each once")
    holds(op["id"] in came, "what was made meanwhile")


@case
def P8_my_open_work_comes_first(room: Room) -> None:
    """A bootstrap gives the work assigned to me before other open work."""
    said = room.place.model["kinds"]["top"]["collection"]
    a = room.phone("writer")
    tech = room.phone("tech")
    mine = room.make(a, assignee=tech.me)
    other = room.make(a)
    new = room.fresh("tech")
    order = [r["id"] for r in new.pull() if r["collection"] == said]
    holds(order.index(mine["id"]) < order.index(other["id"]), "my work before other work", order[:5])


@case
def P11_roles_narrow_the_view(room: Room) -> None:
    """All staff see open work with what hangs on it; a field hidden from a role never comes, nor records that are
    another's own."""
    roles = room.place.model["roles"]
    a, tech, other = room.phones("writer", "tech", "tech2")
    values = roles["unseen_field"]["set"]
    order = room.make(a, **values)
    child = room.make(a, "child", order["id"])
    holds(
        values.items() <= a.look(order["id"])["data"].items(),
        "the field for who may see it",
        a.held[order["id"]],
    )
    seen = tech.look(order["id"])["data"]
    same(set(values) & set(seen), set(), "hidden fields that came")
    holds(child["id"] in tech.held, "the child in the view")
    own = roles["own_only"]
    record = room.make(tech, own["kind"], order["id"], **own["set"])
    same(other.see(record["id"]), None, "another's own record")
    rejected(other.push(patch(record, {"ended_at": 1_700_000_100_000})), "gone")


@case
def P13_W8_what_leaves_is_gone(room: Room) -> None:
    """A deleted child is sent gone to all who held it, at the commit that deleted it, and its siblings stay."""
    a, b = room.phones("writer", "tech")
    order = room.make(a)
    one, two = (room.make(a, "child", order["id"]) for _ in range(2))
    b.pull()
    accepted(a.push(delete(a.look(one["id"]))))
    gone = [r["id"] for r in b.pull() if r.get("gone")]
    same(gone, [one["id"]], "what is sent gone")
    holds(two["id"] in b.held, "the sibling")


@case
def P14_C19_what_one_may_not_know_is_gone(room: Room) -> None:
    """An edit of a record that one's role may not see is answered gone, never forbidden."""
    own = room.place.model["roles"]["own_only"]
    a, b = room.phones(own["person"], own["other"])
    order = room.make(a)
    record = room.make(a, own["kind"], order["id"], **own["set"])
    rejected(b.push(patch(record, own["set"])), "gone")


@case
def P15_conflicts_and_notices_keep_secrets(room: Room) -> None:
    """A conflict about a record that one may not see does not come, and a notice comes to its author alone."""
    own = room.place.model["roles"]["own_only"]
    a, again, b = room.phone(own["person"]), room.phone(own["person"]), room.phone(own["other"])
    order = room.make(a)
    record = room.make(a, own["kind"], order["id"], **own["set"])
    end = {"started_at": 1_700_000_000_000, "correction_reason": "Forgot"}
    accepted(a.push(patch(record, {**end, "ended_at": 1_700_000_600_000})))
    opened = accepted(again.push(patch(record, {**end, "ended_at": 1_700_000_900_000})), clean=False)[
        "conflicts"
    ]
    same(len(opened), 1, "conflicts")
    holds(a.see(opened[0]) is not None, "the conflict for its author")
    same(b.see(opened[0]), None, "the conflict for a colleague")


@case
def P17_another_role_is_another_view(room: Room) -> None:
    """When the role changes, the old cursor starts a bootstrap of the new view, and the numbers go on."""
    said = room.place.model["staff"]
    admin, spare = room.phone("admin"), room.fresh("spare")
    spare.pull()
    before = admin.look(spare.me)["data"][said["role"]]
    other = next(r for r in said["roles"] if r != before)
    accepted(spare.push())
    accepted(admin.push(patch(admin.look(spare.me), {said["role"]: other})))
    try:
        answer = spare.sync()
        same((answer["reset"], answer["applied"]), (True, 1), "reset and applied after the role changed")
    finally:
        accepted(admin.push(patch(admin.look(spare.me), {said["role"]: before})))
    same(spare.sync(cursor=answer["cursor"])["reset"], True, "reset after the role came back: another grant")


@case
def P19_the_feed_leads_to_the_view(room: Room) -> None:
    """A phone that followed the feed page by page holds exactly what a fresh bootstrap gives."""
    a, tech = room.phone("writer"), room.phone("tech")
    order = room.make(a)
    child = room.make(a, "child", order["id"])
    tech.pull(limit=2)
    accepted(a.push(delete(child), patch(a.look(order["id"]), room.field("latest")["sets"][0])))
    for phone, name in ((a, "writer"), (tech, "tech")):
        phone.pull(limit=2)
        new = room.fresh(name)
        new.pull()
        _alike(phone, new)


def _alike(fed: Phone, new: Phone) -> None:
    differ = [id_ for id_ in fed.held.keys() | new.held.keys() if fed.held.get(id_) != new.held.get(id_)]
    shown = [json.dumps([fed.held.get(id_), new.held.get(id_)])[:300] for id_ in differ[:2]]
    same(differ, [], f"records that differ between feed and bootstrap {shown}")
