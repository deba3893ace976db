"""Runs in SQL: made once, then paused, resumed, cancelled, retried."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, insert, select, update

from posebatch_shared.jobs import TERMINAL, JobState, Run, TrackOptions
from posebatch_shared.store.clock import now_ms
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.events import SqlEventRepository
from posebatch_shared.store.rows import to_run
from posebatch_shared.store.tables import DISPATCHED, IS_AVAILABLE, jobs, runs
from posebatch_shared.store.typed import countable, storable
from posebatch_shared.store.waiting import cancel_silent, cancel_waiting, starts_afresh

#: Waiting jobs that one `cancel` takes back; keepers do the rest, batch by batch.
CANCEL_BATCH = 20_000

#: A job that needs no more work.
HAS_ENDED = jobs.c.state.in_([state.value for state in TERMINAL])


def is_there(transaction: Transaction, run: Run, *, to_delete: bool = False) -> bool:
    """Whether it has not been deleted, also if its number was given again; stays so until the
    transaction ends. `to_delete`: nobody adds jobs to it either."""
    transaction.begin_write()
    found = select(runs).where(runs.c.run_id == run.run_id)
    shared = not to_delete
    locked = found.with_for_update(read=shared, key_share=shared)
    row = transaction.execute(locked).one_or_none()
    return row is not None and to_run(row).created_at == run.created_at


class SqlRunRepository:
    """Implements RunRepository."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._events = SqlEventRepository(transaction)

    def add(self, *, name: str, options: TrackOptions, force: bool = False) -> Run:
        """A new run without jobs."""
        statement = (
            insert(runs)
            .values(
                name=name,
                options=options.to_json(),
                options_digest=options.digest_of_release(),
                force=force,
                created_at_ms=now_ms(),
            )
            .returning(runs)
        )
        run = to_run(self._transaction.execute(statement).one())
        self._events.add("run_added", actor="producer", run_id=run.run_id, detail={"name": name})
        return run

    def get(self, run: int | str) -> Run | None:
        """By id, or the newest of that name."""
        if isinstance(run, int):
            return self._first(select(runs).where(runs.c.run_id == countable(run)))
        return self._first(select(runs).where(runs.c.name == storable(run)))

    def named(self, name: str, *, limit: int = 20) -> Sequence[Run]:
        """The newest of that name, newest first."""
        statement = select(runs).where(runs.c.name == storable(name))
        rows = self._transaction.execute(statement.order_by(runs.c.run_id.desc()).limit(limit))
        return [to_run(row) for row in rows]

    def latest(self) -> Run | None:
        """The newest, but for runs that were paused, or could not begin, before anything of them
        had ended: those have nothing to show, unless there are no others."""
        ended = select(jobs.c.job_id).where(jobs.c.run_id == runs.c.run_id, HAS_ENDED).exists()
        return self._first(select(runs).where(~runs.c.paused | ended)) or self._first(select(runs))

    def _first(self, statement: Select[tuple[object, ...]]) -> Run | None:
        newest = statement.order_by(runs.c.run_id.desc()).limit(1)
        row = self._transaction.execute(newest).one_or_none()
        return None if row is None else to_run(row)

    def list(self, *, limit: int = 50, before: int | None = None) -> Sequence[Run]:
        """Newest first, those with smaller ids than `before`."""
        statement = select(runs).order_by(runs.c.run_id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(runs.c.run_id < countable(before))
        return [to_run(row) for row in self._transaction.execute(statement)]

    def pause(self, run_id: int) -> None:
        """No job of it is claimed from now on; those that run go on."""
        self._set(run_id, paused=True)
        # Their wake-ups will be refused: they need new ones after `resume`.
        self._transaction.execute(
            update(jobs)
            .where(IS_AVAILABLE, DISPATCHED, jobs.c.run_id == run_id)
            .values(dispatched_at_ms=None)
        )

    def resume(self, run_id: int) -> None:
        """Undo `pause`."""
        self._set(run_id, paused=False)

    def cancel(self, run_id: int) -> int:
        """No job of it is claimed from now on; up to CANCEL_BATCH of the waiting end at once, and
        those whose worker has fallen silent: there may be no other to take them from it.

        Returns how many ended. Beats tell the workers of those that run.
        """
        self._set(run_id, cancelled=True)
        silent = cancel_silent(self._transaction, run_id)
        waiting = cancel_waiting(self._transaction, [run_id], limit=CANCEL_BATCH, skip_locked=False)
        return silent + waiting

    def retry(self, run_id: int, *, states: Sequence[JobState]) -> int:
        """Give jobs that ended in `states` a fresh start; a cancelled run is alive again."""
        self._set(run_id, cancelled=False)
        statement = (
            update(jobs)
            .where(jobs.c.run_id == run_id, jobs.c.state.in_([state.value for state in states]))
            .values(**starts_afresh())
        )
        return self._transaction.execute(statement).rowcount

    def _set(self, run_id: int, **flags: bool) -> None:
        self._transaction.execute(update(runs).where(runs.c.run_id == run_id).values(**flags))
