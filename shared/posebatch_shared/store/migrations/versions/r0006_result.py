"""An index that finds who uses a result, so that runs can be deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Index jobs by their result."""
    known = sa.text("result_id IS NOT NULL")
    op.create_index(
        "ix_jobs_result", "jobs", ["result_id"], postgresql_where=known, sqlite_where=known
    )
