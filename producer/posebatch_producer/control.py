"""A person's word on a run, written to the ledger, where it outlives restarts and lost messages."""

from __future__ import annotations

from posebatch_producer.processes import WORKERS, ask
from posebatch_producer.reading import find_run
from posebatch_producer.service import open_ledger
from posebatch_shared.file_names import shown
from posebatch_shared.jobs import JobState, Run
from posebatch_shared.run_control import DONE, RunAction, change_run
from posebatch_shared.settings import load_settings


def change(key: str, action: RunAction) -> str:
    """Pause, resume or cancel a run. Errors: UsageError where its state does not allow it."""
    with open_ledger(load_settings()) as store, store.unit_of_work() as uow:
        run = find_run(uow, key)
        before = change_run(uow, run, action, actor="command")
    left = before.total - before.ended
    return _said(run, f"{DONE[action]}, {left} of {before.total} jobs had not ended")


def retry_run(key: str, *, failed: bool, cancelled: bool) -> str:
    """Back to available, with attempts and crashes at zero.

    A run of which no job is put back stays as it is.
    """
    chosen = {JobState.DISCARDED: failed, JobState.CANCELLED: cancelled}
    states = [state for state, wanted in chosen.items() if wanted]
    with open_ledger(load_settings()) as store, store.unit_of_work() as uow:
        run = find_run(uow, key)
        left = 0 if cancelled else uow.jobs.counts(run.run_id).get(JobState.CANCELLED, 0)
        number = uow.runs.retry(run.run_id, states=states)
        if number:
            uow.events.add("run_retry", actor="command", run_id=run.run_id)
            uow.commit()
    hint = f"; {left} cancelled ones stay, without --cancelled" if left else ""
    return _said(run, f"{number} jobs put back{hint}")


def _said(run: Run, outcome: str) -> str:
    return f"run {run.run_id} · {shown(run.name)}: {outcome}"


def reanalyze_run(key: str) -> dict[str, int]:
    """How many completed jobs were analysed again, were up to date, or have no keypoints left.

    The work is done by a process of the workers: this one knows no numbers.
    """
    with open_ledger(load_settings()) as store, store.unit_of_work() as uow:
        run_id = find_run(uow, key).run_id
    counts: dict[str, int] = ask(WORKERS, ["reanalyze", str(run_id)])
    with open_ledger(load_settings()) as store, store.unit_of_work() as uow:
        uow.events.add("run_reanalyze", actor="command", run_id=run_id)
        uow.commit()
    return {"run_id": run_id, **counts}
