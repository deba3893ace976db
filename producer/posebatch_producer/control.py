"""A person's word on a run, written to the ledger, where it outlives restarts and lost messages."""

from __future__ import annotations

from collections.abc import Callable

from posebatch_producer.processes import WORKERS, ask
from posebatch_producer.reading import find_run
from posebatch_producer.service import open_ledger
from posebatch_shared.jobs import JobState, Run
from posebatch_shared.settings import load_settings
from posebatch_shared.store.ports import UnitOfWork


def cancel_run(key: str) -> str:
    """Cancel waiting jobs at once; workers hear of it at their next heartbeat."""
    return _act(key, "cancel", lambda uow, run: f"{uow.runs.cancel(run.run_id)} jobs cancelled")


def pause_run(key: str) -> str:
    """Running clips finish; no new one starts."""

    def act(uow: UnitOfWork, run: Run) -> str:
        uow.runs.pause(run.run_id)
        return "paused"

    return _act(key, "pause", act)


def resume_run(key: str) -> str:
    """The opposite of pause."""

    def act(uow: UnitOfWork, run: Run) -> str:
        uow.runs.resume(run.run_id)
        return "resumed"

    return _act(key, "resume", act)


def retry_run(key: str, *, failed: bool, cancelled: bool) -> str:
    """Back to available, with attempts and crashes at zero."""
    chosen = {JobState.DISCARDED: failed, JobState.CANCELLED: cancelled}
    states = [state for state, wanted in chosen.items() if wanted]
    return _act(
        key,
        "retry",
        lambda uow, run: f"{uow.runs.retry(run.run_id, states=states)} jobs put back",
    )


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


def _act(key: str, kind: str, act: Callable[[UnitOfWork, Run], str]) -> str:
    with open_ledger(load_settings()) as store, store.unit_of_work() as uow:
        run = find_run(uow, key)
        outcome = act(uow, run)
        uow.events.add(f"run_{kind}", actor="command", run_id=run.run_id)
        uow.commit()
    return f"run {run.run_id} · {run.name}: {outcome}"
