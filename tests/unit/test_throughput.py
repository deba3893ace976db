"""Rates over time add up to the frames and videos that they are made of."""

from __future__ import annotations

import pytest

from posebatch_shared.throughput import Work, throughput


def work(first: int, last: int, *, videos: int = 1, frames: int = 600, device: str = "cpu") -> Work:
    return Work(
        device=device,
        tracker="mediapipe",
        first_bucket=first,
        last_bucket=last,
        videos=videos,
        frames=frames,
    )


def test_frames_are_spread_over_the_span_of_the_job() -> None:
    shown = throughput([work(2, 4)], bucket_seconds=10, buckets=6, now_seconds=59)
    assert shown.frames_per_second["cpu", "mediapipe"] == [0, 0, 20, 20, 20, 0]
    assert shown.videos_per_hour["cpu", "mediapipe"] == [0, 0, 0, 0, 360, 0]


def test_what_lies_before_the_window_is_left_out() -> None:
    shown = throughput([work(-5, 0, frames=60)], bucket_seconds=10, buckets=2, now_seconds=15)
    assert shown.first_bucket == 0
    assert shown.frames_per_second["cpu", "mediapipe"] == [1, 0]


def test_now_is_the_mean_of_the_last_whole_buckets_of_all_devices() -> None:
    jobs = [work(place, place, frames=100) for place in range(9)]
    jobs += [work(place, place, frames=50, device="gpu") for place in range(9)]
    shown = throughput(jobs, bucket_seconds=10, buckets=9, now_seconds=81)
    assert shown.frames_per_second_now == pytest.approx(15)
    assert shown.videos_per_hour_now == pytest.approx(720)


def test_videos_per_hour_starts_with_the_first_work() -> None:
    shown = throughput([work(7, 7), work(8, 8)], bucket_seconds=10, buckets=10, now_seconds=95)
    assert shown.videos_per_hour_now == pytest.approx(360)


def test_no_work_is_zero() -> None:
    shown = throughput([], bucket_seconds=10, buckets=9, now_seconds=95)
    assert (shown.frames_per_second_now, shown.videos_per_hour_now) == (0, 0)


def test_a_run_that_has_just_begun_is_not_averaged_with_the_idle_time_before() -> None:
    shown = throughput([work(8, 8, frames=300)], bucket_seconds=10, buckets=10, now_seconds=95)
    assert shown.frames_per_second_now == pytest.approx(30)
