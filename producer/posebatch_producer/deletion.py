"""Ended runs deleted: jobs and results from the ledger first, then the files that these named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from posebatch_producer import reading
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


def find_runs(keys: Sequence[str]) -> Sequence[Run]:
    """Each once. Errors: UsageError if there is no such run."""
    with open_ledger(load_settings()) as store, store.unit_of_work() as uow:
        return reading.find_runs(uow, keys)


def find_deletion(runs: Sequence[Run]) -> dict[str, Any]:
    """What deleting these runs would do: {"runs": [{run_id, name}], "jobs": …, "results": …,
    "files": …, "bytes": …, "deleted": False}. Errors: UsageError if jobs of one have not ended."""
    settings = load_settings()
    with open_ledger(settings) as store, store.views().deletion() as deletion:
        found = deletion.find([run.run_id for run in runs])
    artifacts = open_artifacts(settings.resolved_artifacts_url)
    return _document(runs, _counted(found, artifacts.size_bytes), deleted=False)


def delete_runs(runs: Sequence[Run]) -> dict[str, Any]:
    """The same once it is done. A run goes batch by batch; done again, it goes on where it stopped.
    One that is gone by now is passed over, whichever run has its number.

    Errors: UsageError, StoreUnavailable, ArtifactsUnavailable.
    """
    settings = load_settings()
    with open_ledger(settings) as store:
        counts = sum((_delete(store, settings, run) for run in runs), Deleted())
    return _document(runs, counts, deleted=True)


def _delete(store: Store, settings: Settings, run: Run) -> Deleted:
    artifacts = open_artifacts(settings.resolved_artifacts_url)
    counts = Deleted()
    while (batch := _delete_batch(store, artifacts, run)).jobs:
        counts += batch
    with store.views().deletion() as deletion:
        deletion.delete_empty(run, actor="command")
    return counts


def _delete_batch(store: Store, artifacts: ArtifactStore, run: Run) -> Deleted:
    with store.views().deletion() as deletion:
        gone = deletion.delete_batch(run)
    # Only now: killed in between, files are left that no result names, and these are swept.
    return _counted(gone, artifacts.remove)


def _counted(gone: Unused, bytes_of: Callable[[str], int]) -> Deleted:
    sizes_bytes = [size_bytes for name in gone.files if (size_bytes := bytes_of(name))]
    return Deleted(
        jobs=gone.jobs, results=len(gone.results), files=len(sizes_bytes), bytes=sum(sizes_bytes)
    )


def _document(runs: Sequence[Run], counts: Deleted, *, deleted: bool) -> dict[str, Any]:
    named = [{"run_id": run.run_id, "name": run.name} for run in runs]
    return {"runs": named, **asdict(counts), "deleted": deleted}
