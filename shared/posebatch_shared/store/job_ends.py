"""How a worker's hold on a job ends: exactly once, and only while it is still that worker's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import false, literal, update

from posebatch_shared.errors import PosebatchError, StaleClaim, TransientError
from posebatch_shared.jobs import Claim, Job, JobState
from posebatch_shared.results import JobResult, StageTiming
from posebatch_shared.store.backoff import OUTAGE_SECONDS, backoff_seconds
from posebatch_shared.store.claim_statements import (
    COMPLETE_POSTGRES,
    COMPLETE_SQLITE,
    COMPLETED_BEFORE,
    FENCE,
    KNOW_CONTENT_SQLITE,
    fence_of,
)
from posebatch_shared.store.clock import milliseconds, now_ms
from posebatch_shared.store.job_base import JobBase
from posebatch_shared.store.reasons import developer_detail, sentence
from posebatch_shared.store.rows import select_jobs, to_job
from posebatch_shared.store.tables import jobs
from posebatch_shared.store.waiting import waits_again


class JobEnds(JobBase):
    """The part of JobRepository that ends a claim."""

    def complete(self, claim: Claim, result: JobResult) -> int:
        """State, result and timings in this transaction; returns result_id.

        Asked again after a commit whose answer was lost, it returns the same id. Raises StaleClaim,
        ResultDeleted.
        """
        result_id = self._results.store(result, replace=claim.run.force, is_known=result.cache_hit)
        ended = {
            **fence_of(claim),
            "its_result": result_id,
            "from_cache": result.cache_hit,
            "frames": 0 if result.cache_hit else result.frames_tracked,
        }
        if not self._end_completed(ended, content=result.content_hash):
            return self._completed_before(claim)
        self._results.store_timings(claim.job.job_id, claim.token, result.timings)
        return result_id

    def _end_completed(self, ended: dict[str, Any], *, content: str) -> bool:
        known = {"this_job": ended["this_job"], "content": content}
        if self._transaction.is_postgres:
            return self._transaction.execute(COMPLETE_POSTGRES, ended | known).rowcount == 1
        if self._transaction.execute(COMPLETE_SQLITE, ended).rowcount == 0:
            return False
        self._transaction.execute(KNOW_CONTENT_SQLITE, known)
        return True

    def _completed_before(self, claim: Claim) -> int:
        row = self._transaction.execute(COMPLETED_BEFORE, fence_of(claim)).one_or_none()
        if row is None:
            raise self._refuse(claim)
        return int(row.result_id)

    def fail(
        self,
        claim: Claim,
        error: PosebatchError,
        *,
        timings: Sequence[StageTiming],
        costs_attempt: bool = True,
    ) -> Job:
        """Retryable with backoff while it is transient and attempts are left, else discarded; what
        costs no attempt is always tried again. Raises StaleClaim."""
        attempts_left = claim.job.attempt < claim.job.max_attempts
        retry = not costs_attempt or (isinstance(error, TransientError) and attempts_left)
        delay_seconds = backoff_seconds(claim.job.attempt) if costs_attempt else OUTAGE_SECONDS
        self._end(
            claim,
            **waits_again(JobState.RETRYABLE, gives_up=literal(not retry)),
            attempt=jobs.c.attempt - int(not costs_attempt),
            available_at_ms=now_ms() + milliseconds(delay_seconds),
            error_code=error.code,
            error_message=sentence(error),
        )
        if costs_attempt:  # an outage may go on for days
            self._results.store_timings(claim.job.job_id, claim.token, timings)
        self._note("failed", claim, code=error.code, detail=developer_detail(error))
        return to_job(
            self._transaction.execute(select_jobs().where(jobs.c.job_id == claim.job.job_id)).one()
        )

    def cancelled(self, claim: Claim) -> None:
        """The worker stopped a job whose run was cancelled; it waits again if somebody has thought
        better of that meanwhile. Raises StaleClaim."""
        self._give_back(claim)
        self._note("stopped", claim)

    def release(self, claim: Claim) -> None:
        """Hand back without using up the attempt (graceful stop). Raises StaleClaim."""
        self._give_back(claim)
        self._note("released", claim)

    def _give_back(self, claim: Claim) -> None:
        self._end(
            claim,
            **waits_again(JobState.AVAILABLE, gives_up=false()),
            attempt=jobs.c.attempt - 1,
            available_at_ms=now_ms(),
            frames_done=0,
        )

    def _end(self, claim: Claim, **values: Any) -> None:
        if not self._change(claim, **values):
            raise self._refuse(claim)

    def _change(self, claim: Claim, **values: Any) -> bool:
        """Write only while the job still runs under this claim."""
        statement = update(jobs).where(*FENCE).values(**values)
        return self._transaction.execute(statement, fence_of(claim)).rowcount == 1

    def _refuse(self, claim: Claim) -> StaleClaim:
        self._transaction.refused.append(claim)
        return StaleClaim(f"job {claim.job.job_id} is no longer held under token {claim.token}")

    def _note(self, kind: str, claim: Claim, **detail: Any) -> None:
        self._events.add(
            kind,
            actor=claim.owner,
            run_id=claim.run.run_id,
            job_id=claim.job.job_id,
            detail={"attempt": claim.job.attempt, **detail},
        )
