"""How does the body move when it steps off a box, lands and jumps at once?"""

from __future__ import annotations

from dataclasses import replace
from math import radians

import numpy as np
from scipy.optimize import minimize_scalar

from posebatch_workers.athlete.body import GRAVITY_M_S2
from posebatch_workers.athlete.curves import Curve, Knot, constant_jerk
from posebatch_workers.athlete.flight import fall, touch
from posebatch_workers.athlete.jumps import JumpEvents, JumpPlan, fly_and_land
from posebatch_workers.athlete.performer import Performer
from posebatch_workers.athlete.stance import LEAVING, TOE_AHEAD_M, toes_from_centre
from posebatch_workers.athlete.timeline import Airborne

_STEP_SECONDS, _STEP_SPEED_M_S, _STEP_LENGTH_M = 0.50, 0.70, 0.13
#: The support fades in the last moments on the box.
_TIP_SECONDS = 0.12
#: The trailing foot has let go of the box after this share of the fall.
_LET_GO_SHARE = 0.7
_TOUCHING = replace(LEAVING, arm=radians(-30.0), elbow=radians(20.0))
#: The feet meet the ground so far ahead of where they leave it, which stops the forward speed.
_REACH_M = 0.07


def drop_jump(performer: Performer, plan: JumpPlan) -> JumpEvents:
    """Step off the box, fall, touch down, push off, fly, land, stand up."""
    start = performer.now
    touchdown = _step_off_and_fall(performer, start)
    takeoff = Knot(
        at=touchdown.at + plan.contact_seconds,
        value=performer.stance.leaving_m,
        velocity=plan.speed_m_s,
        acceleration=-GRAVITY_M_S2,
    )
    touch(performer, touchdown, _TOUCHING, contact_seconds=plan.contact_seconds)
    performer.score.key("com_z", touchdown, takeoff)
    lowest = _lowest(touchdown, takeoff)
    depth = performer.stance.standing_m - lowest.value
    performer.shape(lowest.at, replace(_TOUCHING, lean=radians(12.0 + 90.0 * max(depth, 0.0))))
    landing = fly_and_land(performer, plan, takeoff, push_seconds=plan.contact_seconds)
    return JumpEvents(
        kind="drop-jump",
        start=start,
        lowest_point=lowest.at,
        takeoff=takeoff.at,
        landing=landing.at,
        jump_height_m=plan.height_m,
        countermovement_depth_m=depth,
        touchdown=touchdown.at,
    )


def _step_off_and_fall(performer: Performer, start: float) -> Knot:
    """The right foot leads, the left leaves the box last; gives the centre's knot at touchdown."""
    score, stance, box_m = performer.score, performer.stance, performer.floor_m
    tip_x, tip_z = toes_from_centre(
        score.body,
        _TOUCHING,
        hang_x=stance.hang_x + _REACH_M,
        hang_z=stance.hang_z,
        arm_swing=score.arm_swing,
    )
    tipping = Knot(at=start + _STEP_SECONDS - _TIP_SECONDS, value=box_m + stance.standing_m)
    off = constant_jerk(tipping, seconds=_TIP_SECONDS, acceleration=-GRAVITY_M_S2)
    touchdown = fall(off, -tip_z)
    edge_x = performer.x + _STEP_LENGTH_M
    down_x = edge_x + _STEP_SPEED_M_S * (touchdown.at - off.at)
    for at, x in ((off.at, edge_x), (touchdown.at, down_x)):
        score.key("com_x", Knot(at=at, value=x, velocity=_STEP_SPEED_M_S))
        performer.shape(at, _TOUCHING)
    score.key("com_z", tipping, off)
    _lead_and_trail(performer, start, off.at, touchdown.at)
    let_go = off.at + _LET_GO_SHARE * (touchdown.at - off.at)
    score.limbs("toe_x", Knot(at=let_go, value=performer.x + TOE_AHEAD_M))
    score.limbs("toe_z", Knot(at=let_go, value=box_m))
    performer.x, performer.floor_m = down_x + tip_x - TOE_AHEAD_M, 0.0
    score.limbs("toe_x", Knot(at=touchdown.at, value=performer.x + TOE_AHEAD_M))
    score.limbs("toe_z", Knot(at=touchdown.at, value=0.0))
    return touchdown


def _lead_and_trail(performer: Performer, start: float, off: float, touchdown: float) -> None:
    score, stance = performer.score, performer.stance
    ready_x = Knot(at=touchdown, value=stance.hang_x + _REACH_M)
    ready_z = Knot(at=touchdown, value=stance.hang_z)
    lifted = start + 0.10
    score.airborne.append(Airborne(side="right", start=lifted, end=touchdown, blend=0.34))
    score.airborne.append(
        Airborne(side="left", start=off, end=touchdown, blend=_LET_GO_SHARE * (touchdown - off))
    )
    score.key("right.hang_x", Knot(at=off, value=stance.hang_x + 0.16), ready_x)
    score.key("right.hang_z", Knot(at=off, value=stance.hang_z + 0.22), ready_z)
    score.key("left.hang_x", ready_x)
    score.key("left.hang_z", ready_z)
    for side, at, angle in (("right", lifted, 12.0), ("left", start + 0.2, 38.0)):
        score.key(f"{side}.heel_lift", Knot(at=at, value=0.0), Knot(at=off, value=radians(angle)))


def _lowest(touchdown: Knot, takeoff: Knot) -> Knot:
    way = Curve([touchdown, takeoff])
    found = minimize_scalar(
        lambda at: float(way(np.array([at]))[0]),
        bounds=(touchdown.at, takeoff.at),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return Knot(at=float(found.x), value=float(found.fun))
