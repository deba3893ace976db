"""How high is the centre of mass above the toes, standing, leaving the ground and meeting it?"""

from __future__ import annotations

from dataclasses import dataclass
from math import radians

import numpy as np
from scipy.optimize import brentq

from posebatch_workers.athlete.body import Body
from posebatch_workers.athlete.curves import Knot
from posebatch_workers.athlete.skeleton import Points
from posebatch_workers.athlete.timeline import Timeline

#: The tips of the shoes stand this far in front of the centre of mass.
TOE_AHEAD_M = 0.15
#: The centre of mass has moved this far forward when the toes leave the ground, and by so much more
#: for each metre per second of forward speed.
_TAKEOFF_SHIFT_M, _SHIFT_SECONDS = 0.05, 0.13


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Trunk, feet and arms at one moment; angles in radians."""

    lean: float
    heel_lift: float = 0.0
    toe_bend: float = 0.0
    arm: float = radians(4.0)
    elbow: float = radians(14.0)

    @property
    def nod(self) -> float:
        """The head goes a little along with the trunk."""
        return 0.35 * self.lean

    def score(self, body: Body, *, arm_swing: bool) -> Timeline:
        """A timeline that stays in this shape."""
        score = Timeline(body=body, arm_swing=arm_swing)
        score.key("lean", Knot(at=0.0, value=self.lean))
        score.key("nod", Knot(at=0.0, value=self.nod))
        for track in ("heel_lift", "toe_bend", "arm", "elbow"):
            score.limbs(track, Knot(at=0.0, value=getattr(self, track)))
        return score


STANDING = Shape(lean=radians(2.0))
LEAVING = Shape(
    lean=radians(5.0),
    heel_lift=radians(48.0),
    toe_bend=radians(14.0),
    arm=radians(105.0),
    elbow=radians(35.0),
)
_STANDING_STRETCH, _LEAVING_STRETCH = 0.992, 0.972


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """Heights of the centre of mass over the floor, and the toes' place as seen from the hips.

    shift_m: how far the centre has moved forward when the toes leave the ground.
    """

    standing_m: float
    leaving_m: float
    shift_m: float
    hang_x: float
    hang_z: float


def stance_of(body: Body, *, arm_swing: bool, drift_m_s: float = 0.0) -> Stance:
    """The stance of this body, if it leaves the ground with this forward speed."""
    shift = _TAKEOFF_SHIFT_M + _SHIFT_SECONDS * drift_m_s
    standing, _ = _stretched(
        STANDING.score(body, arm_swing=arm_swing), TOE_AHEAD_M, _STANDING_STRETCH
    )
    leaving, points = _stretched(
        LEAVING.score(body, arm_swing=arm_swing), TOE_AHEAD_M - shift, _LEAVING_STRETCH
    )
    toe = points["left_toe"][0] - points["mid_hip"][0]
    return Stance(
        standing_m=standing, leaving_m=leaving, shift_m=shift, hang_x=toe[0], hang_z=toe[2]
    )


def toes_from_centre(
    body: Body, shape: Shape, *, hang_x: float, hang_z: float, arm_swing: bool
) -> tuple[float, float]:
    """x and z of the toes as seen from the centre of mass, in the air."""
    score = shape.score(body, arm_swing=arm_swing)
    score.limbs("hang_x", Knot(at=0.0, value=hang_x))
    score.limbs("hang_z", Knot(at=0.0, value=hang_z))
    score.hang(-1.0, 1.0)
    toe = score.points(np.zeros(1))["left_toe"][0]
    return float(toe[0]), float(toe[2])


def _stretched(score: Timeline, toe_ahead_m: float, stretch: float) -> tuple[float, Points]:
    """Height of the centre at which the legs are stretched to this share, and the points there."""
    score.limbs("toe_x", Knot(at=0.0, value=toe_ahead_m))

    def points(height_m: float) -> Points:
        score.tracks["com_z"] = [Knot(at=0.0, value=height_m)]
        return score.points(np.zeros(1))

    def excess_m(height_m: float) -> float:
        at = points(height_m)
        leg = np.linalg.norm(at["left_hip"] - at["left_ankle"])
        return float(leg) - stretch * score.body.leg_m

    size = score.body.height_m
    height_m = float(brentq(excess_m, 0.45 * size, 0.8 * size, xtol=1e-12))
    return height_m, points(height_m)
