"""How does the body move when it does not jump: squats, sitting down, walking past?"""

from __future__ import annotations

from math import cos, pi, radians, sin

from posebatch_workers.athlete.curves import Knot
from posebatch_workers.athlete.performer import Performer
from posebatch_workers.athlete.stance import Shape

_SQUAT_DOWN_SECONDS, _SQUAT_UP_SECONDS, _SQUAT_REST_SECONDS = 1.0, 0.9, 0.5
_SQUAT_DEPTH_M = 0.34

SEAT_HEIGHT_M, _SIT_SECONDS = 0.45, 1.3

#: Walking: one stride (two steps), its speed, and the share of it that a foot is on the ground.
_STRIDE_SECONDS, _WALK_SPEED_M_S, _ON_GROUND = 1.25, 0.95, 0.62
_WALK_LOWERED_M, _WALK_BOB_M = 0.045, 0.014


def squat(performer: Performer) -> None:
    """One bodyweight squat with flat feet."""
    performer.low(performer.now + _SQUAT_DOWN_SECONDS, _SQUAT_DEPTH_M)
    performer.now += _SQUAT_DOWN_SECONDS + _SQUAT_UP_SECONDS
    performer.quiet(_SQUAT_REST_SECONDS)


def sit_down(performer: Performer) -> None:
    """Sit down on a seat behind and stay there."""
    middle, down = performer.now + 0.55 * _SIT_SECONDS, performer.now + _SIT_SECONDS
    scale = performer.score.body.height_m / 1.75
    performer.shape(middle, Shape(lean=radians(42.0), arm=radians(25.0)))
    for at in (down, down + 1.5):
        performer.shape(at, Shape(lean=radians(8.0), arm=radians(20.0), elbow=radians(50.0)))
        performer.score.key("com_x", Knot(at=at, value=performer.x - 0.235 * scale))
        performer.score.key("com_z", Knot(at=at, value=0.20 * scale + SEAT_HEIGHT_M + 0.12))
    performer.now = down + 1.5


def walk(performer: Performer, *, start_x: float, end_x: float) -> None:
    """Walk forward past the camera at an even pace."""
    seconds = (end_x - start_x) / _WALK_SPEED_M_S
    high = performer.stance.standing_m - _WALK_LOWERED_M
    for k in range(int(8 * seconds / _STRIDE_SECONDS) + 2):
        at = k * _STRIDE_SECONDS / 8
        x = start_x + _WALK_SPEED_M_S * at
        performer.score.key("com_x", Knot(at=at, value=x, velocity=_WALK_SPEED_M_S))
        performer.score.key("com_z", _wave(at, high, _WALK_BOB_M, 2.0, 0.0))
        for side, phase in (("left", 0.0), ("right", pi)):
            swing = radians(20.0)
            performer.score.key(f"{side}.arm", _wave(at, radians(3.0), swing, 1.0, phase))
    for side, phase in (("left", 0.5), ("right", 0.0)):
        _steps(performer, side, phase * _STRIDE_SECONDS, start_x, seconds)
    performer.score.key("lean", Knot(at=0.0, value=radians(4.0)))
    performer.now = seconds


def _wave(at: float, middle: float, height: float, per_stride: float, phase: float) -> Knot:
    rate = 2 * pi * per_stride / _STRIDE_SECONDS
    return Knot(
        at=at,
        value=middle + height * cos(rate * at + phase),
        velocity=-height * rate * sin(rate * at + phase),
        acceleration=-height * rate**2 * cos(rate * at + phase),
    )


def _steps(performer: Performer, side: str, middle: float, start_x: float, seconds: float) -> None:
    """Steps of one foot, whose times under the body are `middle` and every stride before and after.

    The heel meets the ground first, the foot rolls flat, the heel rises, the toes leave last.
    """
    on, stride = _ON_GROUND * _STRIDE_SECONDS, _STRIDE_SECONDS
    for k in range(-2, int(seconds / stride) + 3):
        under = middle + k * stride
        strike, leave = under - on / 2, under + on / 2
        x = start_x + _WALK_SPEED_M_S * under + 0.12
        toes_up = radians(14.0)
        lifted = performer.score.body.heel_to_ball_m * sin(toes_up)
        for track, knots in {
            "toe_x": ((strike, x), (leave, x)),
            "toe_z": (
                (strike, lifted),
                (strike + 0.09, 0.0),
                (leave, 0.0),
                (leave + 0.15, 0.035),
            ),
            "heel_lift": (
                (strike, -toes_up),
                (strike + 0.09, 0.0),
                (under + 0.12, 0.0),
                (leave, radians(46.0)),
            ),
        }.items():
            performer.score.key(f"{side}.{track}", *(Knot(at=t, value=v) for t, v in knots))
