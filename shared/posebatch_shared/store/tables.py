"""How the ledger is laid out: tables, and the indexes that keep claims fast among millions of jobs.

Times are whole milliseconds since 1970 (UTC) by the database's clock: exact, ordered and indexable
alike in SQLite and Postgres.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

#: Key type: SQLite numbers rows by itself only in a column that is exactly INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", Key, primary_key=True),
    Column("name", Text, nullable=False, index=True),
    Column("options", JSON, nullable=False),
    Column("options_digest", String(64), nullable=False),
    Column("force", Boolean, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("cancelled", Boolean, nullable=False, server_default=text("false")),
)

videos = Table(
    "videos",
    metadata,
    Column("video_id", Key, primary_key=True),
    Column("root", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("content_hash", String(64)),  # known once a job has read the file
    UniqueConstraint("path", "root", "size_bytes", "mtime_ns"),
)

results = Table(
    "results",
    metadata,
    Column("result_id", Key, primary_key=True),
    Column("content_hash", String(64), nullable=False),
    Column("pipeline_hash", String(64), nullable=False),
    Column("video_info", JSON, nullable=False),
    Column("tracker", JSON, nullable=False),
    Column("analysis", JSON, nullable=False),
    Column("keypoints_uri", Text, index=True),
    Column("overlay_uri", Text, index=True),
    Column("frames_tracked", Integer, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    UniqueConstraint("content_hash", "pipeline_hash"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("job_id", Key, primary_key=True),
    Column("run_id", ForeignKey(runs.c.run_id), nullable=False),
    Column("video_id", ForeignKey(videos.c.video_id), nullable=False),
    Column("device", String(8), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("max_attempts", Integer, nullable=False),
    Column("crashes", Integer, nullable=False, server_default=text("0")),
    Column("token", BigInteger, nullable=False, server_default=text("0")),
    Column("available_at_ms", BigInteger, nullable=False),
    Column("dispatched_at_ms", BigInteger),  # null: no wake-up sent since it became available
    Column("owner", Text),  # of the last claim, kept when the job ends
    Column("lease_until_ms", BigInteger),
    Column("beat_at_ms", BigInteger),  # the worker's own last word, not a keeper's
    Column("started_at_ms", BigInteger),
    Column("finished_at_ms", BigInteger),
    Column("frames_done", Integer, nullable=False, server_default=text("0")),
    Column("frames_total", Integer),
    Column("error_code", String(40)),
    Column("error_message", Text),
    Column("cache_hit", Boolean, nullable=False, server_default=text("false")),
    Column("result_id", ForeignKey(results.c.result_id)),
    UniqueConstraint("video_id", "run_id"),
    CheckConstraint(
        "state IN ('available', 'running', 'retryable', 'completed', 'discarded', 'cancelled')",
        name="ck_jobs_state",  # with the convention's own prefix, as the first migration named it
    ),
)

# Written out, not bound: both databases use a partial index only where they can see the constant.
IS_AVAILABLE = jobs.c.state == text("'available'")
IS_RETRYABLE = jobs.c.state == text("'retryable'")
IS_RUNNING = jobs.c.state == text("'running'")
UNDISPATCHED = jobs.c.dispatched_at_ms.is_(None)
DISPATCHED = jobs.c.dispatched_at_ms.is_not(None)
MOST_URGENT = (jobs.c.priority.desc(), jobs.c.job_id)

Index("ix_jobs_run_state", jobs.c.run_id, jobs.c.state, jobs.c.job_id)
for _name, _columns, _where in (
    ("undispatched", (jobs.c.run_id, jobs.c.device, *MOST_URGENT), IS_AVAILABLE & UNDISPATCHED),
    ("dispatched", (jobs.c.device, *MOST_URGENT), IS_AVAILABLE & DISPATCHED),
    ("retryable", (jobs.c.available_at_ms,), IS_RETRYABLE),
    # Not over lease_until_ms, so that a heartbeat touches no index.
    ("running", (jobs.c.job_id,), IS_RUNNING),
    ("error", (jobs.c.error_code, jobs.c.job_id), jobs.c.error_code.is_not(None)),
    ("finished", (jobs.c.finished_at_ms,), jobs.c.finished_at_ms.is_not(None)),
    ("result", (jobs.c.result_id,), jobs.c.result_id.is_not(None)),
):
    # Only new SQLite ledgers are made from here; Postgres has the same condition by its migrations,
    # and to name it here would import that dialect everywhere.
    Index(f"ix_jobs_{_name}", *_columns, sqlite_where=_where)

# Of a sample of a run's files; both null: looked at, and it does not say.
headers = Table(
    "headers",
    metadata,
    Column("job_id", ForeignKey(jobs.c.job_id), primary_key=True, autoincrement=False),
    Column("frames", BigInteger),
    Column("pixels", BigInteger),
)

stage_timings = Table(
    "stage_timings",
    metadata,
    Column("job_id", ForeignKey(jobs.c.job_id), primary_key=True),
    Column("token", BigInteger, primary_key=True),  # of the attempt
    Column("stage", String(60), primary_key=True),
    Column("place", Integer, nullable=False),  # order as reported
    Column("parent", String(60)),
    Column("seconds", Float, nullable=False),
    Column("calls", BigInteger, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("device", String(8), nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("tracker", JSON, nullable=False),
    Column("stats", JSON, nullable=False),
    Column("started_at_ms", BigInteger, nullable=False),
    Column("seen_at_ms", BigInteger, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("event_id", Key, primary_key=True),
    Column("at_ms", BigInteger, nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    # No foreign keys: the log outlives what it tells of, and costs claims nothing.
    Column("run_id", BigInteger, index=True),
    Column("job_id", BigInteger, index=True),
    Column("actor", Text, nullable=False),
    Column("detail", JSON, nullable=False),
)
