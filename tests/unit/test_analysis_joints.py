"""Joints at the lowest point, of an athlete whose joints are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import trajectories
from posebatch_shared.poses import JUMP_LANDMARKS, PoseSequence
from posebatch_workers.analysis import Jump, analyse
from posebatch_workers.analysis.joints import bent_knee

COURSE = trajectories.cmj(0.4, depth_m=0.32)
LOWEST_SECONDS = 1.3


def true_points() -> dict[str, Any]:
    seconds = np.array([LOWEST_SECONDS])
    return {name: xy[0] for name, xy in trajectories.landmarks(COURSE, seconds).items()}


def angle(*parts: str) -> Any:
    points = true_points()
    truth = trajectories.angle_degrees(*(points[f"left_{part}"] for part in parts))
    return pytest.approx(truth, abs=4)


def lean(top: str, bottom: str) -> Any:
    points = true_points()
    x, y = points[f"left_{top}"] - points[f"left_{bottom}"]
    return pytest.approx(np.degrees(np.arctan2(abs(x), abs(y))), abs=4)


def jump_of(sequence: PoseSequence) -> Jump:
    (jump,) = analyse(sequence).jumps
    return jump


def moved(sequence: PoseSequence, part: str, x: Any, y: Any) -> PoseSequence:
    """The sequence with both landmarks of a part elsewhere (F, 2), shares of the picture."""
    keypoints = sequence.keypoints.copy()
    for side, at in enumerate(("left", "right")):
        row = JUMP_LANDMARKS.index(f"{at}_{part}")
        keypoints[:, row, 0], keypoints[:, row, 1] = x[:, side], y[:, side]
    return replace(sequence, keypoints=keypoints)


def both(sequence: PoseSequence, part: str, axis: int) -> Any:
    rows = [JUMP_LANDMARKS.index(f"{side}_{part}") for side in ("left", "right")]
    return sequence.keypoints[:, rows, axis]


def test_angles_of_the_side_view() -> None:
    jump = jump_of(trajectories.sequence(COURSE, fps=120, noise_px=0.5))

    assert jump.knee_angle_lowest_degrees == angle("hip", "knee", "ankle")
    assert jump.hip_angle_lowest_degrees == angle("shoulder", "hip", "knee")
    assert jump.shank_lean_lowest_degrees == lean("knee", "ankle")
    assert jump.trunk_lean_lowest_degrees == lean("shoulder", "hip")


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_knees_are_where_the_legs_length_puts_them_and_not_where_they_are_drawn(
    share: float,
) -> None:
    sequence = trajectories.sequence(COURSE, fps=120, noise_px=0.5)
    places = [
        (1 - share) * both(sequence, "knee", axis)
        + share * (both(sequence, "hip", axis) + both(sequence, "ankle", axis)) / 2
        for axis in (0, 1)
    ]

    jump = jump_of(moved(sequence, "knee", *places))

    assert jump.knee_angle_lowest_degrees == angle("hip", "knee", "ankle")
    assert jump.hip_angle_lowest_degrees == angle("shoulder", "hip", "knee")
    assert jump.shank_lean_lowest_degrees == lean("knee", "ankle")


def test_bones_meet_on_the_side_where_the_knee_is_seen() -> None:
    hip, ankle = np.array([0.0, 5.0]), np.array([0.0, 0.0])

    ahead = bent_knee(hip, np.array([0.5, 2.5]), ankle, 4.0, 3.0)
    behind = bent_knee(hip, np.array([-0.5, 2.5]), ankle, 4.0, 3.0)

    assert ahead == pytest.approx([2.4, 1.8])
    assert behind == pytest.approx([-2.4, 1.8])


@pytest.mark.parametrize("thigh, shank", [(2.0, 2.9), (9.0, 3.0)])
def test_bones_that_do_not_meet_make_no_knee(thigh: float, shank: float) -> None:
    hip, ankle = np.array([0.0, 5.0]), np.array([0.0, 0.0])

    assert bent_knee(hip, np.array([0.5, 2.5]), ankle, thigh, shank) is None


def test_from_the_front_only_the_knees_bend_is_told() -> None:
    side_view = trajectories.sequence(COURSE, fps=120, noise_px=0.5)
    keypoints = side_view.keypoints.copy()
    keypoints[:, :, 0] = 0.5 + 0.1 * (keypoints[:, :, 0] - 0.5)
    front = replace(side_view, keypoints=keypoints)
    wide = both(front, "shoulder", 0) + np.array([0.11, -0.11])

    jump = jump_of(moved(front, "shoulder", wide, both(front, "shoulder", 1)))

    assert jump.knee_angle_lowest_degrees == angle("hip", "knee", "ankle")
    assert jump.hip_angle_lowest_degrees is None
    assert jump.shank_lean_lowest_degrees is None
    assert jump.trunk_lean_lowest_degrees is None


def test_legs_that_are_lost_at_the_lowest_point_have_no_angle() -> None:
    sequence = trajectories.sequence(COURSE, fps=120, noise_px=0.5)
    lost = np.abs(sequence.pts_seconds - LOWEST_SECONDS) < 0.15
    gone = [np.where(lost[:, None], np.nan, both(sequence, "ankle", axis)) for axis in (0, 1)]

    jump = jump_of(moved(sequence, "ankle", *gone))

    assert jump.knee_angle_lowest_degrees is None
    assert jump.flight_time_seconds == pytest.approx(
        COURSE.landings[0] - COURSE.takeoffs[0], abs=0.01
    )


def test_a_clip_that_begins_after_the_lowest_point_shows_no_angle_there() -> None:
    whole = trajectories.sequence(COURSE, fps=120, noise_px=0.5)

    jump = jump_of(trajectories.kept(whole, whole.pts_seconds >= LOWEST_SECONDS + 0.1))

    assert jump.knee_angle_lowest_degrees is None
