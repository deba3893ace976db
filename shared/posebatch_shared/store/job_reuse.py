"""Jobs that need no tracking: done before under the same options, or analysed again."""

from __future__ import annotations

from sqlalchemy import Select, func, select, text, update

from posebatch_shared.jobs import JobState, Run
from posebatch_shared.results import JobResult
from posebatch_shared.store.clock import now_ms
from posebatch_shared.store.job_base import JobBase
from posebatch_shared.store.tables import IS_AVAILABLE, jobs, results, runs

#: Until this transaction ends, nobody deletes a result that a job is pointed to.
_NONE_GOES = text("LOCK TABLE results IN ROW SHARE MODE")


class JobReuse(JobBase):
    """The part of JobRepository that points new jobs to old results."""

    def reuse_completed(self, run: Run) -> int:
        """Complete those waiting jobs of the run whose file (path, size and time) already has a
        result under its options, with an overlay if one is asked; returns how many. No byte of the
        files is read."""
        if self._transaction.is_postgres:
            self._transaction.execute(_NONE_GOES)
        old = jobs.alias("old")
        found = (
            select(func.max(old.c.result_id))
            .join(runs, runs.c.run_id == old.c.run_id)
            .join(results, results.c.result_id == old.c.result_id)
            .where(old.c.video_id == jobs.c.video_id, old.c.state == JobState.COMPLETED.value)
            .where(runs.c.options_digest == run.options.digest_of_release())
        )
        if run.options.overlay:
            found = found.where(results.c.overlay_uri.is_not(None))
        result_id = found.correlate(jobs).scalar_subquery()
        statement = (
            update(jobs)
            .where(jobs.c.run_id == run.run_id, IS_AVAILABLE, result_id.is_not(None))
            .values(
                state=JobState.COMPLETED.value,
                result_id=result_id,
                cache_hit=True,
                started_at_ms=now_ms(),
                finished_at_ms=now_ms(),
            )
        )
        return self._transaction.execute(statement).rowcount

    def reanalysed(self, job_id: int, result: JobResult) -> bool:
        """Point a completed job to another analysis of the same content; False if it is not
        completed, or of other content. Raises ResultDeleted."""
        result_id = self._results.store(result, replace=False, is_known=True)
        statement = (
            update(jobs)
            .where(jobs.c.job_id == job_id)
            .where(jobs.c.result_id.in_(_of_content(result.content_hash)))
            .values(result_id=result_id)
        )
        return self._transaction.execute(statement).rowcount == 1


def _of_content(content_hash: str) -> Select[tuple[int]]:
    return select(results.c.result_id).where(results.c.content_hash == content_hash)
