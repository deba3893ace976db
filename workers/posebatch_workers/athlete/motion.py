"""What does the athlete do in a clip, and when?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from posebatch_workers.athlete.daily import SEAT_HEIGHT_M, sit_down, squat, walk
from posebatch_workers.athlete.drop import drop_jump
from posebatch_workers.athlete.jumps import JumpEvents, JumpPlan, countermovement_jump, squat_jump
from posebatch_workers.athlete.performer import Performer
from posebatch_workers.athlete.spec import ClipSpec
from posebatch_workers.athlete.stance import TOE_AHEAD_M
from posebatch_workers.athlete.timeline import Timeline

_TIRING = 0.95  #: height of each rep over the one before
_LEAVING_SPEED_M_S = 2.4
_STANDING_SECONDS = 4.0

Jump = Callable[[Performer, JumpPlan], JumpEvents]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A box or a seat on the floor; x of its front and length backwards, in metres."""

    front_m: float
    length_m: float
    width_m: float
    height_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A score, how long it lasts, the jumps in it, and what stands on the floor.

    `middle_m` is the x that a camera should look at.
    """

    score: Timeline
    seconds: float
    jumps: tuple[JumpEvents, ...] = ()
    block: Block | None = None
    middle_m: float = 0.0


def motion_of(spec: ClipSpec) -> Motion:
    """The motion that the spec asks for."""
    return _MOTIONS[spec.kind](spec)


def _performer(spec: ClipSpec, drift_m_s: float = 0.0) -> Performer:
    return Performer.of(spec.body, arm_swing=spec.arm_swing, drift_m_s=drift_m_s)


def _plan(spec: ClipSpec) -> JumpPlan:
    return JumpPlan(
        height_m=spec.height_m,
        depth_m=spec.countermovement_depth_m,
        landing_bend_m=spec.landing_bend_m,
        contact_seconds=spec.contact_time_s,
    )


def _reps(jump: Jump) -> Callable[[ClipSpec], Motion]:
    def motion(spec: ClipSpec) -> Motion:
        performer, plan, jumps = _performer(spec), _plan(spec), []
        performer.quiet(spec.quiet_seconds)
        for _ in range(spec.reps):
            jumps.append(jump(performer, plan))
            performer.quiet(spec.quiet_seconds)
            plan = replace(plan, height_m=_TIRING * plan.height_m)
        return Motion(score=performer.score, seconds=performer.now, jumps=tuple(jumps))

    return motion


def _drop_jump(spec: ClipSpec) -> Motion:
    performer, plan = _performer(spec), _plan(spec)
    performer.floor_m = spec.box_height_m
    performer.quiet(spec.quiet_seconds)
    jump = drop_jump(performer, plan)
    performer.quiet(spec.quiet_seconds)
    return Motion(
        score=performer.score,
        seconds=performer.now,
        jumps=(jump,),
        block=Block(
            front_m=TOE_AHEAD_M + 0.02, length_m=0.5, width_m=0.55, height_m=spec.box_height_m
        ),
        middle_m=performer.x / 2,
    )


def _standing(spec: ClipSpec) -> Motion:
    performer = _performer(spec)
    performer.quiet(_STANDING_SECONDS)
    return Motion(score=performer.score, seconds=performer.now)


def _squats(spec: ClipSpec) -> Motion:
    performer = _performer(spec)
    performer.quiet(spec.quiet_seconds)
    for _ in range(spec.reps):
        squat(performer)
    performer.quiet(spec.quiet_seconds)
    return Motion(score=performer.score, seconds=performer.now)


def _walking(spec: ClipSpec) -> Motion:
    performer = Performer.of(spec.body, arm_swing=True)
    walk(performer, start_x=-1.4, end_x=1.4)
    return Motion(score=performer.score, seconds=performer.now)


def _sitting_down(spec: ClipSpec) -> Motion:
    performer = Performer.of(spec.body, arm_swing=True)
    performer.quiet(spec.quiet_seconds)
    sit_down(performer)
    seat = Block(front_m=-0.16, length_m=0.45, width_m=0.5, height_m=SEAT_HEIGHT_M)
    return Motion(score=performer.score, seconds=performer.now, block=seat, middle_m=-0.15)


def _out_of_frame(spec: ClipSpec) -> Motion:
    """A jump that leaves the picture: no landing is seen, so it is no jump that counts."""
    performer = _performer(spec, _LEAVING_SPEED_M_S)
    performer.quiet(spec.quiet_seconds)
    countermovement_jump(performer, replace(_plan(spec), drift_m_s=_LEAVING_SPEED_M_S))
    return Motion(score=performer.score, seconds=performer.now, middle_m=-0.1)


_MOTIONS: dict[str, Callable[[ClipSpec], Motion]] = {
    "cmj": _reps(countermovement_jump),
    "squat-jump": _reps(squat_jump),
    "drop-jump": _drop_jump,
    "standing": _standing,
    "squats": _squats,
    "walking": _walking,
    "sitting-down": _sitting_down,
    "out-of-frame": _out_of_frame,
}
