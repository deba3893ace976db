"""Which jobs a filter selects, read page by page at a cost that does not grow with the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from posebatch_shared.jobs import Job, JobState
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.ports import EventRow
from posebatch_shared.store.rows import select_jobs, to_event, to_job
from posebatch_shared.store.tables import events, jobs, results, videos

#: Jobs that one search looks through before it answers; the page then says how far it came.
SEARCH_WINDOW = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Jobs of a run (or of all), in one of these states (or any), with this error, whose path
    holds `search`; or one job."""

    job_id: int | None = None
    run_id: int | None = None
    states: tuple[JobState, ...] = ()
    error_code: str | None = None
    search: str = ""

    def where(self) -> list[Any]:
        """The conditions on `jobs`; `search` is left to a join with `videos`."""
        found: list[Any] = []
        if self.job_id is not None:
            found.append(jobs.c.job_id == self.job_id)
        if self.run_id is not None:
            found.append(jobs.c.run_id == self.run_id)
        if self.states:
            found.append(jobs.c.state.in_([state.value for state in self.states]))
        if self.error_code is not None:
            found.append(jobs.c.error_code == self.error_code)
        return found

    def matches_path(self) -> Any:
        """The condition on `videos`."""
        return videos.c.path.icontains(self.search, autoescape=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """A job and the few facts of its result that a list shows."""

    job: Job
    tracker: str | None
    kind: str | None
    quality_score: float | None
    jumps: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """Some jobs in the order of submission; the next page starts after `next_after`, if any."""

    lines: Sequence[JobLine]
    next_after: int | None


class Pages:
    """Lists of jobs and of what happened to them."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def jobs(self, wanted: JobFilter, *, after: int = 0, limit: int = 50) -> JobPage:
        """The jobs behind id `after`. A search may end early, with few or no lines and a
        `next_after` from which to search on."""
        size = SEARCH_WINDOW if wanted.search else limit + 1
        window = _ids(wanted, after=after, limit=size)
        seen = self._transaction.execute(
            select(func.count().label("jobs"), func.max(window.c.job_id).label("last")).select_from(
                window
            )
        ).one()
        statement = _lines().join(window, window.c.job_id == jobs.c.job_id)
        if wanted.search:
            statement = statement.where(wanted.matches_path())
        rows = self._transaction.execute(statement.order_by(jobs.c.job_id).limit(limit + 1)).all()
        lines = [_line(row) for row in rows[:limit]]
        if len(rows) > limit:
            return JobPage(lines=lines, next_after=lines[-1].job.job_id)
        more = bool(wanted.search) and seen.jobs == size
        return JobPage(lines=lines, next_after=seen.last if more else None)

    def events(self, *, before: int | None = None, limit: int = 50) -> Sequence[EventRow]:
        """What happened, newest first, behind event id `before`."""
        statement = select(events).order_by(events.c.event_id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(events.c.event_id < before)
        return [to_event(row) for row in self._transaction.execute(statement)]


def _ids(wanted: JobFilter, *, after: int, limit: int) -> Any:
    """The first `limit` ids, merged from one ordered probe per state where an index has them so."""
    if wanted.run_id is None:
        return _probe(wanted, after=after, limit=limit).subquery()
    states = wanted.states or tuple(JobState)
    probes = [
        _probe(wanted, after=after, limit=limit)
        .where(jobs.c.state == literal(state.value))
        .subquery()
        for state in states
    ]
    merged = union_all(*[select(probe.c.job_id) for probe in probes]).subquery()
    return select(merged.c.job_id).order_by(merged.c.job_id).limit(limit).subquery()


def _probe(wanted: JobFilter, *, after: int, limit: int) -> Select[Any]:
    statement = select(jobs.c.job_id).where(jobs.c.job_id > after, *wanted.where())
    return statement.order_by(jobs.c.job_id).limit(limit)


def _lines() -> Select[Any]:
    analysis = results.c.analysis
    return (
        select_jobs()
        .add_columns(
            results.c.tracker["name"].as_string().label("tracker"),
            analysis["kind"].as_string().label("kind"),
            analysis[("quality", "score")].as_float().label("quality_score"),
            analysis["jumps"].label("jumps"),
        )
        .join(results, results.c.result_id == jobs.c.result_id, isouter=True)
    )


def _line(row: Any) -> JobLine:
    return JobLine(
        job=to_job(row),
        tracker=row.tracker,
        kind=row.kind,
        quality_score=row.quality_score,
        jumps=row.jumps or [],
    )
