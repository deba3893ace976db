"""Do the drawn athlete's jumps obey physics, and do his feet stay where they stand?"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posebatch_shared.errors import UsageError
from posebatch_workers.athlete.body import GRAVITY_M_S2
from posebatch_workers.athlete.feasible import check
from posebatch_workers.athlete.motion import Motion, motion_of
from posebatch_workers.athlete.skeleton import Points, centre_of_mass
from posebatch_workers.athlete.spec import ClipSpec

_TOUCH_M = 1e-6
_JUMPS = ("cmj", "squat-jump", "drop-jump")


def _toes(points: Points) -> np.ndarray:
    """(F, 2) heights of the toes of both feet."""
    return np.stack([points["left_toe"][:, 2], points["right_toe"][:, 2]], axis=1)


def _at(motion: Motion, *times: float) -> Points:
    return motion.score.points(np.array(times))


@pytest.mark.parametrize("kind", _JUMPS)
@settings(max_examples=8, deadline=None)
@given(
    height_m=st.floats(0.08, 0.6),
    body_height_m=st.floats(1.5, 2.0),
    arm_swing=st.booleans(),
)
def test_flight_is_free_fall_of_the_stated_height(kind, height_m, body_height_m, arm_swing):
    spec = ClipSpec(kind=kind, height_m=height_m, body_height_m=body_height_m, arm_swing=arm_swing)
    motion = motion_of(spec)
    (jump,) = motion.jumps
    flight = np.linspace(jump.takeoff, jump.landing, 60)[1:-1]
    points = motion.score.points(flight)
    heights = centre_of_mass(points)[:, 2]

    assert -2 * np.polyfit(flight, heights, 2)[0] == pytest.approx(GRAVITY_M_S2, rel=1e-6)
    at_takeoff = centre_of_mass(_at(motion, jump.takeoff))[0, 2]
    apex = (jump.takeoff + jump.landing) / 2
    assert centre_of_mass(_at(motion, apex))[0, 2] - at_takeoff == pytest.approx(height_m)
    assert GRAVITY_M_S2 * (jump.landing - jump.takeoff) ** 2 / 8 == pytest.approx(height_m)
    assert _toes(points).min() > 0
    assert np.abs(_toes(_at(motion, jump.takeoff, jump.landing))).max() < _TOUCH_M


@pytest.mark.parametrize("kind", ["cmj", "squat-jump"])
def test_feet_stay_in_place_until_takeoff(kind):
    motion = motion_of(ClipSpec(kind=kind))
    (jump,) = motion.jumps
    points = motion.score.points(np.linspace(0, jump.takeoff, 200))
    for side in ("left", "right"):
        assert np.ptp(points[f"{side}_toe"], axis=0).max() < _TOUCH_M
        assert points[f"{side}_heel"][:-40, 2].max() < _TOUCH_M  # the heels rise last
        assert points[f"{side}_heel"][-1, 2] > 0.08


def test_the_lowest_point_is_where_the_centre_turns():
    motion = motion_of(ClipSpec(countermovement_depth_m=0.3))
    (jump,) = motion.jumps
    times = np.linspace(jump.start, jump.takeoff, 4000)
    heights = motion.score.centre(times)[:, 2]
    assert times[heights.argmin()] == pytest.approx(jump.lowest_point, abs=1e-3)
    assert heights[0] - heights.min() == pytest.approx(0.3, abs=1e-6)


def test_a_squat_jump_holds_still_and_does_not_dip():
    motion = motion_of(ClipSpec(kind="squat-jump"))
    (jump,) = motion.jumps
    before = motion.score.centre(np.linspace(jump.start - 0.9, jump.start, 50))[:, 2]
    push = motion.score.centre(np.linspace(jump.start, jump.takeoff, 200))[:, 2]
    assert np.ptp(before) < 1e-9
    assert np.diff(push).min() >= 0


def test_a_drop_jump_falls_from_the_box_and_keeps_the_contact_time():
    spec = ClipSpec(kind="drop-jump", box_height_m=0.4, contact_time_s=0.2)
    motion = motion_of(spec)
    (jump,) = motion.jumps
    assert jump.takeoff - jump.touchdown == pytest.approx(0.2)
    on_box = _toes(_at(motion, 0.0, jump.start))
    assert on_box == pytest.approx(np.full((2, 2), 0.4))
    contact = motion.score.points(np.linspace(jump.touchdown, jump.takeoff, 100))
    assert np.abs(_toes(contact)).max() < _TOUCH_M
    fall = motion.score.points(np.linspace(jump.start, jump.touchdown, 100)[:-1])
    assert _toes(fall).min() > 0


def test_bent_legs_land_later():
    straight, bent = (motion_of(ClipSpec(landing_bend_m=bend)).jumps[0] for bend in (0.0, 0.1))
    assert bent.jump_height_m == straight.jump_height_m
    assert bent.landing - bent.takeoff > straight.landing - straight.takeoff + 0.02


def test_reps_get_lower_and_follow_each_other():
    jumps = motion_of(ClipSpec(reps=3, height_m=0.3)).jumps
    assert [j.jump_height_m for j in jumps] == pytest.approx([0.3, 0.285, 0.27075])
    assert all(b.start > a.landing for a, b in pairwise(jumps))


@pytest.mark.parametrize("kind", ["standing", "squats", "walking", "sitting-down"])
def test_daily_motions_keep_a_foot_on_the_ground(kind):
    motion = motion_of(ClipSpec(kind=kind))
    points = motion.score.points(np.arange(0, motion.seconds, 1 / 120))
    lowest = np.stack(
        [points[f"{s}_{p}"][:, 2] for s in ("left", "right") for p in ("toe", "heel", "ball")]
    ).min(axis=0)
    assert motion.jumps == ()
    assert np.abs(lowest).max() < 1e-3


@pytest.mark.parametrize("kind", [*_JUMPS, "standing", "squats", "walking", "sitting-down"])
def test_a_usual_body_can_do_every_motion(kind):
    check(motion_of(ClipSpec(kind=kind, arm_swing=True)))


def test_what_the_body_cannot_do_is_refused():
    spec = ClipSpec(kind="drop-jump", height_m=0.05, box_height_m=0.5, contact_time_s=0.14)
    with pytest.raises(UsageError, match="pulled down"):
        check(motion_of(spec))
    with pytest.raises(UsageError, match="once per clip"):
        replace(spec, reps=2)
