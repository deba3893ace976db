"""Clips of which a part is slowed down, as telephones export them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import trajectories
from posebatch_shared.poses import PoseSequence
from posebatch_workers.analysis import analyse
from posebatch_workers.analysis.speed_changes import ANOTHER, BEFORE_THE_JUMP, IN_THE_AIR

TAKEN_HZ, SHOWN_HZ = 240, 30


def slowed(
    course: trajectories.Course, start: float, end: float, factor: float, ramp_seconds: float = 0.0
) -> PoseSequence:
    """A clip that plays the course from `start` to `end` so many times slower, and comes to that
    speed and from it within a ramp."""
    taken = trajectories.sequence(course, fps=TAKEN_HZ, noise_px=1)
    at = [0.0]
    while at[-1] < taken.pts_seconds[-1]:
        away = max(start - at[-1], at[-1] - end, 0.0)
        share = 1.0 - away / ramp_seconds if ramp_seconds else float(away == 0)
        at.append(at[-1] + (1 + (1 / factor - 1) * max(0.0, share)) / SHOWN_HZ)
    pictures = np.round(np.array(at[:-1]) * TAKEN_HZ).astype(np.int64)
    return replace(
        taken,
        frame_index=np.arange(len(pictures)),
        pts_seconds=np.arange(len(pictures)) / SHOWN_HZ,
        keypoints=taken.keypoints[pictures],
        visibility=taken.visibility[pictures],
    )


def apex(course: trajectories.Course) -> float:
    return (course.takeoffs[0] + course.landings[0]) / 2


@pytest.mark.parametrize("ramp_seconds", [0.0, 0.2])
@pytest.mark.parametrize("factor", [4, 8])
def test_a_jump_within_the_slowed_part_is_measured(factor: float, ramp_seconds: float) -> None:
    course = trajectories.cmj(0.35)

    analysis = analyse(slowed(course, 0.6, course.landings[0] + 0.3, factor, ramp_seconds))

    (jump,) = analysis.jumps
    assert (analysis.slow_motion, analysis.quality.warnings) == (factor, ())
    assert jump.jump_height_m == pytest.approx(0.35, abs=0.01)
    assert jump.time_to_takeoff_seconds == pytest.approx(course.takeoffs[0] - 0.8, abs=0.06)


@pytest.mark.parametrize("ramp_seconds", [0.0, 0.2])
@pytest.mark.parametrize("factor", [4, 8])
def test_a_preparation_at_another_speed_has_no_times(factor: float, ramp_seconds: float) -> None:
    course = trajectories.cmj(0.35)
    lowest = course.takeoffs[0] - trajectories.push_off_s(0.35, 0.32)

    analysis = analyse(slowed(course, lowest, course.landings[0] + 0.3, factor, ramp_seconds))

    (jump,) = analysis.jumps
    assert analysis.quality.warnings == (BEFORE_THE_JUMP,)
    assert jump.jump_height_m == pytest.approx(0.35, abs=0.01)
    assert (jump.time_to_takeoff_seconds, jump.rsi_modified) == (None, None)
    assert jump.peak_lowering_velocity_m_s is None


@pytest.mark.parametrize("ramp_seconds", [0.0, 0.2])
@pytest.mark.parametrize("factor", [4, 8])
@pytest.mark.parametrize("half", ["first", "second"])
def test_half_a_jump_in_the_slowed_part_gives_no_number(
    half: str, factor: float, ramp_seconds: float
) -> None:
    course = trajectories.cmj(0.35)
    start, end = (0.6, apex(course)) if half == "first" else (apex(course), 3.0)

    analysis = analyse(slowed(course, start, end, factor, ramp_seconds))

    assert analysis.jumps == ()
    assert IN_THE_AIR in analysis.quality.warnings
    assert "camera moves" not in analysis.quality.warnings
    assert analysis.quality.level == "low"


@pytest.mark.parametrize("factor", [4, 8])
@pytest.mark.parametrize("share", [0.2, 0.35])
def test_a_jump_of_which_an_end_is_slowed_gives_no_number(share: float, factor: float) -> None:
    course = trajectories.cmj(0.35)
    until = course.takeoffs[0] + share * (course.landings[0] - course.takeoffs[0])

    analysis = analyse(slowed(course, 0.6, until, factor))

    assert analysis.jumps == ()
    assert IN_THE_AIR in analysis.quality.warnings
    assert analysis.quality.level == "low"


def test_of_two_jumps_the_slowed_one_is_named() -> None:
    course = trajectories.cmj(0.3, 0.35)

    analysis = analyse(slowed(course, course.landings[0] + 0.5, 9.0, 8))

    assert [jump.jump_height_m for jump in analysis.jumps] == pytest.approx([0.3], abs=0.02)
    assert analysis.quality.warnings == (ANOTHER,)


@pytest.mark.parametrize("factor", [2.5, 4.8, 5, 9.6, 10])
def test_a_jump_at_a_speed_that_telephones_do_not_export_is_named(factor: float) -> None:
    """As where 240 pictures a second are shown at 24 or 25."""
    plain = trajectories.sequence(trajectories.cmj(0.35), fps=240, noise_px=1)

    analysis = analyse(trajectories.stretched(plain, factor))

    assert analysis.jumps == ()
    assert analysis.quality.warnings == (ANOTHER,)
    assert analysis.quality.level == "low"


@pytest.mark.parametrize("seconds", [2.0, 3.0, 4.0])
def test_steps_onto_a_box_and_off_it_are_no_slowed_jump(seconds: float) -> None:
    """Both feet are up for a while, but stand, and the body rises and sinks in its own time."""
    course = trajectories.Course(knots=[(0.0, 0.93, 0.0, 0.0), (seconds + 2.2, 0.93, 0.0, 0.0)])
    sequence = trajectories.sequence(course, fps=60, noise_px=1)
    keypoints = sequence.keypoints.copy()
    quarter = seconds / 4
    begins = {"left": (1.0, 0.35), "right": (1.0 + quarter, 0.35), "": (1 + 0.3 * quarter, quarter)}
    for row, node in enumerate(sequence.skeleton.nodes):
        foot = any(part in node for part in ("ankle", "heel", "foot_index"))
        begin, lasts = begins[node.split("_")[0] if foot else ""]
        share = np.clip((sequence.pts_seconds[:, None] - begin - [0, 2 * quarter]) / lasts, 0, 1)
        up, down = (share * share * (3 - 2 * share)).T
        keypoints[:, row, 1] -= 0.3 * (up - down) * 400 / sequence.height

    warnings = {*analyse(replace(sequence, keypoints=keypoints)).quality.warnings}

    assert not {IN_THE_AIR, ANOTHER} & warnings


def test_a_slowed_jump_at_the_rim_has_the_reason_that_it_has_at_real_speed() -> None:
    sequence = trajectories.sequence(trajectories.cmj(0.3), fps=240, noise_px=1)
    keypoints = sequence.keypoints.copy()
    keypoints[:, :, 0] += 0.42

    analysis = analyse(trajectories.stretched(replace(sequence, keypoints=keypoints), 8))

    assert (analysis.jumps, analysis.slow_motion) == ((), 8)
    assert analysis.quality.warnings == ("athlete leaves the picture",)
    assert analysis.quality.level == "low"


@pytest.mark.parametrize("factor", [4, 8])
def test_a_slowed_part_in_a_clip_that_keeps_all_pictures_is_measured(factor: float) -> None:
    """240 pictures a second around it, and 30 or 60 within: a variable frame rate."""
    course = trajectories.cmj(0.35)
    taken = trajectories.sequence(course, fps=TAKEN_HZ, noise_px=1)
    slow = (taken.pts_seconds >= 0.6) & (taken.pts_seconds < course.landings[0] + 0.3)
    lasts = np.where(slow, factor, 1) / TAKEN_HZ

    analysis = analyse(replace(taken, pts_seconds=np.cumsum(lasts) - lasts[0]))

    (jump,) = analysis.jumps
    assert (analysis.slow_motion, analysis.quality.warnings) == (factor, ())
    assert jump.jump_height_m == pytest.approx(0.35, abs=0.01)
