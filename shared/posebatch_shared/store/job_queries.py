"""Adding jobs to the ledger and asking about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy import case, func, select

from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import TERMINAL, Device, Job, JobState, Run, VideoRef
from posebatch_shared.store.clock import now_ms
from posebatch_shared.store.job_base import JobBase
from posebatch_shared.store.job_insert import file_rows, insert_jobs, insert_videos, same_file
from posebatch_shared.store.rows import select_jobs, to_job
from posebatch_shared.store.runs import is_there
from posebatch_shared.store.tables import IS_RUNNING, jobs, videos
from posebatch_shared.store.typed import countable
from posebatch_shared.store.waiting import dispatched

DEFAULT_MAX_ATTEMPTS = 5
_BATCH = 1_000


class JobQueries(JobBase):
    """The part of JobRepository that changes no job's state."""

    def add_many(
        self,
        run: Run,
        videos: Iterable[VideoRef],
        *,
        device: Device = "any",
        priority: int = 0,
        max_attempts: int = DEFAULT_MAX_ATTEMPTS,
    ) -> int:
        """Insert in batches; a video already in the run is left alone. Returns the number new.

        A larger `priority` is more urgent. Errors: UsageError if the run has been deleted.
        """
        if not is_there(self._transaction, run):
            raise UsageError(f"run {run.run_id} has just been deleted; submit its videos again")
        postgres, added = self._transaction.is_postgres, 0
        for batch in _batches(videos):
            rows = file_rows(batch, postgres=postgres)
            self._transaction.execute(insert_videos(rows, postgres=postgres))
            inserted = self._transaction.execute(
                insert_jobs(
                    rows,
                    postgres=postgres,
                    run_id=run.run_id,
                    device=device,
                    priority=priority,
                    max_attempts=max_attempts,
                )
            )
            added += inserted.rowcount
        return added

    def holds_any(self, run: Run, files: Sequence[VideoRef]) -> bool:
        """Whether one of these files (path, size and time) is in the run."""
        rows = file_rows(files, postgres=self._transaction.is_postgres)
        found = (
            select(jobs.c.job_id)
            .join(videos, videos.c.video_id == jobs.c.video_id)
            .join(rows, same_file(rows))
            .where(jobs.c.run_id == run.run_id)
            .limit(1)
        )
        return self._transaction.execute(found).first() is not None

    def get(self, job_id: int) -> Job | None:
        """By id."""
        row = self._transaction.execute(
            select_jobs().where(jobs.c.job_id == countable(job_id))
        ).one_or_none()
        return None if row is None else to_job(row)

    def list(
        self,
        run_id: int | None = None,
        *,
        states: Sequence[JobState] = (),
        search: str = "",
        error_code: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> Sequence[Job]:
        """A page in job_id order, those after id `after`; `search` is part of a path."""
        statement = select_jobs().where(jobs.c.job_id > after)
        if run_id is not None:
            statement = statement.where(jobs.c.run_id == run_id)
        if states:
            statement = statement.where(jobs.c.state.in_([state.value for state in states]))
        if search:
            statement = statement.where(videos.c.path.icontains(search, autoescape=True))
        if error_code is not None:
            statement = statement.where(jobs.c.error_code == error_code)
        page = statement.order_by(jobs.c.job_id).limit(limit)
        return [to_job(row) for row in self._transaction.execute(page)]

    def counts(self, run_id: int | None = None) -> Mapping[JobState, int]:
        """Jobs by state, states without jobs left out."""
        statement = select(jobs.c.state, func.count().label("number")).group_by(jobs.c.state)
        if run_id is not None:
            statement = statement.where(jobs.c.run_id == run_id)
        rows = self._transaction.execute(statement)
        return {JobState(row.state): row.number for row in rows}

    def throughput(self, run_id: int) -> tuple[int, float]:
        """Frames tracked by completed jobs (cached ones track none), and the run's wall seconds."""
        is_open = jobs.c.state.not_in([state.value for state in TERMINAL])
        tracked = (jobs.c.state == JobState.COMPLETED.value) & jobs.c.cache_hit.is_(False)
        row = self._transaction.execute(
            select(
                func.sum(case((tracked, jobs.c.frames_done), else_=0)).label("frames"),
                func.min(jobs.c.started_at_ms).label("started_ms"),
                case(
                    (func.max(case((is_open, 1), else_=0)) == 1, now_ms()),
                    else_=func.max(jobs.c.finished_at_ms),
                ).label("ended_ms"),
            ).where(jobs.c.run_id == run_id)
        ).one()
        if row.started_ms is None or row.ended_ms is None:
            return 0, 0.0
        return int(row.frames), max(0, row.ended_ms - row.started_ms) / 1000

    def running_owners(self) -> set[str]:
        """Who holds a lease now."""
        statement = select(jobs.c.owner).where(IS_RUNNING).distinct()
        return set(self._transaction.execute(statement).scalars())

    def waiting_dispatched(self, device: Device) -> int:
        """Claimable jobs of this queue that a wake-up was sent for."""
        waiting = dispatched(device).order_by(None).subquery()
        return int(
            self._transaction.execute(select(func.count()).select_from(waiting)).scalar_one()
        )


def _batches(refs: Iterable[VideoRef]) -> Iterator[Sequence[VideoRef]]:
    remaining = iter(refs)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
