"""Which runs there are, newest first."""

from __future__ import annotations

from typing import Any

from posebatch_producer.service import open_ledger
from posebatch_shared.jobs import JobState
from posebatch_shared.settings import load_settings
from posebatch_shared.snapshot import RunProgress, counts_by_run

PAGE = 500


def list_runs() -> list[dict[str, Any]]:
    """All runs of the ledger as plain values, newest first. Errors: StoreUnavailable."""
    found: list[dict[str, Any]] = []
    with open_ledger(load_settings()) as store:
        with store.views().overview() as overview:
            counts = counts_by_run(overview.job_counts())
        before = None
        while True:
            with store.unit_of_work() as uow:
                page = uow.runs.list(limit=PAGE, before=before)
            if not page:
                return found
            found += [
                run_entry(RunProgress(run=run, counts=counts.get(run.run_id, {}), left=None))
                for run in page
            ]
            before = page[-1].run_id


def run_entry(progress: RunProgress) -> dict[str, Any]:
    """What a run is and how many of its jobs are in which state."""
    return {
        "run_id": progress.run.run_id,
        "name": progress.run.name,
        "created_at": progress.run.created_at.isoformat(),
        "options": progress.run.options.to_json(),
        "state": progress.state,
        "total": progress.total,
        "ended": progress.ended,
        **{state.value: progress.counts.get(state, 0) for state in JobState},
    }
