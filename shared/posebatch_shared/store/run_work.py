"""What the time left of a run is estimated from: spans of ended videos, and what is known of the
others' length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, union_all

from posebatch_shared.jobs import CLAIMABLE, JobState
from posebatch_shared.outlook import Ended, Underway, Waiting
from posebatch_shared.store.clock import now_ms
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.spans import NEWEST_FIRST, OLDEST_FIRST, span
from posebatch_shared.store.tables import IS_RUNNING, headers, jobs, results, videos
from posebatch_shared.work_model import Clip

#: Newest ended jobs that are looked at.
ENDED_SAMPLE = 200
#: Waiting videos that stand for all, and the places in the run where they are looked up.
WAITING_SAMPLE = 512
PROBES = 8
#: So many headers among the waiting stand for all of them.
FEWEST_HEADERS = 32

_pixels = results.c.video_info["width"].as_integer() * results.c.video_info["height"].as_integer()
_of_a_job = headers.c.job_id == jobs.c.job_id


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
            waiting=Waiting(videos=waiting, sample=self._waiting(waiting)),
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
                clip=_clip(row),
                started_seconds=row.started_at_ms / 1000,
                finished_seconds=row.finished_at_ms / 1000,
                tracked=row.state == JobState.COMPLETED.value and not row.cache_hit,
            )
            for row in rows
        ]
        return sorted(ended, key=lambda job: job.finished_seconds)[-ENDED_SAMPLE:]

    def _underway(self) -> Sequence[Underway]:
        running = _clips(headers.c.pixels).where(IS_RUNNING, jobs.c.run_id == self._run_id)
        return [
            Underway(
                clip=_clip(row),
                started_seconds=row.started_at_ms / 1000,
                progress=min(1.0, row.frames_done / row.frames_total) if row.frames_total else None,
            )
            for row in self._transaction.execute(running)
        ]

    def _waiting(self, number: int) -> Sequence[Clip]:
        """Those whose headers were looked into if they are enough, else some and their sizes."""
        stretches = [ends for state in CLAIMABLE if (ends := self._ends(state))]
        if not number or not stretches:
            return []
        known = self._with_headers(min(e[0] for e in stretches), max(e[1] for e in stretches))
        if len(known) >= min(number, FEWEST_HEADERS):
            return known
        return [clip for state in CLAIMABLE for clip in self._sizes(state)]

    def _with_headers(self, first: int, last: int) -> Sequence[Clip]:
        statement = (
            select(videos.c.size_bytes, headers.c.frames, headers.c.pixels)
            .join(jobs, _of_a_job)
            .join(videos, videos.c.video_id == jobs.c.video_id)
            .where(headers.c.job_id.between(first, last), jobs.c.run_id == self._run_id)
            .where(jobs.c.state.in_([state.value for state in CLAIMABLE]))
            .order_by(headers.c.job_id)
        )
        return [_clip(row) for row in self._transaction.execute(statement)]

    def _sizes(self, state: JobState) -> Sequence[Clip]:
        """Up to WAITING_SAMPLE of them, from PROBES places spread evenly over the ids."""
        ends = self._ends(state)
        if ends is None:
            return []
        first, last = ends
        step = max(WAITING_SAMPLE, last + 1 - first) // PROBES
        probes = [
            select(videos.c.size_bytes)
            .join(jobs, jobs.c.video_id == videos.c.video_id)
            .where(span(self._run_id, state, after=after), jobs.c.job_id <= after + step)
            .order_by(*OLDEST_FIRST)
            .limit(WAITING_SAMPLE // PROBES)
            .subquery()
            for after in range(first - 1, last, step)
        ]
        sample = union_all(*[select(probe) for probe in probes])
        return [Clip(size_bytes=size) for size in self._transaction.execute(sample).scalars()]

    def _ends(self, state: JobState) -> tuple[int, int] | None:
        """First and last id of this state."""
        ids = select(jobs.c.job_id).where(span(self._run_id, state)).limit(1)
        first = self._transaction.execute(ids.order_by(*OLDEST_FIRST)).scalar_one_or_none()
        last = self._transaction.execute(ids.order_by(*NEWEST_FIRST)).scalar_one_or_none()
        return None if first is None or last is None else (first, last)


def _newest_ended(run_id: int, state: JobState) -> Select[Any]:
    return (
        _clips(func.coalesce(headers.c.pixels, _pixels))
        .join(results, results.c.result_id == jobs.c.result_id, isouter=True)
        .where(span(run_id, state), jobs.c.started_at_ms.is_not(None))
        .order_by(*NEWEST_FIRST)
        .limit(ENDED_SAMPLE)
    )


def _clips(pixels: Any) -> Select[Any]:
    """Jobs and what is known of their videos: by the header, else as tracking found it."""
    return (
        select(
            jobs,
            videos.c.size_bytes,
            func.coalesce(headers.c.frames, jobs.c.frames_total).label("frames"),
            pixels.label("pixels"),
        )
        .join(videos, videos.c.video_id == jobs.c.video_id)
        .join(headers, _of_a_job, isouter=True)
    )


def _clip(row: Any) -> Clip:
    return Clip(size_bytes=row.size_bytes, frames=row.frames, pixels=row.pixels)
