"""What the ledger looks like as a whole: the reads behind status and dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, literal, select

from posebatch_shared.jobs import Job, JobState
from posebatch_shared.results import StageTiming
from posebatch_shared.store.clock import milliseconds, now_ms
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.measurements import JobCount, Measurements
from posebatch_shared.store.rows import select_jobs, to_job
from posebatch_shared.store.run_work import RunWork, RunWorkReader
from posebatch_shared.store.spans import NEWEST_FIRST, span
from posebatch_shared.store.tables import (
    IS_RUNNING,
    jobs,
    results,
    stage_timings,
)
from posebatch_shared.throughput import Work

#: Completed jobs whose timings stand for all.
STAGE_SAMPLE = 1_000

_COMPLETED = jobs.c.state == literal(JobState.COMPLETED.value)
_DISCARDED = jobs.c.state == literal(JobState.DISCARDED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """Jobs of one run and state that bear this error code."""

    run_id: int
    state: JobState
    code: str
    jobs: int
    met: str  #: the message of one of them


class Overview:
    """The reads of one look, on one connection."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def now_seconds(self) -> float:
        """The database's clock, seconds since 1970."""
        return int(self._transaction.execute(select(now_ms())).scalar_one()) / 1000

    def job_counts(self) -> Sequence[JobCount]:
        """All jobs by run, state and queue, in one pass."""
        return Measurements(self._transaction).job_counts()

    def running(self) -> Sequence[Job]:
        """Jobs that a worker holds now, oldest claim first."""
        statement = select_jobs().where(IS_RUNNING).order_by(jobs.c.started_at_ms)
        return [to_job(row) for row in self._transaction.execute(statement)]

    def reasons(self) -> Sequence[ReasonCount]:
        """Why jobs of all runs were discarded or are to be tried again, most frequent first: one
        walk of the index of error codes, in which jobs that nothing has happened to are not."""
        number = func.count().label("number")
        key = (jobs.c.error_code, jobs.c.run_id, jobs.c.state)
        statement = (
            select(*key, number, func.min(jobs.c.error_message).label("met"))
            .where(jobs.c.error_code.is_not(None))
            .group_by(*key)
            .order_by(number.desc(), *key)
        )
        return [
            ReasonCount(
                run_id=row.run_id,
                state=JobState(row.state),
                code=row.error_code,
                jobs=row.number,
                met=row.met or "",
            )
            for row in self._transaction.execute(statement)
        ]

    def failures(self, run_id: int | None = None) -> Mapping[str, int]:
        """Dead letters by error code, most frequent first."""
        statement = (
            select(jobs.c.error_code, func.count().label("number"))
            .where(_DISCARDED, jobs.c.error_code.is_not(None))
            .group_by(jobs.c.error_code)
            .order_by(func.count().desc(), jobs.c.error_code)
        )
        if run_id is not None:
            statement = statement.where(jobs.c.run_id == run_id)
        return {row.error_code: row.number for row in self._transaction.execute(statement)}

    def work(self, *, since_seconds: float, bucket_seconds: int) -> Sequence[Work]:
        """What workers completed in the last `since_seconds`; cached answers hold no frames.

        Files that were known when they were submitted have completed without a worker.
        """
        bucket_ms = bucket_seconds * 1000
        key = (
            func.substr(jobs.c.owner, 1, 3).label("device"),
            results.c.tracker["name"].as_string().label("tracker"),
            (jobs.c.started_at_ms // bucket_ms).label("first_bucket"),
            (jobs.c.finished_at_ms // bucket_ms).label("last_bucket"),
        )
        statement = (
            select(*key, func.count().label("videos"), func.sum(jobs.c.frames_done).label("frames"))
            .join(results, results.c.result_id == jobs.c.result_id)
            .where(jobs.c.finished_at_ms >= now_ms() - milliseconds(since_seconds), _COMPLETED)
            .where(jobs.c.owner.is_not(None))
            .group_by(*key)
        )
        return [Work(**row._mapping) for row in self._transaction.execute(statement)]

    def stages(self, run_id: int | None = None) -> Sequence[StageTiming]:
        """Seconds and calls by stage, summed over the newest STAGE_SAMPLE completed jobs."""
        newest = select(jobs.c.job_id, jobs.c.token).where(_COMPLETED, jobs.c.cache_hit.is_(False))
        if run_id is None:
            ended = jobs.c.finished_at_ms.is_not(None)
            newest = newest.where(ended).order_by(jobs.c.finished_at_ms.desc())
        else:
            newest = newest.where(span(run_id, JobState.COMPLETED)).order_by(*NEWEST_FIRST)
        sample = newest.limit(STAGE_SAMPLE).subquery()
        t = stage_timings.c
        statement = (
            select(
                t.stage,
                t.parent,
                func.sum(t.seconds).label("seconds"),
                func.sum(t.calls).label("calls"),
            )
            .join(sample, and_(sample.c.job_id == t.job_id, sample.c.token == t.token))
            .group_by(t.stage, t.parent)
            .order_by(func.min(t.place))
        )
        return [
            StageTiming(
                stage=row.stage, parent=row.parent, seconds=row.seconds, calls=int(row.calls)
            )
            for row in self._transaction.execute(statement)
        ]

    def run_work(self, run_id: int, *, waiting: int) -> RunWork:
        """What the time left of a run is estimated from; its waiting jobs were counted before."""
        return RunWorkReader(self._transaction, run_id).read(waiting)
