"""What Alembic runs for every command: the migrations in one transaction, over the connection that `migrate` gives.

One transaction for all of them means that a migration that fails leaves the database as it was.
"""

from alembic import context


def run() -> None:
    """Run the migrations that `server.db.migrate` asked for."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()


run()
