"""What does the athlete do in a clip, and when?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from posebatch_workers.athlete.jumps import Jumper, JumpEvents, JumpPlan
from posebatch_workers.athlete.spec import ClipSpec
from posebatch_workers.athlete.timeline import Timeline

_TIRING = 0.95  #: height of each rep over the one before


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A score, how long it lasts, and the jumps in it."""

    score: Timeline
    seconds: float
    jumps: tuple[JumpEvents, ...] = ()


def motion_of(spec: ClipSpec) -> Motion:
    """The motion that the spec asks for."""
    return _MOTIONS[spec.kind](spec)


def _jumper(spec: ClipSpec) -> Jumper:
    plan = JumpPlan(
        height_m=spec.height_m,
        depth_m=spec.countermovement_depth_m,
        landing_bend_m=spec.landing_bend_m,
        quiet_seconds=spec.quiet_seconds,
    )
    return Jumper.standing(spec.body, plan, arm_swing=spec.arm_swing)


def _reps(spec: ClipSpec, jump: Callable[[Jumper], JumpEvents]) -> Motion:
    jumper, jumps = _jumper(spec), []
    for _ in range(spec.reps):
        jumps.append(jump(jumper))
        jumper.plan = replace(jumper.plan, height_m=_TIRING * jumper.plan.height_m)
    return Motion(score=jumper.score, seconds=jumper.now, jumps=tuple(jumps))


def _countermovement_jumps(spec: ClipSpec) -> Motion:
    return _reps(spec, Jumper.countermovement_jump)


def _standing(spec: ClipSpec) -> Motion:
    jumper = _jumper(spec)
    jumper.now = max(jumper.now, 4.0)
    jumper.quiet()
    return Motion(score=jumper.score, seconds=jumper.now)


_MOTIONS: dict[str, Callable[[ClipSpec], Motion]] = {
    "cmj": _countermovement_jumps,
    "standing": _standing,
}
