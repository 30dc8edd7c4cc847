"""The tables of the store as SQLModel classes. The migrations make them; a test holds both together.

The hot path writes SQL of its own and never goes through these classes. They say in one place what a row has.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UUIDType
from sqlmodel import Field, SQLModel


def _bigint(**more: Any) -> Any:
    return Field(sa_type=BigInteger, **more)


class Head(SQLModel, table=True):
    """A shop's own commit count: `seq` of the newest commit, `prior` the one before its push, the hash of the log,
    and the seq up to which the feed has forgotten what left (R1)."""

    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    epoch: str = Field(sa_type=Text)
    seq: int = _bigint(default=0)
    prior: int = _bigint(default=0)
    mark: str = Field(default="", sa_type=Text)
    chain: bytes = Field(default=b"", sa_type=LargeBinary)
    numbers: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    horizon: int = _bigint(default=0)
    home: str = Field(default="", sa_type=Text)


class RecordRow(SQLModel, table=True):
    """One synced record. `seq` is its `@`, `pos` its place in the staff feed; `data` is what travels, `meta` what merging
    needs; the columns between are computed from the record's declaration when it is written."""

    __tablename__ = "record"
    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    id: UUID = Field(primary_key=True)
    collection: str = Field(sa_type=Text)
    seq: int = _bigint()
    pos: int = _bigint()
    inside: bool
    gone: bool = False
    private: bool = False
    shared: bool = False
    parent: UUID | None = None
    own: UUID | None = None
    customer: UUID | None = None
    vv: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    meta: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class ChangeRow(SQLModel, table=True):
    """One answered changeset: the stored outcome, the audit trail and the history in one."""

    __tablename__ = "change"
    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    seq: int = _bigint(primary_key=True)
    mark: str = Field(sa_type=Text)
    replica: str = Field(sa_type=Text)
    n: int = _bigint()
    id: UUID
    digest: bytes = Field(sa_type=LargeBinary)
    person: UUID | None = None
    role: str = Field(sa_type=Text)
    schema_: int = Field(sa_column=Column("schema", nullable=False))
    at: int = _bigint()
    sent: int = _bigint()
    received: int = _bigint()
    edit_at: int = _bigint()
    outcome: str = Field(sa_type=Text)
    result: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    ops: Any = Field(sa_column=Column(JSON, nullable=False))
    hash: bytes = Field(sa_type=LargeBinary)


class ChangeRecord(SQLModel, table=True):
    """That an entry of the change log concerns a record: the way to a record's history."""

    __tablename__ = "change_record"
    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    record: UUID = Field(primary_key=True)
    seq: int = _bigint(primary_key=True)


class LineageRow(SQLModel, table=True):
    """A restore: the epoch it began, the last commit that came over, the first it gave; whether the cut is known."""

    __tablename__ = "lineage"
    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    epoch: str = Field(primary_key=True, sa_type=Text)
    cut: int = _bigint()
    first: int = _bigint()
    certain: bool
    at: int = _bigint()


class BackupRow(SQLModel, table=True):
    """A backup of a shop: made at `at`, after the commit `seq`; verified when it was restored beside and found whole."""

    __tablename__ = "backup"
    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    id: UUID = Field(primary_key=True)
    at: int = _bigint()
    seq: int = _bigint()
    verified_at: int | None = Field(default=None, sa_type=BigInteger)


class Bootstrap(SQLModel, table=True):
    """The list of ids of a bootstrap under way, fixed at its start and kept for a day."""

    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    token: str = Field(primary_key=True, sa_type=Text)
    replica: str = Field(sa_type=Text)
    ids: list[UUID] = Field(sa_column=Column(ARRAY(UUIDType(as_uuid=True)), nullable=False))
    made_at: int = _bigint()


class PortalView(SQLModel, table=True):
    """How often a customer's own view has changed."""

    __tablename__ = "portal_view"
    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    customer: UUID = Field(primary_key=True)
    count: int = _bigint(default=0)


class PortalRow(SQLModel, table=True):
    """What a customer's view held at its last look: a hash of each projection and the count it came with."""

    __tablename__ = "portal_row"
    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    customer: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    collection: str = Field(sa_type=Text)
    at: int = _bigint()
    gone: bool
    digest: bytes = Field(sa_type=LargeBinary)


class MismatchRow(SQLModel, table=True):
    """A replica differed from its view: how many records of which collections, and whether it could mend them."""

    __tablename__ = "mismatch"
    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    id: UUID = Field(primary_key=True)
    replica: str = Field(sa_type=Text)
    person: UUID
    at: int = _bigint()
    mended: bool
    found: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class WantedRow(SQLModel, table=True):
    """Older work in the view of one replica: since which commit it is there, or gone again, and until when it stays (ms)."""

    __tablename__ = "wanted"
    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    replica: str = Field(primary_key=True, sa_type=Text)
    id: UUID = Field(primary_key=True)
    pos: int = _bigint()
    inside: bool
    until: int = _bigint()
