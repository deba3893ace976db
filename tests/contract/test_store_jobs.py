"""Jobs: adding, listing, counting and finding them, the same in both databases."""

from __future__ import annotations

from itertools import chain

import ledgers
from ledgers import add_run, complete, job_of, jobs_of, must_claim, video
from posebatch_shared.jobs import JobState, TrackOptions
from posebatch_shared.store import Store


def test_a_job_keeps_what_was_submitted(store: Store) -> None:
    run = add_run(store, device="gpu", priority=7)
    (job,) = jobs_of(store, run)
    assert (job.video, job.device, job.priority) == (video(0), "gpu", 7)
    assert (job.state, job.attempt, job.crashes) == (JobState.AVAILABLE, 0, 0)
    assert job.available_at.utcoffset() is not None


def test_a_video_is_added_to_a_run_once(store: Store) -> None:
    run = add_run(store, 3)
    with store.unit_of_work() as uow:
        added = uow.jobs.add_many(run, [video(2), video(3), video(3), video(2, size_bytes=9)])
        uow.commit()
    assert added == 2
    assert len(jobs_of(store, run)) == 5


def test_add_many_takes_a_stream_longer_than_its_batches(store: Store) -> None:
    run = add_run(store, 0)
    with store.unit_of_work() as uow:
        assert uow.jobs.add_many(run, (video(n) for n in range(2500))) == 2500
        uow.commit()
        assert uow.jobs.counts(run.run_id) == {JobState.AVAILABLE: 2500}
    assert [job.video for job in jobs_of(store, run)] == [video(n) for n in range(2500)]


def test_nothing_lasts_without_commit(store: Store) -> None:
    run = add_run(store, 0)
    with store.unit_of_work() as uow:
        uow.jobs.add_many(run, [video(1)])
    assert jobs_of(store, run) == []


def test_pages_follow_each_other_by_id(store: Store) -> None:
    run = add_run(store, 5)
    with store.unit_of_work() as uow:
        first = uow.jobs.list(run.run_id, limit=3)
        second = uow.jobs.list(run.run_id, limit=3, after=first[-1].job_id)
    numbers = [job.video.path for job in chain(first, second)]
    assert numbers == [video(n).path for n in range(5)]


def test_lists_narrow_by_state_path_and_error(store: Store) -> None:
    run = add_run(store, 3)
    ids = [job.job_id for job in jobs_of(store, run)]
    complete(store, must_claim(store, ids[0]))
    with store.unit_of_work() as uow:
        done = uow.jobs.list(run.run_id, states=[JobState.COMPLETED])
        named = uow.jobs.list(search="CLIPS/000002")
        wild = uow.jobs.list(search="%")
        failed = uow.jobs.list(error_code="corrupt")
        elsewhere = uow.jobs.list(run.run_id + 1)
    assert [job.job_id for job in done] == ids[:1]
    assert [job.job_id for job in named] == ids[2:]
    assert (list(wild), list(failed), list(elsewhere)) == ([], [], [])


def test_a_known_file_under_the_same_options_needs_no_work(store: Store) -> None:
    first = jobs_of(store, add_run(store, 2))[0]
    result_id = complete(store, must_claim(store, first.job_id))
    with store.unit_of_work() as uow:
        again = uow.runs.add(name="again", options=TrackOptions())
        uow.jobs.add_many(again, [video(0), video(1), video(0, mtime_ns=5), video(0, root="other")])
        other = uow.runs.add(name="other", options=TrackOptions(tracker="rtmo"))
        drawn = uow.runs.add(name="drawn", options=TrackOptions(overlay=True))
        for run in (other, drawn):
            uow.jobs.add_many(run, [video(0)])
        assert [uow.jobs.reuse_completed(run) for run in (again, other, drawn)] == [1, 0, 0]
        uow.commit()
    known, *rest = jobs_of(store, again)
    assert (known.state, known.cache_hit) == (JobState.COMPLETED, True)
    assert known.result_id == result_id
    assert {job.state for job in rest} == {JobState.AVAILABLE}


def test_throughput_counts_tracked_frames_and_wall_seconds(store: Store) -> None:
    run = add_run(store, 2)
    with store.unit_of_work() as uow:
        assert uow.jobs.throughput(run.run_id) == (0, 0.0)
    first, second = jobs_of(store, run)
    complete(store, must_claim(store, first.job_id), ledgers.result("same"))
    complete(store, must_claim(store, second.job_id), ledgers.result("same", cache_hit=True))
    with store.unit_of_work() as uow:
        frames, seconds = uow.jobs.throughput(run.run_id)
    ends = [job_of(store, job.job_id).finished_at for job in (first, second)]
    begin = job_of(store, first.job_id).started_at
    assert [job.frames_done for job in jobs_of(store, run)] == [90, 0]
    assert frames == 90
    assert begin is not None
    assert ends[1] is not None
    assert seconds == (ends[1] - begin).total_seconds()


def test_a_path_of_any_letters_comes_back(store: Store) -> None:
    run = add_run(store, 0)
    odd = video(0, path="Übung/跳\\躍 '\"%_\n;--.mp4", mtime_ns=2**62, size_bytes=2**40)
    with store.unit_of_work() as uow:
        uow.jobs.add_many(run, [odd])
        uow.commit()
    (job,) = jobs_of(store, run)
    assert job.video == odd
