"""The tables of files and albums, declared. The statements that use them are SQL; row security stands in the migration.

Times are milliseconds UTC. Keys begin with the shop, as everywhere.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, BigInteger, Column, LargeBinary, Uuid
from sqlmodel import Field, SQLModel


class FileRow(SQLModel, table=True):
    """The file of a photo, under the photo's id: what it is, how much of it has arrived, and what became of it.

    `state` is receiving, arrived, ready or refused. Whoever works on it holds it until `leased_until`. A `scrubbed_at` of 0
    says that nobody is sure whether it is there.
    """

    __tablename__ = "file"

    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    id: UUID = Field(primary_key=True)
    sha256: str
    bytes: int = Field(sa_type=BigInteger)
    type: str
    state: str
    reason: str | None = None
    received: int = Field(default=0, sa_type=BigInteger)
    parts: Any = Field(default=[], sa_column=Column(JSON, nullable=False))
    sniffed: str | None = None
    width: int | None = None
    height: int | None = None
    served_bytes: int = Field(default=0, sa_type=BigInteger)
    tries: int = 0
    leased_until: int = Field(default=0, sa_type=BigInteger)
    made_at: int = Field(sa_type=BigInteger)
    touched_at: int = Field(sa_type=BigInteger)
    arrived_at: int | None = Field(default=None, sa_type=BigInteger)
    scrubbed_at: int = Field(default=0, sa_type=BigInteger)


class AlbumRow(SQLModel, table=True):
    """Photos of a work order that are shared by a link; only the hash of the link's token is kept."""

    __tablename__ = "album"

    shop: UUID = Field(primary_key=True, foreign_key="shop.id")
    id: UUID = Field(primary_key=True)
    work_order: UUID
    title: str
    photos: Any = Field(default=None, sa_column=Column(ARRAY(Uuid), nullable=True))
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    password: str | None = None
    made_by: UUID
    made_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)
    views: int = Field(default=0, sa_type=BigInteger)
    seen_at: int | None = Field(default=None, sa_type=BigInteger)
