"""The shop, its head row, and the tables of the store: record, change, bootstrap, portal.

Row security is written by hand: reads follow the principal named in the transaction's context, writes of
synced rows are the server's alone. A deferred trigger refuses a commit that changed a synced row without a
stamp from the shop's head, so nothing goes round the feed.
"""

from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CONTEXT = """
CREATE FUNCTION app_shop() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.shop', true), '')::uuid $$;
CREATE FUNCTION app_slug() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT current_setting('app.slug', true) $$;
CREATE FUNCTION app_kind() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(current_setting('app.kind', true), '') $$;
CREATE FUNCTION app_me() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.me', true), '')::uuid $$;
CREATE FUNCTION app_collections() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(nullif(current_setting('app.collections', true), ''), '{}')::text[] $$;
CREATE FUNCTION app_sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(current_setting('app.sees_all', true), '') = 'true' $$;
"""

TABLES = """
CREATE TABLE shop (
  id uuid PRIMARY KEY,
  ordinal integer GENERATED ALWAYS AS IDENTITY,
  slug text NOT NULL UNIQUE,
  created_at bigint NOT NULL
);

CREATE TABLE head (
  shop uuid PRIMARY KEY REFERENCES shop (id),
  epoch text NOT NULL,
  seq bigint NOT NULL DEFAULT 0,
  prior bigint NOT NULL DEFAULT 0,
  mark text NOT NULL DEFAULT '',
  chain bytea NOT NULL DEFAULT ''::bytea,
  numbers json NOT NULL DEFAULT '{}'
);

CREATE TABLE record (
  shop uuid NOT NULL REFERENCES shop (id),
  id uuid NOT NULL,
  collection text NOT NULL,
  seq bigint NOT NULL,
  pos bigint NOT NULL,
  inside boolean NOT NULL,
  gone boolean NOT NULL DEFAULT false,
  private boolean NOT NULL DEFAULT false,
  shared boolean NOT NULL DEFAULT false,
  parent uuid,
  own uuid,
  customer uuid,
  vv json NOT NULL,
  data json NOT NULL,
  meta json NOT NULL,
  PRIMARY KEY (shop, id)
);
-- Without the id, so that a look-up by id never takes this index for the primary key's.
CREATE INDEX record_feed ON record (shop, pos);
CREATE INDEX record_children ON record (shop, parent, collection) WHERE parent IS NOT NULL;
CREATE INDEX record_customer ON record (shop, customer) WHERE customer IS NOT NULL;
CREATE INDEX record_small ON record (shop, collection)
  WHERE collection IN ('shop', 'staff', 'part', 'customer', 'conflict', 'notice');
CREATE INDEX record_movement ON record (shop, (data ->> 'part')) WHERE collection = 'part_movement';
CREATE INDEX record_running ON record (shop, own)
  WHERE collection = 'time_entry' AND NOT gone AND data ->> 'ended_at' IS NULL;

CREATE TABLE change (
  shop uuid NOT NULL REFERENCES shop (id),
  seq bigint NOT NULL,
  mark text NOT NULL,
  replica text NOT NULL,
  n bigint NOT NULL,
  id uuid NOT NULL,
  digest bytea NOT NULL,
  person uuid,
  role text NOT NULL,
  schema integer NOT NULL,
  at bigint NOT NULL,
  sent bigint NOT NULL,
  received bigint NOT NULL,
  edit_at bigint NOT NULL,
  outcome text NOT NULL,
  result json NOT NULL,
  ops json NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (shop, seq),
  UNIQUE (shop, replica, n)
);
CREATE INDEX change_id ON change (shop, id);
CREATE INDEX change_refused ON change (shop, replica) WHERE outcome = 'rejected';

CREATE TABLE bootstrap (
  shop uuid NOT NULL REFERENCES shop (id),
  token text NOT NULL,
  replica text NOT NULL,
  ids uuid[] NOT NULL,
  made_at bigint NOT NULL,
  PRIMARY KEY (shop, token)
);
CREATE INDEX bootstrap_age ON bootstrap (shop, made_at);

CREATE TABLE portal_view (
  shop uuid NOT NULL REFERENCES shop (id),
  customer uuid NOT NULL,
  count bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (shop, customer)
);

CREATE TABLE portal_row (
  shop uuid NOT NULL REFERENCES shop (id),
  customer uuid NOT NULL,
  id uuid NOT NULL,
  collection text NOT NULL,
  at bigint NOT NULL,
  gone boolean NOT NULL,
  digest bytea NOT NULL,
  PRIMARY KEY (shop, customer, id)
);
"""

# Sub-selects make PostgreSQL read the context once a statement and not once a row.
GUARDS = """
ALTER TABLE shop ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop FORCE ROW LEVEL SECURITY;
CREATE POLICY shop_read ON shop FOR SELECT USING (
  id = (SELECT app_shop()) OR slug = (SELECT app_slug())
  OR ((SELECT app_slug()) = '' AND (SELECT app_kind()) = 'find' AND ordinal = 1)
  OR (SELECT app_kind()) = 'install');
CREATE POLICY shop_make ON shop FOR INSERT WITH CHECK (id = (SELECT app_shop()) AND (SELECT app_kind()) = 'server');

ALTER TABLE record ENABLE ROW LEVEL SECURITY;
ALTER TABLE record FORCE ROW LEVEL SECURITY;
CREATE POLICY record_read ON record FOR SELECT USING (
  shop = (SELECT app_shop()) AND CASE (SELECT app_kind())
    WHEN 'server' THEN true
    WHEN 'staff' THEN collection = ANY ((SELECT app_collections())::text[])
      AND (own IS NULL OR own = (SELECT app_me()) OR (SELECT app_sees_all()) AND collection <> 'notice')
    WHEN 'customer' THEN shared AND customer = (SELECT app_me())
      OR collection = 'shop' AND id = (SELECT app_shop())
    ELSE false END);
CREATE POLICY record_insert ON record FOR INSERT
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server');
CREATE POLICY record_update ON record FOR UPDATE
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server')
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'server');

ALTER TABLE portal_view ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal_view FORCE ROW LEVEL SECURITY;
CREATE POLICY portal_view_own ON portal_view
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'customer' AND customer = (SELECT app_me()))
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'customer' AND customer = (SELECT app_me()));

ALTER TABLE portal_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal_row FORCE ROW LEVEL SECURITY;
CREATE POLICY portal_row_own ON portal_row
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'customer' AND customer = (SELECT app_me()))
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) = 'customer' AND customer = (SELECT app_me()));
"""

SERVER_ONLY = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY {table}_server ON {table}
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) IN ({kinds}))
  WITH CHECK (shop = (SELECT app_shop()) AND (SELECT app_kind()) IN ({kinds}));
"""

# Whoever pulls must know how far the shop is; only the server moves it on.
HEAD_READ = """
CREATE POLICY head_read ON head FOR SELECT
  USING (shop = (SELECT app_shop()) AND (SELECT app_kind()) IN ('staff', 'customer'));
"""

STAMP = """
CREATE FUNCTION record_is_stamped() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM head h
    WHERE h.shop = NEW.shop AND NEW.pos > h.prior AND NEW.pos <= h.seq
      AND h.xmin::text::bigint = pg_current_xact_id()::text::bigint & 4294967295;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'record % was changed without a stamp of this commit', NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER record_stamped AFTER INSERT OR UPDATE ON record
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_is_stamped();
"""

GRANTS = {
    "shop": "SELECT, INSERT",
    "head": "SELECT, INSERT, UPDATE",
    "record": "SELECT, INSERT, UPDATE",
    "change": "SELECT, INSERT",
    "bootstrap": "SELECT, INSERT, DELETE",
    "portal_view": "SELECT, INSERT, UPDATE",
    "portal_row": "SELECT, INSERT, UPDATE",
}


def upgrade() -> None:
    """Create the store as the owner and hand the app role what it needs, never ownership."""
    app = context.config.attributes["app_role"]
    op.execute(CONTEXT)
    op.execute(TABLES)
    op.execute(GUARDS)
    for table, kinds in (
        ("head", "'server'"),
        ("change", "'server'"),
        ("bootstrap", "'server', 'staff'"),
    ):
        op.execute(SERVER_ONLY.format(table=table, kinds=kinds))
    op.execute(HEAD_READ)
    op.execute(STAMP)
    for table, rights in GRANTS.items():
        op.execute(f'GRANT {rights} ON {table} TO "{app}"')


def downgrade() -> None:
    """The first migration has nothing to go back to."""
    for table in reversed(list(GRANTS)):
        op.execute(f"DROP TABLE {table}")
