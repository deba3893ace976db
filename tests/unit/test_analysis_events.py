"""Take-off and landing of drawn trajectories, between the frames."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import trajectories
from posebatch_workers.analysis import analyse
from posebatch_workers.analysis.smoothing import densest_rate_hz


@pytest.mark.parametrize("fps", [30, 60, 120, 240])
def test_events_lie_between_the_frames_where_physics_puts_them(fps: int) -> None:
    course = trajectories.cmj(0.2, 0.45)

    jumps = analyse(trajectories.sequence(course, fps=fps, noise_px=2)).jumps

    assert [jump.takeoff_seconds for jump in jumps] == pytest.approx(course.takeoffs, abs=0.006)
    assert [jump.landing_seconds for jump in jumps] == pytest.approx(course.landings, abs=0.006)
    assert [jump.jump_height_m for jump in jumps] == pytest.approx([0.2, 0.45], abs=0.012)


def test_variable_frame_rate_costs_nothing() -> None:
    course = trajectories.cmj(0.35)
    seconds = np.arange(0.0, course.seconds, 1 / 60)
    kept = np.random.default_rng(3).random(len(seconds)) > 0.2

    (jump,) = analyse(trajectories.sequence(course, seconds=seconds[kept], noise_px=2)).jumps

    assert jump.jump_height_m == pytest.approx(0.35, abs=0.012)


@pytest.mark.parametrize("fps", [24, 60, 120, 240])
@pytest.mark.parametrize(
    "course",
    [
        trajectories.cmj(0.35, quiet_s=20.0),
        trajectories.cmj(0.3, hold_s=1.0),
        trajectories.drop_jump(0.3),
    ],
    ids=["cmj", "squat-jump", "drop-jump"],
)
def test_frames_skipped_while_nobody_moves_cost_nothing(
    course: trajectories.Course, fps: float
) -> None:
    """A tracker may look at every fourth frame of the standing before and after the movement."""
    whole = trajectories.sequence(course, fps=fps, noise_px=1)
    start, end = course.motion_seconds
    at = whole.pts_seconds
    dense = (at >= start - 0.5) & (at <= end + 0.5)

    ours = analyse(trajectories.kept(whole, dense | (whole.frame_index % 4 == 0)))
    theirs = analyse(whole)

    assert [j.kind for j in ours.jumps] == [j.kind for j in theirs.jumps]
    for (ours_, theirs_), name in product(
        zip(ours.jumps, theirs.jumps, strict=True),
        ("takeoff", "landing", "flight_time", "touchdown", "contact_time", "time_to_takeoff"),
    ):
        expected = getattr(theirs_, f"{name}_seconds")
        assert getattr(ours_, f"{name}_seconds") == (expected and pytest.approx(expected, abs=1e-3))
    assert ours.quality.score == pytest.approx(theirs.quality.score, abs=0.5)


def test_the_frame_rate_is_that_of_the_densest_run() -> None:
    seconds = np.concatenate([np.arange(0, 20, 4 / 60), 20 + np.arange(0, 1, 1 / 60)])

    assert densest_rate_hz(seconds) == pytest.approx(60)


def test_a_person_who_stands_still_does_not_jump() -> None:
    course = trajectories.Course(knots=[(0.0, 0.93, 0.0, 0.0), (4.0, 0.93, 0.0, 0.0)])

    analysis = analyse(trajectories.sequence(course, fps=60, noise_px=3))

    assert analysis.jumps == ()
    assert analysis.note == "no jump found"


@pytest.mark.parametrize("fps", [30, 60])
@pytest.mark.parametrize(("height_m", "contact_s"), [(0.1, 0.18), (0.25, 0.25), (0.25, 0.4)])
def test_rebounds_are_measured_against_standing_and_not_against_tiptoe(
    height_m: float, contact_s: float, fps: int
) -> None:
    course = trajectories.rebounds(10, height_m, contact_s)

    jumps = analyse(trajectories.sequence(course, fps=fps, noise_px=1)).jumps

    flights = np.subtract(course.landings, course.takeoffs)
    assert [jump.flight_time_seconds for jump in jumps] == pytest.approx(flights, abs=0.012)


@pytest.mark.parametrize("fps", [60, 120, 240])
@pytest.mark.parametrize("contact_s", [0.1, 0.15])
@pytest.mark.parametrize("height_m", [0.05, 0.08, 0.15, 0.3])
def test_hops_on_the_spot_are_jumps_on_level_ground(
    height_m: float, contact_s: float, fps: int
) -> None:
    course = trajectories.rebounds(8, height_m, contact_s)

    analysis = analyse(trajectories.sequence(course, fps=fps, noise_px=1))

    flights = np.subtract(course.landings, course.takeoffs)
    found = [jump.flight_time_seconds for jump in analysis.jumps]
    assert found == pytest.approx(flights, abs=0.016)
    assert analysis.quality.warnings == ()
