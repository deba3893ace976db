"""How ended runs leave the ledger: batch by batch, with the results that nobody else uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, exists, func, select, text

from posebatch_shared.errors import UsageError
from posebatch_shared.jobs import Run
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.events import SqlEventRepository
from posebatch_shared.store.runs import HAS_ENDED, is_there
from posebatch_shared.store.tables import events, headers, jobs, results, runs, stage_timings

#: Jobs that go in one transaction, so that no worker waits long.
BATCH = 1_000

#: Nobody stores a result, or points a job to one, until this transaction is over: what is found to
#: be of no use stays so. Asked for before anything else, so that nobody waits in a circle.
_ALONE = text("LOCK TABLE results IN EXCLUSIVE MODE")
#: Whoever asks for a lock has all who come after him wait behind him, so he does not for long; but
#: for long enough that Postgres calls its own cleaning off.
_PATIENCE = text("SET LOCAL lock_timeout TO '5s'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """Jobs, the results that nobody else uses, and the names of files that no other one names."""

    jobs: int
    results: tuple[int, ...]
    files: frozenset[str]


class RunDeletion:
    """Counts and deletes. The files are the caller's to remove once a batch is committed; one that
    is left over is an orphan, and swept like any other."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._events = SqlEventRepository(transaction)

    def find(self, run_ids: Sequence[int]) -> Unused:
        """What would go with these runs. Errors: UsageError if one has jobs that have not ended."""
        self._require_ended(run_ids)
        chosen = select(jobs.c.job_id).where(jobs.c.run_id.in_(run_ids))
        number = select(func.count()).select_from(chosen.subquery())
        return self._unused(chosen, self._transaction.execute(number).scalar_one())

    def delete_batch(self, run: Run) -> Unused:
        """The next BATCH jobs of a run, none if it is gone. Errors: UsageError if some have not
        ended, StoreBusy."""
        if self._transaction.is_postgres:
            self._transaction.execute(_PATIENCE)
            self._transaction.execute(_ALONE)
        if not is_there(self._transaction, run, to_delete=True):
            return Unused(jobs=0, results=(), files=frozenset())
        self._require_ended([run.run_id])
        of_run = select(jobs.c.job_id).where(jobs.c.run_id == run.run_id).order_by(jobs.c.job_id)
        ids = self._transaction.execute(of_run.limit(BATCH)).scalars().all()
        unused = self._unused(select(jobs.c.job_id).where(jobs.c.job_id.in_(ids)), len(ids))
        self._delete(stage_timings.c.job_id, ids)
        self._delete(headers.c.job_id, ids)
        if self._delete(jobs.c.job_id, ids, HAS_ENDED) < len(ids):
            raise UsageError(f"somebody has just put jobs of run {run.run_id} back")
        self._delete(results.c.result_id, unused.results)
        return unused

    def delete_empty(self, run: Run, *, actor: str) -> None:
        """The run, once it has no jobs, and its log: SQLite may give its number again. Errors:
        UsageError if it has jobs."""
        if not is_there(self._transaction, run, to_delete=True):
            return
        its_jobs = select(jobs.c.job_id).where(jobs.c.run_id == run.run_id).limit(1)
        if self._transaction.execute(its_jobs).first():
            raise UsageError(f"somebody has just added jobs to run {run.run_id}")
        self._delete(events.c.run_id, [run.run_id])
        self._delete(runs.c.run_id, [run.run_id])
        self._events.add("run_deleted", actor=actor, detail={"run": run.run_id, "name": run.name})

    def _delete(self, column: Any, ids: Sequence[int], *conditions: Any) -> int:
        statement = delete(column.table).where(column.in_(ids), *conditions)
        return self._transaction.execute(statement).rowcount

    def _require_ended(self, run_ids: Sequence[int]) -> None:
        left = (
            select(jobs.c.run_id, func.count().label("number"))
            .where(jobs.c.run_id.in_(run_ids), ~HAS_ENDED)
            .group_by(jobs.c.run_id)
            .order_by(jobs.c.run_id)
        )
        for row in self._transaction.execute(left):
            raise UsageError(
                f"run {row.run_id}: {row.number} jobs have not ended; wait for them, or take them "
                f"back with: posebatch cancel {row.run_id}"
            )

    def _unused(self, chosen: Select[tuple[int]], number: int) -> Unused:
        """All results of the chosen jobs' contents, by whatever analysis, that no other job has.
        Only results of one content share files."""
        rows = self._transaction.execute(_of_their_contents(chosen)).all()
        kept = {name for row in rows if row.is_used for name in _names(row)}
        return Unused(
            jobs=number,
            results=tuple(row.result_id for row in rows if not row.is_used),
            files=frozenset(name for row in rows for name in _names(row)) - kept,
        )


def _of_their_contents(chosen: Select[tuple[int]]) -> Select[Any]:
    contents = (
        select(results.c.content_hash)
        .join(jobs, jobs.c.result_id == results.c.result_id)
        .where(jobs.c.job_id.in_(chosen))
    )
    others = jobs.alias("others")
    is_used = exists().where(
        others.c.result_id == results.c.result_id, others.c.job_id.not_in(chosen)
    )
    return select(
        results.c.result_id,
        results.c.keypoints_uri,
        results.c.overlay_uri,
        is_used.label("is_used"),
    ).where(results.c.content_hash.in_(contents))


def _names(row: Any) -> Iterator[str]:
    for uri in (row.keypoints_uri, row.overlay_uri):
        if uri is not None:
            yield uri.rpartition("/")[2]
