"""How rows of the ledger become the values that everyone else knows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, select

from posebatch_shared.jobs import Job, JobState, Run, TrackOptions, VideoRef
from posebatch_shared.results import Artifacts, JobResult, StageTiming, TrackerInfo, VideoInfo
from posebatch_shared.store.clock import to_datetime, to_optional_datetime
from posebatch_shared.store.records import EventRow, WorkerRow
from posebatch_shared.store.tables import jobs, videos

#: Columns that `to_video` reads.
VIDEO_COLUMNS = (videos.c.root, videos.c.path, videos.c.size_bytes, videos.c.mtime_ns)


def select_jobs() -> Select[Any]:
    """Every column that `to_job` reads."""
    return select(jobs, *VIDEO_COLUMNS, videos.c.content_hash).join(
        videos, videos.c.video_id == jobs.c.video_id
    )


def to_video(row: Row[Any]) -> VideoRef:
    """A file as submitted."""
    return VideoRef(root=row.root, path=row.path, size_bytes=row.size_bytes, mtime_ns=row.mtime_ns)


def to_job(row: Row[Any]) -> Job:
    """A row of `select_jobs`."""
    return Job(
        job_id=row.job_id,
        run_id=row.run_id,
        video=to_video(row),
        device=row.device,
        priority=row.priority,
        state=JobState(row.state),
        attempt=row.attempt,
        max_attempts=row.max_attempts,
        crashes=row.crashes,
        token=row.token,
        available_at=to_datetime(row.available_at_ms),
        owner=row.owner,
        lease_until=to_optional_datetime(row.lease_until_ms),
        started_at=to_optional_datetime(row.started_at_ms),
        finished_at=to_optional_datetime(row.finished_at_ms),
        frames_done=row.frames_done,
        frames_total=row.frames_total,
        error_code=row.error_code,
        error_message=row.error_message,
        content_hash=row.content_hash,
        cache_hit=row.cache_hit,
        result_id=row.result_id,
    )


def to_run(row: Row[Any]) -> Run:
    """A row of `runs`."""
    return Run(
        run_id=row.run_id,
        name=row.name,
        options=TrackOptions(**row.options),
        created_at=to_datetime(row.created_at_ms),
        paused=row.paused,
        cancelled=row.cancelled,
        force=row.force,
    )


def to_result(row: Row[Any]) -> JobResult:
    """A row of `results`."""
    return JobResult(
        content_hash=row.content_hash,
        pipeline_hash=row.pipeline_hash,
        video_info=VideoInfo(**row.video_info),
        tracker=TrackerInfo(**row.tracker),
        analysis=row.analysis,
        artifacts=Artifacts(keypoints=row.keypoints_uri, overlay=row.overlay_uri),
        timings=(),  # those of a job are rows of their own
        frames_tracked=row.frames_tracked,
    )


def to_timing(row: Row[Any]) -> StageTiming:
    """A row of `stage_timings`."""
    return StageTiming(stage=row.stage, parent=row.parent, seconds=row.seconds, calls=row.calls)


def to_worker(row: Row[Any]) -> WorkerRow:
    """A row of `workers`."""
    return WorkerRow(
        name=row.name,
        device=row.device,
        host=row.host,
        pid=row.pid,
        tracker=row.tracker,
        started_at=to_datetime(row.started_at_ms),
        seen_at=to_datetime(row.seen_at_ms),
        stats=row.stats,
    )


def to_event(row: Row[Any]) -> EventRow:
    """A row of `events`."""
    return EventRow(
        event_id=row.event_id,
        at=to_datetime(row.at_ms),
        kind=row.kind,
        run_id=row.run_id,
        job_id=row.job_id,
        actor=row.actor,
        detail=row.detail,
    )
