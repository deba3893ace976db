"""A person's bulk changes take what the count said, in the states that allow it, and no more."""

from __future__ import annotations

import pytest

from archives import add_archive, begin, finding, work_through
from ledgers import complete
from posebatch_shared.errors import StaleClaim
from posebatch_shared.jobs import JobState
from posebatch_shared.store import Store
from posebatch_shared.store.bulk import BulkAction
from posebatch_shared.store.pages import JobFilter
from posebatch_shared.store.views import LedgerViews


@pytest.fixture
def views(store: Store) -> LedgerViews:
    """The reading side."""
    return store.views()


def change_all(views: LedgerViews, action: BulkAction, wanted: JobFilter) -> int:
    changed, after = 0, 0
    while True:
        with views.bulk() as bulk:
            done = bulk.change(action, wanted, after=after)
        changed += done.jobs
        if done.next_after is None:
            return changed
        after = done.next_after


@pytest.mark.parametrize("batch", [1, 1000])
def test_retry_brings_back_exactly_the_counted(
    store: Store, views: LedgerViews, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("posebatch_shared.store.bulk.BATCH", batch)
    run = add_archive(store, 40)
    work_through(store, 40)
    wanted = JobFilter(run_id=run.run_id)
    with views.bulk() as bulk:
        expected = bulk.count("retry", wanted)
    assert expected == 3
    assert change_all(views, "retry", wanted) == expected
    with store.unit_of_work() as uow:
        assert uow.jobs.counts(run.run_id) == {JobState.COMPLETED: 37, JobState.AVAILABLE: 3}
        again = uow.jobs.list(run.run_id, states=[JobState.AVAILABLE])
    assert {(job.attempt, job.error_code) for job in again} == {(0, None)}


def test_cancel_keeps_to_the_search(store: Store, views: LedgerViews) -> None:
    run = add_archive(store, 30)
    wanted = JobFilter(run_id=run.run_id, search="squad-a")
    with store.unit_of_work() as uow:
        expected = len(uow.jobs.list(run.run_id, search="squad-a"))
    with views.bulk() as bulk:
        assert bulk.count("cancel", wanted) == expected
    assert change_all(views, "cancel", wanted) == expected
    with store.unit_of_work() as uow:
        assert uow.jobs.counts(run.run_id)[JobState.CANCELLED] == expected


def test_a_cancelled_running_job_refuses_its_worker(store: Store, views: LedgerViews) -> None:
    add_archive(store, 1)
    held = begin(store)
    assert held is not None
    assert change_all(views, "cancel", JobFilter()) == 1
    with store.unit_of_work() as uow:
        beat = uow.jobs.beat(held, frames_done=1, frames_total=2, lease_seconds=9)
    assert not beat.valid
    with pytest.raises(StaleClaim):
        complete(store, held, finding(held.job.job_id))


def test_retry_revives_a_cancelled_run(store: Store, views: LedgerViews) -> None:
    run = add_archive(store, 3)
    with store.unit_of_work() as uow:
        uow.runs.cancel(run.run_id)
        uow.commit()
    assert change_all(views, "retry", JobFilter(run_id=run.run_id)) == 3
    assert begin(store) is not None


def test_who_did_it_is_in_the_log(store: Store, views: LedgerViews) -> None:
    run = add_archive(store, 3)
    wanted = JobFilter(run_id=run.run_id, states=(JobState.AVAILABLE,))
    with views.bulk() as bulk:
        bulk.log("cancel", wanted, actor="dashboard: Ana", changed=3)
    with store.unit_of_work() as uow:
        newest = uow.events.list(run_id=run.run_id)[0]
    assert (newest.kind, newest.actor) == ("bulk_cancel", "dashboard: Ana")
    assert newest.detail["jobs"] == 3
