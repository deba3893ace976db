"""How the ledger is measured: few cheap reads for metrics, none of which changes a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from posebatch_shared.jobs import JobState
from posebatch_shared.results import StageTiming
from posebatch_shared.store.clock import now_ms
from posebatch_shared.store.database import Transaction, create_engine
from posebatch_shared.store.records import EventRow, WorkerRow
from posebatch_shared.store.rows import to_event, to_timing
from posebatch_shared.store.tables import IS_RUNNING, events, jobs, results, runs, stage_timings
from posebatch_shared.store.waiting import IS_DUE, IS_OPEN
from posebatch_shared.store.workers import SqlWorkerRepository

#: Timings are asked for in groups, so that a statement stays within SQLite's parameter limit.
_GROUP = 200

_tracker_name = results.c.tracker["name"].as_string()
_is_completed = jobs.c.state == JobState.COMPLETED.value
_is_waiting = jobs.c.state.in_([JobState.AVAILABLE.value, JobState.RETRYABLE.value])


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCount:
    """Jobs of one run, state and queue; how long the oldest of them waits for a worker, if any."""

    run_id: int
    state: JobState
    device: str
    jobs: int
    oldest_waiting_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedJob:
    """A job as it ended: completed or discarded. (job_id, token) is unique, also after a retry."""

    job_id: int
    token: int
    state: JobState
    owner: str
    tracker: str
    cache_hit: bool
    frames: int
    error_code: str | None
    finished_at_ms: int


class Measurements:
    """The reads of one refresh, on one connection."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def now_ms(self) -> int:
        """The database's clock."""
        return int(self._transaction.execute(select(now_ms())).scalar_one())

    def job_counts(self) -> Sequence[JobCount]:
        """All jobs by run, state and queue. Paused and cancelled runs wait for nobody."""
        waits = and_(_is_waiting, IS_DUE, IS_OPEN)
        oldest_ms = func.min(case((waits, jobs.c.available_at_ms)))
        key = (jobs.c.run_id, jobs.c.state, jobs.c.device)
        statement = (
            select(*key, func.count().label("number"), (now_ms() - oldest_ms).label("waited_ms"))
            .join(runs, runs.c.run_id == jobs.c.run_id)
            .group_by(*key)
        )
        return [
            JobCount(
                run_id=row.run_id,
                state=JobState(row.state),
                device=row.device,
                jobs=row.number,
                oldest_waiting_seconds=None if row.waited_ms is None else row.waited_ms / 1000,
            )
            for row in self._transaction.execute(statement)
        ]

    def discarded_by_code(self) -> Mapping[str, int]:
        """Dead letters by their reason."""
        statement = (
            select(jobs.c.error_code, func.count().label("number"))
            .where(jobs.c.error_code.is_not(None), jobs.c.state == JobState.DISCARDED.value)
            .group_by(jobs.c.error_code)
        )
        return {row.error_code: row.number for row in self._transaction.execute(statement)}

    def frames_under_way(self) -> int:
        """Frames of the running jobs that are done, as of their last heartbeats."""
        frames = func.coalesce(func.sum(jobs.c.frames_done), 0)
        return int(self._transaction.execute(select(frames).where(IS_RUNNING)).scalar_one())

    def finished_since(self, since_ms: int) -> Sequence[FinishedJob]:
        """Jobs completed or discarded since then, oldest first."""
        statement = (
            select(jobs, _tracker_name.label("tracker"))
            .join(results, results.c.result_id == jobs.c.result_id, isouter=True)
            .where(jobs.c.finished_at_ms >= since_ms)
            .where(or_(_is_completed, jobs.c.state == JobState.DISCARDED.value))
            .order_by(jobs.c.finished_at_ms)
        )
        return [_finished(row) for row in self._transaction.execute(statement)]

    def stages(self, finished: Sequence[FinishedJob]) -> Iterator[tuple[FinishedJob, StageTiming]]:
        """Where the time of the last attempt of each went."""
        for start in range(0, len(finished), _GROUP):
            group = {(job.job_id, job.token): job for job in finished[start : start + _GROUP]}
            for row in self._transaction.execute(_stages_of([key for key, _ in group])):
                if job := group.get((row.job_id, row.token)):
                    yield job, to_timing(row)

    def events_since(self, since_ms: int, kinds: Sequence[str]) -> Sequence[EventRow]:
        """Lines of the log of these kinds since then."""
        statement = select(events).where(events.c.at_ms >= since_ms, events.c.kind.in_(kinds))
        return [to_event(row) for row in self._transaction.execute(statement)]

    def workers(self, *, seen_within_seconds: float) -> Sequence[WorkerRow]:
        """Workers that are alive."""
        return SqlWorkerRepository(self._transaction).list(seen_within_seconds=seen_within_seconds)


def _stages_of(job_ids: Sequence[int]) -> Select[Any]:
    return select(stage_timings).where(stage_timings.c.job_id.in_(job_ids))


def _finished(row: Any) -> FinishedJob:
    return FinishedJob(
        job_id=row.job_id,
        token=row.token,
        state=JobState(row.state),
        owner=row.owner or "",
        tracker=row.tracker or "",
        cache_hit=row.cache_hit,
        frames=row.frames_done,
        error_code=row.error_code,
        finished_at_ms=row.finished_at_ms,
    )


class MeasuredLedger:
    """Opens measurements over connections of its own."""

    def __init__(self, store_url: str) -> None:
        self._engine = create_engine(store_url)

    @contextmanager
    def measurements(self) -> Iterator[Measurements]:
        """One read-only look. Errors: StoreUnavailable."""
        transaction = Transaction(self._engine)
        try:
            yield Measurements(transaction)
        finally:
            transaction.close()

    def close(self) -> None:
        """Drop the connections."""
        self._engine.dispose()
