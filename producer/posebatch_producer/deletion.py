"""Ended runs deleted: jobs and results from the ledger first, then the files that these named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from posebatch_producer.reading import find_run
from posebatch_producer.service import open_ledger
from posebatch_shared.artifacts import ArtifactStore, open_artifacts
from posebatch_shared.jobs import Run
from posebatch_shared.settings import Settings, load_settings
from posebatch_shared.store import Store
from posebatch_shared.store.deletion import Unused


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """How much went, or would go."""

    jobs: int = 0
    results: int = 0
    files: int = 0
    bytes: int = 0

    def __add__(self, other: Deleted) -> Deleted:
        mine, others = asdict(self), asdict(other)
        return Deleted(**{name: mine[name] + others[name] for name in mine})


def find_deletion(keys: Sequence[str]) -> dict[str, Any]:
    """What deleting these runs would do: {"runs": [{run_id, name}], "jobs": …, "results": …,
    "files": …, "bytes": …, "deleted": False}. Errors: UsageError if there is no such run, or if
    jobs of one have not ended."""
    settings = load_settings()
    with open_ledger(settings) as store:
        runs = _find(store, keys)
        with store.views().deletion() as deletion:
            found = deletion.find([run.run_id for run in runs])
    artifacts = open_artifacts(settings.resolved_artifacts_url)
    return _document(runs, _counted(found, artifacts.size_bytes), deleted=False)


def delete_runs(run_ids: Sequence[int]) -> dict[str, Any]:
    """The same once it is done. A run goes batch by batch; done again, it goes on where it stopped.

    Errors: UsageError, StoreUnavailable, ArtifactsUnavailable.
    """
    settings = load_settings()
    with open_ledger(settings) as store:
        runs = _find(store, [str(run_id) for run_id in run_ids])
        counts = sum((_delete(store, settings, run) for run in runs), Deleted())
    return _document(runs, counts, deleted=True)


def _find(store: Store, keys: Sequence[str]) -> Sequence[Run]:
    with store.unit_of_work() as uow:
        found = [find_run(uow, key) for key in keys]
    return list({run.run_id: run for run in found}.values())


def _delete(store: Store, settings: Settings, run: Run) -> Deleted:
    artifacts = open_artifacts(settings.resolved_artifacts_url)
    counts = Deleted()
    while (batch := _delete_batch(store, artifacts, run)).jobs:
        counts += batch
    with store.views().deletion() as deletion:
        deletion.delete_empty(run.run_id, actor="command", name=run.name)
    return counts


def _delete_batch(store: Store, artifacts: ArtifactStore, run: Run) -> Deleted:
    with store.views().deletion() as deletion:
        gone = deletion.delete_batch(run.run_id)
    # Only now: killed in between, files are left that no result names, and these are swept.
    return _counted(gone, artifacts.remove)


def _counted(gone: Unused, bytes_of: Callable[[str], int]) -> Deleted:
    sizes_bytes = [bytes_of(name) for name in gone.files]
    return Deleted(
        jobs=gone.jobs, results=len(gone.results), files=len(sizes_bytes), bytes=sum(sizes_bytes)
    )


def _document(runs: Sequence[Run], counts: Deleted, *, deleted: bool) -> dict[str, Any]:
    named = [{"run_id": run.run_id, "name": run.name} for run in runs]
    return {"runs": named, **asdict(counts), "deleted": deleted}
