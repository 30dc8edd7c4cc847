"""Who a request speaks for, as the rest of the server knows it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Kind = Literal["staff", "customer"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person on one device.

    `role` is one of admin, manager, service_writer, parts, tech, or customer. `grant` is the seq of the right that the
    person's view hangs on: another role means another view, and the phone starts over.
    """

    shop: UUID
    kind: Kind
    person: UUID
    role: str
    name: str
    replica: str
    session: UUID
    grant: int
