"""How a run is forgotten: its jobs, results that no job names any more, and at last itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, delete, exists, func, select, text

from posebatch_shared.jobs import TERMINAL
from posebatch_shared.store.database import Transaction
from posebatch_shared.store.tables import events, headers, jobs, results, runs, stage_timings

#: Jobs, and numbers of results, of one transaction, so that no worker waits long for its own.
JOBS, RESULTS = 1_000, 10_000

#: Whoever completes a job takes these tables in this order, and first names a result and then
#: points the job to it: nobody may be between the two.
_ALONE = text("LOCK TABLE results, jobs IN SHARE ROW EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Names of the files of forgotten results; the next look starts at `next_id`, None at the
    end."""

    files: tuple[str, ...]
    next_id: int | None


class Forgetting:
    """Each step is one transaction and leaves a ledger in which every name leads somewhere, so
    that whoever is killed on the way begins anew."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        transaction.begin_write()
        if transaction.is_postgres:
            transaction.execute(_ALONE)

    def jobs(self, run_id: int) -> int:
        """Forget up to JOBS jobs of the run that have ended; returns how many."""
        ended = jobs.c.state.in_([state.value for state in TERMINAL])
        chosen = select(jobs.c.job_id).where(jobs.c.run_id == run_id, ended).limit(JOBS)
        ids = self._transaction.execute(chosen).scalars().all()
        for table in (headers, stage_timings, events, jobs):
            self._change(delete(table).where(table.c.job_id.in_(ids)))
        return len(ids)

    def results(self, first_id: int) -> Forgotten:
        """Forget what no job names among the next RESULTS results, whose job ever it was."""
        last_id = first_id + RESULTS - 1
        named = select(jobs.c.result_id).where(jobs.c.result_id.between(first_id, last_id))
        these = results.c.result_id.between(first_id, last_id)
        gone = self._change(
            delete(results)
            .where(these, results.c.result_id.not_in(named))
            .returning(results.c.keypoints_uri, results.c.overlay_uri)
        )
        uris = [str(uri) for row in gone for uri in row if uri]
        highest = self._change(select(func.max(results.c.result_id))).scalar_one() or 0
        return Forgotten(
            files=tuple(uri.rpartition("/")[2] for uri in uris),
            next_id=last_id + 1 if highest > last_id else None,
        )

    def run(self, run_id: int) -> bool:
        """Forget the run, unless jobs of it are there (again)."""
        has_jobs = exists().where(jobs.c.run_id == run_id)
        gone = self._change(delete(runs).where(runs.c.run_id == run_id, ~has_jobs)).rowcount
        if gone:
            self._change(delete(events).where(events.c.run_id == run_id))
        return bool(gone)

    def _change(self, statement: Executable) -> Any:
        return self._transaction.execute(statement)
