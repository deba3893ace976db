"""What keepers do to jobs: take them from dead workers, and choose which to ring for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import ColumnElement, false, literal, or_, select, true, update

from posebatch_shared.errors import TimeLimit, WorkerCrashed
from posebatch_shared.jobs import MAX_CRASHES, Device, Job, JobState
from posebatch_shared.store.clock import milliseconds, now_ms
from posebatch_shared.store.job_base import JobBase
from posebatch_shared.store.rows import select_jobs, to_job
from posebatch_shared.store.tables import IS_AVAILABLE, IS_RETRYABLE, IS_RUNNING, jobs, runs
from posebatch_shared.store.waiting import (
    cancel_waiting,
    promote,
    take_most_urgent,
    turn_of,
    waits_again,
)

#: A wake-up this young may still be on its way from Redis to a claim.
REDISPATCH_AFTER_SECONDS = 5.0

#: Waiting jobs of cancelled runs that one sweep ends.
SWEEP_BATCH = 5_000

#: State of a job of the run that waits. In order, since only one index gives that: whether a run
#: has none would otherwise be found out by reading the whole table.
_waits = (
    select(jobs.c.state)
    .where(jobs.c.run_id == runs.c.run_id, IS_AVAILABLE | IS_RETRYABLE)
    .order_by(jobs.c.state)
    .limit(1)
    .scalar_subquery()
)

_DIED = "died"
_FELL_SILENT = "fell silent past its lease"
_NO_CAUSES: Mapping[str, str] = MappingProxyType({})


class JobSweeps(JobBase):
    """The part of JobRepository that keepers use; safe with many at once."""

    def rescue(
        self,
        *,
        dead_owners: Sequence[str] = (),
        expired: bool = True,
        limit: int = 100,
        causes: Mapping[str, str] = _NO_CAUSES,
    ) -> Sequence[Job]:
        """Expired leases, and those of owners known to be dead: back to retryable with one crash
        more, or discarded as `worker_crashed` at MAX_CRASHES.

        `expired=False` leaves the silent alone; `causes` says of dead owners how they died.
        """
        self._transaction.begin_write()
        silent = jobs.c.lease_until_ms < now_ms() if expired else false()
        lost = [
            to_job(row)
            for row in self._transaction.execute(
                select_jobs()
                .where(IS_RUNNING)
                .where(or_(silent, jobs.c.owner.in_(dead_owners)))
                .limit(limit)
                .with_for_update(of=jobs, skip_locked=True)
            )
        ]
        for job in lost:
            died = _DIED if job.owner in dead_owners else _FELL_SILENT
            self._rescue_one(job, causes.get(str(job.owner), died))
        return self._jobs([job.job_id for job in lost])

    def _rescue_one(self, job: Job, cause: str) -> None:
        crashes = jobs.c.crashes + 1
        gives_up = or_(crashes >= MAX_CRASHES, jobs.c.attempt >= jobs.c.max_attempts)
        self._transaction.execute(
            update(jobs)
            .where(jobs.c.job_id == job.job_id)
            .values(
                **waits_again(JobState.RETRYABLE, gives_up=gives_up),
                crashes=crashes,
                token=jobs.c.token + 1,  # the late writes of the last owner are refused from now on
                available_at_ms=now_ms(),
                error_code=WorkerCrashed.code,
                error_message=_crash_message(jobs.c.owner, cause),
            )
        )
        self._events.add(
            "rescued",
            actor="keeper",
            run_id=job.run_id,
            job_id=job.job_id,
            detail={"owner": job.owner, "attempt": job.attempt, "cause": cause},
        )

    def explain_crash(self, owner: str, cause: str) -> None:
        """Say of the jobs that were rescued from a dead worker how it died."""
        # Another keeper may be rescuing them just now: until that is committed they seem to run.
        theirs = select(jobs.c.job_id).where(IS_RUNNING, jobs.c.owner == owner).with_for_update()
        self._transaction.execute(theirs)
        explained = self._transaction.execute(
            update(jobs)
            .where(jobs.c.error_code == WorkerCrashed.code, ~IS_RUNNING, jobs.c.owner == owner)
            .where(jobs.c.error_message == _crash_message(jobs.c.owner, _DIED))
            .values(error_message=_crash_message(jobs.c.owner, cause))
            .returning(jobs.c.run_id, jobs.c.job_id)
        )
        for row in explained.all():
            self._events.add("explained", actor="keeper", detail={"cause": cause}, **row._asdict())

    def expire(self, *, older_than_seconds: float) -> int:
        """Discard jobs whose attempt has run for longer than that; returns how many.

        Their workers' next beat and late writes are refused.
        """
        self._transaction.begin_write()
        began_before_ms = now_ms() - milliseconds(older_than_seconds)
        late = self._transaction.execute(
            select_jobs()
            .where(IS_RUNNING, jobs.c.started_at_ms < began_before_ms)
            .with_for_update(of=jobs, skip_locked=True)
        )
        expired = [to_job(row) for row in late]
        for job in expired:
            self._expire_one(job, TimeLimit(f"not done after {older_than_seconds:.0f} s"))
        return len(expired)

    def _expire_one(self, job: Job, error: TimeLimit) -> None:
        self._transaction.execute(
            update(jobs)
            .where(jobs.c.job_id == job.job_id)
            .values(
                **waits_again(JobState.RETRYABLE, gives_up=true()),
                token=jobs.c.token + 1,
                error_code=error.code,
                error_message=str(error),
            )
        )
        self._events.add(
            "expired",
            actor="keeper",
            run_id=job.run_id,
            job_id=job.job_id,
            detail={"owner": job.owner, "attempt": job.attempt},
        )

    def vouch(self, owners: Sequence[str], *, lease_seconds: float, silent_seconds: float) -> int:
        """Extend the leases of owners known to be alive that would run out soon, if they beat in
        the last `silent_seconds`.

        For a process whose heartbeat waits for native code to give the interpreter back.
        """
        statement = (
            update(jobs)
            .where(IS_RUNNING, jobs.c.owner.in_(owners))
            .where(jobs.c.beat_at_ms >= now_ms() - milliseconds(silent_seconds))
            .where(jobs.c.lease_until_ms < now_ms() + milliseconds(lease_seconds / 2))
            .values(lease_until_ms=now_ms() + milliseconds(lease_seconds))
        )
        return self._transaction.execute(statement).rowcount

    def sweep_cancelled(self) -> int:
        """End what came back to a run after it was cancelled; returns how many."""
        found = select(runs.c.run_id).where(runs.c.cancelled, _waits.is_not(None))
        run_ids = self._transaction.execute(found).scalars().all()
        if not run_ids:
            return 0
        return cancel_waiting(self._transaction, run_ids, limit=SWEEP_BATCH, skip_locked=True)

    def due(self, *, devices: Sequence[Device], limit: int, redispatch: bool) -> Sequence[Job]:
        """Jobs to wake a worker for, each in its turn; marked as dispatched. With `redispatch` also
        those whose wake-up is older than REDISPATCH_AFTER_SECONDS."""
        promote(self._transaction)
        before = now_ms() - milliseconds(REDISPATCH_AFTER_SECONDS) if redispatch else None
        chosen = take_most_urgent(self._transaction, devices, limit=limit, rung_before_ms=before)
        if chosen:
            self._transaction.execute(
                update(jobs)
                .where(jobs.c.job_id.in_(chosen), IS_AVAILABLE)
                .values(dispatched_at_ms=now_ms())
            )
        return sorted(self._jobs(chosen), key=turn_of)

    def _jobs(self, job_ids: Sequence[int]) -> Sequence[Job]:
        if not job_ids:
            return ()
        rows = self._transaction.execute(select_jobs().where(jobs.c.job_id.in_(job_ids)))
        found = {row.job_id: to_job(row) for row in rows}
        return [found[job_id] for job_id in job_ids]


def _crash_message(owner: ColumnElement[str], cause: str) -> ColumnElement[str]:
    return literal("worker ") + owner + literal(f" {cause}")
