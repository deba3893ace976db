"""Where are all points of the body, given the posture and the centre of mass?"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np

from posebatch_workers.athlete.body import LEFT, RIGHT, SEGMENTS, SIDES, Body
from posebatch_workers.athlete.curves import Array

#: (F, 3) metres in the world: x where the athlete faces, y to his left, z up; the floor is z = 0.
Points = dict[str, Array]

_NAMES = ("left", "right")
_TOE_OUT = radians(7.0)
_PLACING_ROUNDS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Posture:
    """F postures without a place. Angles in radians, (F,) or (F, 2) for left and right.

    toes (F, 2, 3): tips of the shoes' soles, in the world where `carried` (F, 2) is 0, from the
    middle of the hips where it is 1. Arms are unit vectors (F, 2, 3).
    """

    lean: Array
    nod: Array
    heel_lift: Array
    toe_bend: Array
    toes: Array
    carried: Array
    upper_arms: Array
    forearms: Array


def _pitched(angle: Array, forward: float, up: float, heading: Array) -> Array:
    """(F, 3) a point of the foot, seen from its pivot, after lifting the heel by `angle`."""
    along = forward * np.cos(angle) + up * np.sin(angle)
    rise = up * np.cos(angle) - forward * np.sin(angle)
    moved = along[:, None] * heading + rise[:, None] * np.array([0.0, 0.0, 1.0])
    return np.asarray(moved, dtype=np.float64)


def _foot(body: Body, posture: Posture, side: int, hips: Array) -> Points:
    heading = np.array([cos(_TOE_OUT), SIDES[side] * sin(_TOE_OUT), 0.0])
    carried = posture.carried[:, side, None]
    tip = posture.toes[:, side] + carried * hips
    lift, bend = posture.heel_lift[:, side], posture.toe_bend[:, side]
    ball = tip + _pitched(bend, -body.ball_to_toe_m, 0.0, heading)
    back = body.heel_to_ball_m
    points = {
        "toe": tip,
        "ball": ball,
        "heel": ball + _pitched(lift, -back, 0.0, heading),
        "ankle": ball + _pitched(lift, body.heel_to_ankle_m - back, body.ankle_height_m, heading),
        "foot_index": tip + _pitched(bend, -0.022, 0.022, heading),
        "calcaneus": ball + _pitched(lift, -back + 0.020, 0.040, heading),
        "toe_top": tip + _pitched(bend, -0.006, 0.020, heading),
        "ball_top": ball + _pitched(lift, 0.0, 0.045, heading),
        "heel_top": ball + _pitched(lift, -back + 0.008, 0.028, heading),
        "heel_collar": ball + _pitched(lift, -back + 0.022, 0.075, heading),
    }
    return {f"{_NAMES[side]}_{name}": value for name, value in points.items()}


def _knee(body: Body, hip: Array, ankle: Array, side: int) -> Array:
    """Two-bone inverse kinematics; the knee points forward and a little outward."""
    way = ankle - hip
    distance = np.minimum(np.linalg.norm(way, axis=1), 0.9999 * body.leg_m)
    axis = way / np.linalg.norm(way, axis=1)[:, None]
    along = (body.thigh_m**2 - body.shank_m**2 + distance**2) / (2 * distance)
    out = np.sqrt(np.maximum(body.thigh_m**2 - along**2, 0.0))
    forward = np.array([cos(_TOE_OUT), SIDES[side] * sin(_TOE_OUT), 0.0])
    bend = forward - (axis @ forward)[:, None] * axis
    bend /= np.linalg.norm(bend, axis=1)[:, None]
    return np.asarray(hip + along[:, None] * axis + out[:, None] * bend, dtype=np.float64)


def _upright(angle: Array) -> tuple[Array, Array]:
    """Unit vectors (F, 3) up along and forward out of a part that leans by `angle`."""
    zero = np.zeros_like(angle)
    up = np.stack([np.sin(angle), zero, np.cos(angle)], axis=1)
    forward = np.stack([np.cos(angle), zero, -np.sin(angle)], axis=1)
    return up, forward


def points_of(body: Body, posture: Posture, hips: Array) -> Points:
    """All points of the body with the middle of the hips at `hips` (F, 3)."""
    up, _ = _upright(posture.lean)
    sideways = np.array([0.0, 1.0, 0.0])
    head_up, face = _upright(posture.nod)
    neck = hips + body.trunk_m * up
    skull = neck + body.neck_m * (up + head_up) / 2
    points: Points = {"mid_hip": hips, "neck": neck, "skull_base": skull}
    points["head"] = skull + body.head_m * head_up + 0.012 * body.height_m * face
    points["face"] = points["head"] + 0.06 * body.height_m * face
    for side in (LEFT, RIGHT):
        name = _NAMES[side]
        points |= _foot(body, posture, side, hips)
        hip = hips + SIDES[side] * body.hip_half_width_m * sideways
        shoulder = neck + SIDES[side] * body.shoulder_half_width_m * sideways
        elbow = shoulder + body.upper_arm_m * posture.upper_arms[:, side]
        wrist = elbow + body.forearm_m * posture.forearms[:, side]
        points |= {
            f"{name}_hip": hip,
            f"{name}_knee": _knee(body, hip, points[f"{name}_ankle"], side),
            f"{name}_shoulder": shoulder,
            f"{name}_elbow": elbow,
            f"{name}_wrist": wrist,
            f"{name}_hand": wrist + body.hand_m * posture.forearms[:, side],
        }
    return points


def centre_of_mass(points: Points) -> Array:
    """(F, 3) the centre of mass of the whole body."""
    parts = [mass * (points[a] + share * (points[b] - points[a])) for a, b, mass, share in SEGMENTS]
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


def place(body: Body, posture: Posture, centre: Array) -> Points:
    """All points of the body so that its centre of mass lies at `centre` (F, 3).

    Feet on the ground stay where they are and the legs give way, so the hips are found in rounds;
    each round leaves less than a third of the error.
    """
    hips = centre + np.array([0.0, 0.0, 0.05])
    for _ in range(_PLACING_ROUNDS):
        points = points_of(body, posture, hips)
        hips = hips + centre - centre_of_mass(points)
    return points_of(body, posture, hips)
