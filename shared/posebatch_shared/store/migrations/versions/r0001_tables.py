"""Runs, videos, jobs, results, stage timings, workers and events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FALSE = sa.text("false")
_ZERO = sa.text("0")
_STATES = "'available', 'running', 'retryable', 'completed', 'discarded', 'cancelled'"


def upgrade() -> None:
    """Make the first tables."""
    _runs_and_videos()
    _results()
    _jobs()
    _timings()
    _workers_and_events()


def _runs_and_videos() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("options_digest", sa.String(64), nullable=False),
        sa.Column("force", sa.Boolean(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=_FALSE, nullable=False),
        sa.Column("cancelled", sa.Boolean(), server_default=_FALSE, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    op.create_index("ix_runs_name", "runs", ["name"])
    op.create_table(
        "videos",
        sa.Column("video_id", _KEY, nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.String(64)),
        sa.PrimaryKeyConstraint("video_id", name="pk_videos"),
        sa.UniqueConstraint(
            "path",
            "root",
            "size_bytes",
            "mtime_ns",
            name="uq_videos_path_root_size_bytes_mtime_ns",
        ),
    )


def _results() -> None:
    op.create_table(
        "results",
        sa.Column("result_id", _KEY, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("pipeline_hash", sa.String(64), nullable=False),
        sa.Column("video_info", sa.JSON(), nullable=False),
        sa.Column("tracker", sa.JSON(), nullable=False),
        sa.Column("analysis", sa.JSON(), nullable=False),
        sa.Column("keypoints_uri", sa.Text()),
        sa.Column("overlay_uri", sa.Text()),
        sa.Column("frames_tracked", sa.Integer(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("result_id", name="pk_results"),
        sa.UniqueConstraint(
            "content_hash", "pipeline_hash", name="uq_results_content_hash_pipeline_hash"
        ),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("job_id", _KEY, nullable=False),
        sa.Column("run_id", _KEY, nullable=False),
        sa.Column("video_id", _KEY, nullable=False),
        sa.Column("device", sa.String(8), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("token", sa.BigInteger(), server_default=_ZERO, nullable=False),
        sa.Column("available_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("dispatched_at_ms", sa.BigInteger()),
        sa.Column("owner", sa.Text()),
        sa.Column("lease_until_ms", sa.BigInteger()),
        sa.Column("started_at_ms", sa.BigInteger()),
        sa.Column("finished_at_ms", sa.BigInteger()),
        sa.Column("frames_done", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("frames_total", sa.Integer()),
        sa.Column("error_code", sa.String(40)),
        sa.Column("error_message", sa.Text()),
        sa.Column("cache_hit", sa.Boolean(), server_default=_FALSE, nullable=False),
        sa.Column("result_id", _KEY),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
        sa.UniqueConstraint("video_id", "run_id", name="uq_jobs_video_id_run_id"),
        sa.CheckConstraint(f"state IN ({_STATES})", name="ck_jobs_state"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_jobs_run_id"),
        sa.ForeignKeyConstraint(["video_id"], ["videos.video_id"], name="fk_jobs_video_id"),
        sa.ForeignKeyConstraint(["result_id"], ["results.result_id"], name="fk_jobs_result_id"),
    )


def _timings() -> None:
    op.create_table(
        "stage_timings",
        sa.Column("job_id", _KEY, nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.String(60), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("parent", sa.String(60)),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "token", "stage", name="pk_stage_timings"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], name="fk_stage_timings_job_id"),
    )


def _workers_and_events() -> None:
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("device", sa.String(8), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("tracker", sa.JSON(), nullable=False),
        sa.Column("stats", sa.JSON(), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )
    op.create_table(
        "events",
        sa.Column("event_id", _KEY, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("run_id", sa.BigInteger()),
        sa.Column("job_id", sa.BigInteger()),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_events"),
    )
