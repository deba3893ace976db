"""A run is deleted while others complete, submit or hold a lock: nobody loses what he has."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text

import posebatch_shared.store.deletion as deletion_module
from deletions import add_jobs, delete_batch, done, found, known
from ledgers import add_run, complete, job_of, jobs_of, must_claim, video
from posebatch_shared.errors import ResultDeleted, StoreBusy, UsageError
from posebatch_shared.jobs import Run, VideoHeader
from posebatch_shared.store import Store
from posebatch_shared.store.deletion import Unused


@contextmanager
def blocked_by_a_deletion(
    store: Store, store_url: str, run: Run, act: Callable[[], None]
) -> Iterator[None]:
    """Start `act` while a batch is deleted but not committed, and then commit."""
    thread = threading.Thread(target=act)
    with store.views().deletion() as deletion:
        if not deletion.delete_batch(run).jobs:
            deletion.delete_empty(run, actor="command")
        thread.start()
        if store_url.startswith("postgres"):
            _wait_for_a_lock(store_url)
    thread.join()
    yield


def _wait_for_a_lock(store_url: str) -> None:
    deadline = time.monotonic() + 60
    with psycopg.connect(store_url, autocommit=True) as connection:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while connection.execute(waiting).fetchone() == (0,):
            assert time.monotonic() < deadline, "nobody waited"
            time.sleep(0.01)


def test_a_result_in_deletion_is_not_taken_over(store: Store, store_url: str) -> None:
    run = done(store, found("c1"))
    held = must_claim(store, jobs_of(store, add_run(store))[0].job_id)
    refused: list[ResultDeleted] = []

    def act() -> None:
        try:
            complete(store, held, replace(found("c1"), cache_hit=True))
        except ResultDeleted as error:
            refused.append(error)

    with blocked_by_a_deletion(store, store_url, run, act):
        assert len(refused) == 1
    assert known(store, "c1") == []


def test_a_run_submitted_during_a_deletion_is_not_pointed_to_what_goes(
    store: Store, store_url: str
) -> None:
    run, new = done(store, found("c1")), add_run(store)
    reused: list[int] = []

    def act() -> None:
        with store.unit_of_work() as uow:
            reused.append(uow.jobs.reuse_completed(new))
            uow.commit()

    with blocked_by_a_deletion(store, store_url, run, act):
        assert reused == [0]


def test_what_the_files_of_deleted_jobs_say_is_let_go(store: Store, store_url: str) -> None:
    """Whoever submits looks into files for seconds, or until a slow disk answers."""
    run = done(store, found("c1"))
    (job,) = jobs_of(store, run)
    noted: list[int] = []

    def act() -> None:
        with store.views().headers() as headers:
            headers.note({job.job_id: VideoHeader(frames=90, pixels=1)})
        noted.append(job.job_id)

    with blocked_by_a_deletion(store, store_url, run, act):
        assert noted == [job.job_id]


def test_whoever_adds_to_a_run_in_deletion_is_told_so(store: Store, store_url: str) -> None:
    run = add_run(store, 0)
    told: list[UsageError] = []

    def act() -> None:
        try:
            add_jobs(store, run)
        except UsageError as error:
            told.append(error)

    with blocked_by_a_deletion(store, store_url, run, act):
        assert [str(error) for error in told] == [
            f"run {run.run_id} has just been deleted; submit its videos again"
        ]


def test_a_run_that_somebody_adds_to_stays(store: Store) -> None:
    run, told = add_run(store, 0), list[UsageError]()

    def act() -> None:
        try:
            with store.views().deletion() as deletion:
                deletion.delete_empty(run, actor="command")
        except UsageError as error:
            told.append(error)

    deletes = threading.Thread(target=act)
    with store.unit_of_work() as uow:
        uow.jobs.add_many(run, [video()])
        deletes.start()
        deletes.join(0.5)  # it comes as far as it can, and waits for this transaction
        uow.commit()
    deletes.join()
    assert len(told) == len(jobs_of(store, run)) == 1


@pytest.mark.parametrize("store_url", ["postgres"], indirect=True)
def test_a_deletion_does_not_hold_up_workers_for_the_sake_of_a_long_transaction(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion_module, "_PATIENCE", text("SET LOCAL lock_timeout TO '10ms'"))
    run = done(store, found("c1"))
    with psycopg.connect(store_url) as other:
        other.execute("LOCK TABLE results IN ROW EXCLUSIVE MODE")
        with pytest.raises(StoreBusy):
            delete_batch(store, run)
    assert delete_batch(store, run).jobs == 1


def test_a_result_that_a_worker_is_about_to_name_stays(store: Store) -> None:
    run, other = done(store, found("c1")), add_run(store)
    held = must_claim(store, jobs_of(store, other)[0].job_id)
    gone: list[Unused] = []
    deletes = threading.Thread(target=lambda: gone.append(delete_batch(store, run)))
    with store.unit_of_work() as uow:
        result_id = uow.jobs.complete(held, replace(found("c1"), cache_hit=True))
        deletes.start()
        deletes.join(0.5)  # it comes as far as it can, and waits for this transaction
        uow.commit()
    deletes.join()
    assert [unused.results for unused in gone] == [()]
    assert job_of(store, held.job.job_id).result_id == result_id
    assert known(store, "c1") == ["c1"]
