"""A run as the JSON document of the contract, straight from the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from posebatch_shared.jobs import Job, JobState, Run
from posebatch_shared.results import JobResult, of_older_analysis
from posebatch_shared.snapshot import RunProgress
from posebatch_shared.store.ports import UnitOfWork

PAGE = 500


def run_document(uow: UnitOfWork, run: Run) -> dict[str, Any]:
    """{"run": …, "jobs": […]} with one entry per video, in the order of submission."""
    entries = [job_entry(uow, job) for job in jobs_of(uow, run.run_id)]
    return {"run": run_summary(uow, run), "jobs": entries}


def jobs_of(uow: UnitOfWork, run_id: int) -> Iterator[Job]:
    """All jobs of a run, page by page."""
    after = 0
    while page := uow.jobs.list(run_id, after=after, limit=PAGE):
        yield from page
        after = page[-1].job_id


def run_summary(uow: UnitOfWork, run: Run) -> dict[str, Any]:
    """State, counts and rates of a run."""
    counts = uow.jobs.counts(run.run_id)
    progress = RunProgress(run=run, counts=counts, left=None)
    frames, seconds = uow.jobs.throughput(run.run_id)
    completed = counts.get(JobState.COMPLETED, 0)
    return {
        "run_id": run.run_id,
        "name": run.name,
        "options": run.options.to_json(),
        "state": progress.state,
        "total": progress.total,
        "completed": completed,
        "discarded": counts.get(JobState.DISCARDED, 0),
        "cancelled": counts.get(JobState.CANCELLED, 0),
        "seconds": round(seconds, 3),
        "frames_per_second": round(frames / seconds, 2) if seconds else 0.0,
        "videos_per_hour": round(3600 * completed / seconds, 1) if seconds else 0.0,
    }


def job_entry(uow: UnitOfWork, job: Job) -> dict[str, Any]:
    """One job with its result, if it has one."""
    result = uow.results.get(job.result_id) if job.result_id is not None else None
    return {
        "job_id": job.job_id,
        "run_id": job.run_id,
        "video": job.video.place,
        "root": job.video.root,
        "state": job.state.value,
        "attempt": job.attempt,
        "cache_hit": job.cache_hit,
        "error": _error(job),
        "content_hash": job.content_hash,
        **_result_fields(result),
        "remark": _remark(job, result),
        "timings": [asdict(timing) for timing in uow.results.timings(job.job_id)],
    }


def _error(job: Job) -> dict[str, str] | None:
    if job.error_code is None or job.state is JobState.COMPLETED:
        return None
    return {"code": job.error_code, "message": job.error_message or ""}


def _remark(job: Job, result: JobResult | None) -> str | None:
    if job.state is JobState.COMPLETED and result and of_older_analysis(result.analysis):
        return f"measured by an older analysis (new numbers: `posebatch reanalyze {job.run_id}`)"
    return None


def _result_fields(result: JobResult | None) -> dict[str, Any]:
    if result is None:
        return {
            "video_info": None,
            "tracker": None,
            "analysis": None,
            "artifacts": {"keypoints": None, "overlay": None},
        }
    info = asdict(result.video_info)
    return {
        "video_info": {**info.pop("extra"), **info},
        "tracker": asdict(result.tracker),
        "analysis": dict(result.analysis),
        "artifacts": asdict(result.artifacts),
        "frames_tracked": result.frames_tracked,
        "pipeline_hash": result.pipeline_hash,
    }
