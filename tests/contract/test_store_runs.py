"""Runs and wake-ups: pause, resume, cancel, retry, and which job is rung for, in both databases."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from ledgers import (
    TIMINGS,
    add_run,
    claim,
    claim_next,
    complete,
    job_of,
    jobs_of,
    must_claim,
    rescue,
    states,
)
from posebatch_shared.errors import DecoderCrashed, NoFrames
from posebatch_shared.jobs import Job, JobState, Run, TrackOptions
from posebatch_shared.store import Store


def due(store: Store, *, limit: int = 100, redispatch: bool = False) -> Sequence[Job]:
    with store.unit_of_work() as uow:
        jobs = uow.jobs.due(devices=("gpu", "cpu", "any"), limit=limit, redispatch=redispatch)
        uow.commit()
    return jobs


def control(store: Store, verb: str, run: Run, **arguments: object) -> int | None:
    with store.unit_of_work() as uow:
        number = getattr(uow.runs, verb)(run.run_id, **arguments)
        uow.commit()
    return number


def waiting(store: Store) -> int:
    with store.unit_of_work() as uow:
        return uow.jobs.waiting_dispatched("any")


def test_a_run_keeps_its_options_and_is_found_by_id_and_name(store: Store) -> None:
    options = TrackOptions(tracker="rtmo", athlete_height_m=1.8, slow_motion=240.0)
    with store.unit_of_work() as uow:
        assert uow.runs.latest() is None
        first = uow.runs.add(name="gym", options=options, force=True)
        second = uow.runs.add(name="gym", options=TrackOptions())
        uow.commit()
    assert (first.options, first.force, second.force) == (options, True, False)
    with store.unit_of_work() as uow:
        assert uow.runs.get(first.run_id) == first
        assert uow.runs.get("gym") == second == uow.runs.latest()
        assert (uow.runs.get("none"), uow.runs.get(999)) == (None, None)
        assert list(uow.runs.list()) == [second, first]
        assert list(uow.runs.list(limit=1)) == [second]
        assert list(uow.runs.list(before=second.run_id)) == [first]


def test_the_latest_is_the_newest_that_may_have_something_to_show(store: Store) -> None:
    older, newer = add_run(store, 2), add_run(store, 2)
    held = must_claim(store, jobs_of(store, older)[0].job_id)
    for run in (older, newer):
        control(store, "pause", run)
    assert latest(store) == newer.run_id, "there is no other"
    complete(store, held)
    assert latest(store) == older.run_id
    control(store, "resume", newer)
    assert latest(store) == newer.run_id, "it is under way"
    complete(store, must_claim(store, jobs_of(store, newer)[0].job_id))
    control(store, "pause", newer)
    assert latest(store) == newer.run_id


def latest(store: Store) -> int:
    with store.unit_of_work() as uow:
        run = uow.runs.latest()
    assert run is not None
    return run.run_id


def test_a_paused_run_is_neither_claimed_nor_rung_for(store: Store) -> None:
    run = add_run(store, 3)
    due(store, limit=1)
    control(store, "pause", run)
    assert waiting(store) == 0
    assert claim_next(store) is None
    assert claim(store, jobs_of(store, run)[0].job_id) is None
    assert list(due(store, redispatch=True)) == []
    control(store, "resume", run)
    assert len(due(store)) == 3, "the wake-ups that were refused meanwhile are sent again"


def test_a_pause_does_not_hold_up_other_runs(store: Store) -> None:
    first, second = add_run(store, 2), add_run(store, 1)
    due(store)
    control(store, "pause", first)
    assert waiting(store) == 1, "the other's wake-up is still on its way"
    assert claim(store, jobs_of(store, first)[0].job_id) is None
    must_claim(store, jobs_of(store, second)[0].job_id)


def test_cancel_ends_what_waits_and_beats_tell_what_runs(store: Store) -> None:
    run = add_run(store, 4)
    first, second, *_ = jobs_of(store, run)
    held = must_claim(store, first.job_id)
    retried = must_claim(store, second.job_id)
    with store.unit_of_work() as uow:
        uow.jobs.fail(retried, DecoderCrashed("once"), timings=())
        uow.commit()
    assert control(store, "cancel", run) == 3
    assert claim_next(store) is None
    with store.unit_of_work() as uow:
        beat = uow.jobs.beat(held, frames_done=1, frames_total=None, lease_seconds=60)
        assert beat.cancelled
        uow.jobs.cancelled(held)
        uow.commit()
    assert set(states(store, run)) == {JobState.CANCELLED}


def test_no_claim_is_made_after_the_answer_to_cancel(store: Store) -> None:
    run = add_run(store, 2)
    first, _ = jobs_of(store, run)
    cancel = threading.Thread(target=control, args=(store, "cancel", run))
    with store.unit_of_work() as uow:
        assert uow.jobs.claim(first.job_id, owner="w", devices=("any",), lease_seconds=60)
        cancel.start()
        cancel.join(0.3)
        assert cancel.is_alive(), "it waits for the claim that is being made"
        uow.commit()
    cancel.join(10)
    assert states(store, run) == [JobState.RUNNING, JobState.CANCELLED]


def test_what_comes_back_to_a_cancelled_run_ends(store: Store) -> None:
    run = add_run(store, 3)
    releasing, failing, dying = (must_claim(store, job.job_id) for job in jobs_of(store, run))
    control(store, "cancel", run)
    with store.unit_of_work() as uow:
        uow.jobs.release(releasing)
        uow.jobs.fail(failing, DecoderCrashed("once"), timings=())
        uow.commit()
    rescue(store, dead_owners=[dying.owner])
    assert set(states(store, run)) == {JobState.CANCELLED}


def test_a_cancel_that_stops_half_way_is_swept_to_its_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, other = add_run(store, 5), add_run(store, 2)
    import posebatch_shared.store.runs as module

    monkeypatch.setattr(module, "CANCEL_BATCH", 2)
    assert control(store, "cancel", run) == 2
    with store.unit_of_work() as uow:
        assert uow.jobs.sweep_cancelled() == 3
        assert uow.jobs.sweep_cancelled() == 0
        uow.commit()
    assert set(states(store, other)) == {JobState.AVAILABLE}


def test_retry_puts_ended_jobs_back(store: Store) -> None:
    run = add_run(store, 3)
    done, broken, cancelled = jobs_of(store, run)
    complete(store, must_claim(store, done.job_id))
    with store.unit_of_work() as uow:
        held = must_claim(store, broken.job_id)
        uow.jobs.fail(held, NoFrames("none"), timings=TIMINGS)
        uow.commit()
    control(store, "cancel", run)
    assert control(store, "retry", run, states=[JobState.DISCARDED]) == 1
    assert states(store, run) == [JobState.COMPLETED, JobState.AVAILABLE, JobState.CANCELLED]
    again = must_claim(store, broken.job_id)
    assert (again.job.attempt, again.job.error_code) == (1, None)
    assert again.token > held.token
    complete(store, again)
    assert control(store, "retry", run, states=[JobState.CANCELLED]) == 1
    assert job_of(store, cancelled.job_id).state is JobState.AVAILABLE


def test_due_rings_once_for_each_job_most_urgent_first(store: Store) -> None:
    plain, later, urgent = (add_run(store, 2, priority=priority) for priority in (0, 0, 9))
    rung = [job.run_id for _ in range(2) for job in due(store, limit=3)]
    assert rung == [run.run_id for run in (urgent, urgent, plain, plain, later, later)]
    assert list(due(store)) == []
    assert waiting(store) == 6


def test_due_rings_for_the_largest_file_of_a_run_first(store: Store) -> None:
    sizes = {add_run(store, 3).run_id: (1002, 1001, 1000), add_run(store, 1).run_id: (1000,)}
    rung = [(job.run_id, job.video.size_bytes) for job in due(store)]
    assert rung == [(run, size) for run, of_run in sizes.items() for size in of_run]


def test_lost_wake_ups_are_rung_again_once_they_are_old(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    import posebatch_shared.store.job_sweeps as module

    add_run(store, 2)
    due(store)
    assert list(due(store, redispatch=True)) == [], "they may still be on their way"
    monkeypatch.setattr(module, "REDISPATCH_AFTER_SECONDS", -1)
    assert len(due(store, redispatch=True)) == 2


def test_a_job_that_is_handed_back_is_rung_for_again(store: Store) -> None:
    run = add_run(store, 2)
    due(store)
    first, second = (must_claim(store, job.job_id) for job in jobs_of(store, run))
    assert waiting(store) == 0
    with store.unit_of_work() as uow:
        uow.jobs.release(first)
        uow.commit()
    rescue(store, dead_owners=[second.owner])
    assert {job.job_id for job in due(store)} == {first.job.job_id, second.job.job_id}


def test_a_backoff_that_is_not_over_keeps_a_job_from_being_rung_for(store: Store) -> None:
    run = add_run(store)
    (job,) = jobs_of(store, run)
    with store.unit_of_work() as uow:
        uow.jobs.fail(must_claim(store, job.job_id), DecoderCrashed("once"), timings=())
        uow.commit()
    assert list(due(store)) == []
    assert claim_next(store) is None
    assert states(store, run) == [JobState.RETRYABLE]
