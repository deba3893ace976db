"""What one jump measures: formulas and sources are in ops/docs/metrics.md, under the same names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.motion import Motion
from posebatch_workers.analysis.phases import Course

Array = NDArray[np.float64]

#: Shoulders further apart than this share of the trunk's length: the camera looks from the front,
#: and angles of the picture plane say nothing about the joints.
WIDEST_SIDE_VIEW = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinematics:
    """Heights and speeds of the hips, metres and seconds; None where the lowering is not shown."""

    countermovement_depth_m: float | None
    peak_lowering_velocity_m_s: float | None
    peak_push_off_velocity_m_s: float
    hip_rise_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class JointAngles:
    """Degrees at the lowest point, mean of both sides: 180 is straight, a trunk of 0 upright."""

    knee_angle_lowest_degrees: float
    hip_angle_lowest_degrees: float
    ankle_angle_lowest_degrees: float | None
    trunk_lean_lowest_degrees: float


def kinematics(motion: Motion, course: Course, metres_per_pixel: float) -> Kinematics:
    """The hips from the start of the jump to the highest point."""
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
    return Kinematics(
        countermovement_depth_m=float(depth) if course.start_shown else None,
        peak_lowering_velocity_m_s=float(max(0.0, fastest)) if course.start_shown else None,
        peak_push_off_velocity_m_s=float(velocity[lowest : takeoff + 1].max()),
        hip_rise_m=float(hips[takeoff : landing + 1].max() - hips[takeoff]),
    )


def joint_angles(motion: Motion, seconds: float) -> JointAngles | None:
    """Angles in the picture plane at one instant; None where the camera does not look sideways."""
    now = motion.smooth[motion.at(seconds)]
    point = dict(zip(motion.nodes, now, strict=True))
    trunk = [point[f"{side}_shoulder"] - point[f"{side}_hip"] for side in ("left", "right")]
    across = abs(point["left_shoulder"][0] - point["right_shoulder"][0])
    if across > WIDEST_SIDE_VIEW * float(np.linalg.norm(trunk, axis=1).mean()):
        return None

    def both(first: str, middle: str, last: str) -> float:
        return float(
            np.mean(
                [
                    angle_degrees(*(point[f"{side}_{part}"] for part in (first, middle, last)))
                    for side in ("left", "right")
                ]
            )
        )

    has_toes = "left_foot_index" in motion.nodes
    lean_x, lean_y = np.mean(trunk, axis=0)
    return JointAngles(
        knee_angle_lowest_degrees=both("hip", "knee", "ankle"),
        hip_angle_lowest_degrees=both("shoulder", "hip", "knee"),
        ankle_angle_lowest_degrees=both("knee", "ankle", "foot_index") if has_toes else None,
        trunk_lean_lowest_degrees=float(np.degrees(np.arctan2(abs(lean_x), lean_y))),
    )


def angle_degrees(first: Array, corner: Array, last: Array) -> float:
    """Angle at `corner` between two (2,) points, 0–180 degrees."""
    one, other = first - corner, last - corner
    cosine = one @ other / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-9)
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
