"""A keeper, and a broker that does what a test wants."""

from __future__ import annotations

import pytest

import posebatch_shared.store.job_sweeps as job_sweeps
from posebatch_shared.store import Store
from posebatch_workers.keeper import Keeper
from queues import Queues


@pytest.fixture
def queues() -> Queues:
    return Queues()


@pytest.fixture
def keeper(store: Store, queues: Queues, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """One that holds no wake-up for too young to have been lost."""
    monkeypatch.setattr(job_sweeps, "REDISPATCH_AFTER_SECONDS", -1)
    return Keeper(store, queues, window=3)
