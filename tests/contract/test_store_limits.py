"""Attempts that take too long end, and short jobs are taken without a wake-up of their own."""

from __future__ import annotations

import pytest

from ledgers import (
    add_run,
    beat,
    claim,
    complete,
    job_of,
    jobs_of,
    must_claim,
    video,
)
from posebatch_shared.errors import StaleClaim
from posebatch_shared.jobs import Claim, JobState
from posebatch_shared.store import Store


def follow(store: Store, held: Claim) -> Claim | None:
    with store.unit_of_work() as uow:
        following = uow.jobs.claim_following(held, lease_seconds=60)
        uow.commit()
    return following


def ring(store: Store, number: int) -> None:
    with store.unit_of_work() as uow:
        uow.jobs.due(devices=("any",), limit=number, redispatch=False)
        uow.commit()


def expire(store: Store, older_than_seconds: float) -> int:
    with store.unit_of_work() as uow:
        expired = uow.jobs.expire(older_than_seconds=older_than_seconds)
        uow.commit()
    return expired


def test_what_was_rung_for_is_left_to_whom_it_wakes(store: Store) -> None:
    run = add_run(store, 4)
    first, _, third, fourth = jobs_of(store, run)
    ring(store, 2)
    held = must_claim(store, first.job_id)
    taken = [following.job.job_id for following in iter(lambda: follow(store, held), None)]
    assert taken == [third.job_id, fourth.job_id]
    assert job_of(store, third.job_id).owner == held.owner


def test_one_follows_only_within_its_run_queue_and_priority(store: Store) -> None:
    held = must_claim(store, jobs_of(store, add_run(store))[0].job_id)
    add_run(store, 2)
    with store.unit_of_work() as uow:
        uow.jobs.add_many(held.run, [video(50)], device="gpu")
        uow.jobs.add_many(held.run, [video(51)], priority=held.job.priority + 1)
        uow.commit()
    assert follow(store, held) is None


@pytest.mark.parametrize("verb", ["pause", "cancel"])
def test_nothing_follows_in_a_run_that_is_held_up(store: Store, verb: str) -> None:
    run = add_run(store, 2)
    held = must_claim(store, jobs_of(store, run)[0].job_id)
    with store.unit_of_work() as uow:
        getattr(uow.runs, verb)(run.run_id)
        uow.commit()
    assert follow(store, held) is None


def test_an_attempt_past_its_time_is_given_up_for_good(store: Store) -> None:
    first, second = jobs_of(store, add_run(store, 2))
    held = must_claim(store, first.job_id)
    assert expire(store, 3600) == 0
    assert expire(store, -1) == 1
    job = job_of(store, first.job_id)
    assert (job.state, job.error_code) == (JobState.DISCARDED, "time_limit")
    assert job.finished_at is not None
    assert not beat(store, held), "its worker hears of it"
    with pytest.raises(StaleClaim):
        complete(store, held)
    assert claim(store, first.job_id) is None
    assert job_of(store, second.job_id).state is JobState.AVAILABLE
