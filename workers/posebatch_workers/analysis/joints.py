"""How far knees, hips and shanks are bent when the hips are lowest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posebatch_workers.analysis.motion import SIDES, Motion
from posebatch_workers.analysis.phases import Course

Array = NDArray[np.float64]

#: Shoulders further apart than this share of the trunk's length: the camera looks from the front,
#: and angles of the picture plane say nothing about how far somebody leans.
WIDEST_SIDE_VIEW = 0.45
#: Legs are straight in the share of a jump in which hip and ankle are farthest apart.
STRAIGHT_SHARE = 0.3
BONES = ("left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle")


@dataclass(frozen=True, slots=True, kw_only=True)
class JointAngles:
    """Degrees at the lowest point, mean of both sides: 180 is straight, a lean of 0 upright.

    All but the knee's are None where the camera does not look sideways.
    """

    knee_angle_lowest_degrees: float
    hip_angle_lowest_degrees: float | None = None
    shank_lean_lowest_degrees: float | None = None
    trunk_lean_lowest_degrees: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of the body at one instant: (2,) px, y up."""

    shoulder: Array
    hip: Array
    knee: Array
    ankle: Array


def joint_angles(motion: Motion, course: Course) -> JointAngles | None:
    """Angles at the lowest point; None if the clip does not show it, or how long legs are."""
    lowest = motion.at(course.lowest_seconds)
    if lowest == 0 or motion.any_lost(*BONES)[lowest]:
        return None
    sides = [side for side in (_side(motion, course, name, lowest) for name in SIDES) if side]
    if len(sides) < len(SIDES):
        return None
    knees = float(np.mean([angle_degrees(s.hip, s.knee, s.ankle) for s in sides]))
    if not _looks_sideways(sides):
        return JointAngles(knee_angle_lowest_degrees=knees)
    return JointAngles(
        knee_angle_lowest_degrees=knees,
        hip_angle_lowest_degrees=float(
            np.mean([angle_degrees(s.shoulder, s.hip, s.knee) for s in sides])
        ),
        shank_lean_lowest_degrees=_lean_degrees([s.knee - s.ankle for s in sides]),
        trunk_lean_lowest_degrees=_lean_degrees([s.shoulder - s.hip for s in sides]),
    )


def _side(motion: Motion, course: Course, side: str, lowest: int) -> Side | None:
    """The landmarks, with the knee where the leg's length puts it; None if legs were never longer.

    Trackers draw bent knees towards the line from hip to ankle (12° too straight in BlazePose), and
    a bend towards the camera is not seen at all. But hips and ankles are found well, and thigh and
    shank are as long as where they are straight: standing, and in flight.
    """
    hip, knee, ankle = (motion.track(f"{side}_{part}") for part in ("hip", "knee", "ankle"))
    jump = slice(motion.at(course.start_seconds), motion.at(course.flight.landing_seconds) + 1)
    reach = np.linalg.norm(hip - ankle, axis=1)[jump]
    straight = reach >= np.quantile(reach, 1 - STRAIGHT_SHARE)
    thigh, shank = (
        float(np.median(np.linalg.norm(bone[jump][straight], axis=1)))
        for bone in (hip - knee, knee - ankle)
    )
    placed = bent_knee(hip[lowest], knee[lowest], ankle[lowest], thigh, shank)
    if placed is None:
        return None
    return Side(
        shoulder=motion.track(f"{side}_shoulder")[lowest],
        hip=hip[lowest],
        knee=placed,
        ankle=ankle[lowest],
    )


def bent_knee(hip: Array, seen: Array, ankle: Array, thigh: float, shank: float) -> Array | None:
    """(2,) where bones of these lengths meet, on the side where the tracker sees the knee; None if
    they do not."""
    leg = ankle - hip
    reach = float(np.linalg.norm(leg))
    if not abs(thigh - shank) < reach < thigh + shank:
        return None
    along = (thigh**2 - shank**2 + reach**2) / (2 * reach)
    across = np.sqrt(max(0.0, thigh**2 - along**2))
    ahead = np.array([-leg[1], leg[0]]) / reach
    return np.asarray(hip + along * leg / reach + np.copysign(across, (seen - hip) @ ahead) * ahead)


def _looks_sideways(sides: list[Side]) -> bool:
    left, right = sides
    trunk = np.mean([np.linalg.norm(side.shoulder - side.hip) for side in sides])
    return bool(abs(left.shoulder[0] - right.shoulder[0]) <= WIDEST_SIDE_VIEW * trunk)


def _lean_degrees(bones: list[Array]) -> float:
    """The mean bone from upright."""
    x, y = np.mean(bones, axis=0)
    return float(np.degrees(np.arctan2(abs(x), y)))


def angle_degrees(first: Array, corner: Array, last: Array) -> float:
    """Angle at `corner` between two points (2,) or (3,), 0–180 degrees."""
    one, other = first - corner, last - corner
    cosine = one @ other / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-9)
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
