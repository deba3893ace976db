"""Runs migrations on the connection, and inside the transaction, that the store hands over."""

from __future__ import annotations

from alembic import context

from posebatch_shared.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
