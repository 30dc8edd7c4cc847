"""The tables of sign-in, declared. The statements that use them are SQL; row security stands in the migration.

Times are milliseconds UTC. Keys begin with the shop, as everywhere.
"""

from uuid import UUID

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel


class Account(SQLModel, table=True):
    """Who of the staff may sign in. `id` is the id of the synced `staff` record, which holds name, role, active.

    The address is kept only as a blind index: enough to find it, nothing to read.
    """

    __tablename__ = "account"

    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    id: UUID = Field(primary_key=True)
    email_index: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    password_hash: str | None = None
    created_at: int = Field(sa_type=BigInteger)


class Replica(SQLModel, table=True):
    """One device's copy of one person's view, and how far its changesets have come.

    `applied` is the highest `n` answered, `confirmed` the highest whose outcome the device has, `durable` the highest
    in a verified backup, `edit_at` the reckoned time of its last edit.
    """

    __tablename__ = "replica"

    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    id: str = Field(primary_key=True)
    kind: str
    person: UUID
    device: str
    applied: int = Field(default=0, sa_type=BigInteger)
    confirmed: int = Field(default=0, sa_type=BigInteger)
    durable: int = Field(default=0, sa_type=BigInteger)
    edit_at: int = Field(default=0, sa_type=BigInteger)
    epoch: str
    created_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)


class Session(SQLModel, table=True):
    """One signed-in stretch of one replica; its id is the `jti` of the token and is looked up at every request."""

    __tablename__ = "session"

    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    id: UUID = Field(primary_key=True)
    replica: str
    kind: str
    person: UUID
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)


class Link(SQLModel, table=True):
    """A one-time link: a customer's way in, or a staff user's way to set a password. Only its hash is kept."""

    __tablename__ = "link"

    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    id: UUID = Field(primary_key=True)
    kind: str
    person: UUID
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    expires_at: int = Field(sa_type=BigInteger)
    spent_at: int | None = Field(default=None, sa_type=BigInteger)


class Attempt(SQLModel, table=True):
    """How often something was tried since a moment; shared by all processes of the installation."""

    __tablename__ = "attempt"

    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    since: int = Field(primary_key=True, sa_type=BigInteger)
    count: int
