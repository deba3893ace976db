"""Jobs of dead and silent workers come back, and the late writes of those are refused."""

from __future__ import annotations

import threading

import pytest

from ledgers import (
    OTHER,
    OWNER,
    add_run,
    beat,
    claim,
    complete,
    fail,
    job_of,
    jobs_of,
    must_claim,
    rescue,
)
from posebatch_shared.errors import DecoderCrashed, StaleClaim
from posebatch_shared.jobs import MAX_CRASHES, Job, JobState
from posebatch_shared.store import Store


@pytest.fixture
def job_id(store: Store) -> int:
    return jobs_of(store, add_run(store))[0].job_id


def test_an_expired_lease_is_rescued_and_its_late_writes_refused(store: Store, job_id: int) -> None:
    held = must_claim(store, job_id, lease_seconds=-1)
    (job,) = rescue(store)
    assert (job.state, job.crashes, job.error_code) == (JobState.RETRYABLE, 1, "worker_crashed")
    assert not beat(store, held)
    with pytest.raises(StaleClaim):
        complete(store, held)
    for change in ("cancelled", "release"):
        with pytest.raises(StaleClaim), store.unit_of_work() as uow:
            getattr(uow.jobs, change)(held)
    with pytest.raises(StaleClaim):
        fail(store, held, DecoderCrashed("late"))
    with store.unit_of_work() as uow:
        assert uow.results.find(f"c{job_id}", "p0") is None
        kinds = [event.kind for event in uow.events.list(job_id=job_id)]
    assert kinds == ["stale_write_refused"] * 4 + ["rescued"]
    assert complete(store, must_claim(store, job_id, owner=OTHER))
    done = job_of(store, job_id)
    assert (done.error_code, done.error_message) == (None, None)


def test_a_live_lease_is_left_alone_unless_its_owner_is_dead(store: Store, job_id: int) -> None:
    must_claim(store, job_id)
    assert rescue(store, dead_owners=[OTHER]) == ()
    (job,) = rescue(store, dead_owners=[OWNER], causes={OWNER: "was killed by signal 9"})
    assert job.error_message == f"worker {OWNER} was killed by signal 9"


def test_a_cause_that_is_learnt_later_is_told_of_its_own_worker(store: Store) -> None:
    run = add_run(store, 3)
    for job, owner in zip(jobs_of(store, run), (OWNER, OTHER, OWNER), strict=True):
        must_claim(store, job.job_id, owner=owner)
    rescue(store, dead_owners=[OWNER, OTHER])
    with store.unit_of_work() as uow:
        uow.jobs.explain_crash(OWNER, "was killed by signal 9")
        uow.commit()
    told = (f"{OWNER} was killed by signal 9", f"{OTHER} died")
    assert [job.error_message for job in jobs_of(store, run)] == [
        f"worker {told[n]}" for n in (0, 1, 0)
    ]


def test_a_cause_that_is_learnt_during_the_rescue_is_told(store: Store, job_id: int) -> None:
    must_claim(store, job_id)

    def explain() -> None:
        with store.unit_of_work() as uow:
            uow.jobs.explain_crash(OWNER, "died: signal 11")
            uow.commit()

    explains = threading.Thread(target=explain)
    with store.unit_of_work() as uow:
        uow.jobs.rescue(dead_owners=[OWNER], expired=False)
        explains.start()
        explains.join(0.5)  # it comes as far as it can
        uow.commit()
    explains.join()
    assert job_of(store, job_id).error_message == f"worker {OWNER} died: signal 11"


def test_three_crashes_make_a_dead_letter(store: Store, job_id: int) -> None:
    for _ in range(MAX_CRASHES):
        must_claim(store, job_id, lease_seconds=-1)
        (job,) = rescue(store)
    assert (job.state, job.crashes) == (JobState.DISCARDED, MAX_CRASHES)
    assert job.finished_at is not None
    assert claim(store, job_id) is None


def test_a_crash_of_the_last_attempt_makes_one_too(store: Store) -> None:
    (job,) = jobs_of(store, add_run(store, max_attempts=1))
    must_claim(store, job.job_id, lease_seconds=-1)
    assert [lost.state for lost in rescue(store)] == [JobState.DISCARDED]


def test_two_keepers_rescue_a_job_once(store: Store) -> None:
    for job in jobs_of(store, add_run(store, 30)):
        must_claim(store, job.job_id, lease_seconds=-1)
    rescued: list[Job] = []
    keepers = [threading.Thread(target=lambda: rescued.extend(rescue(store))) for _ in range(3)]
    for keeper in keepers:
        keeper.start()
    for keeper in keepers:
        keeper.join()
    assert len(rescued) == 30
    assert {job.crashes for job in rescued} == {1}
