"""Runs that came to results, and what a deletion does to them."""

from __future__ import annotations

from ledgers import add_run, complete, jobs_of, must_claim, result, video
from posebatch_shared.jobs import Run
from posebatch_shared.results import Artifacts, JobResult
from posebatch_shared.store import Store
from posebatch_shared.store.deletion import Unused


def found(content: str, pipeline: str = "p0", *, file: str | None = None) -> JobResult:
    """A result whose keypoints are called after its content, or after `file`."""
    artifacts = Artifacts(keypoints=f"file:///place/{file or content}.parquet")
    return result(content, pipeline, artifacts=artifacts)


def done(store: Store, *outcomes: JobResult) -> Run:
    """A run of videos that came to these results."""
    run = add_run(store, len(outcomes))
    for job, outcome in zip(jobs_of(store, run), outcomes, strict=True):
        complete(store, must_claim(store, job.job_id), outcome)
    return run


def delete_batch(store: Store, run: Run) -> Unused:
    """The next jobs of the run, committed."""
    with store.views().deletion() as deletion:
        return deletion.delete_batch(run)


def known(store: Store, *contents: str) -> list[str]:
    """Which of these contents the ledger has results of."""
    with store.unit_of_work() as uow:
        return [content for content in contents if uow.results.of_content(content)]


def add_jobs(store: Store, run: Run) -> None:
    """One more."""
    with store.unit_of_work() as uow:
        uow.jobs.add_many(run, [video()])
        uow.commit()
