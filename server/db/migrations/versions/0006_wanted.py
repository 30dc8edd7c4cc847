"""Older work that replicas asked for (rule P18), and how far back the feed goes (rule R1)."""

from alembic import context, op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE wanted (
  shop uuid NOT NULL REFERENCES shop (id),
  replica text NOT NULL,
  id uuid NOT NULL,
  pos bigint NOT NULL,
  inside boolean NOT NULL,
  until bigint NOT NULL,
  PRIMARY KEY (shop, replica, id)
);
CREATE INDEX wanted_feed ON wanted (shop, replica, pos);
CREATE INDEX wanted_until ON wanted (shop, until) WHERE inside;

ALTER TABLE wanted ENABLE ROW LEVEL SECURITY;
ALTER TABLE wanted FORCE ROW LEVEL SECURITY;
CREATE POLICY wanted_server ON wanted
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server')
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server');
CREATE POLICY wanted_read ON wanted FOR SELECT
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'staff');

-- Work that has left the phones, newest first.
CREATE INDEX record_older ON record (shop, pos DESC, id DESC)
  WHERE collection = 'work_order' AND NOT inside AND NOT gone;

ALTER TABLE head ADD COLUMN horizon bigint NOT NULL DEFAULT 0;
"""


def upgrade() -> None:
    """Create the table as the owner and hand the app role what it needs."""
    app = context.config.attributes["app_role"]
    op.execute(TABLE)
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON wanted TO "{app}"')


def downgrade() -> None:
    op.execute("DROP INDEX record_older")
    op.execute("ALTER TABLE head DROP COLUMN horizon")
    op.execute("DROP TABLE wanted")
