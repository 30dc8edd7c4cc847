"""Who signs in and from where: account, replica, session, link, and the attempts that rate limits count.

Rights are not here: what a staff user may do stands in the synced `staff` record of the same id. All of these rows are
the server's alone; only its own replica can be read in the name of the person it belongs to.
"""

from alembic import context, op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE account (
  shop uuid NOT NULL REFERENCES shop (id),
  id uuid NOT NULL,
  email_index bytea NOT NULL,
  password_hash text,
  created_at bigint NOT NULL,
  PRIMARY KEY (shop, id),
  UNIQUE (shop, email_index)
);

CREATE TABLE replica (
  shop uuid NOT NULL REFERENCES shop (id),
  id text NOT NULL CHECK (id ~ '^r[a-z2-7]{12}$'),
  kind text NOT NULL CHECK (kind IN ('staff', 'customer')),
  person uuid NOT NULL,
  device text NOT NULL,
  applied bigint NOT NULL DEFAULT 0,
  confirmed bigint NOT NULL DEFAULT 0,
  durable bigint NOT NULL DEFAULT 0,
  edit_at bigint NOT NULL DEFAULT 0,
  epoch text NOT NULL,
  created_at bigint NOT NULL,
  seen_at bigint NOT NULL,
  revoked_at bigint,
  PRIMARY KEY (shop, id)
);
CREATE INDEX replica_person ON replica (shop, person);

CREATE TABLE session (
  shop uuid NOT NULL REFERENCES shop (id),
  id uuid NOT NULL,
  replica text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('staff', 'customer')),
  person uuid NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  ended_at bigint,
  PRIMARY KEY (shop, id),
  FOREIGN KEY (shop, replica) REFERENCES replica (shop, id)
);
CREATE INDEX session_person ON session (shop, person) WHERE ended_at IS NULL;

CREATE TABLE link (
  shop uuid NOT NULL REFERENCES shop (id),
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('staff', 'customer')),
  person uuid NOT NULL,
  token_hash bytea NOT NULL,
  expires_at bigint NOT NULL,
  spent_at bigint,
  PRIMARY KEY (shop, id),
  UNIQUE (shop, token_hash)
);
CREATE INDEX link_person ON link (shop, person);

CREATE TABLE attempt (
  shop uuid NOT NULL REFERENCES shop (id),
  key bytea NOT NULL,
  since bigint NOT NULL,
  count integer NOT NULL,
  PRIMARY KEY (shop, key, since)
);
CREATE INDEX attempt_age ON attempt (shop, since);
"""

# The sub-selects make PostgreSQL read the context once a statement and not once a row.
GUARD = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY {table}_server ON {table}
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server')
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server');
"""

OWN_REPLICAS = """
CREATE POLICY replica_own ON replica FOR SELECT
  USING (shop = (SELECT app_shop()) AND kind = (SELECT app_kind()) AND person = (SELECT app_me()));
"""

GRANTS = {
    "account": "SELECT, INSERT, UPDATE",
    "replica": "SELECT, INSERT, UPDATE",
    "session": "SELECT, INSERT, UPDATE, DELETE",
    "link": "SELECT, INSERT, UPDATE, DELETE",
    "attempt": "SELECT, INSERT, UPDATE, DELETE",
}


def upgrade() -> None:
    """Create the tables as the owner and hand the app role what it needs."""
    app = context.config.attributes["app_role"]
    op.execute(TABLES)
    for table, rights in GRANTS.items():
        op.execute(GUARD.format(table=table))
        op.execute(f'GRANT {rights} ON {table} TO "{app}"')
    op.execute(OWN_REPLICAS)


def downgrade() -> None:
    """Everybody has to sign in anew afterwards."""
    for table in reversed(list(GRANTS)):
        op.execute(f"DROP TABLE {table}")
