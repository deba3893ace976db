"""The keeper takes jobs from the dead and the silent, never from the living."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ledgers import OTHER, add_run, job_of, jobs_of, must_claim
from posebatch_shared.jobs import JobState
from posebatch_shared.store import Store, open_store
from posebatch_workers.keeper import Keeper
from posebatch_workers.owner import Owner
from queues import Queues


def test_a_dead_process_of_this_machine_loses_its_job_at_once(
    store: Store, keeper: Keeper, queues: Queues
) -> None:
    mine = Owner.current("cpu")
    dead = replace(mine, pid=2**22 + 1)
    first, second, third = jobs_of(store, add_run(store, 3))
    must_claim(store, first.job_id, owner=str(dead))
    must_claim(store, second.job_id, owner=str(mine))
    must_claim(store, third.job_id, owner=OTHER)
    report = keeper.tick()
    assert (report.rescued, report.rung) == (1, 1)
    assert queues.job_ids() == [first.job_id]
    assert job_of(store, second.job_id).state is JobState.RUNNING
    assert job_of(store, third.job_id).state is JobState.RUNNING


@pytest.mark.parametrize("rescued_first", [True, False])
def test_a_job_says_how_its_worker_died(store: Store, keeper: Keeper, rescued_first: bool) -> None:
    dead = str(replace(Owner.current("cpu"), pid=2**22 + 1))
    job_id = jobs_of(store, add_run(store))[0].job_id
    must_claim(store, job_id, owner=dead)
    steps = [keeper.tick, lambda: keeper.note_death(job_id, "died: signal 9")]
    for step in steps if rescued_first else steps[::-1]:
        step()
    assert job_of(store, job_id).error_message == f"worker {dead} died: signal 9"


def test_a_death_is_no_judgement_on_the_silent(store: Store, keeper: Keeper) -> None:
    dead = str(replace(Owner.current("cpu"), pid=2**22 + 1))
    first, second = jobs_of(store, add_run(store, 2))
    must_claim(store, first.job_id, owner=dead)
    must_claim(store, second.job_id, owner=OTHER, lease_seconds=-1)
    keeper.note_death(first.job_id, "died: signal 9")
    assert [job_of(store, job.job_id).state for job in (first, second)] == [
        JobState.RETRYABLE,
        JobState.RUNNING,
    ]


def test_a_live_process_is_vouched_for_and_a_silent_stranger_is_not(
    store: Store, keeper: Keeper
) -> None:
    first, second = jobs_of(store, add_run(store, 2))
    must_claim(store, first.job_id, owner=str(Owner.current("cpu")), lease_seconds=-1)
    must_claim(store, second.job_id, owner=OTHER, lease_seconds=-1)
    assert keeper.tick().rescued == 1
    assert job_of(store, first.job_id).state is JobState.RUNNING
    assert job_of(store, second.job_id).crashes == 1


def test_a_live_process_that_never_beats_is_not_vouched_for_for_ever(
    store: Store, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    import posebatch_workers.rescuer as module

    monkeypatch.setattr(module, "SILENT_SECONDS", -1)
    (job,) = jobs_of(store, add_run(store))
    must_claim(store, job.job_id, owner=str(Owner.current("cpu")), lease_seconds=-1)
    assert keeper.tick().rescued == 1


def test_many_keepers_at_once_drain_a_run_of_dead_workers(store: Store) -> None:
    ids = [job.job_id for job in jobs_of(store, add_run(store, 40))]
    for job_id in ids:
        must_claim(store, job_id, owner=OTHER, lease_seconds=-1)
    queues = Queues()
    keepers = [Keeper(store, queues) for _ in range(4)]
    threads = [threading.Thread(target=keeper.tick) for keeper in keepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keepers[0].tick()
    assert set(queues.job_ids()) == set(ids)
    assert {job_of(store, job_id).crashes for job_id in ids} == {1}


def test_a_ledger_that_is_down_is_waited_for_and_the_living_beat_first(
    tmp_path: Path, sqlite_url: str, queues: Queues
) -> None:
    store = open_store(sqlite_url)
    keeper = Keeper(store, queues, lease_seconds=3600)
    (job,) = jobs_of(store, add_run(store))
    must_claim(store, job.job_id, owner=OTHER, lease_seconds=-1)
    store.close()
    hidden = (tmp_path / "ledger.sqlite").rename(tmp_path / "away")
    (tmp_path / "ledger.sqlite").mkdir()
    assert not keeper.tick().store_up
    (tmp_path / "ledger.sqlite").rmdir()
    hidden.rename(tmp_path / "ledger.sqlite")
    assert (keeper.tick().store_up, keeper.tick().rescued) == (True, 0)
    assert job_of(store, job.job_id).state is JobState.RUNNING
    store.close()


def test_after_a_sleep_of_the_machine_the_living_can_beat_first(
    store: Store, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Keeper(store, queues, lease_seconds=10)
    (job,) = jobs_of(store, add_run(store))
    must_claim(store, job.job_id, owner=OTHER, lease_seconds=-1)
    now = time.time()
    monkeypatch.setattr("posebatch_workers.keeper.time.time", lambda: now + 3600)
    assert keeper.tick().rescued == 0, "it has just woken up"
    monkeypatch.setattr(keeper, "_patient_until", 0.0)
    assert keeper.tick().rescued == 1, "still silent a lease later"


def test_a_slow_tick_is_no_sleep(store: Store, queues: Queues) -> None:
    keeper = Keeper(store, queues, lease_seconds=0.1)
    (job,) = jobs_of(store, add_run(store))
    must_claim(store, job.job_id, owner=OTHER, lease_seconds=-1)
    time.sleep(0.3)
    assert keeper.tick().rescued == 1
