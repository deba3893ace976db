"""How does the body move in a countermovement or squat jump, so that its flight is free fall?"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from posebatch_workers.athlete.body import GRAVITY_M_S2
from posebatch_workers.athlete.curves import Knot, push_off, shifted
from posebatch_workers.athlete.flight import absorb, fly
from posebatch_workers.athlete.performer import Performer

_LOWERING_SECONDS, _HOLD_SECONDS = 0.9, 1.0
_SQUAT_ONSET_SECONDS = 0.07
#: Share of a countermovement's depth over which it is braked.
_BRAKING_SHARE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpPlan:
    """What the athlete is asked to do; depths are of the centre of mass below standing."""

    height_m: float
    depth_m: float
    landing_depth_m: float = 0.18
    landing_bend_m: float = 0.0  #: legs so much shorter at landing than at take-off
    drift_m_s: float = 0.0  #: forward speed in flight
    contact_seconds: float = 0.22  #: drop jump: from touchdown to take-off

    @property
    def speed_m_s(self) -> float:
        """Upward speed of the centre of mass at take-off."""
        return sqrt(2 * GRAVITY_M_S2 * self.height_m)


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


def countermovement_jump(performer: Performer, plan: JumpPlan) -> JumpEvents:
    """Lower, push off at once, fly, land, stand up."""
    start, standing = performer.now, performer.stance.standing_m
    push = _push(performer, plan, onset_seconds=0.0)
    hardest = push[0].acceleration
    # Braking grows evenly to the force that the push-off begins with, over the last of the way;
    # the speed before grows smoothly over the rest. So the feet never lose the ground.
    brake_seconds = sqrt(3 * _BRAKING_SHARE * plan.depth_m / hardest)
    speed = hardest * brake_seconds / 2
    brake_m = _BRAKING_SHARE * plan.depth_m
    brake = start + 2 * (plan.depth_m - brake_m) / speed
    performer.score.key(
        "com_z", Knot(at=brake, value=standing - plan.depth_m + brake_m, velocity=-speed)
    )
    return _jump(performer, plan, "cmj", start, shifted(push, brake + brake_seconds))


def squat_jump(performer: Performer, plan: JumpPlan) -> JumpEvents:
    """Lower, keep still at depth, push off without going down again, fly, land, stand up."""
    down = performer.now + _LOWERING_SECONDS
    performer.low(down, plan.depth_m)
    start = down + _HOLD_SECONDS
    push = _push(performer, plan, onset_seconds=_SQUAT_ONSET_SECONDS)
    return _jump(performer, plan, "squat-jump", start, shifted(push, start))


def _push(performer: Performer, plan: JumpPlan, *, onset_seconds: float) -> list[Knot]:
    """The centre of mass from the lowest point, at time 0, to take-off."""
    return push_off(
        low=performer.stance.standing_m - plan.depth_m,
        high=performer.stance.leaving_m,
        speed=plan.speed_m_s,
        gravity=GRAVITY_M_S2,
        onset_seconds=onset_seconds,
    )


def _jump(
    performer: Performer, plan: JumpPlan, kind: str, start: float, push: list[Knot]
) -> JumpEvents:
    lowest, takeoff = push[0].at, push[-1]
    performer.crouch(lowest, plan.depth_m)
    performer.score.key("com_z", *push)
    landing = fly_and_land(performer, plan, takeoff, push_seconds=takeoff.at - lowest)
    return JumpEvents(
        kind=kind,
        start=start,
        lowest_point=lowest,
        takeoff=takeoff.at,
        landing=landing.at,
        jump_height_m=plan.height_m,
        countermovement_depth_m=plan.depth_m,
    )


def fly_and_land(
    performer: Performer, plan: JumpPlan, takeoff: Knot, *, push_seconds: float
) -> Knot:
    """Fly from this knot of the centre of mass, land, stand up; gives the knot at landing."""
    landing = fly(
        performer,
        takeoff,
        push_seconds=push_seconds,
        bend_m=plan.landing_bend_m,
        drift_m_s=plan.drift_m_s,
    )
    absorb(performer, landing, depth_m=plan.landing_depth_m)
    return landing
