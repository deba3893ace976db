"""How does the body move in a jump, so that its flight is exactly free fall?"""

from __future__ import annotations

from dataclasses import dataclass
from math import radians, sqrt

from posebatch_workers.athlete.body import GRAVITY_M_S2, Body
from posebatch_workers.athlete.curves import Knot, push_off, reversed_in_time, shifted
from posebatch_workers.athlete.stance import (
    LEAVING,
    STANDING,
    TAKEOFF_SHIFT_M,
    TOE_AHEAD_M,
    Shape,
    Stance,
    stance_of,
    toes_from_centre,
)
from posebatch_workers.athlete.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpEvents:
    """One jump: moments in seconds of the motion, lengths in metres, all exact.

    Take-off is the last, landing and touchdown the first contact of the toes. jump_height_m is the
    rise of the centre of mass from take-off to its highest point.
    """

    kind: str
    start: float
    lowest_point: float
    takeoff: float
    landing: float
    jump_height_m: float
    countermovement_depth_m: float
    touchdown: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpPlan:
    """What the athlete is asked to do; depths are of the centre of mass below standing."""

    height_m: float = 0.35
    depth_m: float = 0.26
    landing_depth_m: float = 0.18
    landing_bend_m: float = 0.0  #: legs shorter at landing than at take-off
    quiet_seconds: float = 0.8
    hold_seconds: float = 1.0  #: squat jump: still at depth
    drift_m_s: float = 0.0  #: forward speed in flight


@dataclass(slots=True, kw_only=True)
class Jumper:
    """Writes jumps into a timeline, one after another; `now` is where the next one begins."""

    score: Timeline
    plan: JumpPlan
    stance: Stance
    now: float = 0.0
    x: float = 0.0

    @classmethod
    def standing(cls, body: Body, plan: JumpPlan, *, arm_swing: bool) -> Jumper:
        """An athlete who stands still at the origin and is about to move."""
        score = Timeline(body=body, arm_swing=arm_swing)
        shift = TAKEOFF_SHIFT_M + 0.13 * plan.drift_m_s
        jumper = cls(
            score=score, plan=plan, stance=stance_of(body, arm_swing=arm_swing, shift_m=shift)
        )
        jumper.quiet()
        return jumper

    @property
    def shift_m(self) -> float:
        return TAKEOFF_SHIFT_M + 0.13 * self.plan.drift_m_s

    def shape(self, at: float, shape: Shape) -> None:
        """Trunk and arms are in this shape at this moment, and at rest."""
        self.score.key("lean", Knot(at=at, value=shape.lean))
        self.score.key("nod", Knot(at=at, value=0.35 * shape.lean))
        for track in ("arm", "elbow"):
            self.score.limbs(track, Knot(at=at, value=getattr(shape, track)))

    def quiet(self) -> None:
        """Stand still; the feet are flat."""
        for at in (self.now, self.now + self.plan.quiet_seconds):
            self.shape(at, STANDING)
            self.score.key("com_x", Knot(at=at, value=self.x))
            self.score.key("com_z", Knot(at=at, value=self.stance.standing_m))
            self.score.limbs("toe_x", Knot(at=at, value=self.x + TOE_AHEAD_M))
            for track in ("heel_lift", "toe_bend"):
                self.score.limbs(track, Knot(at=at, value=0.0))
        self.now += self.plan.quiet_seconds

    def countermovement_jump(self) -> JumpEvents:
        """Lower, push off at once, fly, land, stand up."""
        start = self.now
        speed = sqrt(2 * GRAVITY_M_S2 * self.plan.height_m)
        rise = push_off(
            low=self.stance.standing_m - self.plan.depth_m,
            high=self.stance.leaving_m,
            speed=speed,
            gravity=GRAVITY_M_S2,
            onset_seconds=0.0,
        )
        # The deeper, the longer, so that the feet never lose the ground on the way down.
        lowest = start + max(0.35, sqrt(self.plan.depth_m / 0.62))
        return self._push_fly_land("cmj", start, lowest, shifted(rise, lowest))

    def _push_fly_land(
        self, kind: str, start: float, lowest: float, rise: list[Knot]
    ) -> JumpEvents:
        self._crouch(rise[0].at, self.plan.depth_m)
        self.score.key("com_x", Knot(at=rise[0].at, value=self.x))
        self.score.key("com_z", *rise)
        takeoff = rise[-1]
        self.score.key(
            "com_x",
            Knot(at=takeoff.at, value=self.x + self.shift_m, velocity=self.plan.drift_m_s),
        )
        landing = self._fly(takeoff)
        self._absorb(landing)
        return JumpEvents(
            kind=kind,
            start=start,
            lowest_point=lowest,
            takeoff=takeoff.at,
            landing=landing.at,
            jump_height_m=takeoff.velocity**2 / (2 * GRAVITY_M_S2),
            countermovement_depth_m=self.plan.depth_m,
        )

    def _crouch(self, at: float, depth_m: float) -> None:
        self.shape(
            at,
            Shape(lean=radians(2.0 + 140.0 * depth_m), arm=radians(-45.0), elbow=radians(20.0)),
        )

    def _fly(self, takeoff: Knot) -> Knot:
        """Write the flight that begins with this knot of the centre; gives the knot at landing."""
        hang_z = self.stance.hang_z + self.plan.landing_bend_m
        tip_x, tip_z = toes_from_centre(
            self.score.body,
            LEAVING,
            hang_x=self.stance.hang_x,
            hang_z=hang_z,
            arm_swing=self.score.arm_swing,
        )
        speed, fall = takeoff.velocity, takeoff.value + tip_z
        seconds = (speed + sqrt(speed**2 + 2 * GRAVITY_M_S2 * fall)) / GRAVITY_M_S2
        landing = Knot(
            at=takeoff.at + seconds,
            value=-tip_z,
            velocity=speed - GRAVITY_M_S2 * seconds,
            acceleration=-GRAVITY_M_S2,
        )
        centre_x = self.x + self.shift_m + self.plan.drift_m_s * seconds
        self.score.hang(takeoff.at, landing.at)
        self._legs_in_flight(takeoff, landing, hang_z)
        self.score.key("com_x", Knot(at=landing.at, value=centre_x, velocity=self.plan.drift_m_s))
        self.score.limbs("toe_x", Knot(at=takeoff.at, value=self.x + TOE_AHEAD_M))
        self.score.limbs("toe_x", Knot(at=landing.at, value=centre_x + tip_x))
        self.x = centre_x + tip_x - TOE_AHEAD_M
        return landing

    def _legs_in_flight(self, takeoff: Knot, landing: Knot, landing_hang_z: float) -> None:
        """The legs go on stretching after take-off, which lets the toes leave the ground softly."""
        up, down = takeoff.at, landing.at
        stretch_seconds = min(0.032, 0.15 * (down - up))
        gather_seconds = min(0.14, 0.35 * (down - up))
        pull = 0.9 * takeoff.velocity
        longest = self.stance.hang_z - 0.45 * pull * stretch_seconds
        self.score.limbs("hang_x", Knot(at=up, value=self.stance.hang_x))
        self.score.limbs(
            "hang_z",
            Knot(at=up, value=self.stance.hang_z, velocity=-pull),
            Knot(at=up + stretch_seconds, value=longest),
            Knot(at=down - gather_seconds, value=longest),
            Knot(at=down, value=landing_hang_z),
        )
        for at in (up, down):
            self.shape(at, LEAVING)
        for track, before, more, after in (
            ("heel_lift", 0.11, radians(8.0), 0.065),
            ("toe_bend", 0.03, radians(8.0), 0.030),
        ):
            angle = getattr(LEAVING, track)
            self.score.limbs(
                track,
                Knot(at=up - before, value=0.0),
                Knot(at=up, value=angle, velocity=1.2 * angle / before),
                Knot(at=up + 0.05, value=angle + more),
                Knot(at=down - gather_seconds, value=angle + more),
                Knot(at=down, value=angle),
                Knot(at=down + after, value=0.0),
            )

    def _absorb(self, landing: Knot) -> None:
        """Give way after landing, come to rest below standing height, and stand up."""
        fall = push_off(
            low=self.stance.standing_m - self.plan.landing_depth_m,
            high=landing.value,
            speed=-landing.velocity,
            gravity=GRAVITY_M_S2,
            onset_seconds=0.08,
        )
        absorbed = shifted(reversed_in_time(fall), landing.at)
        self.score.key("com_z", *absorbed)
        lowest = absorbed[-1].at
        self._crouch(lowest, self.plan.landing_depth_m)
        self.score.key("com_x", Knot(at=lowest, value=self.x))
        self.now = lowest + 0.7
        self.quiet()
