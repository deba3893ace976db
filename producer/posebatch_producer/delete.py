"""A run taken out of the ledger for good, with what nobody else has: results and their files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from posebatch_producer.reading import find_run
from posebatch_producer.service import open_ledger
from posebatch_producer.submit import is_unfinished
from posebatch_shared.artifacts import open_artifacts
from posebatch_shared.errors import UsageError
from posebatch_shared.file_names import shown
from posebatch_shared.jobs import Run
from posebatch_shared.settings import Settings
from posebatch_shared.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What is gone."""

    run_id: int
    jobs: int
    files: int


def deletable(key: str, settings: Settings) -> tuple[Run, int]:
    """The run and the number of its jobs. Errors: UsageError if some have not ended."""
    with open_ledger(settings) as store, store.unit_of_work() as uow:
        run = find_run(uow, key)
        if is_unfinished(uow, run):
            raise UsageError(f"{named(run)} has not ended; `posebatch cancel {run.run_id}` ends it")
        return run, sum(uow.jobs.counts(run.run_id).values())


def delete_run(run: Run, settings: Settings) -> Deletion:
    """Whoever is stopped on the way gives the command again. Errors: UsageError if the run has
    begun anew meanwhile, StoreUnavailable, ArtifactsUnavailable."""
    with open_ledger(settings) as store:
        jobs = _forget_jobs(store, run)
        gone = _forget_results(store)
        with store.views().forgetting() as forgetting:
            if not forgetting.run(run.run_id):
                raise UsageError(f"{named(run)} has jobs that have not ended (any more)")
        files = open_artifacts(settings.resolved_artifacts_url).sweep(
            lambda names: _kept(store, names, gone), older_than_seconds=0.0
        )
        with store.unit_of_work() as uow:
            detail = {"run": run.run_id, "name": run.name, "jobs": jobs, "files": files}
            uow.events.add("run_deleted", actor="command", detail=detail)
            uow.commit()
    return Deletion(run_id=run.run_id, jobs=jobs, files=files)


def named(run: Run) -> str:
    """As people are told of it."""
    return f"run {run.run_id} · {shown(run.name)}"


def _forget_jobs(store: Store, run: Run) -> int:
    number, batch = 0, 1
    while batch:
        with store.views().forgetting() as forgetting:
            batch = forgetting.jobs(run.run_id)
        number += batch
    return number


def _forget_results(store: Store) -> set[str]:
    """Names of their files."""
    gone: set[str] = set()
    next_id: int | None = 1
    while next_id is not None:
        with store.views().forgetting() as forgetting:
            forgotten = forgetting.results(next_id)
        gone.update(forgotten.files)
        next_id = forgotten.next_id
    return gone


def _kept(store: Store, names: Sequence[str], gone: set[str]) -> Collection[str]:
    """All but those of forgotten results that nobody has named again since."""
    theirs = gone.intersection(names)
    if not theirs:
        return names
    with store.unit_of_work() as uow:
        return (set(names) - theirs) | uow.results.known_artifacts(sorted(theirs))
