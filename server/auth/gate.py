"""What sign-in works with, in one value: database, secrets, time and ids, passwords. Made once by the application."""

from dataclasses import dataclass, field
from uuid import UUID

from server.auth.passwords import Passwords
from server.auth.secrets import Vault
from server.clock import World
from server.db.session import Context, Database


@dataclass(frozen=True, slots=True)
class Gate:
    """The first argument of everything that signs in, looks up or revokes."""

    database: Database
    vault: Vault
    world: World
    passwords: Passwords = field(default_factory=Passwords)


def server_of(shop: UUID) -> Context:
    """The context in which the tables of sign-in can be read and written: the server's own, in one shop."""
    return Context(shop=shop, kind="server")
