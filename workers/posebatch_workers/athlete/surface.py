"""Where are the points of the skin, the clothes and the face that the figure is drawn from?"""

from __future__ import annotations

import numpy as np

from posebatch_workers.athlete.body import Body
from posebatch_workers.athlete.curves import Array
from posebatch_workers.athlete.skeleton import Points


def drawn_points(body: Body, points: Points) -> Points:
    """The points of the body and those that only the drawing needs."""
    drawn = dict(points)
    drawn |= _trunk_points(body, points) | _head_points(body, points)
    for side in ("left", "right"):
        drawn |= _limb_points(points, side)
    return drawn


def _between(a: Array, b: Array, share: float) -> Array:
    return a + share * (b - a)


def _trunk_points(body: Body, points: Points) -> Points:
    hips, neck = points["mid_hip"], points["neck"]
    across = np.array([0.0, 1.0, 0.0]) * body.height_m
    middle = _between(hips, neck, 0.34)
    return {
        "chest": _between(hips, neck, 0.74),
        "left_waist": middle + 0.036 * across,
        "right_waist": middle - 0.036 * across,
        "left_armpit": _between(hips, points["left_shoulder"], 0.97) - 0.012 * across,
        "right_armpit": _between(hips, points["right_shoulder"], 0.97) + 0.012 * across,
    }


def _limb_points(points: Points, side: str) -> Points:
    def between(a: str, b: str, share: float) -> Array:
        return _between(points[f"{side}_{a}"], points[f"{side}_{b}"], share)

    made = {
        "mid_thigh": between("hip", "knee", 0.62),
        "calf": between("knee", "ankle", 0.30),
        "shin": between("knee", "ankle", 0.80),
        "mid_upper_arm": between("shoulder", "elbow", 0.55),
        "knuckles": between("wrist", "hand", 0.55),
        "heel_sole": between("heel", "heel_top", 0.35),
        "ball_sole": between("ball", "ball_top", 0.25),
        "toe_sole": between("toe", "toe_top", 0.50),
    }
    return {f"{side}_{name}": value for name, value in made.items()}


#: forward, left and up from the middle of the skull, in metres for a body of 1.75 m.
_FACE = {
    "brow": (0.022, 0.0, 0.002),
    "temple": (0.004, 0.0, -0.022),
    "jaw": (0.034, 0.0, -0.072),
    "hair_top": (-0.006, 0.0, 0.026),
    "hair_back": (-0.028, 0.0, -0.004),
    "left_ear_top": (-0.004, 0.080, 0.004),
    "left_ear_low": (0.000, 0.076, -0.026),
    "left_eye_in": (0.088, 0.022, 0.006),
    "left_eye_out": (0.076, 0.046, 0.006),
    "left_pupil": (0.088, 0.034, 0.006),
    "left_brow_in": (0.092, 0.016, 0.030),
    "left_brow_out": (0.076, 0.052, 0.030),
    "mouth_left": (0.074, 0.024, -0.062),
    "mouth_right": (0.074, -0.024, -0.062),
    "mouth_low": (0.084, 0.0, -0.067),
    "nose_bridge": (0.092, 0.0, 0.006),
    "nose": (0.106, 0.0, -0.026),
}


def _head_points(body: Body, points: Points) -> Points:
    centre = points["head"]
    ahead = (points["face"] - centre) / (0.06 * body.height_m)
    left = np.array([0.0, 1.0, 0.0])
    up = np.cross(ahead, left)
    scale = body.height_m / 1.75
    places = dict(_FACE)
    for name, (f, s, u) in _FACE.items():
        if name.startswith("left_"):
            places["right_" + name.removeprefix("left_")] = (f, -s, u)
    return {
        name: centre + scale * (f * ahead + s * left + u * up) for name, (f, s, u) in places.items()
    }
