"""The table of shops, declared. What a shop shows of itself is its synced record, not here."""

from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Integer
from sqlmodel import Field, SQLModel


class Shop(SQLModel, table=True):
    """One tenant. `slug` is its part of the host name; the one with `ordinal` 1 answers on a bare host."""

    __tablename__ = "shop"

    id: UUID = Field(primary_key=True)
    ordinal: int | None = Field(
        default=None, sa_column=Column(Integer, Identity(always=True), nullable=False)
    )
    slug: str = Field(unique=True)
    created_at: int = Field(sa_type=BigInteger)
