"""An index by time of end, so that throughput of the last minutes is read in milliseconds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Index the ended jobs."""
    ended = sa.text("finished_at_ms IS NOT NULL")
    op.create_index(
        "ix_jobs_finished",
        "jobs",
        ["finished_at_ms"],
        postgresql_where=ended,
        sqlite_where=ended,
    )
