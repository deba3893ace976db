"""Indexes that keep claims, sweeps and pages fast among millions of jobs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_URGENCY: tuple[str | sa.ColumnElement[Any], ...] = (sa.literal_column("priority DESC"), "job_id")
_PARTIAL = (
    (
        "ix_jobs_undispatched",
        ("run_id", "device", *_URGENCY),
        "state = 'available' AND dispatched_at_ms IS NULL",
    ),
    (
        "ix_jobs_dispatched",
        ("device", *_URGENCY),
        "state = 'available' AND dispatched_at_ms IS NOT NULL",
    ),
    ("ix_jobs_retryable", ("available_at_ms",), "state = 'retryable'"),
    ("ix_jobs_running", ("job_id",), "state = 'running'"),
    ("ix_jobs_error", ("error_code", "job_id"), "error_code IS NOT NULL"),
)

#: Finished jobs leave dead entries in the indexes of the waiting; vacuum must come round often.
_VACUUM = (
    "autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000, "
    "autovacuum_analyze_scale_factor = 0.02, fillfactor = 85"
)


def upgrade() -> None:
    """Index what is waiting, running or failed, and the log."""
    op.create_index("ix_jobs_run_state", "jobs", ["run_id", "state", "job_id"])
    for name, columns, where in _PARTIAL:
        condition = sa.text(where)
        op.create_index(
            name, "jobs", list(columns), postgresql_where=condition, sqlite_where=condition
        )
    for column in ("at_ms", "run_id", "job_id"):
        op.create_index(f"ix_events_{column}", "events", [column])
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE jobs SET ({_VACUUM})")
