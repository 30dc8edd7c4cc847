"""Which entries of the change log concern a record, so that its history is found without reading the log; and the
refused ones, newest first, for whoever looks after them."""

from alembic import context, op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A table of its own and no index over the ops: row security lets only operators into an index that are known to leak
# nothing, and none of those for JSON or lists is.
TABLE = """
CREATE TABLE change_record (
  shop uuid NOT NULL REFERENCES shop (id),
  record uuid NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (shop, record, seq)
);
ALTER TABLE change_record ENABLE ROW LEVEL SECURITY;
CREATE POLICY change_record_server ON change_record
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server')
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server');

CREATE INDEX change_parked ON change (shop, seq) WHERE outcome = 'rejected';
"""

# The owner is held by row security too; what was logged before this version is read with it off for a moment.
FILL = """
ALTER TABLE change NO FORCE ROW LEVEL SECURITY;
INSERT INTO change_record (shop, record, seq)
  SELECT DISTINCT c.shop, (op ->> 'id')::uuid, c.seq
  FROM change c CROSS JOIN LATERAL json_array_elements(CASE json_typeof(c.ops) WHEN 'array' THEN c.ops ELSE '[]' END) AS op;
ALTER TABLE change FORCE ROW LEVEL SECURITY;
ALTER TABLE change_record FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    """Make the table and fill it from the log as it is."""
    app = context.config.attributes["app_role"]
    op.execute(TABLE)
    op.execute(FILL)
    op.execute(f'GRANT SELECT, INSERT ON change_record TO "{app}"')


def downgrade() -> None:
    """The log keeps all that stood here."""
    op.execute("DROP TABLE change_record")
    op.execute("DROP INDEX change_parked")
