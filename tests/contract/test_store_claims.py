"""Claims: one holder at a time, and every late write refused, the same in both databases."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from ledgers import (
    OTHER,
    OWNER,
    TIMINGS,
    add_run,
    beat,
    claim,
    claim_next,
    complete,
    job_of,
    jobs_of,
    must_claim,
    result,
)
from posebatch_shared.jobs import Claim, JobState
from posebatch_shared.results import Artifacts
from posebatch_shared.store import Store


@pytest.fixture
def job_id(store: Store) -> int:
    return jobs_of(store, add_run(store))[0].job_id


def test_a_claim_sets_owner_attempt_token_and_lease(store: Store, job_id: int) -> None:
    time.sleep(0.005)
    held = must_claim(store, job_id, lease_seconds=60)
    job = job_of(store, job_id)
    assert held.job == job
    assert (job.state, job.owner, job.attempt) == (JobState.RUNNING, OWNER, 1)
    assert held.token == job.token > 0
    assert job.lease_until is not None
    assert job.started_at is not None
    assert job.lease_until - job.started_at == timedelta(seconds=60)
    assert held.queue_wait_seconds == (job.started_at - job.available_at).total_seconds() > 0


def test_a_held_job_cannot_be_claimed(store: Store, job_id: int) -> None:
    must_claim(store, job_id)
    assert claim(store, job_id, owner=OTHER) is None
    assert claim_next(store, owner=OTHER) is None


def test_a_worker_takes_only_what_its_device_may(store: Store) -> None:
    (job,) = jobs_of(store, add_run(store, device="gpu"))
    assert claim(store, job.job_id) is None
    assert claim_next(store) is None


def test_of_many_at_once_one_gets_the_job(store: Store, job_id: int) -> None:
    barrier = threading.Barrier(6)
    taken: list[Claim | None] = []

    def race() -> None:
        barrier.wait()
        taken.append(claim(store, job_id))

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([held for held in taken if held]) == 1


def test_of_many_at_once_each_gets_another_job(store: Store) -> None:
    add_run(store, 24)
    taken: list[int] = []

    def work() -> None:
        while held := claim_next(store):
            taken.append(held.job.job_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 24


def test_workers_are_woken_by_priority_then_age_over_all_runs(store: Store) -> None:
    old, urgent = add_run(store, 2), add_run(store, 2, priority=5)
    order = [job.job_id for run in (urgent, old) for job in jobs_of(store, run)]
    assert [held.job.job_id for held in iter(lambda: claim_next(store), None)] == order


def test_a_beat_extends_the_lease_and_carries_progress(store: Store, job_id: int) -> None:
    held = must_claim(store, job_id, lease_seconds=1)
    assert beat(store, held, lease_seconds=90)
    job = job_of(store, job_id)
    assert (job.frames_done, job.frames_total) == (5, 9)
    assert job.lease_until is not None
    assert held.job.lease_until is not None
    assert job.lease_until - held.job.lease_until > timedelta(seconds=80)


def test_complete_stores_result_and_timings_at_once(store: Store, job_id: int) -> None:
    outcome = result("abc")
    result_id = complete(store, must_claim(store, job_id), outcome)
    job = job_of(store, job_id)
    assert (job.state, job.result_id, job.content_hash) == (JobState.COMPLETED, result_id, "abc")
    assert (job.frames_done, job.cache_hit) == (90, False)
    assert job.finished_at is not None
    with store.unit_of_work() as uow:
        stored = uow.results.get(result_id)
        assert tuple(uow.results.timings(job_id)) == TIMINGS
        assert uow.results.find("abc", "p0") == (result_id, stored)
        assert uow.results.find("abc", "p1") is None
    assert stored is not None
    assert (stored.video_info, stored.tracker) == (outcome.video_info, outcome.tracker)
    assert (stored.analysis, stored.artifacts) == (outcome.analysis, outcome.artifacts)


def test_complete_tells_the_content_of_its_own_file_only(store: Store) -> None:
    run = add_run(store, 2)
    complete(store, must_claim(store, jobs_of(store, run)[0].job_id), result("abc"))
    assert [job.content_hash for job in jobs_of(store, run)] == ["abc", None]


def test_complete_again_after_a_lost_answer_is_the_same(store: Store, job_id: int) -> None:
    held = must_claim(store, job_id)
    assert complete(store, held) == complete(store, held)


def test_same_content_and_pipeline_share_one_result(store: Store) -> None:
    first, second, third = jobs_of(store, add_run(store, 3))
    one = complete(store, must_claim(store, first.job_id), result("same"))
    overlaid = Artifacts(keypoints="file:///b.parquet", overlay="file:///b.mp4")
    two = complete(store, must_claim(store, second.job_id), result("same", artifacts=overlaid))
    other = complete(store, must_claim(store, third.job_id), result("same", "p1"))
    assert one == two != other
    with store.unit_of_work() as uow:
        shared = uow.results.get(one)
    assert shared is not None
    assert shared.artifacts == Artifacts(keypoints="file:///a.parquet", overlay="file:///b.mp4")


def test_a_forced_run_replaces_the_result(store: Store) -> None:
    (first,), (again,) = jobs_of(store, add_run(store)), jobs_of(store, add_run(store, force=True))
    one = complete(store, must_claim(store, first.job_id), result("same"))
    two = complete(store, must_claim(store, again.job_id), result("same", analysis={"kind": "x"}))
    with store.unit_of_work() as uow:
        stored = uow.results.get(two)
    assert one == two
    assert stored is not None
    assert stored.analysis == {"kind": "x"}


def test_running_owners_are_those_who_hold_a_lease(store: Store) -> None:
    first, second = jobs_of(store, add_run(store, 2))
    must_claim(store, first.job_id)
    complete(store, must_claim(store, second.job_id, owner=OTHER))
    with store.unit_of_work() as uow:
        assert uow.jobs.running_owners() == {OWNER}
