"""What a domain room adds to the merge of its collection.

The store merges; a room's `Rules` then says what may not be (`check`) and what the server itself writes in the
same commit (`follow`). Both are pure: they see the `Scene` and nothing else. `also` and `gather` name the further
records they will look at, before anything is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg import AsyncConnection

from sync.changeset import Op, Record

if TYPE_CHECKING:
    from server.store.scene import Scene


@dataclass(frozen=True, slots=True)
class Actor:
    """Whose changeset is judged; the server itself has the role "server" and an empty person."""

    person: str
    role: str
    name: str
    replica: str


SERVER = Actor("", "server", "", "@")


@dataclass(frozen=True, slots=True)
class Change:
    """What a changeset made of one record, after the merge. `at` is the reckoned time of the edit in ms."""

    op: Op
    before: Record | None
    after: Record | None
    who: Actor
    at: int


class Rules:
    """A collection without rules of its own. Rooms override what they need.

    family: child collections that are loaded with the work order of a written record (its parent, or itself).
    """

    family: tuple[str, ...] = ()

    def also(self, op: Op, record: Record | None) -> Iterable[str]:
        """Ids of further records that `check` or `follow` look at, beside the record, its parent and its references."""
        return ()

    async def gather(self, tx: AsyncConnection, shop: UUID, ops: Sequence[Op], who: Actor) -> Iterable[str]:
        """Further ids that only a query can find, asked once a push for all `ops` of the collection. They are locked,
        so that `follow` may write them. The ops were not judged yet: anything may stand in them."""
        return ()

    def check(self, scene: Scene, change: Change) -> None:
        """Raise `Refusal` when the record may not be as the merge made it."""

    def follow(self, scene: Scene, change: Change) -> None:
        """Write through `scene` what the server adds in the same commit."""
