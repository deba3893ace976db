"""How a person changes many jobs at once: counted first, then changed batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import false, func, select, update

from posebatch_shared.jobs import JobState
from posebatch_shared.store.clock import now_ms
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.events import SqlEventRepository
from posebatch_shared.store.pages import JobFilter
from posebatch_shared.store.tables import jobs, runs, videos
from posebatch_shared.store.waiting import starts_afresh

BulkAction = Literal["retry", "cancel"]

#: States from which each action takes jobs.
TAKES: dict[BulkAction, tuple[JobState, ...]] = {
    "retry": (JobState.DISCARDED, JobState.CANCELLED),
    "cancel": (JobState.AVAILABLE, JobState.RETRYABLE, JobState.RUNNING),
}

#: Jobs changed in one transaction, so that no worker waits long for a row.
BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What one batch did; the next starts after `next_after`, None at the end."""

    jobs: int
    next_after: int | None


class BulkJobs:
    """Counts and changes what a filter selects. A running job that is cancelled stops at its
    worker's next heartbeat, whose claim no longer stands."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._events = SqlEventRepository(transaction)

    def count(self, action: BulkAction, wanted: JobFilter) -> int:
        """How many jobs the action would change now."""
        chosen = self._chosen(action, wanted).subquery()
        statement = select(func.count()).select_from(chosen)
        return int(self._transaction.execute(statement).scalar_one())

    def change(self, action: BulkAction, wanted: JobFilter, *, after: int = 0) -> Changed:
        """Change the next BATCH jobs behind id `after`."""
        chosen = self._chosen(action, wanted).where(jobs.c.job_id > after)
        ids = self._transaction.execute(chosen.order_by(jobs.c.job_id).limit(BATCH)).scalars().all()
        if not ids:
            return Changed(jobs=0, next_after=None)
        if action == "retry":
            self._revive_runs(ids)
        values = starts_afresh() if action == "retry" else _cancelled()
        these = jobs.c.job_id.in_(ids) & _takes(action)
        changed = self._transaction.execute(update(jobs).where(these).values(**values)).rowcount
        return Changed(jobs=changed, next_after=ids[-1] if len(ids) == BATCH else None)

    def log(self, action: BulkAction, wanted: JobFilter, *, actor: str, changed: int) -> None:
        """Write down who did what to how many."""
        detail = {
            "states": [state.value for state in wanted.states],
            "error_code": wanted.error_code,
            "search": wanted.search,
            "jobs": changed,
        }
        self._events.add(
            f"bulk_{action}",
            actor=actor,
            run_id=wanted.run_id,
            job_id=wanted.job_id,
            detail=detail,
        )

    def _chosen(self, action: BulkAction, wanted: JobFilter) -> Any:
        statement = select(jobs.c.job_id).where(_takes(action), *wanted.where())
        if wanted.search:
            path = wanted.matches_path()
            statement = statement.join(videos, videos.c.video_id == jobs.c.video_id).where(path)
        return statement

    def _revive_runs(self, job_ids: Any) -> None:
        """Jobs of a cancelled run would never be claimed."""
        theirs = select(jobs.c.run_id).where(jobs.c.job_id.in_(job_ids)).distinct()
        cancelled = runs.c.cancelled.is_(True) & runs.c.run_id.in_(theirs)
        self._transaction.execute(update(runs).where(cancelled).values(cancelled=false()))


def _takes(action: BulkAction) -> Any:
    return jobs.c.state.in_([state.value for state in TAKES[action]])


def _cancelled() -> dict[str, Any]:
    return {"state": JobState.CANCELLED.value, "finished_at_ms": now_ms()}
