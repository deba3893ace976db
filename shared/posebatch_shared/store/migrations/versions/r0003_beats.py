"""When a worker last spoke for itself; and which result an artifact belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Jobs that run now are taken to have spoken when they were claimed."""
    op.add_column("jobs", sa.Column("beat_at_ms", sa.BigInteger()))
    op.execute("UPDATE jobs SET beat_at_ms = started_at_ms WHERE state = 'running'")
    for column in ("keypoints_uri", "overlay_uri"):
        op.create_index(f"ix_results_{column}", "results", [column])
