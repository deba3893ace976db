"""What status and dashboard read equals the rows of the ledger, in both databases."""

from __future__ import annotations

from statistics import mean

import pytest

from archives import WORKERS, add_archive, begin, finding, work_through
from ledgers import complete, fail
from posebatch_shared.errors import RootUnavailable
from posebatch_shared.jobs import Claim, JobState
from posebatch_shared.snapshot import read_snapshot
from posebatch_shared.store import Store
from posebatch_shared.store.pages import JobFilter, Pages
from posebatch_shared.store.views import LedgerViews


@pytest.fixture
def views(store: Store) -> LedgerViews:
    """The reading side."""
    return store.views()


def test_counts_are_those_of_each_run(store: Store) -> None:
    first, second = add_archive(store, 30), add_archive(store, 20, seed=9)
    work_through(store, 14)
    with store.unit_of_work() as uow:
        counts = read_snapshot(store).counts_by_run
        assert counts == {run.run_id: uow.jobs.counts(run.run_id) for run in (first, second)}
    assert counts[first.run_id][JobState.DISCARDED] == 1


def test_the_queue_leaves_out_paused_runs(store: Store) -> None:
    add_archive(store, 5)
    paused = add_archive(store, 7, seed=3)
    begin(store)
    with store.unit_of_work() as uow:
        uow.runs.pause(paused.run_id)
        uow.commit()
    (queue,) = read_snapshot(store).queues
    assert (queue.device, queue.waiting) == ("any", 4)
    assert 0 <= queue.oldest_seconds < 60


def test_work_adds_up_to_what_completed(store: Store, views: LedgerViews) -> None:
    add_archive(store, 20)
    work_through(store, 20)
    with views.overview() as overview:
        work = overview.work(since_seconds=600, bucket_seconds=10)
        failures = overview.failures()
    assert sum(row.videos for row in work) == 18
    assert sum(row.frames for row in work) == 18 * 360
    assert {row.device for row in work} <= {"cpu", "gpu"}
    assert {row.tracker for row in work} <= {"mediapipe", "rtmpose-cuda"}
    assert sum(failures.values()) == 2


def test_what_was_known_when_submitted_is_nobodys_work(store: Store, views: LedgerViews) -> None:
    add_archive(store, 5)
    work_through(store, 5, overlay="file:///overlay.mp4")
    again = add_archive(store, 5, name="the same once more")
    with store.unit_of_work() as uow:
        assert uow.jobs.reuse_completed(again) == 5
        uow.commit()
    with views.overview() as overview:
        work = overview.work(since_seconds=600, bucket_seconds=10)
    assert sum(row.videos for row in work) == 5
    assert read_snapshot(store).counts_by_run[again.run_id] == {JobState.COMPLETED: 5}


def test_stages_are_summed_over_jobs(store: Store, views: LedgerViews) -> None:
    run = add_archive(store, 6)
    work_through(store, 6)
    with views.overview() as overview:
        stages = {row.stage: row for row in overview.stages(run.run_id)}
    assert stages["infer"].calls == 6 * 360
    assert stages["infer"].parent == "track"
    assert stages["hash"].seconds == pytest.approx(6 * 0.03)


def test_the_time_left_is_told_from_sizes_and_spans(store: Store, views: LedgerViews) -> None:
    run = add_archive(store, 9)
    work_through(store, 4)
    held = begin(store, owner=WORKERS[1], frames_done=90)
    assert held is not None
    with views.overview() as overview, store.unit_of_work() as uow:
        work = overview.run_work(run.run_id, waiting=4)
        left = uow.jobs.list(run.run_id, states=[JobState.AVAILABLE])
    assert len(work.ended) == 4
    assert [job.progress for job in work.underway] == [0.25]
    assert work.waiting.videos == len(left) == 4
    assert [c.size_bytes for c in work.waiting.sample] == [job.video.size_bytes for job in left]


def test_what_jobs_wait_for_is_counted_and_no_time_is_told_while_none_runs(store: Store) -> None:
    run = add_archive(store, 9)
    work_through(store, 4)
    for _ in range(3):
        fail(store, must_begin(store), RootUnavailable("archive"), costs_attempt=False)
    (progress,) = read_snapshot(store).runs
    assert progress.troubles == read_snapshot(store).troubles == {"root_unavailable": 3}
    assert progress.left is None
    must_begin(store)
    (progress,) = read_snapshot(store).runs
    assert progress.left is not None
    with store.unit_of_work() as uow:
        uow.runs.pause(run.run_id)
        uow.commit()
    assert read_snapshot(store).troubles == {}


def must_begin(store: Store) -> Claim:
    held = begin(store)
    assert held is not None
    return held


def page_through(pages: Pages, wanted: JobFilter, limit: int) -> list[int]:
    found, after = [], 0
    while True:
        page = pages.jobs(wanted, after=after, limit=limit)
        found += [line.job.job_id for line in page.lines]
        if page.next_after is None:
            return found
        after = page.next_after


def test_pages_hold_every_job_once_in_order(store: Store, views: LedgerViews) -> None:
    run = add_archive(store, 25)
    add_archive(store, 5, seed=4)
    work_through(store, 13)
    with store.unit_of_work() as uow, views.pages() as pages:
        everything = uow.jobs.list(run.run_id)
        for wanted, expected in (
            (JobFilter(run_id=run.run_id), everything),
            (JobFilter(), uow.jobs.list()),
            (
                JobFilter(run_id=run.run_id, states=(JobState.COMPLETED,)),
                [job for job in everything if job.state is JobState.COMPLETED],
            ),
            (
                JobFilter(run_id=run.run_id, search="SQUAD-B"),
                [job for job in everything if "squad-b" in job.video.path],
            ),
            (
                JobFilter(states=(JobState.DISCARDED,), error_code="no_person"),
                uow.jobs.list(states=[JobState.DISCARDED], error_code="no_person"),
            ),
        ):
            assert page_through(pages, wanted, 7) == [job.job_id for job in expected]


def test_a_search_stops_after_its_window_and_goes_on_from_there(
    store: Store, views: LedgerViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posebatch_shared.store.pages.SEARCH_STEP", 2)
    monkeypatch.setattr("posebatch_shared.store.pages.SEARCH_STEPS", 5)
    run = add_archive(store, 25)
    last = f"jump_{24:05d}"
    with views.pages() as pages:
        first = pages.jobs(JobFilter(run_id=run.run_id, search=last))
        assert (list(first.lines), first.next_after is not None) == ([], True)
        assert len(page_through(pages, JobFilter(run_id=run.run_id, search=last), 50)) == 1


def test_a_line_shows_what_the_result_says(store: Store, views: LedgerViews) -> None:
    run = add_archive(store, 1)
    held = begin(store)
    assert held is not None
    result = finding(held.job.job_id)
    complete(store, held, result)
    with views.pages() as pages:
        (line,) = pages.jobs(JobFilter(run_id=run.run_id)).lines
    assert line.tracker == result.tracker.name
    assert line.kind == "cmj"
    assert line.quality_score == result.analysis["quality"]["score"]
    assert line.jumps == result.analysis["jumps"]


def test_many_waiting_videos_are_told_from_a_sample(
    store: Store, views: LedgerViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posebatch_shared.store.run_work.WAITING_SAMPLE", 64)
    monkeypatch.setattr("posebatch_shared.store.run_work.PROBES", 8)
    run = add_archive(store, 400)
    with views.overview() as overview, store.unit_of_work() as uow:
        work = overview.run_work(run.run_id, waiting=400)
        sizes = [job.video.size_bytes for job in uow.jobs.list(run.run_id, limit=500)]
    assert work.waiting.videos == 400
    told = [clip.size_bytes for clip in work.waiting.sample]
    assert len(told) == 64
    assert mean(told) == pytest.approx(mean(sizes), rel=0.2)
