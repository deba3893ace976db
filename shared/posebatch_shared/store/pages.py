"""Which jobs a filter selects, read page by page at a cost that does not grow with the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, select, union_all

from posebatch_shared.jobs import Job, JobState
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.records import EventRow
from posebatch_shared.store.rows import select_jobs, to_event, to_job
from posebatch_shared.store.spans import OLDEST_FIRST, span
from posebatch_shared.store.tables import events, jobs, results, videos
from posebatch_shared.store.typed import countable, storable

#: A search looks through this many jobs at a time, so that the database reads no whole table,
#: and through so many such steps before it answers; the page then says how far it came.
SEARCH_STEP = 2_000
SEARCH_STEPS = 10


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
            found.append(jobs.c.error_code == storable(self.error_code))
        return found

    def matches_path(self) -> Any:
        """The condition on `videos`."""
        return videos.c.path.icontains(storable(self.search), autoescape=True)


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
        after = countable(after)
        if not wanted.search:
            ids = self._column(_window(wanted, after=after, limit=limit + 1), limit=limit + 1)
            return self._page(ids, limit=limit, next_after=None)
        found: list[int] = []
        for _ in range(SEARCH_STEPS):
            window = _window(wanted, after=after, limit=SEARCH_STEP)
            found += self._column(_matching(wanted, window), limit=limit + 1 - len(found))
            last = self._column(window, limit=1, offset=SEARCH_STEP - 1)
            if len(found) > limit or not last:
                return self._page(found, limit=limit, next_after=None)
            after = last[0]
        return self._page(found, limit=limit, next_after=after)

    def _column(self, ids: Select[Any], *, limit: int, offset: int = 0) -> Sequence[int]:
        window = ids.subquery()
        statement = select(window.c.job_id).order_by(window.c.job_id).limit(limit).offset(offset)
        return self._transaction.execute(statement).scalars().all()

    def _page(self, ids: Sequence[int], *, limit: int, next_after: int | None) -> JobPage:
        statement = _select_lines().where(jobs.c.job_id.in_(ids[:limit])).order_by(jobs.c.job_id)
        lines = [_line(row) for row in self._transaction.execute(statement)]
        return JobPage(lines=lines, next_after=ids[limit - 1] if len(ids) > limit else next_after)

    def events(self, *, before: int | None = None, limit: int = 50) -> Sequence[EventRow]:
        """What happened, newest first, behind event id `before`."""
        statement = select(events).order_by(events.c.event_id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(events.c.event_id < countable(before))
        return [to_event(row) for row in self._transaction.execute(statement)]


def _window(wanted: JobFilter, *, after: int, limit: int) -> Select[Any]:
    """Ids and videos of the first jobs, merged from one ordered walk per state within a run."""
    key = select(jobs.c.job_id, jobs.c.video_id)
    if wanted.run_id is None:
        all_runs = key.where(jobs.c.job_id > after, *wanted.where())
        return all_runs.order_by(jobs.c.job_id).limit(limit)
    extra = replace(wanted, run_id=None, states=()).where()
    walks = [
        key.where(span(wanted.run_id, state, after=after), *extra)
        .order_by(*OLDEST_FIRST)
        .limit(limit)
        .subquery()
        for state in wanted.states or tuple(JobState)
    ]
    merged = union_all(*[select(walk) for walk in walks]).subquery()
    return select(merged).order_by(merged.c.job_id).limit(limit)


def _matching(wanted: JobFilter, window: Select[Any]) -> Select[Any]:
    there = window.subquery()
    joined = select(there.c.job_id).join(videos, videos.c.video_id == there.c.video_id)
    return joined.where(wanted.matches_path())


def _select_lines() -> Select[Any]:
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
