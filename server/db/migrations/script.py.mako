"""${message}."""

from alembic import context, op

revision = "${up_revision}"
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say in a sentence what is there afterwards."""
    app = context.config.attributes["app_role"]
    op.execute(f'GRANT SELECT ON … TO "{app}"')


def downgrade() -> None:
    """Say in a sentence what is lost."""
