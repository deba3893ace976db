"""How does the athlete stand, crouch and straighten up between jumps?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import radians, sin

from posebatch_workers.athlete.body import Body
from posebatch_workers.athlete.curves import Knot
from posebatch_workers.athlete.stance import STANDING, TOE_AHEAD_M, Shape, Stance, stance_of
from posebatch_workers.athlete.timeline import Timeline

#: The trunk leans so much more per metre that the centre of mass is lowered.
_LEAN_PER_METRE = radians(140.0)
_SWAY_SECONDS, _SWAY_M, _SWAY_LEAN = 0.55, 0.006, radians(0.7)


@dataclass(slots=True, kw_only=True)
class Performer:
    """Writes a body's moves into a timeline, one after another.

    The next move begins at `now`, with the centre of mass over `x`, on ground `floor_m` high.
    """

    score: Timeline
    stance: Stance
    now: float = 0.0
    x: float = 0.0
    floor_m: float = 0.0

    @classmethod
    def of(cls, body: Body, *, arm_swing: bool, drift_m_s: float = 0.0) -> Performer:
        """A body at the origin, at time 0."""
        return cls(
            score=Timeline(body=body, arm_swing=arm_swing),
            stance=stance_of(body, arm_swing=arm_swing, drift_m_s=drift_m_s),
        )

    def shape(self, at: float, shape: Shape) -> None:
        """Trunk and arms are in this shape at this moment, and at rest."""
        self.score.key("lean", Knot(at=at, value=shape.lean))
        self.score.key("nod", Knot(at=at, value=shape.nod))
        for track in ("arm", "elbow"):
            self.score.limbs(track, Knot(at=at, value=getattr(shape, track)))

    def quiet(self, seconds: float) -> None:
        """Stand with flat feet, swaying a little as everybody does, straight at both ends."""
        steps = max(1, round(seconds / _SWAY_SECONDS))
        for k in range(steps + 1):
            at = self.now + k * seconds / steps
            sway = sin(2.4 * k) if 0 < k < steps else 0.0
            self.shape(at, replace(STANDING, lean=STANDING.lean + _SWAY_LEAN * sway))
            self.score.key("com_x", Knot(at=at, value=self.x + _SWAY_M * sway))
            self.score.key("com_z", Knot(at=at, value=self.floor_m + self.stance.standing_m))
            self.score.limbs("toe_x", Knot(at=at, value=self.x + TOE_AHEAD_M))
            self.score.limbs("toe_z", Knot(at=at, value=self.floor_m))
            for track in ("heel_lift", "toe_bend"):
                self.score.limbs(track, Knot(at=at, value=0.0))
        self.now += seconds

    def crouch(self, at: float, depth_m: float) -> None:
        """Trunk and arms as they are when the centre of mass is this much lower."""
        lean = STANDING.lean + _LEAN_PER_METRE * depth_m
        self.shape(at, Shape(lean=lean, arm=radians(-45.0), elbow=radians(20.0)))
        self.score.key("com_x", Knot(at=at, value=self.x))

    def low(self, at: float, depth_m: float) -> None:
        """Crouch, at rest, with the centre of mass this much below standing."""
        self.crouch(at, depth_m)
        self.score.key("com_z", Knot(at=at, value=self.stance.standing_m - depth_m))
