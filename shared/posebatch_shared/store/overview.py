"""What the ledger looks like as a whole: the reads behind status and dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select

from posebatch_shared.estimate import Ended, Underway, Waiting
from posebatch_shared.jobs import Job, JobState
from posebatch_shared.results import StageTiming
from posebatch_shared.store.clock import milliseconds, now_ms
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.rows import select_jobs, to_job
from posebatch_shared.store.tables import (
    IS_AVAILABLE,
    IS_RETRYABLE,
    IS_RUNNING,
    jobs,
    results,
    runs,
    stage_timings,
    videos,
)
from posebatch_shared.store.waiting import IS_DUE, IS_OPEN
from posebatch_shared.throughput import Work

#: Completed jobs whose timings stand for all.
STAGE_SAMPLE = 1_000
#: Newest ended jobs that the time left is estimated from.
ENDED_SAMPLE = 300

_COMPLETED = jobs.c.state == literal(JobState.COMPLETED.value)
_DISCARDED = jobs.c.state == literal(JobState.DISCARDED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """Jobs of one device tag that a worker could take now, and how long the oldest has waited."""

    device: str
    waiting: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWork:
    """What the time left of a run is estimated from; times by the database's clock."""

    ended: Sequence[Ended]
    underway: Sequence[Underway]
    waiting: Waiting
    now_seconds: float


class Overview:
    """The reads of one look, on one connection."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def now_seconds(self) -> float:
        """The database's clock, seconds since 1970."""
        return int(self._transaction.execute(select(now_ms())).scalar_one()) / 1000

    def counts(self) -> Mapping[int, Mapping[JobState, int]]:
        """Jobs by run and state, in one pass over an index."""
        number = func.count().label("number")
        statement = select(jobs.c.run_id, jobs.c.state, number).group_by(
            jobs.c.run_id, jobs.c.state
        )
        found: dict[int, dict[JobState, int]] = {}
        for row in self._transaction.execute(statement):
            found.setdefault(row.run_id, {})[JobState(row.state)] = row.number
        return found

    def queues(self) -> Sequence[QueueDepth]:
        """By device tag; jobs of paused and cancelled runs, and those due later, do not count."""
        oldest_ms = func.min(jobs.c.available_at_ms)
        statement = (
            select(
                jobs.c.device,
                func.count().label("waiting"),
                (now_ms() - oldest_ms).label("age_ms"),
            )
            .join(runs, and_(runs.c.run_id == jobs.c.run_id, IS_OPEN))
            .where(or_(IS_AVAILABLE, IS_RETRYABLE), IS_DUE)
            .group_by(jobs.c.device)
            .order_by(jobs.c.device)
        )
        return [
            QueueDepth(device=row.device, waiting=row.waiting, oldest_seconds=row.age_ms / 1000)
            for row in self._transaction.execute(statement)
        ]

    def running(self) -> Sequence[Job]:
        """Jobs that a worker holds now, oldest claim first."""
        statement = select_jobs().where(IS_RUNNING).order_by(jobs.c.started_at_ms)
        return [to_job(row) for row in self._transaction.execute(statement)]

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
        """What completed in the last `since_seconds`; cached answers have no frames in them."""
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
            .group_by(*key)
        )
        return [Work(**row._mapping) for row in self._transaction.execute(statement)]

    def stages(self, run_id: int | None = None) -> Sequence[StageTiming]:
        """Seconds and calls by stage, summed over the newest STAGE_SAMPLE completed jobs."""
        newest = select(jobs.c.job_id, jobs.c.token).where(_COMPLETED, jobs.c.cache_hit.is_(False))
        if run_id is None:
            newest = newest.order_by(jobs.c.finished_at_ms.desc())
        else:
            newest = newest.where(jobs.c.run_id == run_id).order_by(jobs.c.job_id.desc())
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

    def run_work(self, run_id: int) -> RunWork:
        """Ended, running and waiting videos of a run."""
        return RunWork(
            ended=self._ended(run_id),
            underway=self._underway(run_id),
            waiting=self._waiting(run_id),
            now_seconds=self.now_seconds(),
        )

    def _ended(self, run_id: int) -> Sequence[Ended]:
        """Over the index of ended jobs, which lie in about the order in which they ended."""
        rows = [
            row
            for state in (JobState.COMPLETED, JobState.DISCARDED)
            for row in self._transaction.execute(_newest_ended(run_id, state))
        ]
        ended = [
            Ended(
                size_bytes=row.size_bytes,
                started_seconds=row.started_at_ms / 1000,
                finished_seconds=row.finished_at_ms / 1000,
            )
            for row in rows
        ]
        return sorted(ended, key=lambda job: job.finished_seconds)[-ENDED_SAMPLE:]

    def _underway(self, run_id: int) -> Sequence[Underway]:
        statement = select_jobs().where(IS_RUNNING, jobs.c.run_id == run_id)
        return [
            Underway(
                size_bytes=row.size_bytes,
                started_seconds=row.started_at_ms / 1000,
                progress=min(1.0, row.frames_done / row.frames_total) if row.frames_total else None,
            )
            for row in self._transaction.execute(statement)
        ]

    def _waiting(self, run_id: int) -> Waiting:
        statement = (
            select(func.count().label("videos"), func.sum(videos.c.size_bytes).label("size_bytes"))
            .select_from(jobs)
            .join(videos, videos.c.video_id == jobs.c.video_id)
            .where(jobs.c.run_id == run_id, or_(IS_AVAILABLE, IS_RETRYABLE))
        )
        row = self._transaction.execute(statement).one()
        return Waiting(videos=row.videos, size_bytes=int(row.size_bytes or 0))


def _newest_ended(run_id: int, state: JobState) -> Select[Any]:
    return (
        select(videos.c.size_bytes, jobs.c.started_at_ms, jobs.c.finished_at_ms)
        .join(videos, videos.c.video_id == jobs.c.video_id)
        .where(jobs.c.run_id == run_id, jobs.c.state == state.value)
        .where(jobs.c.started_at_ms.is_not(None), jobs.c.finished_at_ms.is_not(None))
        .order_by(jobs.c.job_id.desc())
        .limit(ENDED_SAMPLE)
    )
