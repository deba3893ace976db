"""Whatever a tracker gets wrong, the analysis answers, and its answer makes sense."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trajectories
from faulty_tracking import FAULTS, cut, spoilt
from posebatch_shared.poses import PoseSequence
from posebatch_workers.analysis import Analysis, analyse

courses = st.one_of(
    st.lists(st.floats(0.03, 0.6), min_size=1, max_size=4).map(lambda h: trajectories.cmj(*h)),
    st.floats(0.03, 0.6).map(trajectories.drop_jump),
)
rates = st.sampled_from([0.4, 1.0, 10.0, 24.0, 30.0, 60.0, 120.0])
noise = st.sampled_from([0.0, 1.0, 5.0, 20.0])


@pytest.mark.timeout(1800)
def test_a_faulty_track_gets_an_answer_that_makes_sense(request: pytest.FixtureRequest) -> None:
    examples = 10_000 if request.config.getoption("--chaos-long") else 60
    settings(max_examples=examples, deadline=None)(check_faulty_track)()


@given(
    course=courses,
    fps=rates,
    noise_px=noise,
    faults=st.lists(st.sampled_from(FAULTS), max_size=4),
    slow_motion=st.sampled_from([None, 8.0]),
    seed=st.integers(0, 2**32 - 1),
)
def check_faulty_track(
    course: trajectories.Course,
    fps: float,
    noise_px: float,
    faults: list[str],
    slow_motion: float | None,
    seed: int,
) -> None:
    chance = np.random.default_rng(seed)
    sequence = cut(trajectories.sequence(course, fps=fps, noise_px=noise_px, seed=seed), chance)

    sequence = spoilt(sequence, faults, chance)

    assert_sensible(analyse(sequence, slow_motion=slow_motion), sequence)


def assert_sensible(answer: Analysis, sequence: PoseSequence) -> None:
    """One flight at a time, inside the clip, every number a number, every interval around its."""
    times = [(jump.takeoff_seconds, jump.landing_seconds) for jump in answer.jumps]
    assert all(before[1] <= after[0] for before, after in pairwise(times))
    assert all(phase.start_seconds <= phase.end_seconds for phase in answer.phases)
    assert 0 <= answer.quality.score <= 100
    first, last = sequence.pts_seconds[[0, -1]]
    for jump in answer.jumps:
        assert first <= jump.takeoff_seconds < jump.landing_seconds <= last + 0.1
        low, high = jump.flight_time_interval_seconds
        assert low <= jump.flight_time_seconds <= high
        numbers = [value for value in asdict(jump).values() if isinstance(value, float)]
        assert np.isfinite(numbers).all()


@pytest.mark.parametrize("fps", [0.2, 0.4])
def test_seconds_between_frames_tell_no_jump(fps: float) -> None:
    course = trajectories.cmj(*[0.4] * 12)

    answer = analyse(trajectories.sequence(course, fps=fps, noise_px=40))

    assert answer.jumps == ()


@pytest.mark.parametrize(("height_m", "depth"), [(0.2, 0.2), (0.5, 0.15)])
def test_feet_that_dip_in_the_air_are_one_flight(height_m: float, depth: float) -> None:
    course = trajectories.cmj(height_m)
    sequence = trajectories.sequence(course, fps=120, noise_px=1)
    apex = (course.takeoffs[0] + course.landings[0]) / 2
    keypoints = sequence.keypoints.copy()
    feet = [n for n, node in enumerate(sequence.skeleton.nodes) if "heel" in node or "foot" in node]
    # Five frames of somebody else's foot: too long for an outlier, too short for a landing.
    dip = depth * np.sin(np.pi * (np.arange(5) + 0.5) / 5)
    at = int(apex * 120) - 2
    keypoints[at : at + 5, feet, 1] += dip[:, None]

    (jump,) = analyse(replace(sequence, keypoints=keypoints)).jumps

    assert jump.flight_time_seconds == pytest.approx(
        course.landings[0] - course.takeoffs[0], abs=0.01
    )


@pytest.mark.parametrize("fps", [30, 120])
def test_an_athlete_on_his_hands_does_not_jump(fps: int) -> None:
    sequence = trajectories.sequence(trajectories.cmj(0.3), fps=fps, noise_px=1)
    keypoints = sequence.keypoints.copy()
    keypoints[:, :, 1] = 1 - keypoints[:, :, 1]

    answer = analyse(replace(sequence, keypoints=keypoints))

    assert answer.jumps == ()
