"""Do the drawn athlete's jumps obey physics?"""

from __future__ import annotations

import numpy as np
import pytest

from posebatch_workers.athlete.body import GRAVITY_M_S2
from posebatch_workers.athlete.motion import motion_of
from posebatch_workers.athlete.skeleton import centre_of_mass
from posebatch_workers.athlete.spec import ClipSpec

_SOLE_M = 1e-6


@pytest.mark.parametrize("height_m", [0.05, 0.2, 0.6])
@pytest.mark.parametrize("arm_swing", [False, True])
def test_flight_is_free_fall_and_feet_meet_the_floor_only_outside_it(height_m, arm_swing):
    motion = motion_of(ClipSpec(height_m=height_m, arm_swing=arm_swing))
    (jump,) = motion.jumps
    times = np.arange(0, motion.seconds, 1 / 480)
    points = motion.score.points(times)
    flying = (times > jump.takeoff) & (times < jump.landing)

    curvature = np.polyfit(times[flying], centre_of_mass(points)[flying, 2], 2)[0]
    assert -2 * curvature == pytest.approx(GRAVITY_M_S2, rel=1e-6)
    assert jump.jump_height_m == pytest.approx(height_m)
    assert GRAVITY_M_S2 * (jump.landing - jump.takeoff) ** 2 / 8 == pytest.approx(height_m)
    for side in ("left", "right"):
        toes = points[f"{side}_toe"][:, 2]
        assert (toes[flying] > _SOLE_M).all()
        assert np.abs(toes[~flying]).max() < _SOLE_M


def test_reps_get_lower_and_follow_each_other():
    motion = motion_of(ClipSpec(reps=3, height_m=0.3))
    heights = [jump.jump_height_m for jump in motion.jumps]
    assert heights == pytest.approx([0.3, 0.3 * 0.95, 0.3 * 0.95**2])
    starts = [jump.start for jump in motion.jumps]
    landings = [jump.landing for jump in motion.jumps]
    assert all(later > landing for later, landing in zip(starts[1:], landings, strict=False))
