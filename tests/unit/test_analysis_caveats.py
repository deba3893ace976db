"""What is no jump, and what is wrong with a clip: a named word for it, never a made-up number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import trajectories
from posebatch_shared.poses import PoseSequence
from posebatch_workers.analysis import analyse


def moved(sequence: PoseSequence, x: np.ndarray, y: np.ndarray) -> PoseSequence:
    """The same poses, shifted by so many picture sizes per frame."""
    keypoints = sequence.keypoints.copy()
    keypoints[:, :, 0] += x[:, None]
    keypoints[:, :, 1] += y[:, None]
    return replace(sequence, keypoints=keypoints)


def lost(sequence: PoseSequence, start: float, end: float) -> PoseSequence:
    """The same poses, with nobody seen between two instants."""
    gone = (sequence.pts_seconds >= start) & (sequence.pts_seconds < end)
    keypoints, visibility = sequence.keypoints.copy(), sequence.visibility.copy()
    keypoints[gone], visibility[gone] = np.nan, 0
    return replace(sequence, keypoints=keypoints, visibility=visibility)


def squats() -> trajectories.Course:
    course = trajectories.Course()
    course.to(0.0, trajectories.HIP_M)
    for _ in range(3):
        course.to(0.4, trajectories.HIP_M)
        course.to(0.6, trajectories.HIP_M - 0.4)
        course.to(0.5, trajectories.HIP_M)
    return course


def test_squats_are_no_jumps() -> None:
    analysis = analyse(trajectories.sequence(squats(), fps=60, noise_px=2))

    assert (analysis.kind, analysis.jumps, analysis.note) == ("none", (), "no jump found")


def test_a_lift_is_no_jump() -> None:
    """Whole body up and down, as on a lift or with a tilting camera: not in free fall."""
    sequence = trajectories.sequence(trajectories.cmj(0.3), fps=60)
    at = sequence.pts_seconds
    standing = trajectories.sequence(
        trajectories.Course(knots=[(0.0, 0.93, 0.0, 0.0), (float(at[-1]) + 0.1, 0.93, 0.0, 0.0)]),
        seconds=at,
    )
    lifted = moved(standing, 0 * at, -0.1 * np.sin(np.pi * np.clip(at - 1.0, 0, 1)))

    analysis = analyse(lifted)

    assert analysis.jumps == ()
    assert analysis.note == "no jump found"
    assert analysis.quality.warnings


def test_feet_below_the_picture_give_no_number() -> None:
    sequence = trajectories.sequence(trajectories.cmj(0.3), fps=60, noise_px=1)
    low = moved(sequence, np.zeros(len(sequence)), np.full(len(sequence), 0.12))

    analysis = analyse(low)

    assert analysis.jumps == ()
    assert {"athlete leaves the picture", "feet out of the picture"} <= {*analysis.quality.warnings}


@pytest.mark.parametrize(("right", "down"), [(0.42, 0.0), (-0.5, 0.0), (0.0, -0.5)])
def test_an_athlete_at_any_rim_gives_no_number(right: float, down: float) -> None:
    sequence = trajectories.sequence(trajectories.cmj(0.3), fps=60, noise_px=1)
    everywhere = np.ones(len(sequence))

    analysis = analyse(moved(sequence, right * everywhere, down * everywhere))

    assert analysis.jumps == ()
    assert analysis.quality.warnings == ("athlete leaves the picture",)


def test_an_athlete_lost_in_the_flight_gives_no_number() -> None:
    course = trajectories.cmj(0.4)
    sequence = trajectories.sequence(course, fps=60, noise_px=1)

    analysis = analyse(lost(sequence, course.takeoffs[0] + 0.1, course.landings[0] + 0.1))

    assert analysis.jumps == ()


@pytest.mark.parametrize("margin_seconds", [0.02, 0.03, 0.1])
def test_an_athlete_lost_in_one_flight_does_not_shorten_the_others(margin_seconds: float) -> None:
    course = trajectories.rebounds(5, 0.25, 0.25)
    hole = course.takeoffs[1] + margin_seconds, course.landings[1] - margin_seconds

    analysis = analyse(lost(trajectories.sequence(course, fps=60, noise_px=1), *hole))

    assert [jump.jump_height_m for jump in analysis.jumps] == pytest.approx([0.25] * 4, abs=0.012)


def test_a_lowering_that_is_not_seen_gives_no_time_to_takeoff() -> None:
    sequence = trajectories.sequence(trajectories.cmj(0.35), fps=60, noise_px=1)

    (jump,) = analyse(lost(sequence, 0.75, 1.15)).jumps

    assert jump.jump_height_m == pytest.approx(0.35, abs=0.02)
    assert (jump.time_to_takeoff_seconds, jump.countermovement_depth_m) == (None, None)


def test_a_short_hole_is_bridged_and_a_long_one_is_named() -> None:
    course = trajectories.cmj(0.35)
    sequence = trajectories.sequence(course, fps=60, noise_px=1)

    bridged = analyse(lost(sequence, 0.40, 0.45))
    holed = analyse(lost(sequence, 0.0, 0.6))

    assert len(bridged.jumps) == len(holed.jumps) == 1
    assert bridged.quality.warnings == ()
    assert "athlete not seen in parts of the clip" in holed.quality.warnings
    assert holed.quality.score < bridged.quality.score


def test_outliers_do_not_move_the_result() -> None:
    course = trajectories.cmj(0.35)
    sequence = trajectories.sequence(course, fps=120, noise_px=1)
    keypoints = sequence.keypoints.copy()
    keypoints[np.random.default_rng(4).integers(0, len(sequence), 12), :, 1] += 0.1

    (jump,) = analyse(replace(sequence, keypoints=keypoints)).jumps

    assert jump.jump_height_m == pytest.approx(0.35, abs=0.02)


def test_a_moving_camera_is_named() -> None:
    sequence = trajectories.sequence(trajectories.cmj(0.3, quiet_s=1.5), fps=60, noise_px=0.5)
    at = sequence.pts_seconds

    analysis = analyse(moved(sequence, 0.06 * np.sin(at), 0.0 * at))

    assert "camera moves" in analysis.quality.warnings


def test_another_person_is_named() -> None:
    sequence = trajectories.sequence(trajectories.cmj(0.3), fps=60)
    elsewhere = 0.4 * (sequence.pts_seconds > 0.5)

    analysis = analyse(moved(sequence, elsewhere, 0 * elsewhere))

    assert "tracked person may have changed" in analysis.quality.warnings


def test_who_walked_on_while_unseen_is_no_other() -> None:
    sequence = trajectories.sequence(trajectories.cmj(0.3), fps=60)
    elsewhere = 0.4 * (sequence.pts_seconds > 0.5)

    analysis = analyse(lost(moved(sequence, elsewhere, 0 * elsewhere), 0.1, 0.7))

    assert "athlete not seen in parts of the clip" in analysis.quality.warnings
    assert "tracked person may have changed" not in analysis.quality.warnings


def test_fewer_than_24_frames_a_second_are_named() -> None:
    course = trajectories.cmj(0.4)

    slow = analyse(trajectories.sequence(course, fps=20, noise_px=1))
    quick = analyse(trajectories.sequence(course, fps=60, noise_px=1))

    assert "frame rate below 24" in slow.quality.warnings
    assert slow.quality.score < quick.quality.score


def test_a_hidden_foot_that_sticks_to_the_ground_is_left_out() -> None:
    course = trajectories.cmj(0.35)
    sequence = trajectories.sequence(course, fps=60, noise_px=1)
    keypoints, visibility = sequence.keypoints.copy(), sequence.visibility.copy()
    for node in ("right_ankle", "right_heel", "right_foot_index"):
        row = sequence.skeleton.nodes.index(node)
        keypoints[:, row], visibility[:, row] = keypoints[0, row], 0.5

    (jump,) = analyse(replace(sequence, keypoints=keypoints, visibility=visibility)).jumps

    assert jump.jump_height_m == pytest.approx(0.35, abs=0.02)


@pytest.mark.parametrize("frames", [0, 1, 5])
def test_a_clip_with_hardly_anybody_in_it(frames: int) -> None:
    whole = trajectories.sequence(trajectories.cmj(0.3), fps=30)
    analysis = analyse(lost(whole, float(whole.pts_seconds[frames]), 99.0))

    assert analysis.note == "no jump found"
    assert analysis.quality.warnings == ("athlete not seen",)


def test_noise_widens_the_interval_and_lowers_the_quality() -> None:
    course = trajectories.cmj(0.35)
    clean, noisy = (
        analyse(trajectories.sequence(course, fps=60, noise_px=noise)) for noise in (0.5, 6.0)
    )

    def width(analysis: object) -> float:
        low, high = analysis.jumps[0].flight_time_interval_seconds  # type: ignore[attr-defined]
        return float(high - low)

    assert width(noisy) > width(clean)
    assert noisy.quality.score < clean.quality.score


@pytest.mark.parametrize("up_m", [0.3, -0.3])
def test_a_jump_onto_or_off_a_box_is_named(up_m: float) -> None:
    """Its flight is cut short, or made longer, by what it lands on; its height is still right."""
    course = trajectories.cmj(0.4)
    sequence = trajectories.sequence(course, fps=60, noise_px=1, pixels_per_metre=250)
    at = sequence.pts_seconds
    speed = np.sqrt(2 * trajectories.GRAVITY * 0.4)
    flight = (speed + np.sqrt(speed**2 - 2 * trajectories.GRAVITY * up_m)) / trajectories.GRAVITY
    later = course.landings[0] - course.takeoffs[0] - flight
    # From the landing on as on level ground, but so much higher, and that much sooner or later.
    landed = at >= course.takeoffs[0] + flight
    level = trajectories.sequence(course, seconds=at + later, noise_px=1, pixels_per_metre=250)
    keypoints = np.where(landed[:, None, None], level.keypoints, sequence.keypoints)
    keypoints[landed, :, 1] -= up_m * 250 / sequence.height
    # What lies lower than the ground he falls to as he was over the ground.
    below = np.flatnonzero((at > course.landings[0]) & ~landed)
    if len(below):
        last = below[0] - 1
        fallen = at[[last, *below]] - (course.takeoffs[0] + course.landings[0]) / 2
        down = trajectories.GRAVITY / 2 * (fallen[1:] ** 2 - fallen[0] ** 2) * 250
        keypoints[below] = keypoints[last]
        keypoints[below, :, 1] += (down / sequence.height)[:, None]

    analysis = analyse(replace(sequence, keypoints=keypoints))

    assert analysis.quality.warnings == ("lands on another level",)
    assert analysis.quality.level != "high"
    assert [jump.jump_height_m for jump in analysis.jumps] == pytest.approx([0.4], abs=0.03)
