"""Metrics of jumps whose hips and joints move in a known way."""

from __future__ import annotations

import json
from math import isfinite

import pytest

import trajectories
from posebatch_workers.analysis import analyse
from posebatch_workers.analysis.scale import speeds_to_try
from posebatch_workers.timing import StageTimer


def test_scale_comes_from_gravity_and_from_the_athletes_height() -> None:
    sequence = trajectories.sequence(trajectories.cmj(0.4), fps=120, noise_px=1)

    analysis = analyse(sequence, athlete_height_m=trajectories.STATURE_M)

    assert analysis.metres_per_pixel_from_gravity == pytest.approx(1 / 400, rel=0.03)
    assert analysis.metres_per_pixel_from_stature == pytest.approx(1 / 400, rel=0.05)
    assert analysis.metres_per_pixel == pytest.approx(1 / 400, rel=0.02)


def test_countermovement_metrics() -> None:
    course = trajectories.cmj(0.4, depth_m=0.32)

    (jump,) = analyse(trajectories.sequence(course, fps=120, noise_px=1)).jumps

    assert jump.countermovement_depth_m == pytest.approx(0.32, abs=0.03)
    assert jump.peak_lowering_velocity_m_s == pytest.approx(1.2, abs=0.2)
    assert jump.peak_push_off_velocity_m_s == pytest.approx(2.8, abs=0.25)
    assert jump.hip_rise_m == pytest.approx(0.4, abs=0.03)
    assert jump.time_to_takeoff_seconds == pytest.approx(course.takeoffs[0] - 0.8, abs=0.05)
    assert jump.rsi_modified == pytest.approx(jump.jump_height_m / jump.time_to_takeoff_seconds)
    assert jump.contact_time_seconds is None


@pytest.mark.parametrize("fps", [30, 60, 240])
def test_nobody_pushes_off_slower_than_he_flies(fps: int) -> None:
    course = trajectories.cmj(0.45)

    (jump,) = analyse(trajectories.sequence(course, fps=fps, noise_px=1)).jumps

    leaves_m_s = (2 * trajectories.GRAVITY * 0.45) ** 0.5
    assert jump.peak_push_off_velocity_m_s == pytest.approx(leaves_m_s, rel=0.04)


@pytest.mark.parametrize("factor", [2.0, 4.0, 8.0])
def test_slow_motion_is_told_from_gravity(factor: float) -> None:
    course = trajectories.cmj(0.35)
    real = trajectories.sequence(course, fps=240, noise_px=1)
    slowed = trajectories.stretched(real, factor)

    analysis = analyse(slowed)

    (jump,) = analysis.jumps
    assert analysis.slow_motion == factor
    assert jump.jump_height_m == pytest.approx(0.35, abs=0.02)
    assert jump.takeoff_seconds == pytest.approx(course.takeoffs[0] * factor, abs=0.01 * factor)


def test_slow_motion_can_be_given() -> None:
    slowed = trajectories.stretched(trajectories.sequence(trajectories.cmj(0.35), fps=240), 5.0)

    (jump,) = analyse(slowed, slow_motion=5.0).jumps

    assert jump.jump_height_m == pytest.approx(0.35, abs=0.02)


def test_no_camera_is_thought_faster_than_a_thousand_frames_a_second() -> None:
    assert max(speeds_to_try(trajectories.sequence(trajectories.cmj(0.3), fps=240))) == 4.0


def test_the_interval_holds_the_truth_and_its_height_follows() -> None:
    course = trajectories.cmj(0.35)

    (jump,) = analyse(trajectories.sequence(course, fps=60, noise_px=2)).jumps
    low, high = jump.flight_time_interval_seconds

    assert low < course.landings[0] - course.takeoffs[0] < high
    assert jump.jump_height_interval_m == pytest.approx([9.80665 * t**2 / 8 for t in (low, high)])


def test_json_is_plain_and_finite() -> None:
    document = analyse(trajectories.sequence(trajectories.drop_jump(0.3), fps=60)).to_json()

    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert isfinite(document["quality"]["score"])
    assert len(document["series"]["seconds"]) <= 400


def test_stages_are_booked() -> None:
    timer = StageTimer()

    analyse(trajectories.sequence(trajectories.cmj(0.3), fps=60), timer=timer)

    assert {"smooth", "phases", "metrics", "quality"} <= {row.stage for row in timer.timings()}
