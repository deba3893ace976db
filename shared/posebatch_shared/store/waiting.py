"""Which jobs wait, in which order they are taken, and how they are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from posebatch_shared.jobs import Device, Job, JobState
from posebatch_shared.store.batches import once
from posebatch_shared.store.clock import now_ms
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.tables import (
    DISPATCHED,
    IS_AVAILABLE,
    IS_RETRYABLE,
    IS_RUNNING,
    MOST_URGENT,
    UNDISPATCHED,
    jobs,
    runs,
)

#: Retryable jobs made available in one go; what is due beyond it waits for the next call.
PROMOTE_BATCH = 1_000

#: Jobs of the run may be claimed.
IS_OPEN = and_(runs.c.paused.is_(False), runs.c.cancelled.is_(False))
#: The job's time has come.
IS_DUE = jobs.c.available_at_ms <= now_ms()


_RUN_IS_CANCELLED = select(runs.c.cancelled).where(runs.c.run_id == jobs.c.run_id).scalar_subquery()


def waits_again(state: JobState, *, gives_up: ColumnElement[bool]) -> dict[str, Any]:
    """Values for a job whose attempt ended without a result: it waits in `state`, is discarded, or
    is cancelled with its run."""
    ends = or_(gives_up, _RUN_IS_CANCELLED)
    return {
        "state": case(
            (gives_up, JobState.DISCARDED.value),
            (_RUN_IS_CANCELLED, JobState.CANCELLED.value),
            else_=state.value,
        ),
        "finished_at_ms": case((ends, now_ms()), else_=null()),
        "dispatched_at_ms": null(),
    }


def starts_afresh() -> dict[str, Any]:
    """Values for a job that ended and is given another chance by a person."""
    return {
        "state": literal(JobState.AVAILABLE.value),
        "attempt": 0,
        "crashes": 0,
        "available_at_ms": now_ms(),
        "dispatched_at_ms": null(),
        "finished_at_ms": null(),
        "error_code": null(),
        "error_message": null(),
        "result_id": null(),
        "cache_hit": false(),
        "frames_done": 0,
    }


def promote(transaction: Transaction) -> None:
    """Retryable jobs whose time has come are available again."""
    due = (
        select(jobs.c.job_id)
        .where(IS_RETRYABLE, IS_DUE)
        .order_by(jobs.c.available_at_ms)
        .limit(PROMOTE_BATCH)
        .with_for_update(skip_locked=True)
    )
    transaction.execute(
        update(jobs)
        .where(jobs.c.job_id.in_(once(due)))
        .values(state=literal(JobState.AVAILABLE.value))
    )


def cancel_waiting(
    transaction: Transaction, run_ids: Sequence[int], *, limit: int, skip_locked: bool
) -> int:
    """End up to `limit` waiting jobs of these runs; returns how many.

    Unless `skip_locked`, claims that are being made are waited for: none is made after the answer.
    """
    waiting = (
        select(jobs.c.job_id)
        .where(jobs.c.run_id.in_(run_ids), IS_AVAILABLE | IS_RETRYABLE)
        .order_by(jobs.c.job_id)
        .limit(limit)
        .with_for_update(skip_locked=skip_locked)
    )
    return _cancel(transaction, jobs.c.job_id.in_(once(waiting)))


def cancel_silent(transaction: Transaction, run_id: int) -> int:
    """End the running jobs of a run whose leases have run out; returns how many."""
    return _cancel(
        transaction, jobs.c.run_id == run_id, IS_RUNNING, jobs.c.lease_until_ms < now_ms()
    )


def _cancel(transaction: Transaction, *chosen: ColumnElement[bool]) -> int:
    values = {"state": literal(JobState.CANCELLED.value), "finished_at_ms": now_ms()}
    return transaction.execute(update(jobs).where(*chosen).values(**values)).rowcount


def undispatched_runs(transaction: Transaction) -> Sequence[int]:
    """Open runs with jobs that no wake-up was sent for: one index probe per run, not per job."""
    waiting = select(func.min(jobs.c.run_id)).where(IS_AVAILABLE, UNDISPATCHED)
    step = select(waiting.scalar_subquery().label("run_id")).cte("step", recursive=True)
    following = waiting.where(jobs.c.run_id > step.c.run_id).scalar_subquery()
    step = step.union_all(select(following).where(step.c.run_id.is_not(None)))
    statement = select(runs.c.run_id).join(step, step.c.run_id == runs.c.run_id).where(IS_OPEN)
    return transaction.execute(statement).scalars().all()


def undispatched(run_id: int, device: Device) -> Select[Any]:
    """Due jobs of one run and queue that no wake-up was sent for, most urgent first."""
    return (
        select(jobs.c.job_id, jobs.c.priority)
        .where(IS_AVAILABLE, UNDISPATCHED, IS_DUE)
        .where(jobs.c.run_id == run_id, jobs.c.device == device)
        .order_by(*MOST_URGENT)
    )


def dispatched(device: Device) -> Select[Any]:
    """Due jobs of open runs in one queue that a wake-up was sent for, most urgent first."""
    return (
        select(jobs.c.job_id, jobs.c.priority)
        .join(runs, and_(runs.c.run_id == jobs.c.run_id, IS_OPEN))
        .where(IS_AVAILABLE, DISPATCHED, IS_DUE, jobs.c.device == device)
        .order_by(*MOST_URGENT)
    )


def take_most_urgent(
    transaction: Transaction,
    devices: Sequence[Device],
    *,
    limit: int,
    rung_before_ms: ColumnElement[int] | None,
) -> Sequence[int]:
    """Ids of up to `limit` due jobs of open runs, most urgent first, locked in Postgres.

    Of those that a wake-up was sent for, only the ones sent by `rung_before_ms`; None: not one.
    """
    open_runs = undispatched_runs(transaction)
    sources = [undispatched(run_id, device) for run_id in open_runs for device in devices]
    if rung_before_ms is not None:
        rung_early = jobs.c.dispatched_at_ms <= rung_before_ms
        sources += [dispatched(device).where(rung_early) for device in devices]
    rows = [
        row
        for source in sources
        for row in transaction.execute(
            source.limit(limit).with_for_update(of=jobs, skip_locked=True)
        )
    ]
    rows.sort(key=lambda row: (-row.priority, row.job_id))
    return [row.job_id for row in rows[:limit]]


def turn_of(job: Job) -> tuple[int, int, int]:
    """Which of the jobs that are rung for together goes first. Of a run's the largest file: as the
    last of few clips, all workers but one would wait for it."""
    return -job.priority, job.run_id, -job.video.size_bytes
