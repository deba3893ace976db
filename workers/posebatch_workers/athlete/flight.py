"""How does the body fly and land, once it has left the ground?"""

from __future__ import annotations

from math import radians, sqrt

from posebatch_workers.athlete.body import GRAVITY_M_S2
from posebatch_workers.athlete.curves import Knot, push_off, reversed_in_time, shifted
from posebatch_workers.athlete.performer import Performer
from posebatch_workers.athlete.stance import LEAVING, TOE_AHEAD_M, Shape, toes_from_centre

_STANDING_UP_SECONDS = 0.7
_LANDING_ONSET_SECONDS = 0.08
#: The legs go on stretching after take-off for so long, at this share of the take-off speed, which
#: lets the toes leave the ground softly; they are gathered again before landing.
_STRETCH_SECONDS, _STRETCH_SHARE = 0.032, 0.8
_MOST_STRETCH = 0.045  #: of the legs' length
_GATHER_SECONDS = 0.14
#: The feet land so far ahead of a drifting body, which stops it.
_REACH_SECONDS = 0.10
#: The heels rise and come down within this time, or this multiple of the time that the centre of
#: mass needs between standing on the toes and on flat feet.
_HEEL_UP_SECONDS, _HEEL_DOWN_SECONDS, _HEEL_SLOWER = 0.11, 0.065, 1.4


def fall(start: Knot, to: float) -> Knot:
    """Free fall from a knot of the centre of mass until it is down at `to`."""
    drop = start.value - to
    speed = sqrt(start.velocity**2 + 2 * GRAVITY_M_S2 * drop)
    return Knot(
        at=start.at + (start.velocity + speed) / GRAVITY_M_S2,
        value=to,
        velocity=-speed,
        acceleration=-GRAVITY_M_S2,
    )


def fly(
    performer: Performer, takeoff: Knot, *, push_seconds: float, bend_m: float, drift_m_s: float
) -> Knot:
    """Write the flight that begins with this knot of the centre of mass; gives that at landing.

    `push_seconds`: how long the feet have pushed; `bend_m`: the legs are so much shorter at
    landing than at take-off.
    """
    score, stance = performer.score, performer.stance
    hang_x, hang_z = stance.hang_x + _REACH_SECONDS * drift_m_s, stance.hang_z + bend_m
    tip_x, tip_z = toes_from_centre(
        score.body, LEAVING, hang_x=hang_x, hang_z=hang_z, arm_swing=score.arm_swing
    )
    landing = fall(takeoff, -tip_z)
    score.hang(takeoff.at, landing.at)
    score.limbs("hang_x", Knot(at=takeoff.at, value=stance.hang_x))
    score.limbs("hang_x", Knot(at=landing.at, value=hang_x))
    _legs(performer, takeoff, landing.at, hang_z)
    _feet(performer, takeoff, landing, push_seconds)
    for at in (takeoff.at, landing.at):
        performer.shape(at, LEAVING)
    start_x = performer.x + stance.shift_m
    land_x = start_x + drift_m_s * (landing.at - takeoff.at)
    performer.score.key("com_x", Knot(at=takeoff.at, value=start_x, velocity=drift_m_s))
    performer.score.key("com_x", Knot(at=landing.at, value=land_x, velocity=drift_m_s))
    score.limbs("toe_x", Knot(at=takeoff.at, value=performer.x + TOE_AHEAD_M))
    score.limbs("toe_x", Knot(at=landing.at, value=land_x + tip_x))
    performer.x = land_x + tip_x - TOE_AHEAD_M
    return landing


def _legs(performer: Performer, takeoff: Knot, landing: float, hang_z: float) -> None:
    seconds, stance = landing - takeoff.at, performer.stance
    pull = _STRETCH_SHARE * takeoff.velocity
    most = _MOST_STRETCH * performer.score.body.leg_m / (0.45 * pull)
    stretch = min(_STRETCH_SECONDS, 0.15 * seconds, most)
    longest = stance.hang_z - 0.45 * pull * stretch
    performer.score.limbs(
        "hang_z",
        Knot(at=takeoff.at, value=stance.hang_z, velocity=-pull),
        Knot(at=takeoff.at + stretch, value=longest),
        Knot(at=landing - min(_GATHER_SECONDS, 0.35 * seconds), value=longest),
        Knot(at=landing, value=hang_z),
    )


def _feet(performer: Performer, takeoff: Knot, landing: Knot, push_seconds: float) -> None:
    """Heels rise before take-off and come down after landing; so do the balls of the feet."""
    gather = min(_GATHER_SECONDS, 0.35 * (landing.at - takeoff.at))
    heel_up = max(_HEEL_UP_SECONDS, _heel_seconds(performer, takeoff.velocity))
    for track, usual in (("heel_lift", heel_up), ("toe_bend", 0.03)):
        angle, before = getattr(LEAVING, track), min(usual, 0.45 * push_seconds)
        performer.score.limbs(
            track,
            Knot(at=takeoff.at - before, value=0.0),
            Knot(at=takeoff.at, value=angle, velocity=1.2 * angle / before),
            Knot(at=takeoff.at + 0.35 * gather, value=angle + radians(8.0)),
            Knot(at=landing.at - gather, value=angle + radians(8.0)),
        )
    touch(performer, landing, LEAVING, contact_seconds=1.0)


def _heel_seconds(performer: Performer, speed: float) -> float:
    rise = performer.stance.leaving_m - performer.stance.standing_m
    return _HEEL_SLOWER * rise / abs(speed)


def touch(performer: Performer, landing: Knot, shape: Shape, *, contact_seconds: float) -> None:
    """The toes meet the ground in this shape, and the heels come down."""
    heel_down = max(_HEEL_DOWN_SECONDS, _heel_seconds(performer, landing.velocity))
    for track, usual in (("heel_lift", heel_down), ("toe_bend", 0.030)):
        performer.score.limbs(
            track,
            Knot(at=landing.at, value=getattr(shape, track)),
            Knot(at=landing.at + min(usual, 0.4 * contact_seconds), value=0.0),
        )


def absorb(performer: Performer, landing: Knot, *, depth_m: float) -> None:
    """Give way after landing, come to rest below standing height, and stand up."""
    give = push_off(
        low=performer.stance.standing_m - depth_m,
        high=landing.value,
        speed=-landing.velocity,
        gravity=GRAVITY_M_S2,
        onset_seconds=_LANDING_ONSET_SECONDS,
    )
    absorbed = shifted(reversed_in_time(give), landing.at)
    performer.score.key("com_z", *absorbed)
    lowest = absorbed[-1].at
    performer.crouch(lowest, depth_m)
    performer.now = lowest + _STANDING_UP_SECONDS
