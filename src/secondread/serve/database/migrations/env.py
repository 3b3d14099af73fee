"""How alembic runs the scripts: on the connection it was given, in one transaction."""

from alembic import context

from secondread.serve.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
