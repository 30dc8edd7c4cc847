"""Telling people what became of their edits: who wrote what stands in a conflict, and whose edit gave way.

The merge knows replicas; people are looked up once a push, and only when there is somebody to tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from server.store.scene import Notice, Scene
from sync.changeset import Record, Write

Tx = AsyncConnection[tuple[Any, ...]]

PEOPLE = """
  SELECT r.id, r.person::text, p.data ->> 'name' FROM replica r
  JOIN record p ON p.shop = r.shop AND p.id = r.person AND p.collection = 'staff'
  WHERE r.shop = %s AND r.id = ANY (%s)"""


@dataclass(frozen=True, slots=True)
class Person:
    """Who writes with a replica."""

    id: str
    name: str


async def tell(tx: Tx, shop: UUID, scene: Scene) -> None:
    """Name the standing side of each conflict of a record that this push changed, and write the notices."""
    contested = [record for record in scene.changed.values() if record.meta.sides]
    replicas = {replica for notice in scene.notices for replica in (*_told(notice), notice.merged_with)}
    replicas |= {_author(record.meta.standing(unit)) for record in contested for unit in record.meta.sides}
    people = await _people(tx, shop, replicas - {"@", ""})
    for record in contested:
        scene.begin(record.seq, scene.at)
        _name_standing(scene, record, people)
        scene.keep()
    _notify(scene, people)


async def _people(tx: Tx, shop: UUID, replicas: set[str]) -> Mapping[str, Person]:
    if not replicas:
        return {}
    rows = await (await tx.execute(PEOPLE, (shop, sorted(replicas)))).fetchall()
    return {replica: Person(person, name or "") for replica, person, name in rows}


def _author(write: Write) -> str:
    """The replica that first wrote what stands."""
    return write.dots[0].replica


def _name_standing(scene: Scene, record: Record, people: Mapping[str, Person]) -> None:
    """Every open conflict shows both sides with who, when and on which device; the value that stands is the record's."""
    for unit, sides in record.meta.sides.items():
        write = record.meta.standing(unit)
        replica = _author(write)
        person = people.get(replica, Person("", ""))
        names = [f.name for f in scene.collections[record.collection].units[unit]]
        standing = {
            "stands": True,
            "value": {name: record.data.get(name) for name in names},
            "person": person.id,
            "person_name": person.name,
            "device": replica,
            "time": write.at,
        }
        for side in sides.values():
            conflict = scene.get(side.conflict)
            if conflict is not None:
                others = [one for one in conflict.data.get("sides", []) if not one.get("stands")]
                scene.set(side.conflict, {"sides": [standing, *others]})


def _told(notice: Notice) -> list[str]:
    """The replicas of those who are told: all who wrote what gave way, for several may have written the same."""
    return [dot.replica for dot in notice.write.dots]


def _notify(scene: Scene, people: Mapping[str, Person]) -> None:
    """Write a notice to the author of each edit that had been accepted and now gave way or was merged."""
    for notice in scene.notices:
        told = {people[replica].id for replica in _told(notice) if replica in people}
        if notice.merged_with in people:  # who merged with what they wrote on their other device knows both
            told.discard(people[notice.merged_with].id)
        for person in sorted(told):
            scene.begin(notice.seq, notice.at)
            _create_notice(scene, notice, person)
            scene.keep()


def _create_notice(scene: Scene, notice: Notice, person: str) -> None:
    of = {"staff": person, "collection": notice.record.collection, "record": notice.record.id}
    what = {"field": notice.unit, "value": dict(notice.value), "by": notice.by, "lost_at": notice.write.at}
    if notice.merged_with:
        what["merged"] = True
    scene.create("notice", {**of, **what})
