"""The time left of simulated runs: near the truth, and as sure as it says."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from posebatch_shared.estimate import TimeLeft, time_left
from posebatch_shared.outlook import Ended, Outlook, Underway, Waiting
from posebatch_shared.work_model import Clip
from simulated_runs import Look, Task, look_at, mixed_archive, work_off

KEPT = Path(__file__).parents[2] / "ops" / "benchmarks" / "results" / "time_left_jobs.csv"
SEEDS = range(60)

Archive = Callable[[random.Random], list[Task]]


def blind(rng: random.Random) -> list[Task]:
    """The mixed archive if no header could be read."""
    return [
        replace(task, clip=Clip(size_bytes=task.clip.size_bytes)) for task in mixed_archive(rng)
    ]


def reshuffled(rng: random.Random) -> list[Task]:
    """The clips of a real run with the seconds that they took, in another order."""
    with KEPT.open() as file:
        tasks = [
            Task(
                clip=Clip(
                    size_bytes=int(row["size_bytes"]),
                    frames=int(row["frames"] or 0) or None,
                    pixels=int(row["pixels"] or 0) or None,
                ),
                seconds=float(row["seconds"]),
                tracked=row["tracked"] == "1",
            )
            for row in csv.DictReader(file)
        ]
    rng.shuffle(tasks)
    return tasks


@cache
def looks(archive: Archive, lanes: int, share: float) -> Sequence[Look]:
    """One at each simulated run, once this share of its videos has ended."""
    return [
        look_at(work_off(archive(random.Random(s)), lanes, random.Random(s)), share) for s in SEEDS
    ]


def errors(archive: Archive, lanes: int, share: float) -> list[float]:
    """Told over true, less one."""
    return [look.told.seconds / look.true_seconds - 1 for look in looks(archive, lanes, share)]


@pytest.mark.parametrize("lanes", [1, 2, 4])
@pytest.mark.parametrize(("archive", "least"), [(mixed_archive, 0.95), (reshuffled, 0.9)])
def test_after_a_tenth_of_200_jobs_it_is_within_15_percent(
    archive: Archive, least: float, lanes: int
) -> None:
    found = errors(archive, lanes, 0.1)
    within = sum(abs(error) < 0.15 for error in found) / len(found)
    assert within >= least, sorted(found)
    assert abs(median(found)) < 0.04


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_from_sizes_alone_it_is_a_fair_guess(lanes: int) -> None:
    found = errors(blind, lanes, 0.1)
    assert median(abs(error) for error in found) < 0.12
    assert sum(abs(error) < 0.15 for error in found) / len(found) > 0.6


@pytest.mark.parametrize("archive", [mixed_archive, blind])
@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_interval_holds_about_as_often_as_it_says(
    archive: Archive, lanes: int, share: float
) -> None:
    held = sum(
        look.told.low_seconds <= look.true_seconds <= look.told.high_seconds
        for look in looks(archive, lanes, share)
    )
    assert 0.65 <= held / len(SEEDS) <= 0.99


def test_it_gets_better_as_the_run_goes_on() -> None:
    def error(share: float) -> float:
        return median(abs(error) for error in errors(blind, 2, share))

    assert error(0.5) < error(0.1)


def test_a_worker_that_is_lost_is_noticed() -> None:
    """Half of the lanes are gone since 30 videos: the rest takes twice as long."""
    run = work_off([Task(clip=Clip(size_bytes=1000), seconds=2.0)] * 200, 4)
    slowed = [
        replace(span, start=60 + 2 * (span.start - 60), end=60 + 2 * (span.end - 60))
        for span in run
        if span.start >= 60
    ]
    # The same work by two lanes: every other video of a pair of lanes follows the one before it.
    halved = [
        replace(
            span, start=span.start + (place % 4 // 2) * 2, end=span.start + (place % 4 // 2) * 2 + 2
        )
        for place, span in enumerate(slowed)
    ]
    look = look_at([*[span for span in run if span.start < 60], *halved], 0.85)
    assert look.told.seconds == pytest.approx(look.true_seconds, rel=0.15)


def clip(size_bytes: int) -> Clip:
    return Clip(size_bytes=size_bytes)


def test_equal_videos_are_told_exactly() -> None:
    look = look_at(work_off([Task(clip=clip(1000), seconds=2.0)] * 101, 1), 0.5)
    assert look.told.seconds == pytest.approx(look.true_seconds, rel=0.01)


def test_videos_twice_as_large_take_twice_as_long() -> None:
    ended = [
        Ended(clip=clip(size), started_seconds=at, finished_seconds=at + size / 100)
        for at, size in ((0, 100), (10, 300), (20, 200))
    ]
    waiting = Waiting(videos=2, sample=[clip(400), clip(600)])
    found = time_left(ended, [], waiting, now_seconds=30)
    assert found is not None
    assert found.seconds == pytest.approx(10, rel=0.02)


def test_a_sample_stands_for_all_that_waits() -> None:
    ended = [Ended(clip=clip(100), started_seconds=at, finished_seconds=at + 1) for at in range(10)]
    waiting = Waiting(videos=1_000_000, sample=[clip(50), clip(150)] * 100)
    found = time_left(ended, [], waiting, now_seconds=10)
    assert found is not None
    assert found.seconds == pytest.approx(1_000_000, rel=0.02)


def test_answers_of_the_cache_do_not_make_the_tracker_look_fast() -> None:
    """Half of what ended came from the cache: half of what waits is expected to."""
    ended = [
        Ended(
            clip=clip(100),
            started_seconds=at,
            finished_seconds=at + (10 if at % 2 else 0.1),
            tracked=bool(at % 2),
        )
        for at in range(400)
    ]
    ended = [
        replace(job, started_seconds=11.0 * n, finished_seconds=11.0 * n + job.seconds)
        for n, job in enumerate(ended)
    ]
    found = time_left(ended, [], Waiting(videos=100, sample=[clip(100)] * 100), now_seconds=4400)
    assert found is not None
    assert found.seconds == pytest.approx(505, rel=0.02)


def test_a_pause_does_not_count_as_work() -> None:
    spans = work_off([Task(clip=clip(1000), seconds=2.0)] * 40, 2)
    ended = [
        Ended(
            clip=span.task.clip,
            started_seconds=span.start + 3600 * (span.start >= 10),
            finished_seconds=span.end + 3600 * (span.start >= 10),
        )
        for span in spans[:20]
    ]
    waiting = Waiting(videos=20, sample=[clip(1000)] * 20)
    found = time_left(ended, [], waiting, now_seconds=3620)
    assert found is not None
    assert found.seconds == pytest.approx(20, rel=0.1)


def test_nothing_left_is_zero_and_nothing_known_is_none() -> None:
    nothing = Waiting(videos=0, sample=[])
    done = time_left([], [], nothing, now_seconds=0)
    assert done == TimeLeft(seconds=0, low_seconds=0, high_seconds=0)
    assert time_left([], [], Waiting(videos=5, sample=[clip(9)]), now_seconds=0) is None


def test_the_last_running_video_is_told_from_its_progress() -> None:
    ended = [
        Ended(clip=clip(100), started_seconds=10 * n, finished_seconds=10 * n + 10)
        for n in range(5)
    ]
    last = Underway(clip=clip(100), started_seconds=50, progress=0.75)
    found = time_left(ended, [last], Waiting(videos=0, sample=[]), now_seconds=80)
    assert found is not None
    assert 5 < found.seconds <= 10


def test_what_may_end_at_once_makes_the_rest_as_unsure_as_chance_does() -> None:
    told = Clip(size_bytes=1_000_000, frames=300, pixels=1_000_000)
    silent = Clip(size_bytes=1_000_000)
    ended = [
        Ended(clip=told, started_seconds=0, finished_seconds=seconds, tracked=tracked)
        for seconds, tracked in ((20, True), (20, True), (20, True), (2, False))
    ]
    waiting = Waiting(videos=10, sample=[silent] * 5)
    outlook = Outlook.of(ended, [], waiting, 60)
    assert (outlook.told.ended, outlook.told.share, outlook.told.seconds) == (4, 0.25, 2)
    assert (outlook.silent.ended, outlook.silent.share) == (1, 0.5), "one in doubt"
    assert outlook.model is not None
    tracked = outlook.model.seconds(silent)
    assert outlook.seconds(silent) == pytest.approx(tracked / 2)
    assert outlook.seconds(told) == pytest.approx(2 / 4 + outlook.model.seconds(told) * 3 / 4)
    chance = 0.5 * 0.5 * tracked**2 * (10 + 10**2 / 1)
    fit = outlook.model.variance(waiting.sample, 10 / 5)
    assert outlook.deviation(waiting) == pytest.approx(math.sqrt(fit + chance))
