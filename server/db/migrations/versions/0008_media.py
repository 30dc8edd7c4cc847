"""Files of photos, and the albums that are shared by a link.

A file has the id of the photo it belongs to, so that a photo has one file and an upload one address. Its row is also the
work that is left to do with it: whoever takes it on sets `leased_until`, and a lease that ran out is work to do again.
"""

from alembic import context, op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FILE = """
CREATE TABLE file (
  shop uuid NOT NULL REFERENCES shop (id),
  id uuid NOT NULL,
  sha256 text NOT NULL,
  bytes bigint NOT NULL,
  type text NOT NULL,
  state text NOT NULL CHECK (state IN ('receiving', 'arrived', 'ready', 'refused')),
  reason text,
  received bigint NOT NULL DEFAULT 0,
  parts json NOT NULL DEFAULT '[]',
  sniffed text,
  width integer,
  height integer,
  served_bytes bigint NOT NULL DEFAULT 0,
  tries integer NOT NULL DEFAULT 0,
  leased_until bigint NOT NULL DEFAULT 0,
  made_at bigint NOT NULL,
  touched_at bigint NOT NULL,
  arrived_at bigint,
  scrubbed_at bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (shop, id)
);
CREATE INDEX file_work ON file (leased_until) WHERE state = 'arrived';
CREATE INDEX file_unfinished ON file (shop, touched_at) WHERE state = 'receiving';
CREATE INDEX file_scrub ON file (shop, scrubbed_at) WHERE state IN ('ready', 'refused');
ALTER TABLE file ENABLE ROW LEVEL SECURITY;
ALTER TABLE file FORCE ROW LEVEL SECURITY;
CREATE POLICY file_server ON file
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server')
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server');
"""

ALBUM = """
CREATE TABLE album (
  shop uuid NOT NULL REFERENCES shop (id),
  id uuid NOT NULL,
  work_order uuid NOT NULL,
  title text NOT NULL,
  photos uuid[],
  token_hash bytea NOT NULL,
  password text,
  made_by uuid NOT NULL,
  made_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  revoked_at bigint,
  views bigint NOT NULL DEFAULT 0,
  seen_at bigint,
  PRIMARY KEY (shop, id),
  UNIQUE (shop, token_hash)
);
CREATE INDEX album_order ON album (shop, work_order);
ALTER TABLE album ENABLE ROW LEVEL SECURITY;
ALTER TABLE album FORCE ROW LEVEL SECURITY;
CREATE POLICY album_server ON album
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server')
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server');
"""


def upgrade() -> None:
    """Create both tables as the owner and hand the app role what it needs."""
    app = context.config.attributes["app_role"]
    op.execute(FILE)
    op.execute(ALBUM)
    for table in ("file", "album"):
        op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO "{app}"')


def downgrade() -> None:
    """The files themselves stay where they are; nothing says any more to which photo they belong but their names."""
    op.execute("DROP TABLE album")
    op.execute("DROP TABLE file")
