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
    """Angles at the lowest point; None where the clip does not show it, or not the legs in it."""
    lowest = motion.at(course.lowest_seconds)
    if lowest == 0 or motion.any_lost(*BONES)[lowest]:
        return None
    sides = [_side(motion, course, side, lowest) for side in SIDES]
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


def _side(motion: Motion, course: Course, side: str, lowest: int) -> Side:
    """The landmarks, with the knee where the leg's length puts it.

    Trackers draw bent knees towards the line from hip to ankle (12° too straight in BlazePose), and
    a bend towards the camera is not seen at all. But hips and ankles are found well, and thigh and
    shank are as long as in flight, where they are straight.
    """
    hip, knee, ankle = (motion.track(f"{side}_{part}") for part in ("hip", "knee", "ankle"))
    flight = slice(
        motion.at(course.flight.takeoff_seconds), motion.at(course.flight.landing_seconds) + 1
    )
    thigh, shank = (
        float(np.median(np.linalg.norm(bone[flight], axis=1)))
        for bone in (hip - knee, knee - ankle)
    )
    return Side(
        shoulder=motion.track(f"{side}_shoulder")[lowest],
        hip=hip[lowest],
        knee=bent_knee(hip[lowest], knee[lowest], ankle[lowest], thigh, shank),
        ankle=ankle[lowest],
    )


def bent_knee(hip: Array, seen: Array, ankle: Array, thigh: float, shank: float) -> Array:
    """(2,) where bones of these lengths meet, on the side where the tracker sees the knee."""
    leg = ankle - hip
    reach = max(float(np.linalg.norm(leg)), 1e-6)
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
