"""Headers of a sample are kept once, and tell what is left of a run."""

from __future__ import annotations

from pathlib import Path

import ledgers
from posebatch_producer.sampling import sample_headers
from posebatch_shared.jobs import VideoHeader, VideoRef
from posebatch_shared.store import Store


def note(store: Store, job_ids: list[int], frames: int | None) -> None:
    with store.views().headers() as headers:
        found = VideoHeader(frames=frames, pixels=100) if frames else None
        headers.note(dict.fromkeys(job_ids, found))


def unread(store: Store, run_id: int, limit: int) -> list[int]:
    with store.views().headers() as headers:
        return [job_id for job_id, _ in headers.unread(run_id, limit=limit)]


def test_a_small_run_is_looked_into_whole_and_once(store: Store) -> None:
    run = ledgers.add_run(store, 5)
    jobs = [job.job_id for job in ledgers.jobs_of(store, run)]
    assert unread(store, run.run_id, 10) == jobs
    note(store, jobs[:2], 30)
    note(store, jobs[2:3], None)
    assert unread(store, run.run_id, 10) == jobs[3:]


def test_of_a_large_run_a_spread_sample(store: Store) -> None:
    ledgers.add_run(store, 7, name="before")
    run = ledgers.add_run(store, 500)
    ids = unread(store, run.run_id, 50)
    assert len(ids) == 50
    assert [(job_id - 8) // 10 for job_id in ids] == list(range(50))


def test_what_waits_is_told_by_headers_where_enough_are_known(store: Store) -> None:
    run = ledgers.add_run(store, 4)
    jobs = [job.job_id for job in ledgers.jobs_of(store, run)]
    with store.views().overview() as overview:
        assert {
            clip.frames for clip in overview.run_work(run.run_id, waiting=4).waiting.sample
        } == {None}
    note(store, jobs, 300)
    held = ledgers.must_claim(store, jobs[0])
    ledgers.complete(store, held)
    with store.views().overview() as overview:
        work = overview.run_work(run.run_id, waiting=3)
    assert [clip.frames for clip in work.waiting.sample] == [300] * 3
    (ended,) = work.ended
    assert (ended.clip.frames, ended.clip.pixels, ended.tracked) == (300, 100, True)


def test_of_jobs_never_looked_into_the_result_tells(store: Store) -> None:
    run = ledgers.add_run(store, 2)
    ledgers.complete(store, ledgers.must_claim(store, 1))
    with store.views().overview() as overview:
        (ended,) = overview.run_work(run.run_id, waiting=1).ended
    assert ended.clip.pixels == 720 * 1280


def test_files_are_found_under_their_roots(store: Store, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("not a video")
    with store.unit_of_work() as uow:
        run = uow.runs.add(name="night", options=ledgers.TrackOptions())
        for root in ("here", "cloud", "gone"):
            video = VideoRef(root=root, path="notes.mp4", size_bytes=1, mtime_ns=1)
            uow.jobs.add_many(run, [video])
        uow.commit()
    mounts = {"here": str(tmp_path), "cloud": "s3://clips"}
    assert sample_headers(store, run, mounts) == 1
    assert len(unread(store, run.run_id, 10)) == 2
