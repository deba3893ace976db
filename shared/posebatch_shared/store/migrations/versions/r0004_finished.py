"""An index that finds what ended lately, for metrics and charts of throughput."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Index finished jobs by when they ended."""
    ended = sa.text("finished_at_ms IS NOT NULL")
    op.create_index(
        "ix_jobs_finished", "jobs", ["finished_at_ms"], postgresql_where=ended, sqlite_where=ended
    )
