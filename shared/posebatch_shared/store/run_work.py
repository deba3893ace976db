"""What the time left of a run is estimated from: spans of ended videos, and sizes of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select, union_all

from posebatch_shared.estimate import Ended, Underway, Waiting
from posebatch_shared.jobs import CLAIMABLE, JobState
from posebatch_shared.store.clock import now_ms
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.rows import select_jobs
from posebatch_shared.store.spans import NEWEST_FIRST, OLDEST_FIRST, span
from posebatch_shared.store.tables import IS_RUNNING, jobs, videos

#: Newest ended jobs that are looked at.
ENDED_SAMPLE = 300
#: Waiting videos whose sizes stand for all, and the places in the run where they are looked up.
SIZE_SAMPLE = 2_048
SIZE_PROBES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWork:
    """What the time left of a run is estimated from; times by the database's clock."""

    ended: Sequence[Ended]
    underway: Sequence[Underway]
    waiting: Waiting
    now_seconds: float


class RunWorkReader:
    """The reads of one look at one run."""

    def __init__(self, transaction: Transaction, run_id: int) -> None:
        self._transaction = transaction
        self._run_id = run_id

    def read(self, waiting: int) -> RunWork:
        """Ended, running and `waiting` videos."""
        return RunWork(
            ended=self._ended(),
            underway=self._underway(),
            waiting=self._waiting(waiting),
            now_seconds=self._transaction.execute(select(now_ms())).scalar_one() / 1000,
        )

    def _ended(self) -> Sequence[Ended]:
        """Over the index of ended jobs, which lie in about the order in which they ended."""
        rows = [
            row
            for state in (JobState.COMPLETED, JobState.DISCARDED)
            for row in self._transaction.execute(_newest_ended(self._run_id, state))
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

    def _underway(self) -> Sequence[Underway]:
        statement = select_jobs().where(IS_RUNNING, jobs.c.run_id == self._run_id)
        return [
            Underway(
                size_bytes=row.size_bytes,
                started_seconds=row.started_at_ms / 1000,
                progress=min(1.0, row.frames_done / row.frames_total) if row.frames_total else None,
            )
            for row in self._transaction.execute(statement)
        ]

    def _waiting(self, number: int) -> Waiting:
        """Sizes of the waiting videos; of many, those of a sample stand for all."""
        sizes: list[int] = []
        for state in CLAIMABLE:
            sizes += self._sizes(state)
        mean_bytes = sum(sizes) / len(sizes) if sizes else 0.0
        return Waiting(videos=number, size_bytes=round(mean_bytes * number))

    def _sizes(self, state: JobState) -> Sequence[int]:
        """Up to SIZE_SAMPLE sizes, from SIZE_PROBES places spread evenly over the ids."""
        first, last = (self._end(state, order) for order in (OLDEST_FIRST, NEWEST_FIRST))
        if first is None or last is None:
            return []
        step = max(SIZE_SAMPLE, last + 1 - first) // SIZE_PROBES
        probes = [
            select(videos.c.size_bytes)
            .join(jobs, jobs.c.video_id == videos.c.video_id)
            .where(span(self._run_id, state, after=after), jobs.c.job_id <= after + step)
            .order_by(*OLDEST_FIRST)
            .limit(SIZE_SAMPLE // SIZE_PROBES)
            .subquery()
            for after in range(first - 1, last, step)
        ]
        sample = union_all(*[select(probe) for probe in probes])
        return self._transaction.execute(sample).scalars().all()

    def _end(self, state: JobState, order: Any) -> int | None:
        ids = select(jobs.c.job_id).where(span(self._run_id, state)).order_by(*order).limit(1)
        return self._transaction.execute(ids).scalar_one_or_none()


def _newest_ended(run_id: int, state: JobState) -> Select[Any]:
    return (
        select(videos.c.size_bytes, jobs.c.started_at_ms, jobs.c.finished_at_ms)
        .join(videos, videos.c.video_id == jobs.c.video_id)
        .where(span(run_id, state), jobs.c.started_at_ms.is_not(None))
        .order_by(*NEWEST_FIRST)
        .limit(ENDED_SAMPLE)
    )
