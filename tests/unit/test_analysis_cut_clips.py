"""Clips that begin or end in the middle of something."""

from __future__ import annotations

import pytest

import trajectories
from posebatch_workers.analysis import analyse


@pytest.mark.parametrize("seen_seconds", [0.05, 0.2, 0.35, 0.5])
@pytest.mark.parametrize("end", ["begins", "ends"])
def test_a_flight_that_is_cut_short_gives_no_number(end: str, seen_seconds: float) -> None:
    course = trajectories.cmj(0.4)
    sequence = trajectories.sequence(course, fps=60, noise_px=1)
    at = sequence.pts_seconds
    inside = (
        at >= course.landings[0] - seen_seconds
        if end == "begins"
        else at <= course.takeoffs[0] + seen_seconds
    )

    analysis = analyse(trajectories.kept(sequence, inside))

    assert analysis.jumps == ()
    assert analysis.quality.warnings == ("the clip begins or ends in the air",)
    assert analysis.quality.level == "low"


def test_whole_jumps_beside_one_that_is_cut_short_are_measured() -> None:
    course = trajectories.cmj(0.3, 0.3, 0.3)
    sequence = trajectories.sequence(course, fps=60, noise_px=1)

    analysis = analyse(
        trajectories.kept(sequence, sequence.pts_seconds <= course.landings[2] - 0.2)
    )

    heights = [jump.jump_height_m for jump in analysis.jumps]
    assert heights == pytest.approx([0.3, 0.3], abs=0.012)
    assert analysis.quality.warnings == ("the clip begins or ends in the air",)


def test_a_clip_that_begins_on_a_box_begins_on_the_ground() -> None:
    analysis = analyse(trajectories.sequence(trajectories.drop_jump(0.3), fps=60, noise_px=1))

    assert analysis.quality.warnings == ()


@pytest.mark.parametrize("fps", [30, 60])
@pytest.mark.parametrize("after_seconds", [0.14, 0.2, 0.3])
def test_a_drop_jump_is_measured_though_the_athlete_never_stands_on_the_ground(
    after_seconds: float, fps: int
) -> None:
    """Whoever lands from a box and jumps is crouching until the clip ends."""
    course = trajectories.drop_jump(0.2)
    whole = trajectories.sequence(course, fps=fps, noise_px=1)
    cut = trajectories.kept(whole, whole.pts_seconds <= course.landings[0] + after_seconds)

    (jump,) = analyse(cut).jumps

    flight_seconds = course.landings[0] - course.takeoffs[0]
    assert jump.flight_time_seconds == pytest.approx(flight_seconds, abs=0.01)


@pytest.mark.parametrize("begin_seconds", [1.0, 1.1, 1.2, 1.3])
@pytest.mark.parametrize("fps", [30, 120])
def test_what_needs_the_begin_of_the_lowering_is_unknown_where_the_clip_begins_later(
    begin_seconds: float, fps: int
) -> None:
    whole = trajectories.sequence(trajectories.cmj(0.35), fps=fps, noise_px=1)

    (jump,) = analyse(trajectories.kept(whole, whole.pts_seconds >= begin_seconds)).jumps

    assert jump.jump_height_m == pytest.approx(0.35, abs=0.02)
    assert jump.time_to_takeoff_seconds is None
    assert jump.rsi_modified is None
    assert jump.countermovement_depth_m is None
    assert jump.peak_lowering_velocity_m_s is None


@pytest.mark.parametrize("begin_seconds", [1.4, 1.5, 1.6, 1.7])
def test_a_squat_that_is_held_from_the_first_frame_makes_a_squat_jump(begin_seconds: float) -> None:
    whole = trajectories.sequence(trajectories.cmj(0.35, hold_s=1.0), noise_px=0.5)

    analysis = analyse(trajectories.kept(whole, whole.pts_seconds >= begin_seconds))

    (jump,) = analysis.jumps
    assert jump.kind == "squat-jump"
    assert jump.countermovement_depth_m is None
    assert [phase.name for phase in analysis.phases][:2] == ["hold", "lowest point"]


@pytest.mark.parametrize("begin_seconds", [1.25, 1.3, 1.4])
def test_a_fall_of_which_the_box_is_not_shown_has_no_height(begin_seconds: float) -> None:
    whole = trajectories.sequence(trajectories.drop_jump(0.3), noise_px=1)

    (jump,) = analyse(trajectories.kept(whole, whole.pts_seconds >= begin_seconds)).jumps

    assert jump.kind == "drop-jump"
    assert jump.contact_time_seconds == pytest.approx(0.22, abs=0.015)
    assert jump.drop_height_m is None


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7])
def test_whoever_is_in_a_jump_when_the_clip_begins_falls_from_no_box_of_known_height(
    share: float,
) -> None:
    course = trajectories.rebounds(4, 0.3, 0.25)
    whole = trajectories.sequence(course, fps=60, noise_px=1)
    begin = course.takeoffs[0] + share * (course.landings[0] - course.takeoffs[0])

    first = analyse(trajectories.kept(whole, whole.pts_seconds >= begin)).jumps[0]

    assert first.contact_time_seconds == pytest.approx(0.25, abs=0.02)
    assert first.drop_height_m is None
