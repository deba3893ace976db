"""Heartbeats: they go on while native code runs, and through outages of the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from multiprocessing.process import BaseProcess

import pytest

import native_sleep
from ledgers import add_run, complete, job_of, jobs_of, must_claim, rescue
from nursery import nursery
from posebatch_shared.errors import StoreUnavailable
from posebatch_shared.jobs import Claim, JobState
from posebatch_shared.messages import TrackVideo
from posebatch_shared.store import Store, open_store
from posebatch_shared.store.job_port import Beat
from posebatch_workers.heartbeat import Heartbeat
from posebatch_workers.keeper import Keeper
from servers import wait_until


@pytest.fixture
def held(store: Store) -> Claim:
    return must_claim(store, jobs_of(store, add_run(store))[0].job_id, lease_seconds=1)


def beating(store: Store, claim: Claim) -> Heartbeat:
    return Heartbeat(store, claim, beat_seconds=0.05, lease_seconds=1)


def test_it_carries_progress(store: Store, held: Claim) -> None:
    with beating(store, held) as heart:
        heart.progress(30, 90)
        wait_until(lambda: job_of(store, held.job.job_id).frames_done == 30)
    assert job_of(store, held.job.job_id).frames_total == 90
    assert "heartbeat" not in {thread.name for thread in threading.enumerate()}, "it has ended"


def test_it_hears_of_a_cancel(store: Store, held: Claim) -> None:
    with beating(store, held) as heart:
        with store.unit_of_work() as uow:
            uow.runs.cancel(held.run.run_id)
            uow.commit()
        wait_until(lambda: heart.last_beat == Beat(valid=True, cancelled=True))


def test_it_hears_that_the_job_was_taken_over(store: Store, held: Claim) -> None:
    with beating(store, held) as heart:
        rescue(store, dead_owners=[held.owner])
        wait_until(lambda: not heart.last_beat.valid)


def test_an_outage_of_the_ledger_is_waited_out(
    store: Store, held: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    with beating(store, held) as heart:
        with monkeypatch.context() as patch:

            def down() -> None:
                raise StoreUnavailable("down")

            patch.setattr(store, "unit_of_work", down)
            heart.progress(1, None)
            time.sleep(0.3)
            assert heart.last_beat.valid
        wait_until(lambda: job_of(store, held.job.job_id).frames_done == 1)
    assert complete(store, held)


class Silence:
    """A broker that nobody listens to."""

    def ring(self, messages: Sequence[TrackVideo]) -> int:
        return len(messages)

    def depth(self, queue: str) -> int:
        return 0


def _leases(store: Store, job_id: int, process: BaseProcess) -> set[datetime]:
    seen: set[datetime] = set()
    while process.exitcode is None:
        lease = job_of(store, job_id).lease_until
        if lease is not None:
            seen.add(lease)
        time.sleep(0.05)
    return seen


@pytest.mark.parametrize(("keeps_interpreter", "beats"), [(False, True), (True, False)])
def test_a_thread_beats_while_native_code_lets_it(
    sqlite_url: str, keeps_interpreter: bool, beats: bool
) -> None:
    """Why the keeper vouches: native code that keeps the interpreter silences every thread."""
    store = open_store(sqlite_url)
    job_id = jobs_of(store, add_run(store))[0].job_id
    process = nursery().Process(
        target=native_sleep.work, args=(sqlite_url, job_id, keeps_interpreter)
    )
    process.start()
    leases = _leases(store, job_id, process)
    assert (len(leases) > 5) == beats
    assert job_of(store, job_id).state is JobState.COMPLETED
    store.close()


def test_the_keeper_vouches_for_a_process_that_cannot_beat(store: Store, store_url: str) -> None:
    job_id = jobs_of(store, add_run(store))[0].job_id
    process = nursery().Process(target=native_sleep.work, args=(store_url, job_id, True))
    process.start()
    keeper = Keeper(store, Silence(), lease_seconds=1)
    while process.exitcode is None:
        keeper.tick()
        time.sleep(0.1)
    job = job_of(store, job_id)
    assert (job.state, job.crashes, job.attempt) == (JobState.COMPLETED, 0, 1)
