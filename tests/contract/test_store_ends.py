"""An attempt without a result: what the job becomes, and what it costs, in both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledgers import OTHER, add_run, claim, complete, fail, job_of, jobs_of, must_claim, states
from posebatch_shared.errors import DecoderCrashed, NoFrames, RootUnavailable, StaleClaim
from posebatch_shared.jobs import JobState
from posebatch_shared.store import Store
from posebatch_shared.store.backoff import OUTAGE_SECONDS, backoff_seconds


@pytest.fixture
def job_id(store: Store) -> int:
    return jobs_of(store, add_run(store))[0].job_id


def test_a_transient_error_waits_and_tries_again(store: Store, job_id: int) -> None:
    job = fail(store, must_claim(store, job_id), DecoderCrashed("it died \0 \udcff"))
    assert (job.state, job.error_code) == (JobState.RETRYABLE, "decoder_crashed")
    assert (job.attempt, job.finished_at) == (1, None)
    with store.unit_of_work() as uow:
        (event,) = uow.events.list(job_id=job_id)
    assert (event.kind, event.detail["code"]) == ("failed", "decoder_crashed")
    assert "DecoderCrashed" in event.detail["detail"]
    assert claim(store, job_id) is None, "it must wait out its backoff"


def test_a_permanent_error_discards_at_once(store: Store, job_id: int) -> None:
    job = fail(store, must_claim(store, job_id), NoFrames(""))
    assert (job.state, job.error_code) == (JobState.DISCARDED, "no_frames")
    assert job.error_message == NoFrames.advice
    assert job.finished_at is not None


def test_the_last_attempt_discards_a_transient_error_too(store: Store) -> None:
    (job,) = jobs_of(store, add_run(store, max_attempts=1))
    failed = fail(store, must_claim(store, job.job_id), DecoderCrashed("again"))
    assert failed.state is JobState.DISCARDED


@pytest.mark.parametrize(("attempt", "steady"), [(1, 2), (2, 4), (7, 128), (9, 300), (50, 300)])
def test_each_attempt_waits_twice_as_long_and_never_all_the_same(
    attempt: int, steady: float
) -> None:
    delays = [backoff_seconds(attempt) for _ in range(300)]
    assert 0.5 * steady <= min(delays) < 0.7 * steady
    assert 1.3 * steady < max(delays) <= 1.5 * steady


def test_an_outage_costs_no_attempt_not_even_the_last(store: Store) -> None:
    (job,) = jobs_of(store, add_run(store, max_attempts=1))
    held = must_claim(store, job.job_id)
    failed = fail(store, held, RootUnavailable("nothing is mounted"), costs_attempt=False)
    assert (failed.state, failed.attempt) == (JobState.RETRYABLE, 0)
    assert failed.error_code == "root_unavailable"
    assert held.job.started_at is not None
    assert failed.available_at - held.job.started_at >= timedelta(seconds=OUTAGE_SECONDS)


def test_a_stopped_job_whose_run_goes_on_after_all_waits_again(store: Store) -> None:
    run = add_run(store, 2)
    held = must_claim(store, jobs_of(store, run)[0].job_id)
    with store.unit_of_work() as uow:
        uow.runs.cancel(run.run_id)
        uow.runs.retry(run.run_id, states=[JobState.CANCELLED])
        uow.commit()
    with store.unit_of_work() as uow:
        uow.jobs.cancelled(held)
        uow.commit()
    assert [job.state for job in jobs_of(store, run)] == [JobState.AVAILABLE] * 2


def test_release_gives_the_attempt_back(store: Store, job_id: int) -> None:
    held = must_claim(store, job_id)
    with store.unit_of_work() as uow:
        uow.jobs.release(held)
        uow.commit()
    assert job_of(store, job_id).attempt == 0
    with pytest.raises(StaleClaim):
        complete(store, held)
    assert must_claim(store, job_id, owner=OTHER).token > held.token


def test_cancel_ends_what_a_silent_worker_holds(store: Store) -> None:
    """No keeper may be there to take it from the dead, and the run could never be deleted."""
    run, other = add_run(store, 2), add_run(store)
    alive, silent = (job.job_id for job in jobs_of(store, run))
    must_claim(store, alive)
    held = must_claim(store, silent, lease_seconds=-1)
    must_claim(store, jobs_of(store, other)[0].job_id, lease_seconds=-1)
    with store.unit_of_work() as uow:
        assert uow.runs.cancel(run.run_id) == 1
        uow.commit()
    assert states(store, run) == [JobState.RUNNING, JobState.CANCELLED]
    assert states(store, other) == [JobState.RUNNING]
    with pytest.raises(StaleClaim):
        complete(store, held)
