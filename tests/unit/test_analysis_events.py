"""Take-off and landing of drawn trajectories, between the frames."""

from __future__ import annotations

import numpy as np
import pytest

import trajectories
from posebatch_workers.analysis import analyse


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


def test_a_person_who_stands_still_does_not_jump() -> None:
    course = trajectories.Course(knots=[(0.0, 0.93, 0.0, 0.0), (4.0, 0.93, 0.0, 0.0)])

    analysis = analyse(trajectories.sequence(course, fps=60, noise_px=3))

    assert analysis.jumps == ()
    assert analysis.note == "no jump found"
