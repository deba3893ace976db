"""A worker's hold on a job: taken in one statement, kept by beats, ended exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, false, literal, select, update

from posebatch_shared.errors import PosebatchError, StaleClaim, TransientError
from posebatch_shared.jobs import Claim, Device, Job, JobState
from posebatch_shared.results import JobResult, StageTiming
from posebatch_shared.store.backoff import backoff_seconds
from posebatch_shared.store.claim_statements import (
    CLAIM_POSTGRES,
    CLAIM_SQLITE,
    CLAIMED_SQLITE,
    COMPLETE_POSTGRES,
    COMPLETE_SQLITE,
    COMPLETED_BEFORE,
    FENCE,
    FOLLOWING,
    KNOW_CONTENT_SQLITE,
    fence_of,
)
from posebatch_shared.store.clock import milliseconds, now_ms
from posebatch_shared.store.job_base import JobBase
from posebatch_shared.store.job_port import Beat
from posebatch_shared.store.reasons import developer_detail, sentence
from posebatch_shared.store.rows import select_jobs, to_job, to_run
from posebatch_shared.store.tables import jobs, runs
from posebatch_shared.store.waiting import promote, take_most_urgent, waits_again


class JobClaims(JobBase):
    """The part of JobRepository that a worker uses while it holds, or wants, a job."""

    def claim(
        self, job_id: int, *, owner: str, devices: Sequence[Device], lease_seconds: float
    ) -> Claim | None:
        """Take this job if it waits, is due, and its run is neither paused nor cancelled."""
        row = self._take(
            {
                "this_job": job_id,
                "by_owner": owner,
                "devices": list(devices),
                "lease_ms": milliseconds(lease_seconds),
            }
        )
        if row is None:
            return None
        return Claim(
            job=to_job(row),
            run=to_run(row),
            token=row.token,
            owner=row.owner,
            queue_wait_seconds=max(0, row.started_at_ms - row.available_at_ms) / 1000,
        )

    def _take(self, wanted: dict[str, Any]) -> Row[Any] | None:
        """The job, its video and its run, if the job could be taken."""
        if self._transaction.is_postgres:
            return self._transaction.execute(CLAIM_POSTGRES, wanted).one_or_none()
        if self._transaction.execute(CLAIM_SQLITE, wanted).rowcount == 0:
            return None
        return self._transaction.execute(CLAIMED_SQLITE, {"this_job": wanted["this_job"]}).one()

    def claim_next(
        self, *, owner: str, devices: Sequence[Device], lease_seconds: float
    ) -> Claim | None:
        """Take the most urgent job that waits: priority, then age."""
        promote(self._transaction)
        first = take_most_urgent(self._transaction, devices, limit=1, rung_before_ms=now_ms())
        if not first:
            return None
        return self.claim(first[0], owner=owner, devices=devices, lease_seconds=lease_seconds)

    def claim_following(self, claim: Claim, *, lease_seconds: float) -> Claim | None:
        """For the same owner: the next job of the same run, queue and priority that no wake-up was
        sent for, so that nobody else is on the way to it."""
        job = claim.job
        self._transaction.begin_write()
        place = {"of_run": job.run_id, "of_device": job.device, "of_priority": job.priority}
        found = self._transaction.execute(FOLLOWING, {**place, "after": job.job_id})
        following = found.scalar_one_or_none()
        if following is None:
            return None
        devices = (job.device,)
        return self.claim(
            following, owner=claim.owner, devices=devices, lease_seconds=lease_seconds
        )

    def beat(
        self, claim: Claim, *, frames_done: int, frames_total: int | None, lease_seconds: float
    ) -> Beat:
        """Extend the lease and note progress; hear whether the claim stands and what was asked."""
        self._transaction.relax()
        kept = self._change(
            claim,
            lease_until_ms=now_ms() + milliseconds(lease_seconds),
            beat_at_ms=now_ms(),
            frames_done=frames_done,
            frames_total=frames_total,
        )
        if not kept:
            return Beat(valid=False)
        asked = select(runs.c.cancelled, runs.c.paused).where(runs.c.run_id == claim.run.run_id)
        row = self._transaction.execute(asked).one()
        return Beat(valid=True, cancelled=row.cancelled, paused=row.paused)

    def complete(self, claim: Claim, result: JobResult) -> int:
        """State, result and timings in this transaction; returns result_id.

        Asked again after a commit whose answer was lost, it returns the same id. Raises StaleClaim.
        """
        result_id = self._results.store(result, replace=claim.run.force and not result.cache_hit)
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

    def fail(self, claim: Claim, error: PosebatchError, *, timings: Sequence[StageTiming]) -> Job:
        """Retryable with backoff while it is transient and attempts are left, else discarded.

        Raises StaleClaim.
        """
        may_pass = isinstance(error, TransientError)
        retry = may_pass and claim.job.attempt < claim.job.max_attempts
        delay_seconds = backoff_seconds(claim.job.attempt)
        self._end(
            claim,
            **waits_again(JobState.RETRYABLE, gives_up=literal(not retry)),
            available_at_ms=now_ms() + milliseconds(delay_seconds),
            error_code=error.code,
            error_message=sentence(error),
        )
        self._results.store_timings(claim.job.job_id, claim.token, timings)
        self._note("failed", claim, code=error.code, detail=developer_detail(error))
        return to_job(
            self._transaction.execute(select_jobs().where(jobs.c.job_id == claim.job.job_id)).one()
        )

    def cancelled(self, claim: Claim) -> None:
        """The worker stopped a cancelled job. Raises StaleClaim."""
        self._end(claim, state=literal(JobState.CANCELLED.value), finished_at_ms=now_ms())
        self._note("stopped", claim)

    def release(self, claim: Claim) -> None:
        """Hand back without using up the attempt (graceful stop). Raises StaleClaim."""
        self._end(
            claim,
            **waits_again(JobState.AVAILABLE, gives_up=false()),
            attempt=jobs.c.attempt - 1,
            available_at_ms=now_ms(),
            frames_done=0,
        )
        self._note("released", claim)

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
