"""Restores: the gaps they left in a shop's count of commits, and quick answers about changesets that came twice.

`lineage` has one row for each restore of a shop. The partial index holds the entries of the change log whose outcome is
that of an earlier one: a changeset that came again under another dot. Both are empty in most shops.
"""

from alembic import context, op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LINEAGE = """
CREATE TABLE lineage (
  shop uuid NOT NULL REFERENCES shop (id),
  epoch text NOT NULL,
  cut bigint NOT NULL,
  first bigint NOT NULL,
  certain boolean NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (shop, epoch)
);
ALTER TABLE lineage ENABLE ROW LEVEL SECURITY;
ALTER TABLE lineage FORCE ROW LEVEL SECURITY;
CREATE POLICY lineage_server ON lineage
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server')
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server');
"""

SECONDS = """
CREATE INDEX change_second ON change (shop, replica)
  WHERE outcome = 'accepted' AND (result ->> 'seq')::bigint <> seq
"""


def upgrade() -> None:
    """Create the table as the owner and hand the app role what it needs."""
    app = context.config.attributes["app_role"]
    op.execute(LINEAGE)
    op.execute(SECONDS)
    op.execute(f'GRANT SELECT, INSERT ON lineage TO "{app}"')


def downgrade() -> None:
    """Bases of lost branches are invalid afterwards."""
    op.execute("DROP INDEX change_second")
    op.execute("DROP TABLE lineage")
