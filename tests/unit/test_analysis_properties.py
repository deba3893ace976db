"""How results must change when the clip is shifted, scaled, mirrored or sampled differently."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trajectories
from posebatch_workers.analysis import Jump, analyse

few = settings(max_examples=12, deadline=None)
heights = st.floats(0.12, 0.55)


def the_jump(height_m: float, **recording: float) -> Jump:
    (jump,) = analyse(trajectories.sequence(trajectories.cmj(height_m), **recording)).jumps  # type: ignore[arg-type]
    return jump


@few
@given(height_m=heights, shift=st.floats(-100.0, 1000.0))
def test_a_shift_in_time_shifts_instants_and_nothing_else(height_m: float, shift: float) -> None:
    sequence = trajectories.sequence(trajectories.cmj(height_m), fps=60, noise_px=1)
    later = replace(sequence, pts_seconds=sequence.pts_seconds + shift)

    (before,), (after,) = analyse(sequence).jumps, analyse(later).jumps

    assert after.takeoff_seconds - before.takeoff_seconds == pytest.approx(shift, abs=1e-4)
    assert after.flight_time_seconds == pytest.approx(before.flight_time_seconds, abs=1e-4)


@few
@given(height_m=heights, pixels_per_metre=st.floats(150.0, 420.0))
def test_the_size_of_the_athlete_in_the_picture_changes_no_time(
    height_m: float, pixels_per_metre: float
) -> None:
    near = the_jump(height_m, fps=120)
    far = the_jump(height_m, fps=120, pixels_per_metre=pixels_per_metre)

    assert far.flight_time_seconds == pytest.approx(near.flight_time_seconds, abs=0.004)
    assert far.metres_per_pixel == pytest.approx(1 / pixels_per_metre, rel=0.04)
    assert far.hip_rise_m == pytest.approx(near.hip_rise_m, abs=0.03)


@few
@given(height_m=heights)
def test_a_mirrored_clip_gives_the_same_numbers(height_m: float) -> None:
    plain, mirrored = the_jump(height_m, fps=60), the_jump(height_m, fps=60, mirror=True)

    assert mirrored.jump_height_m == pytest.approx(plain.jump_height_m, abs=1e-4)
    assert mirrored.knee_angle_lowest_degrees == pytest.approx(
        plain.knee_angle_lowest_degrees, abs=0.1
    )


@few
@given(height_m=heights, fps=st.sampled_from([30.0, 50.0, 60.0, 100.0, 120.0, 240.0]))
def test_the_frame_rate_changes_no_height(height_m: float, fps: float) -> None:
    assert the_jump(height_m, fps=fps).jump_height_m == pytest.approx(height_m, abs=0.02)


@few
@given(height_m=heights, kept=st.floats(0.7, 0.95), seed=st.integers(0, 99))
def test_dropped_frames_change_no_height(height_m: float, kept: float, seed: int) -> None:
    course = trajectories.cmj(height_m)
    seconds = np.arange(0.0, course.seconds, 1 / 60)
    seconds = seconds[np.random.default_rng(seed).random(len(seconds)) < kept]

    (jump,) = analyse(trajectories.sequence(course, seconds=seconds, noise_px=1)).jumps

    assert jump.jump_height_m == pytest.approx(height_m, abs=0.025)


@few
@given(height_m=st.floats(0.15, 0.5))
def test_a_higher_jump_is_read_higher(height_m: float) -> None:
    assert (
        the_jump(height_m + 0.05, fps=60).jump_height_m > the_jump(height_m, fps=60).jump_height_m
    )
