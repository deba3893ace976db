"""What people type into commands and addresses finds nothing, and breaks nothing."""

from __future__ import annotations

import pytest

from ledgers import add_run
from posebatch_shared.store import Store
from posebatch_shared.store.pages import JobFilter


@pytest.mark.parametrize("number", [10**20, -(10**20), 2**63, 0])
def test_ids_that_no_database_counts_to(number: int, store: Store) -> None:
    run = add_run(store, 1)

    with store.unit_of_work() as uow:
        assert uow.runs.get(number) is None
        assert uow.jobs.get(number) is None
        shown = uow.runs.list(before=number)
    with store.views().pages() as pages:
        behind = pages.jobs(JobFilter(run_id=run.run_id), after=number)
        events = pages.events(before=number)

    assert len(behind.lines) == (number <= 0)
    assert len(shown) == (number > 0)
    assert bool(events) == (number > 0)


@pytest.mark.parametrize("text", ["\0", "\udcff", "%", "_", "\\", "'", "a" * 5000])
def test_texts_that_no_file_is_called(text: str, store: Store) -> None:
    run = add_run(store, 1)

    with store.unit_of_work() as uow:
        assert uow.runs.get(text) is None
    with store.views().pages() as pages:
        assert pages.jobs(JobFilter(run_id=run.run_id, search=text)).lines == []
        assert pages.jobs(JobFilter(run_id=run.run_id, error_code=text)).lines == []
