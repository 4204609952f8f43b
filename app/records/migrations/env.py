"""Run by Alembic: migrates over the connection that ``app.records.database`` has opened and locked."""

from alembic import context

from app.records.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    # The caller's transaction holds all of it: a migration is there wholly or not at all.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
