"""The tables that migrations make and the classes that describe them are the same."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import String, create_engine
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from server.auth import models as auth_models
from server.media import models as media_models
from server.shops import models as shop_models
from server.store import models as store_models

DESCRIBED = (auth_models, media_models, shop_models, store_models)

# Indexes and constraints are written in the migrations, next to the queries they serve.
BY_HAND = ("remove_index", "remove_constraint", "remove_fk")


def test_migrations_make_what_the_classes_describe(owner_url: str) -> None:
    engine = create_engine(owner_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _differs})
        found = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    changes = [step for change in found for step in (change if isinstance(change, list) else [change])]
    assert [step for step in changes if step[0] not in BY_HAND] == []


def _differs(_: Any, __: Any, ___: Any, found: TypeEngine[Any], described: TypeEngine[Any]) -> bool | None:
    """Texts of every length are one type here; all else is Alembic's to compare."""
    same = isinstance(found, String) and isinstance(getattr(described, "impl", described), String)
    return False if same else None
