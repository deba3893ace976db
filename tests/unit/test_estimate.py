"""The time left of simulated runs: near the truth, and as sure as it says."""

from __future__ import annotations

import heapq
import random
from statistics import median

import pytest

from posebatch_shared.estimate import Ended, TimeLeft, Underway, Waiting, time_left

#: Frames per second, bits per second and seconds of work per frame of usual clips.
KINDS = (
    (60, 8e6, 0.011),
    (30, 17e6, 0.013),
    (60, 12e6, 0.014),
    (30, 24e6, 0.022),
    (120, 24e6, 0.013),
)
SEEDS = range(60)


def mixed_archive(rng: random.Random, videos: int = 200) -> list[tuple[int, float]]:
    """Bytes and seconds of work of clips of 3 to 25 s in five codecs; three of a hundred broken."""
    found = []
    for _ in range(videos):
        fps, bits, per_frame = rng.choice(KINDS)
        long = rng.random() < 0.03
        duration = rng.uniform(12, 25) if long else rng.uniform(3, 10)
        size = int(duration * bits / 8 * rng.lognormvariate(0, 0.25))
        work = 0.2 + duration * fps * per_frame * rng.lognormvariate(0, 0.1)
        found.append((size, 0.05 if rng.random() < 0.03 else work))
    return found


def work_off(archive: list[tuple[int, float]], lanes: int) -> list[tuple[int, float, float]]:
    """Bytes, start and end of each video when `lanes` workers take them in order."""
    free = [0.0] * lanes
    spans = []
    for size, work in archive:
        start = heapq.heappop(free)
        spans.append((size, start, start + work))
        heapq.heappush(free, start + work)
    return spans


def estimate(spans: list[tuple[int, float, float]], share: float) -> tuple[TimeLeft, float]:
    """What is told once this share of the videos has ended, and the truth."""
    ends = sorted(end for _, _, end in spans)
    now = ends[int(len(spans) * share) - 1]
    waiting = [size for size, start, _ in spans if start > now]
    found = time_left(
        [
            Ended(size_bytes=size, started_seconds=start, finished_seconds=end)
            for size, start, end in spans
            if end <= now
        ],
        [
            Underway(size_bytes=size, started_seconds=start, progress=(now - start) / (end - start))
            for size, start, end in spans
            if start <= now < end
        ],
        Waiting(videos=len(waiting), size_bytes=sum(waiting)),
        now_seconds=now,
    )
    assert found is not None
    return found, ends[-1] - now


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_after_a_tenth_of_a_mixed_run_most_estimates_are_within_15_percent(lanes: int) -> None:
    runs = [estimate(work_off(mixed_archive(random.Random(s)), lanes), 0.1) for s in SEEDS]
    errors = [abs(found.seconds - true) / true for found, true in runs]
    assert median(errors) < 0.11
    assert sum(error < 0.15 for error in errors) / len(errors) > 0.65


@pytest.mark.parametrize("lanes", [1, 2, 4])
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_the_interval_holds_about_as_often_as_it_says(lanes: int, share: float) -> None:
    runs = [estimate(work_off(mixed_archive(random.Random(s)), lanes), share) for s in SEEDS]
    held = sum(found.low_seconds <= true <= found.high_seconds for found, true in runs)
    assert 0.65 <= held / len(runs) <= 0.97


def test_it_gets_better_as_the_run_goes_on() -> None:
    def error(share: float) -> float:
        runs = [estimate(work_off(mixed_archive(random.Random(s)), 2), share) for s in SEEDS]
        return median(abs(found.seconds - true) / true for found, true in runs)

    assert error(0.5) < error(0.1)


def test_equal_videos_are_told_exactly() -> None:
    found, true = estimate(work_off([(1000, 2.0)] * 101, 1), 0.5)
    assert found.seconds == pytest.approx(true)


def test_videos_twice_as_large_take_twice_as_long() -> None:
    ended = [
        Ended(size_bytes=size, started_seconds=at, finished_seconds=at + size / 100)
        for at, size in ((0, 100), (10, 300), (20, 200))
    ]
    found = time_left(ended, [], Waiting(videos=2, size_bytes=1000), now_seconds=30)
    assert found is not None
    assert found.seconds == pytest.approx(10, rel=0.01)


def test_a_pause_does_not_count_as_work() -> None:
    spans = work_off([(1000, 2.0)] * 40, 2)
    ended = [
        Ended(
            size_bytes=size,
            started_seconds=start + 3600 * (start >= 10),
            finished_seconds=end + 3600 * (start >= 10),
        )
        for size, start, end in spans[:20]
    ]
    found = time_left(ended, [], Waiting(videos=20, size_bytes=20_000), now_seconds=3620)
    assert found is not None
    assert found.seconds == pytest.approx(20, rel=0.1)


def test_nothing_left_is_zero_and_nothing_known_is_none() -> None:
    nothing = Waiting(videos=0, size_bytes=0)
    done = time_left([], [], nothing, now_seconds=0)
    assert done == TimeLeft(seconds=0, low_seconds=0, high_seconds=0)
    assert time_left([], [], Waiting(videos=5, size_bytes=9), now_seconds=0) is None


def test_the_last_running_video_is_told_from_its_progress() -> None:
    ended = [
        Ended(size_bytes=100, started_seconds=10 * n, finished_seconds=10 * n + 10)
        for n in range(5)
    ]
    last = Underway(size_bytes=100, started_seconds=50, progress=0.75)
    found = time_left(ended, [last], Waiting(videos=0, size_bytes=0), now_seconds=80)
    assert found is not None
    assert 5 < found.seconds <= 10
