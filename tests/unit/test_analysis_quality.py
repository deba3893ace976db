"""The quality falls with everything that makes a flight time less sure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trajectories
from posebatch_shared.poses import JUMP_LANDMARKS, PoseSequence
from posebatch_workers.analysis import Quality, analyse, bias_of
from posebatch_workers.analysis.quality import level_of

COURSE = trajectories.cmj(0.35)
few = settings(max_examples=10, deadline=None)


def judged(sequence: PoseSequence) -> Quality:
    return analyse(sequence, tracker_bias=bias_of("blazepose-lite")).quality


def with_feet(sequence: PoseSequence, visibility: float, seconds: np.ndarray) -> PoseSequence:
    """The same poses, with feet of this visibility in some of the frames."""
    seen = sequence.visibility.copy()
    feet = [i for i, node in enumerate(JUMP_LANDMARKS) if node.endswith(("heel", "foot_index"))]
    seen[np.ix_(np.flatnonzero(seconds), feet)] = visibility
    return replace(sequence, visibility=seen)


@few
@given(noise_px=st.floats(0.5, 3.0), seed=st.integers(0, 99))
def test_quality_falls_with_the_trackers_noise(noise_px: float, seed: int) -> None:
    steady = trajectories.sequence(COURSE, fps=60, noise_px=noise_px, seed=seed)
    shaky = trajectories.sequence(COURSE, fps=60, noise_px=2.5 * noise_px, seed=seed)

    assert judged(shaky).score < judged(steady).score


@few
@given(fps=st.sampled_from([48.0, 60.0, 120.0, 240.0]))
def test_quality_falls_with_the_frame_rate(fps: float) -> None:
    quick = trajectories.sequence(COURSE, fps=fps, noise_px=1)
    slow = trajectories.sequence(COURSE, fps=fps / 2, noise_px=1)

    assert judged(slow).score < judged(quick).score


def test_quality_falls_where_the_witnesses_disagree() -> None:
    sequence = trajectories.sequence(COURSE, fps=60, noise_px=1)
    at = sequence.pts_seconds
    aloft = (at > COURSE.takeoffs[0] - 0.02) & (at < COURSE.landings[0] + 0.02)
    pulled = sequence.keypoints.copy()
    toes = [JUMP_LANDMARKS.index(f"{side}_foot_index") for side in ("left", "right")]
    pulled[np.ix_(np.flatnonzero(aloft), toes, [1])] -= 0.03

    assert judged(replace(sequence, keypoints=pulled)).score < judged(sequence).score


def test_feet_hidden_around_the_flight_cost_more_than_feet_hidden_elsewhere() -> None:
    sequence = trajectories.sequence(COURSE, fps=60, noise_px=1)
    at = sequence.pts_seconds
    flight = (at > COURSE.takeoffs[0]) & (at < COURSE.landings[0])
    before = at < float(at[flight][-1] - at[flight][0])

    hidden, elsewhere = (judged(with_feet(sequence, 0.6, when)) for when in (flight, before))

    assert hidden.score < elsewhere.score <= judged(sequence).score


def test_the_score_is_the_product_of_its_parts() -> None:
    quality = judged(trajectories.sequence(COURSE, fps=60, noise_px=2))

    assert quality.score == pytest.approx(100 * np.prod(list(quality.parts.values())))
    assert quality.level == level_of(quality.score)


def test_a_flight_that_is_not_believed_makes_the_clip_one_of_low_quality() -> None:
    sequence = trajectories.sequence(COURSE, fps=60, noise_px=1)
    at = sequence.pts_seconds
    aloft = (at > COURSE.takeoffs[0]) & (at < COURSE.landings[0])
    strayed = sequence.keypoints.copy()
    upper = [JUMP_LANDMARKS.index(n) for n in ("nose", "left_shoulder", "right_shoulder")]
    shake = 0.03 * np.sin(2 * np.pi * 9 * at[aloft])
    strayed[np.ix_(np.flatnonzero(aloft), upper, [1])] += shake[:, None, None]

    analysis = analyse(replace(sequence, keypoints=strayed))

    assert analysis.jumps == ()
    assert analysis.quality.level == "low"


def test_stepping_off_the_box_is_no_warning() -> None:
    """The short flight of the step is no jump, and says nothing against the jump that follows."""
    assert judged(trajectories.sequence(trajectories.drop_jump(0.3), fps=60)).warnings == ()
