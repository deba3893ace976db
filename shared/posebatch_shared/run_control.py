"""Pause, resume, cancel: what a person may do with a run, as its state allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from posebatch_shared.errors import UsageError
from posebatch_shared.file_names import shown
from posebatch_shared.jobs import Run
from posebatch_shared.snapshot import RunProgress
from posebatch_shared.store.ports import UnitOfWork

RunAction = Literal["pause", "resume", "cancel"]

#: A run's state and what may be done with it; what has ended stays as it is.
OFFERED: Mapping[str, tuple[RunAction, ...]] = {
    "running": ("pause", "cancel"),
    "paused": ("resume", "cancel"),
}
#: The state that an action leads to; a run that is there already is left alone.
LEADS_TO: Mapping[RunAction, str] = {"pause": "paused", "resume": "running", "cancel": "cancelled"}
DONE: Mapping[RunAction, str] = {"pause": "paused", "resume": "resumed", "cancel": "cancelled"}


def change_run(uow: UnitOfWork, run: Run, action: RunAction, *, actor: str) -> RunProgress:
    """Do it and write it down; the run as it was before. Cancelled again, all of it ends that no
    living worker holds. Errors: UsageError if it has ended, or was cancelled."""
    now = uow.runs.get(run.run_id) or run
    before = RunProgress(run=now, counts=uow.jobs.counts(run.run_id), left=None)
    if before.state == LEADS_TO[action]:
        if action == "cancel":
            _cancel_the_rest(uow, run.run_id)
        return before
    if action not in OFFERED.get(before.state, ()):
        raise UsageError(
            f"run {run.run_id} · {shown(run.name)} is {before.state}; it cannot be {DONE[action]}"
        )
    change = {"pause": uow.runs.pause, "resume": uow.runs.resume, "cancel": uow.runs.cancel}
    change[action](run.run_id)
    uow.events.add(f"run_{action}", actor=actor, run_id=run.run_id)
    uow.commit()
    return before


def _cancel_the_rest(uow: UnitOfWork, run_id: int) -> None:
    """What keepers would do, where there are none."""
    while uow.runs.cancel(run_id):
        uow.commit()
