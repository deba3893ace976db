"""What one jump measures: formulas and sources are in ops/docs/metrics.md, under the same names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.events import GRAVITY_M_S2
from posebatch_workers.analysis.motion import Motion
from posebatch_workers.analysis.phases import Course

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinematics:
    """Heights and speeds of the hips, metres and seconds; None where the lowering is not shown."""

    countermovement_depth_m: float | None
    peak_lowering_velocity_m_s: float | None
    peak_push_off_velocity_m_s: float
    hip_rise_m: float


def kinematics(motion: Motion, course: Course, metres_per_pixel: float) -> Kinematics:
    """The hips from the start of the jump to the highest point.

    Smoothing flattens the push-off's peak, the more so the fewer frames there are; but the body
    cannot have been slower than its flight tells.
    """
    hips = motion.middle("hip")[:, 1] * metres_per_pixel
    velocity = np.gradient(hips, 1 / motion.rate_hz)
    start, lowest = motion.at(course.start_seconds), motion.at(course.lowest_seconds)
    takeoff, landing = (
        motion.at(course.flight.takeoff_seconds),
        motion.at(course.flight.landing_seconds),
    )
    down = course.touchdown_seconds
    high = start if down is None else motion.at(down)
    depth, fastest = hips[high] - hips[lowest], -velocity[start : lowest + 1].min()
    leaves_m_s = GRAVITY_M_S2 * course.flight.rising_seconds
    return Kinematics(
        countermovement_depth_m=float(depth) if course.start_shown else None,
        peak_lowering_velocity_m_s=float(max(0.0, fastest)) if course.start_shown else None,
        peak_push_off_velocity_m_s=max(leaves_m_s, float(velocity[lowest : takeoff + 1].max())),
        hip_rise_m=float(hips[takeoff : landing + 1].max() - hips[takeoff]),
    )
