"""Which round parts, of which size and colour, make up a person?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posebatch_workers.athlete.body import Body
from posebatch_workers.athlete.curves import Array
from posebatch_workers.athlete.palette import Colour, Palette
from posebatch_workers.athlete.skeleton import Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The convex hull of balls: `balls` names points, each with a radius in metres.

    `nearer_m` lifts a part over its neighbours in the order of drawing. A part `on_face` is drawn
    only while that side of the face is turned to the camera.
    """

    balls: tuple[tuple[str, float], ...]
    colour: Colour
    nearer_m: float = 0.0
    on_face: bool = False
    flat: bool = False  #: one tone, no shading


def parts_of(body: Body, palette: Palette) -> list[Part]:
    """All parts of one person, about forty."""
    scale = body.height_m / 1.75
    thick = 1.08 * scale * body.girth_ratio
    return [
        *_trunk(palette, thick),
        *_head(palette, scale),
        *(part for side in ("left", "right") for part in _leg(palette, thick, scale, side)),
        *(part for side in ("left", "right") for part in _arm(palette, thick, side)),
    ]


def _trunk(palette: Palette, thick: float) -> list[Part]:
    shoulders = [(f"{side}_armpit", 0.066 * thick) for side in ("left", "right")]
    waist = [(f"{side}_waist", 0.082 * thick) for side in ("left", "right")]
    pelvis = [(f"{side}_hip", 0.088 * thick) for side in ("left", "right")]
    return [
        Part(balls=(*pelvis, *waist), colour=palette.shorts),
        Part(balls=(*shoulders, *waist, ("chest", 0.108 * thick)), colour=palette.shirt),
        Part(balls=(("neck", 0.058 * thick), ("skull_base", 0.052 * thick)), colour=palette.skin),
    ]


def _head(palette: Palette, scale: float) -> list[Part]:
    dark: Colour = (40, 30, 26)
    lips: Colour = (150, 72, 66)
    white: Colour = (242, 240, 236)

    def face(colour: Colour, *balls: tuple[str, float]) -> Part:
        return Part(
            balls=tuple((name, radius * scale) for name, radius in balls),
            colour=colour,
            nearer_m=0.12,
            on_face=True,
            flat=True,
        )

    return [
        Part(
            balls=(("brow", 0.072 * scale), ("temple", 0.066 * scale), ("jaw", 0.050 * scale)),
            colour=palette.skin,
            nearer_m=0.07,
        ),
        Part(
            balls=(("hair_top", 0.088 * scale), ("hair_back", 0.082 * scale)),
            colour=palette.hair,
            nearer_m=0.05,
        ),
        *(
            Part(
                balls=((f"{side}_ear_top", 0.014 * scale), (f"{side}_ear_low", 0.011 * scale)),
                colour=palette.skin,
                nearer_m=0.08,
            )
            for side in ("left", "right")
        ),
        *(
            part
            for side in ("left", "right")
            for part in (
                face(white, (f"{side}_eye_in", 0.009), (f"{side}_eye_out", 0.009)),
                face(dark, (f"{side}_pupil", 0.008)),
                face(dark, (f"{side}_brow_in", 0.006), (f"{side}_brow_out", 0.005)),
            )
        ),
        face(lips, ("mouth_left", 0.007), ("mouth_right", 0.007), ("mouth_low", 0.008)),
        Part(
            balls=(("nose_bridge", 0.010 * scale), ("nose", 0.016 * scale)),
            colour=palette.skin,
            nearer_m=0.13,
        ),
    ]


def _leg(palette: Palette, thick: float, scale: float, side: str) -> list[Part]:
    def part(colour: Colour, *balls: tuple[str, float], nearer_m: float = 0.0) -> Part:
        named = tuple((f"{side}_{name}", radius * thick) for name, radius in balls)
        return Part(balls=named, colour=colour, nearer_m=nearer_m)

    return [
        part(palette.skin, ("mid_thigh", 0.076), ("knee", 0.054)),
        part(palette.shorts, ("hip", 0.092), ("mid_thigh", 0.086), nearer_m=0.01),
        part(palette.skin, ("knee", 0.052), ("calf", 0.056)),
        part(palette.skin, ("calf", 0.056), ("shin", 0.036)),
        part(palette.sock, ("shin", 0.037), ("ankle", 0.036), nearer_m=0.005),
        part(palette.shoe, ("heel_collar", 0.028), ("heel_top", 0.026), ("ankle", 0.036)),
        part(palette.shoe, ("heel_top", 0.028), ("ankle", 0.034), ("ball_top", 0.034)),
        part(palette.shoe, ("ball_top", 0.034), ("toe_top", 0.022)),
        part(palette.sole, ("heel_sole", 0.012), ("ball_sole", 0.012), nearer_m=0.02),
        part(palette.sole, ("ball_sole", 0.012), ("toe_sole", 0.011), nearer_m=0.02),
    ]


def _arm(palette: Palette, thick: float, side: str) -> list[Part]:
    def part(colour: Colour, *balls: tuple[str, float], nearer_m: float = 0.0) -> Part:
        named = tuple((f"{side}_{name}", radius * thick) for name, radius in balls)
        return Part(balls=named, colour=colour, nearer_m=nearer_m)

    return [
        part(palette.skin, ("mid_upper_arm", 0.041), ("elbow", 0.036)),
        part(palette.shirt, ("shoulder", 0.058), ("mid_upper_arm", 0.050), nearer_m=0.01),
        part(palette.skin, ("elbow", 0.036), ("wrist", 0.026)),
        part(palette.skin, ("wrist", 0.027), ("knuckles", 0.030), ("hand", 0.018)),
    ]


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
