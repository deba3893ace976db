"""Files that no job will ask for again: artifacts without a result, checkpoints left behind."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Collection, Sequence

from posebatch_shared.artifacts import open_artifacts
from posebatch_shared.logs import logger
from posebatch_shared.settings import Settings
from posebatch_shared.store import Store, open_store
from posebatch_workers.checkpoint import sweep_checkpoints

log = logger(__name__)

_DAY_SECONDS = 86_400.0
#: Between two sweeps of a worker; where there are many, each comes at its own time.
EVERY_SECONDS = 6 * 3600.0


def sweep_orphans(settings: Settings) -> tuple[int, int]:
    """Remove what is older than `orphan_days`; returns how many artifacts and checkpoints.

    Errors: StoreUnavailable, ArtifactsUnavailable.
    """
    older_than_seconds = settings.orphan_days * _DAY_SECONDS
    store = open_store(settings.resolved_store_url)
    try:
        artifacts = open_artifacts(settings.resolved_artifacts_url).sweep(
            lambda names: _known(store, names), older_than_seconds=older_than_seconds
        )
    finally:
        store.close()
    checkpoints = sweep_checkpoints(
        settings.home / "checkpoints", older_than_seconds=older_than_seconds
    )
    log.info("orphans_swept", artifacts=artifacts, checkpoints=checkpoints)
    return artifacts, checkpoints


def _known(store: Store, names: Sequence[str]) -> Collection[str]:
    with store.unit_of_work() as uow:
        return uow.results.known_artifacts(names)


class OrphanSweeper:
    """Sweeps now and then in a process of its own, since a large archive takes minutes."""

    def __init__(self, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._every_seconds = every_seconds
        self._due = time.monotonic() + random.uniform(0, every_seconds)  # noqa: S311 - no secret
        self._process: subprocess.Popen[bytes] | None = None

    def tick(self) -> None:
        """Start a sweep if one is due and the last is over."""
        if time.monotonic() < self._due or (self._process and self._process.poll() is None):
            return
        self._due = time.monotonic() + self._every_seconds
        self._process = subprocess.Popen([sys.executable, "-m", "posebatch_workers", "sweep"])

    def close(self) -> None:
        """End a sweep that goes on; the next begins anew."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
