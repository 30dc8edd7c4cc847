"""Backups: what each was made of and whether it was verified; and the database that a shop's head lives in.

A row is written before the dump, so that the dump holds it too: a restored database knows which backups it came after.
`head.home` names the cluster and the database; a head that wakes up in another one was restored or moved.
"""

from alembic import context, op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BACKUP = """
CREATE TABLE backup (
  shop uuid NOT NULL REFERENCES shop (id),
  id uuid NOT NULL,
  at bigint NOT NULL,
  seq bigint NOT NULL,
  verified_at bigint,
  PRIMARY KEY (shop, id)
);
ALTER TABLE backup ENABLE ROW LEVEL SECURITY;
ALTER TABLE backup FORCE ROW LEVEL SECURITY;
CREATE POLICY backup_server ON backup
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server')
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server');
ALTER TABLE head ADD COLUMN home text NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    """Create the table as the owner and hand the app role what it needs."""
    app = context.config.attributes["app_role"]
    op.execute(BACKUP)
    op.execute(f'GRANT SELECT, INSERT, UPDATE ON backup TO "{app}"')


def downgrade() -> None:
    """No backup counts as verified afterwards; what is durable stays so."""
    op.execute("ALTER TABLE head DROP COLUMN home")
    op.execute("DROP TABLE backup")
