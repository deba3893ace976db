"""Rows for tests of the ledger, and their shortest spelling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from posebatch_shared.errors import PosebatchError
from posebatch_shared.jobs import Claim, Job, JobState, Run, TrackOptions, VideoRef
from posebatch_shared.results import (
    Artifacts,
    JobResult,
    StageTiming,
    TrackerInfo,
    VideoInfo,
)
from posebatch_shared.store import Store
from posebatch_shared.store.tables import metadata

OWNER = "cpu@here:100:1"
OTHER = "cpu@there:200:2"

TIMINGS = (
    StageTiming(stage="job", parent=None, seconds=2.0, calls=1),
    StageTiming(stage="infer", parent="job", seconds=1.5, calls=90),
    StageTiming(stage="rest", parent="job", seconds=0.5, calls=1),
)


def empty_postgres(url: str) -> None:
    """Whoever had this ledger before has lost it, and all that was in it."""
    tables = ", ".join(metadata.tables)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid != pg_backend_pid()"
        )
        connection.execute(f"TRUNCATE {tables} RESTART IDENTITY")


def video(number: int = 0, **changes: Any) -> VideoRef:
    """A file that differs from another number's."""
    fields: dict[str, Any] = {
        "root": "archive",
        "path": f"clips/{number:06d}.mp4",
        "size_bytes": 1000 + number,
        "mtime_ns": 1_700_000_000_000_000_001 + number,
    }
    return VideoRef(**{**fields, **changes})


def result(content: str = "c0", pipeline: str = "p0", **changes: Any) -> JobResult:
    """A result of 90 frames."""
    fields: dict[str, Any] = {
        "content_hash": content,
        "pipeline_hash": pipeline,
        "video_info": VideoInfo(
            width=720,
            height=1280,
            fps=29.97,
            frames=90,
            duration_seconds=3.003,
            rotation_degrees=90,
            codec="hevc",
            extra={"hdr": True, "recorded_at": "2026-11-20T15:00:00+00:00"},
        ),
        "tracker": TrackerInfo(
            name="mediapipe",
            model="lite",
            model_sha256="ab" * 32,
            device="cpu",
            provider="xnnpack",
            versions={"mediapipe": "1.2"},
        ),
        "analysis": {"kind": "cmj", "jumps": [{"jump_height_m": 0.31}]},
        "artifacts": Artifacts(keypoints="file:///a.parquet"),
        "timings": TIMINGS,
        "frames_tracked": 90,
    }
    return JobResult(**{**fields, **changes})


def add_run(store: Store, jobs: int = 1, *, name: str = "night", **options: Any) -> Run:
    """A run of that many jobs for any device."""
    with store.unit_of_work() as uow:
        run = uow.runs.add(name=name, options=TrackOptions(), force=options.pop("force", False))
        uow.jobs.add_many(run, [video(number) for number in range(jobs)], **options)
        uow.commit()
    return run


def jobs_of(store: Store, run: Run) -> Sequence[Job]:
    """All jobs of a small run."""
    with store.unit_of_work() as uow:
        return uow.jobs.list(run.run_id, limit=10_000)


def job_of(store: Store, job_id: int) -> Job:
    """One job as it is now."""
    with store.unit_of_work() as uow:
        job = uow.jobs.get(job_id)
    assert job is not None
    return job


def claim(
    store: Store, job_id: int, *, owner: str = OWNER, lease_seconds: float = 60
) -> Claim | None:
    """Try to take a job."""
    with store.unit_of_work() as uow:
        taken = uow.jobs.claim(
            job_id, owner=owner, devices=("cpu", "any"), lease_seconds=lease_seconds
        )
        uow.commit()
    return taken


def must_claim(store: Store, job_id: int, **arguments: Any) -> Claim:
    """Take a job that is free."""
    taken = claim(store, job_id, **arguments)
    assert taken is not None
    return taken


def claim_next(store: Store, *, owner: str = OWNER) -> Claim | None:
    """Take the most urgent of the jobs that nobody was woken for, as one who is woken at once."""
    with store.unit_of_work() as uow:
        due = uow.jobs.due(devices=("cpu", "any"), limit=1, redispatch=False)
        uow.commit()
    return claim(store, due[0].job_id, owner=owner) if due else None


def complete(store: Store, held: Claim, outcome: JobResult | None = None) -> int:
    """End a job with a result."""
    with store.unit_of_work() as uow:
        result_id = uow.jobs.complete(held, outcome or result(f"c{held.job.job_id}"))
        uow.commit()
    return result_id


def fail(store: Store, held: Claim, error: PosebatchError, *, costs_attempt: bool = True) -> Job:
    """End an attempt with an error."""
    with store.unit_of_work() as uow:
        job = uow.jobs.fail(held, error, timings=TIMINGS, costs_attempt=costs_attempt)
        uow.commit()
    return job


def beat(store: Store, held: Claim, *, lease_seconds: float = 60) -> bool:
    """Report 5 of 9 frames; whether the claim still stands."""
    with store.unit_of_work() as uow:
        answer = uow.jobs.beat(held, frames_done=5, frames_total=9, lease_seconds=lease_seconds)
        uow.commit()
    return answer.valid


def rescue(store: Store, **arguments: Any) -> Sequence[Job]:
    """Sweep once."""
    with store.unit_of_work() as uow:
        rescued = uow.jobs.rescue(**arguments)
        uow.commit()
    return rescued


def states(store: Store, run: Run) -> list[JobState]:
    """States of a run's jobs in order."""
    return [job.state for job in jobs_of(store, run)]
