"""What replicas report that differed from their view (rule D3)."""

from alembic import context, op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE mismatch (
  shop uuid NOT NULL REFERENCES shop (id),
  id uuid NOT NULL,
  replica text NOT NULL,
  person uuid NOT NULL,
  at bigint NOT NULL,
  mended boolean NOT NULL,
  found json NOT NULL,
  PRIMARY KEY (shop, id)
);
CREATE INDEX mismatch_age ON mismatch (shop, at);

ALTER TABLE mismatch ENABLE ROW LEVEL SECURITY;
ALTER TABLE mismatch FORCE ROW LEVEL SECURITY;
CREATE POLICY mismatch_server ON mismatch
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server')
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server');
"""


def upgrade() -> None:
    """Create the table as the owner and hand the app role what it needs."""
    app = context.config.attributes["app_role"]
    op.execute(TABLE)
    op.execute(f'GRANT SELECT, INSERT, DELETE ON mismatch TO "{app}"')


def downgrade() -> None:
    op.execute("DROP TABLE mismatch")
